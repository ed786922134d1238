"""Drafts as JSON, there and back. Every complaint names the place: 'ingress.rules[3].source_port'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.given import a_flag, a_list, a_text, an_object, is_number, json_of
from tenant_ops_dashboard.firewall.model import ACTIONS, DIRECTIONS, Action, Base, Draft, Group, Policy, Rule, State
from tenant_ops_dashboard.sentences import say

MOST_RULES = 5000  # in one policy; more is no draft that a person made
Json = dict[str, Any]
_RULE = tuple(one.name for one in fields(Rule))
_NULLABLE = ("id", "protocol", "source_ip_address", "destination_ip_address", "source_port", "destination_port")


def loads(text: str) -> Draft:
    """A draft from its JSON text. Raises BadDraft."""
    return parse(json_of(text))


def parse(given: Any) -> Draft:
    """A draft from JSON's objects; whatever is of no use is refused with its place. Raises BadDraft."""
    told = an_object(given, "", ("group", *DIRECTIONS, "base"), needed=("group",))
    return Draft(_state(told, ""), _base(told.get("base")))


def written(draft: Draft) -> Json:
    """A draft as JSON's objects: what `parse` reads."""
    base = draft.base
    return {
        **_written(draft.state),
        "base": {
            "group": base.group, "ingress": base.ingress, "egress": base.egress, "rules": dict(base.rules),
            "was": _written(base.was) if base.was else None,
        },
    }  # fmt: skip


def rule_written(rule: Rule) -> Json:
    """A rule as Neutron's fields; without an id where it has none yet."""
    told = dict(vars(rule))
    return told if rule.id else {key: value for key, value in told.items() if key != "id"}


def _written(state: State) -> Json:
    group = state.group
    told: Json = {"group": {**vars(group), "ports": list(group.ports)}}
    for direction in DIRECTIONS:
        one = state.policy(direction)
        told[direction] = one and {
            "policy": one.policy, "name": one.name, "rules": [rule_written(rule) for rule in one.rules],
        }  # fmt: skip
    return told


def _state(told: Mapping[str, Any], where: str) -> State:
    return State(_group(told["group"], f"{where}group"), *(_policy(told.get(one), where + one) for one in DIRECTIONS))


def _group(given: Any, where: str) -> Group:
    told = an_object(given, where, ("id", "name", "admin_state_up", "ports"), needed=("ports",))
    ports = a_list(told["ports"], f"{where}.ports")
    for number, port in enumerate(ports):
        if not isinstance(port, str) or not port:
            raise BadDraft(f"{where}.ports[{number}]", say("must be the id of a port."))
    if len(set(ports)) < len(ports):
        raise BadDraft(f"{where}.ports", say("names a port twice."))
    up = a_flag(told.get("admin_state_up", True), f"{where}.admin_state_up")
    return Group(a_text(told.get("id"), f"{where}.id"), a_text(told.get("name"), f"{where}.name"), up, tuple(ports))


def _policy(given: Any, where: str) -> Policy | None:
    if given is None:
        return None
    told = an_object(given, where, ("policy", "name", "rules"), needed=("rules",))
    rules = a_list(told["rules"], f"{where}.rules")
    if len(rules) > MOST_RULES:
        raise BadDraft(
            f"{where}.rules",
            say("has {n} rules, at most {most_rules} can be read.", n=len(rules), most_rules=MOST_RULES),
        )
    made = tuple(_rule(rule, f"{where}.rules[{number}]") for number, rule in enumerate(rules))
    known: set[str] = set()
    for number, rule in enumerate(made):
        if rule.id in known:
            raise BadDraft(
                f"{where}.rules[{number}].id", say("is the id of a rule above it; a policy holds a rule once.")
            )
        known |= {rule.id} if rule.id else set()
    policy, name = (a_text(told.get(key), f"{where}.{key}") for key in ("policy", "name"))
    return Policy(policy or None, name, made)


def _rule(given: Any, where: str) -> Rule:
    told = an_object(given, where, _RULE)
    made: Json = {}
    for key, value in told.items():
        place = f"{where}.{key}"
        if key == "enabled":
            made[key] = a_flag(value, place)
        elif key == "ip_version":
            if value not in (4, 6) or isinstance(value, bool | float):
                raise BadDraft(place, say("must be 4 or 6."))
            made[key] = value
        elif key in _NULLABLE:
            made[key] = a_text(str(value) if is_number(value) else value, place) or None
        else:
            made[key] = a_text(value, place)
    if made.get("protocol"):
        made["protocol"] = made["protocol"].lower()
    action = (made.get("action") or "deny").lower()
    if action not in ACTIONS:
        raise BadDraft(f"{where}.action", say("must be one of {actions}.", actions=", ".join(ACTIONS)))
    return Rule(**{**made, "action": cast(Action, action)})


def _base(given: Any) -> Base:
    if given is None:
        return Base()
    told = an_object(given, "base", ("group", *DIRECTIONS, "rules", "was"))
    numbers = {key: _revision(told.get(key), f"base.{key}") for key in ("group", *DIRECTIONS)}
    rules = an_object(told.get("rules") or {}, "base.rules", None)
    was = told.get("was")
    before = _state(an_object(was, "base.was", ("group", *DIRECTIONS), needed=("group",)), "base.was.") if was else None
    return Base(**numbers, rules={id_: _revision(one, f"base.rules.{id_}") for id_, one in rules.items()}, was=before)


def _revision(given: Any, where: str) -> int | None:
    if given is None or is_number(given):
        return cast("int | None", given)
    raise BadDraft(where, say("must be a revision number."))
