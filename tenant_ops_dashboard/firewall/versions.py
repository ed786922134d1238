"""Policies as versions: made anew for each edit and never edited themselves, so that undo is a swap back.

One that is in force is an ordinary policy; what it replaced says so at the end of its description (`Mark`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.cloud import NotFound, Uncertain
from tenant_ops_dashboard.environments.firewall_group import group as environment_groups
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.environments.firewall_group.versions import Mark
from tenant_ops_dashboard.firewall import content, rows
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Policy, Rule, State
from tenant_ops_dashboard.firewall.neutron import POLICIES, RULES, FirewallApi

KEPT = 3  # applies whose versions before are kept, beside what the last undo took out of force
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """A policy that is kept for a group, and why."""

    id: str
    name: str
    mark: Mark
    audited: bool


def kept(now: Current) -> tuple[Kept, ...]:
    """What is kept for a group, the newest first."""
    found = [(row, marks.mark(row)) for row in now.policies.values()]
    ours = [
        Kept(str(row["id"]), str(row["name"]), mark, row.get("audited") is True)
        for row, mark in found if mark and mark.group == now.row["id"]
    ]  # fmt: skip
    return tuple(sorted(ours, key=lambda one: (-one.mark.number, one.mark.direction)))


def description(now: Current) -> str:
    """What everything made for a group says of itself: the mark of its environment, where it is one's, else ''."""
    owner = environment_groups.owner(now.row)
    return environment_groups.mark(owner) if owner else ""


def plain(state: State, description: str) -> State:
    """The same with no rule saying what `description` says: for comparing what was asked with what was made."""
    if not description:
        return state

    def without(policy: Policy | None) -> Policy | None:
        return policy and replace(
            policy,
            rules=tuple(
                replace(one, description="") if one.description == description else one for one in policy.rules
            ),
        )

    return replace(state, ingress=without(state.ingress), egress=without(state.egress))


def moved(now: Current, wanted: State) -> tuple[Direction, ...]:
    """The directions whose rules shall be others. Where both share one policy, both have versions of their own then."""
    said = description(now)
    have, want = plain(now.state, said), plain(wanted, said)
    found = tuple(
        one for one in DIRECTIONS if content.chain(have.policy(one)) != content.chain(want.policy(one))
    )  # fmt: skip
    shared = now.policy("ingress") is not None and now.policy("ingress") == now.policy("egress")
    return DIRECTIONS if found and shared else found


def new_rules(now: Current, wanted: State, directions: Iterable[Direction]) -> int:
    """How many rules an edit takes from the quota: those that Neutron has not, word for word."""
    return sum(1 for one in directions for rule in _rules(wanted.policy(one)) if _standing(now, rule) is None)


class Making:
    """Makes what an edit needs; nothing of it is in force. `made` are the paths and ids of what it made, oldest first.

    None of it is `audited`: that is the word of whoever audits.
    A rule that stands in force word for word keeps its id; one that no policy holds and that says the same is taken
    over, and so is a version of the same name with the same rules: what a run that died left.
    """

    def __init__(self, api: FirewallApi, now: Current, token: str) -> None:
        self.api, self.now, self.token = api, now, token
        self.description = description(now)
        self.made: list[tuple[str, str]] = []
        held = {id_ for one in now.policies.values() for id_ in one["firewall_rules"]}
        self._free = [rows.rule(row) for id_, row in now.rules.items() if id_ not in held and _own(api, row)]

    def policy(self, direction: Direction, wanted: Policy | None) -> str | None:
        """The id of a version with these rules; None where the direction shall have no policy. Raises a CloudError."""
        if wanted is None:
            return None
        if (known := self._known(direction, wanted)) is not None:
            return known
        rules = self.rules(wanted.rules)
        try:
            return self._policy(direction, rules)
        except NotFound:
            # Whoever tidies an environment may have taken a rule for one that is there twice.
            there = {str(one["id"]) for one in self.api.listed(RULES)}
            again = [
                id_ if id_ in there else self._made_rule(one) for id_, one in zip(rules, wanted.rules, strict=True)
            ]
            if again == rules:
                raise
            return self._policy(direction, again)

    def rules(self, wanted: Iterable[Rule]) -> list[str]:
        """The ids of these rules, in order. Raises a CloudError."""
        return [self._rule(one) for one in wanted]

    def take_back(self) -> bool:
        """Whether all that was made is gone again: policies first."""
        gone = [self.api.remove(path, id_) for path, id_ in reversed(self.made)]
        self.made.clear()
        return all(gone)

    def _rule(self, rule: Rule) -> str:
        if (standing := _standing(self.now, rule)) is not None:
            return standing
        rule = replace(rule, description=rule.description or self.description)
        for one in self._free:
            if content.of(one) == content.of(rule) and one.id:
                self._free.remove(one)
                return one.id
        return self._made_rule(rule)

    def _made_rule(self, rule: Rule) -> str:
        fields = {name: getattr(rule, name) for name in content.FIELDS}
        made: Mapping[str, Any]
        fields["description"] = rule.description or self.description
        try:
            made = self.api.make(RULES, **fields)
        except Uncertain:
            found = self._lost(replace(rule, id=None, description=fields["description"]))
            if found is None:
                raise
            made = found
        self.made.append((RULES, str(made["id"])))
        return str(made["id"])

    def _lost(self, rule: Rule) -> Mapping[str, Any] | None:
        """A rule whose answer was lost: it says the same, and was not there before."""
        known = {*self.now.rules, *(id_ for _, id_ in self.made)}
        found = [one for one in self.api.listed(RULES) if one["id"] not in known and _own(self.api, one)]
        return next((one for one in found if content.of(rows.rule(one)) == content.of(rule)), None)

    def _known(self, direction: Direction, wanted: Policy) -> str | None:
        """The id of this very version, where a run before made it."""
        for id_, row in self.now.policies.items():
            if row["name"] == self._name(direction) and self._chain(self.now.content(id_)) == self._chain(wanted):
                if row["description"] != (says := self._says(direction)):
                    describe(self.api, row, says)
                return id_
        return None

    def _name(self, direction: Direction) -> str:
        return marks.name(str(self.now.row["name"]), direction, self.token)

    def _chain(self, policy: Policy | None) -> object:
        return content.chain(plain(replace(self.now.state, ingress=policy), self.description).ingress)

    def _policy(self, direction: Direction, rules: list[str]) -> str:
        name = self._name(direction)
        fields = {"name": name, "description": self._says(direction), "firewall_rules": rules}
        made: Mapping[str, Any]
        try:
            made = self.api.make(POLICIES, **fields)
        except Uncertain:
            rows = self.api.listed(POLICIES, name=name)
            found = next((one for one in rows if one["name"] == name and one["firewall_rules"] == rules), None)
            if found is None:
                raise
            made = found
        self.made.append((POLICIES, str(made["id"])))
        return str(made["id"])

    def _says(self, direction: Direction) -> str:
        """What people wrote of the version that is replaced stays with the next one."""
        before = self.now.policies.get(self.now.policy(direction) or "")
        return self.description or bare(before or {})


def bare(policy: Mapping[str, Any]) -> str:
    """A policy's description without why it is kept."""
    found = marks.mark(policy)
    return found.description if found else marks.settled(str(policy.get("description") or ""))


def describe(api: FirewallApi, policy: Mapping[str, Any], words: str) -> None:
    """Another description for a policy that is not in force; it stays as audited as it was. Raises a CloudError."""
    # Neutron takes the flag away with every change that does not name it.
    api.change(POLICIES, str(policy["id"]), description=words, **({"audited": True} if policy.get("audited") else {}))


def _standing(now: Current, rule: Rule) -> str | None:
    """The id of a rule that is in force and says the same, word for word."""
    return next((one.id for one in now.state.rules if one.id == rule.id and content.of(one) == content.of(rule)), None)


def _rules(policy: Policy | None) -> tuple[Rule, ...]:
    return policy.rules if policy else ()


def _own(api: FirewallApi, row: Mapping[str, Any]) -> bool:
    return bool(row.get("project_id", api.cloud.project_id) == api.cloud.project_id)
