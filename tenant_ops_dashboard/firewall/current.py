"""A firewall group as Neutron has it this moment: three lists, and one or two more where a policy is another's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud import CloudError, NotFound, values
from tenant_ops_dashboard.firewall import rows
from tenant_ops_dashboard.firewall.errors import NoGroup, SeveralGroups
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Base, Direction, Draft, Group, Policy, State
from tenant_ops_dashboard.firewall.neutron import GROUPS, POLICIES, RULES, FirewallApi
from tenant_ops_dashboard.sentences import say

Json = dict[str, Any]
Row = Mapping[str, Any]
_OBJECT: values.Shape = {"id": values.text, "name": values.text, "description": values.text}
_GROUP: values.Shape = {
    **_OBJECT, "ports": values.names, "ingress_firewall_policy_id": values.optional,
    "egress_firewall_policy_id": values.optional, "status": values.text,
}  # fmt: skip


@dataclass(frozen=True)
class Current:
    """One look. `row` is the group's own, `groups` all that were listed, `policies` and `rules` theirs by id."""

    state: State
    row: Row
    groups: tuple[Row, ...]
    policies: Mapping[str, Row]
    rules: Mapping[str, Row]

    @property
    def revision(self) -> int:
        """The group's, which If-Match is for."""
        return int(self.row.get("revision_number") or 0)

    @property
    def base(self) -> Base:
        """What a draft made from this look was made from."""
        numbers = {one: _revision(self.policies.get(self.policy(one) or "")) for one in DIRECTIONS}
        told = {rule.id: _revision(self.rules.get(rule.id)) for rule in self.state.rules if rule.id}
        return Base(self.revision, numbers["ingress"], numbers["egress"], told, self.state)

    @property
    def draft(self) -> Draft:
        """The group as a draft without a change."""
        return Draft(self.state, self.base)

    def policy(self, direction: Direction) -> str | None:
        """The id of the policy in force."""
        found: str | None = self.row[f"{direction}_firewall_policy_id"]
        return found

    def others(self, policy: str) -> tuple[Row, ...]:
        """The other groups that a policy is in force on."""
        ways = [f"{one}_firewall_policy_id" for one in DIRECTIONS]
        return tuple(one for one in self.groups if one["id"] != self.row["id"] and policy in [one[key] for key in ways])

    def content(self, policy: str) -> Policy | None:
        """What a policy holds, in force or not; None where it is gone."""
        row = self.policies.get(policy)
        if row is None:
            return None
        held = tuple(rows.rule(self.rules[id_]) for id_ in row["firewall_rules"] if id_ in self.rules)
        return Policy(str(row["id"]), str(row["name"]), held)


def read(api: FirewallApi, name_or_id: str) -> Current:
    """The group of this id, else of this name. Raises NoGroup, SeveralGroups or another CloudError."""
    groups = _rows(api, GROUPS, _GROUP)
    found = [one for one in groups if one["id"] == name_or_id] or [one for one in groups if one["name"] == name_or_id]
    if not found:
        raise NoGroup(name_or_id)
    if len(found) > 1:
        raise SeveralGroups(name_or_id, [one["id"] for one in found])
    return _whole(api, found[0], groups)


def absent(api: FirewallApi, name: str, description: str = "") -> Current:
    """A look in which a group of this name is not there yet: its id is '', it has nothing. Raises a CloudError."""
    row: Json = {
        "id": "", "name": name, "description": description, "ports": [], "status": "",
        "project_id": api.cloud.project_id, "ingress_firewall_policy_id": None, "egress_firewall_policy_id": None,
    }  # fmt: skip
    return _whole(api, row, _rows(api, GROUPS, _GROUP))


def again(api: FirewallApi, before: Current) -> Current:
    """The same group once more. Raises a CloudError, NoGroup where it is gone."""
    return read(api, str(before.row["id"]))


def _whole(api: FirewallApi, row: Row, groups: list[Json]) -> Current:
    shape = {**_OBJECT, "firewall_rules": values.names}
    policies = {one["id"]: one for one in _rows(api, POLICIES, shape)}
    rules = {one["id"]: one for one in _rows(api, RULES, _OBJECT)}
    used = [row[f"{one}_firewall_policy_id"] for one in DIRECTIONS]
    # Another project's shared policy is in no list of this project's own.
    for id_ in dict.fromkeys(id_ for id_ in used if id_ and id_ not in policies):
        policies[id_] = values.row(api.one(POLICIES, id_), shape)
    held = [id_ for policy in used if policy for id_ in policies[policy]["firewall_rules"]]
    if any(id_ not in rules for id_ in held):
        rules |= {one["id"]: one for one in values.rows(api.listed(RULES), _OBJECT) if one["id"] not in rules}
    if missing := [id_ for id_ in held if id_ not in rules]:
        raise CloudError(
            say("Neutron lists a policy with the rule {missing}, and no such rule.", missing=missing[0]), "Neutron"
        )
    told = Current(State(_group(row)), row, tuple(groups), policies, rules)
    ingress, egress = (told.content(id_) if id_ else None for id_ in used)
    return Current(State(_group(row), ingress, egress), row, tuple(groups), policies, rules)


def _group(row: Row) -> Group:
    return Group(str(row["id"]), str(row["name"]), row.get("admin_state_up") is not False, tuple(row["ports"]))


def _rows(api: FirewallApi, path: str, shape: values.Shape) -> list[Json]:
    """The project's own; an administrator is shown those of all."""
    project = api.cloud.project_id
    try:
        known = values.rows(api.listed(path, project_id=project), shape)
    except NotFound:
        raise NoGroup("", missing=True) from None
    return [one for one in known if one.get("project_id", project) == project]


def _revision(row: Row | None) -> int | None:
    found = (row or {}).get("revision_number")
    return found if isinstance(found, int) else None
