"""Drafts of security groups as JSON, there and back. Every complaint names the place: 'rules[3].port_range_min'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from tenant_ops_dashboard.firewall.draft import MOST_RULES
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.given import a_text, an_object, is_number, json_of
from tenant_ops_dashboard.firewall.model import DIRECTIONS
from tenant_ops_dashboard.firewall.security_groups.model import Base, Draft, Rule, State
from tenant_ops_dashboard.sentences import join, say

Json = dict[str, Any]
GROUP = "security_group"
ETHERTYPES = ("IPv4", "IPv6")
_RULE = tuple(one.name for one in fields(Rule))
_PORTS = ("port_range_min", "port_range_max")
_CHOICES = {"direction": DIRECTIONS, "ethertype": ETHERTYPES}


def loads(text: str) -> Draft:
    """A draft from its JSON text. Raises BadDraft."""
    return parse(json_of(text))


def parse(given: Any) -> Draft:
    """A draft from JSON's objects; whatever is of no use is refused with its place. Raises BadDraft."""
    told = an_object(given, "", (GROUP, "rules", "base"), needed=(GROUP, "rules"))
    return Draft(_state(told, ""), _base(told.get("base")))


def written(draft: Draft) -> Json:
    """A draft as JSON's objects: what `parse` reads."""
    was = draft.base.was
    return {**_written(draft.state), "base": {"revision": draft.base.revision, "was": was and _written(was)}}


def rule_written(rule: Rule) -> Json:
    """A rule as Neutron's fields; without an id where it has none yet."""
    return {name: getattr(rule, name) for name in _RULE if name != "id" or rule.id}


def _written(state: State) -> Json:
    return {GROUP: {"id": state.id, "name": state.name}, "rules": [rule_written(one) for one in state.rules]}


def _state(told: Mapping[str, Any], where: str) -> State:
    group = an_object(told[GROUP], f"{where}{GROUP}", ("id", "name"))
    id_, name = (a_text(group.get(key), f"{where}{GROUP}.{key}") for key in ("id", "name"))
    rules = told["rules"]
    if not isinstance(rules, list):
        raise BadDraft(f"{where}rules", say("must be a list."))
    if len(rules) > MOST_RULES:
        raise BadDraft(
            f"{where}rules",
            say("has {n} rules, at most {most_rules} can be read.", n=len(rules), most_rules=MOST_RULES),
        )
    made = tuple(_rule(one, f"{where}rules[{number}]") for number, one in enumerate(rules))
    known: set[str] = set()
    for number, rule in enumerate(made):
        if rule.id in known:
            raise BadDraft(
                f"{where}rules[{number}].id", say("is the id of a rule above it; a group holds a rule once.")
            )
        known |= {rule.id} if rule.id else set()
    return State(id_, name, made)


def _rule(given: Any, where: str) -> Rule:
    told = an_object(given, where, _RULE)
    made: Json = {}
    for key, value in told.items():
        place = f"{where}.{key}"
        if key in _PORTS:
            made[key] = _number(value, place)
        elif key in _CHOICES:
            if value not in _CHOICES[key]:
                raise BadDraft(place, say("must be {choices}.", choices=join(say(" or "), _CHOICES[key])))
            made[key] = value
        elif key == "description":
            made[key] = a_text(value, place)
        else:
            made[key] = a_text(str(value) if is_number(value) else value, place).strip() or None
    if made.get("protocol"):
        made["protocol"] = None if made["protocol"].lower() == "any" else made["protocol"].lower()
    return Rule(**made)


def _base(given: Any) -> Base:
    if given is None:
        return Base()
    told = an_object(given, "base", ("revision", "was"))
    revision, was = told.get("revision"), told.get("was")
    if revision is not None and not is_number(revision):
        raise BadDraft("base.revision", say("must be a revision number."))
    if was is not None:
        an_object(was, "base.was", (GROUP, "rules"), needed=(GROUP, "rules"))
    return Base(revision, _state(was, "base.was.") if was is not None else None)


def _number(given: Any, where: str) -> int | None:
    if given is None or given == "":
        return None
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 6:
        return int(given)
    if not is_number(given):
        raise BadDraft(where, say("must be a whole number."))
    return cast(int, given)
