"""A snapshot as it would be with a draft in force: the group with new versions of its policies, all else as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from tenant_ops_dashboard.firewall import draft as drafts
from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Policy, Rule, State
from tenant_ops_dashboard.firewall.snapshot import Json, Seen
from tenant_ops_dashboard.reachability.errors import BadInput
from tenant_ops_dashboard.reachability.model import FirewallGroup, Snapshot
from tenant_ops_dashboard.reachability.model import Policy as Held
from tenant_ops_dashboard.reachability.rules import FirewallRule, read_rule
from tenant_ops_dashboard.sentences import say

#: The id in a preview of a group, and of policies, that Neutron does not have yet.
NEW = "draft"
#: Later than any time Neutron writes: the L3 agent keeps the default drop of the group that was changed last.
_LAST = "9999-12-31T23:59:59Z"
_FIELDS = frozenset(one.name for one in fields(Rule))


@dataclass(frozen=True)
class Substituted:
    """`after` is the snapshot with the draft in force, `changed` the directions that get a new version of their policy.

    `others` are groups that change with it, where policies keep their ids.

    `calls` is how many requests that change something an apply sends: a POST for each rule that is new or was edited
    and for each version of a policy, one PUT of the group. 0 where the draft is what is in force.
    """

    after: Snapshot
    changed: tuple[Direction, ...]
    calls: int
    others: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether the draft is what is in force already."""
        return self.calls == 0


def substitute(seen: Seen, state: State, group: Json | None, keep: bool = False) -> Substituted:
    """Put a draft's state in the place of `group` (None: a group that is made anew).

    With `keep` the policies in force keep their ids, and every group on them changes; `calls` counts the least then. A
    rule that is new or edited has its place in the draft as its id ('ingress.rules[3]'). Raises BadDraft for a port
    that the group cannot be on and for a rule that cannot be read, Hidden.
    """
    before = seen.engine.snapshot
    _check_ports(seen, state, group)
    rules, policies = dict(before.firewall_rules), dict(before.firewall_policies)
    sides: dict[Direction, str | None] = {}
    changed: list[Direction] = []
    known = seen.rules
    posts = 0
    for direction in DIRECTIONS:
        wanted = state.policy(direction)
        sides[direction] = _standing(seen, wanted, known)
        if keep and group and sides[direction] != read.policy_id(group, direction):
            sides[direction] = None  # what says the same elsewhere is copied into the policy in force
        if wanted is None or sides[direction] is not None:
            continue
        changed.append(direction)
        version, fresh = _version(direction, wanted, known)
        sides[direction] = version.id
        policies[version.id] = version
        rules |= fresh
        posts += 1 + len(fresh)
    if group and _same(state, sides, group):
        return Substituted(before, (), 0)
    id_ = str(group["id"]) if group else NEW
    old = before.firewall_groups.get(id_)
    made = FirewallGroup(
        id=id_, name=state.group.name, ingress=sides["ingress"], egress=sides["egress"], ports=state.group.ports,
        admin_up=state.group.admin_state_up, status=old.status if old else "", applied=(_LAST, 0),
    )  # fmt: skip
    groups: dict[str, FirewallGroup] = {**before.firewall_groups, id_: made}
    others: tuple[str, ...] = ()
    if keep and group:
        versions = {had: sides[way] for way in changed if (had := read.policy_id(group, way))}
        others = _with_it(groups, id_, versions)
        posts += 2 * len(changed) - 1  # a copy is kept, the list is put there, and the policy says that it is done
    _drop(policies, rules, [*(read.policy_id(group, one) for one in DIRECTIONS)] if group else [], groups)
    after = replace(before, firewall_groups=groups, firewall_policies=policies, firewall_rules=rules)
    return Substituted(after, tuple(changed), posts + 1, others)


def _with_it(
    groups: dict[str, FirewallGroup], own: str, versions: Mapping[str, str | None]
) -> tuple[str, ...]:  # fmt: skip
    """Gives every other group on these policies what takes their place; the ids of those groups."""
    found = [
        one for id_, one in groups.items()
        if id_ != own and not versions.keys().isdisjoint((one.ingress or "", one.egress or ""))
    ]  # fmt: skip
    for one in found:
        ingress, egress = (versions.get(side or "", side) for side in (one.ingress, one.egress))
        groups[one.id] = replace(one, ingress=ingress, egress=egress)
    return tuple(one.id for one in found)


def _drop(
    policies: dict[str, Held], rules: dict[str, FirewallRule], old: Iterable[str | None],
    groups: Mapping[str, FirewallGroup],
) -> None:  # fmt: skip
    """Leave out versions that nobody holds any more: what is kept for an undo filters nothing and is no finding."""
    held = {policy for one in groups.values() for policy in (one.ingress, one.egress)}
    gone = [policies.pop(one) for one in dict.fromkeys(old) if one and one not in held and one in policies]
    used = {rule for one in policies.values() for rule in one.rules}
    for one in gone:
        for rule in one.rules:
            if rule not in used:
                rules.pop(rule, None)


def _same(state: State, sides: Mapping[Direction, str | None], group: Json) -> bool:
    """Whether the group is as the draft has it; the order of its ports means nothing."""
    now = read.group(group)
    ports = sorted(now.ports) == sorted(state.group.ports)
    held = all(read.policy_id(group, one) == sides[one] for one in DIRECTIONS)
    return ports and held and replace(now, ports=()) == replace(state.group, ports=())


def _check_ports(seen: Seen, state: State, group: Json | None) -> None:
    own = str(group["id"]) if group else ""
    held = {port: one for one in seen.rows("firewall_groups") if one["id"] != own for port in one.get("ports") or ()}
    for number, port in enumerate(state.group.ports):
        place = f"group.ports[{number}]"
        if port not in seen.engine.snapshot.ports:
            raise BadDraft(place, say("This project has no port {port}.", port=port[:60]))
        if port in held:
            other = held[port].get("name") or held[port]["id"]
            raise BadDraft(
                place,
                say(
                    "Port {port} is in the firewall group {other} already; a port is in one at most.",
                    port=port,
                    other=other,
                ),
            )


def _standing(seen: Seen, wanted: Policy | None, known: Mapping[str, Rule]) -> str | None:
    """The id of Neutron's policy that says what is wanted, None where a new version is needed."""
    if wanted is None or wanted.policy is None:
        return None
    row = next((one for one in seen.rows("firewall_policies") if one["id"] == wanted.policy), None)
    if row is None:
        return None
    there = [known.get(one) for one in row.get("firewall_rules") or ()]
    return wanted.policy if there == list(wanted.rules) else None


def _version(direction: Direction, wanted: Policy, known: Mapping[str, Rule]) -> tuple[Held, dict[str, FirewallRule]]:
    ids: list[str] = []
    fresh: dict[str, FirewallRule] = {}
    for number, rule in enumerate(wanted.rules):
        if rule.id and known.get(rule.id) == rule:
            ids.append(rule.id)
            continue
        place = f"{direction}.rules[{number}]"
        fresh[place] = _read({**drafts.rule_written(rule), "id": place}, place)
        ids.append(place)
    return Held(f"{NEW}-{direction}", wanted.name, tuple(ids)), fresh


def _read(row: Mapping[str, Any], place: str) -> FirewallRule:
    try:
        return read_rule(row)
    except BadInput as error:
        field, _, rest = error.what.partition(" ")
        field = field.rstrip(":")
        if field not in _FIELDS:
            raise BadDraft(place, error.what) from None
        raise BadDraft(f"{place}.{field}", rest) from None
