"""The firewall group of an environment as Neutron has it; FWaaS v2 has no Heat resource, so this is ours to keep.

Everything of it carries the mark 'Environment <stack id>' as its description, and a name made from the environment's.
Read here; what is done to it stands in `actions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotFound, firewall_profile, values
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.environments.firewall_group import rules as planned_rules
from tenant_ops_dashboard.environments.firewall_group import versions
from tenant_ops_dashboard.environments.firewall_group.rules import EITHER, Rule, Wanted
from tenant_ops_dashboard.sentences import say, say_many

GROUPS = "/fwaas/firewall_groups"
POLICIES = "/fwaas/firewall_policies"
RULES = "/fwaas/firewall_rules"
_MARK = re.compile(r"Environment ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True)
class KeptRule:
    """A rule that Neutron has; `name` is the whole of it, with the environment's in front."""

    id: str
    name: str
    enabled: bool
    rule: Rule


@dataclass(frozen=True)
class KeptPolicy:
    """A policy that Neutron has, with the ids of its rules in order."""

    id: str
    name: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class FirewallGroup:
    """A group with its policies' rules in order.

    `policies` and `rules` are those with the mark, whether in force or not; `used` the ids of the rules in force,
    `held` those of all that any policy holds.
    """

    group: Mapping[str, Any] | None
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]
    disabled: int
    policies: tuple[KeptPolicy, ...]
    rules: tuple[KeptRule, ...]
    used: frozenset[str]
    spare: tuple[str, ...] = ()  # ids of more groups with the mark: what a lost race left
    held: frozenset[str] = frozenset()

    @property
    def group_id(self) -> str:
        return str(self.group["id"]) if self.group else ""

    @property
    def status(self) -> str:
        return str(self.group["status"]) if self.group else ""

    @property
    def ports(self) -> frozenset[str]:
        return frozenset(self.group["ports"]) if self.group else frozenset()

    def superfluous(self) -> tuple[str, ...]:
        """Paths of what a run that lost the race left: more groups, policies not in use, rules that are there twice.

        Versions that an edit made are no run's: the editor tidies them. Where one is in force, what it was made from
        may be about to be marked as kept.
        """
        group = self.group or {}
        standing = [group.get(f"{kind}_firewall_policy_id") for kind in ("ingress", "egress")]
        edited = any(versions.token(one.name) for one in self.policies if one.id in standing)
        names = {one.name for one in self.rules if one.id in self.used}
        left = [one for one in self.policies if one.id not in standing and not (edited or versions.token(one.name))]
        return (
            *(f"{GROUPS}/{spare}" for spare in self.spare),
            *(f"{POLICIES}/{one.id}" for one in left),
            *(f"{RULES}/{one.id}" for one in self.rules if one.id not in self._held(left) and one.name in names),
        )

    def _held(self, leaving: Iterable[KeptPolicy]) -> frozenset[str]:
        """Rules that stay in a policy once these are gone."""
        return self.used | (self.held - {rule for one in leaving for rule in one.rules})

    def made_for(self, wanted: Wanted) -> str | None:
        """The back end whose planned rules it holds, '' where they are those for either; None for other rules."""
        have = ([bare(rule) for rule in self.ingress], [bare(rule) for rule in self.egress])
        for one in (wanted, *wanted.others):
            if have == ([bare(rule) for rule in one.ingress], [bare(rule) for rule in one.egress]):
                return one.profile
        return None

    def misfit(self, wanted: Wanted) -> str:
        """The back end whose rules it holds, where that is not the one that filters here or may be another; else ''."""
        made = self.made_for(wanted)
        return made if made and made != wanted.profile else ""

    def differences(self, wanted: Wanted) -> tuple[str, ...]:
        """What is not as planned, in words. Rules that hold on either back end hold on the one that it is."""
        told = []
        if self.made_for(wanted) == EITHER:
            wanted = replace(wanted, ingress=self.ingress, egress=self.egress)
        for where, mine, theirs in (("ingress", self.ingress, wanted.ingress), ("egress", self.egress, wanted.egress)):
            have, want = [bare(rule) for rule in mine], [bare(rule) for rule in theirs]
            told += [
                say("{where} rule {rule} is missing", where=where, rule=rule.name)
                for rule in theirs
                if bare(rule) not in have
            ]
            told += [
                say("{where} rule {rule} was added", where=where, rule=rule.name or say("without a name"))
                for rule in mine
                if bare(rule) not in want
            ]
            if not told and have != want:
                told.append(say("the {where} rules are in another order", where=where))
        if self.disabled:
            told.append(say_many("a rule is switched off", "{n} rules are switched off", self.disabled))
        return tuple(told)


def planned(cloud: Cloud, output: Any) -> Wanted | None:
    """The rules that a template's output `firewall` asks for here; None where it asks for no group.

    Neutron is asked for its back end where there is one to plan. Raises as `rules.wanted`.
    """
    return planned_rules.wanted(output, firewall_profile(cloud)) if output else None


def mark(environment_id: str) -> str:
    """What everything of an environment's firewall carries as its description."""
    return f"Environment {environment_id}"


def owner(thing: Mapping[str, Any]) -> str:
    """The id of the environment that a group, policy or rule says it is of, or ''."""
    found = _MARK.fullmatch(str(thing.get("description") or ""))
    return found[1] if found else ""


def belongs(thing: Mapping[str, Any]) -> str:
    """The same, of what is only kept beside the version in force and of what is being changed, too."""
    kept = versions.mark(thing)
    words = kept.description if kept else str(thing.get("description") or "")
    return owner({"description": versions.settled(words)})


def groups(cloud: Cloud) -> list[dict[str, Any]] | None:
    """All firewall groups of the project, or None where Neutron has no FWaaS v2: one call."""
    try:
        found = listed(cloud, GROUPS)
    except NotFound:
        return None
    return values.rows(found, services.FIREWALL_GROUP)


def listed(cloud: Cloud, path: str) -> list[dict[str, Any]]:
    """The project's groups, policies or rules, by their path: one call. An administrator is shown those of all."""
    known = cloud.pages("network", path, path.rpartition("/")[2], project_id=cloud.project_id)
    return [one for one in known if one.get("project_id", cloud.project_id) == cloud.project_id]


def read(cloud: Cloud, environment_id: str, ports: Iterable[str] = ()) -> FirewallGroup | None:
    """The firewall_group of an environment, found by its mark or on its ports: three calls. None without FWaaS v2."""
    known = groups(cloud)
    if known is None:
        return None
    policies = values.rows(listed(cloud, POLICIES), services.FIREWALL_POLICY)
    rules = values.rows(listed(cloud, RULES), services.FIREWALL_RULE)
    wanted, ours = mark(environment_id), frozenset(ports)
    marked = [one for one in known if one["description"] == wanted]
    holding = [one for one in known if ours & set(one["ports"])]
    group = next(iter([*holding, *sorted(marked, key=lambda one: (not one["ports"], one["id"]))]), None)
    by_id = {one["id"]: one for one in rules}
    chains = {one["id"]: one["firewall_rules"] for one in policies}
    inward, outward = (_chain(group, kind, chains, by_id) for kind in ("ingress", "egress"))
    return FirewallGroup(
        group=group,
        ingress=tuple(_rule(one) for one in inward),
        egress=tuple(_rule(one) for one in outward),
        disabled=sum(1 for one in (*inward, *outward) if not one["enabled"]),
        policies=tuple(
            KeptPolicy(one["id"], one["name"], tuple(one["firewall_rules"]))
            for one in policies if one["description"] == wanted
        ),
        rules=tuple(
            KeptRule(one["id"], one["name"], bool(one["enabled"]), _rule(one))
            for one in rules if one["description"] == wanted
        ),
        used=frozenset(one["id"] for one in (*inward, *outward)),
        spare=tuple(one["id"] for one in marked if one is not group),
        held=frozenset(rule for one in policies for rule in one["firewall_rules"]),
    )  # fmt: skip


def bare(rule: Rule) -> tuple[str | int | None, ...]:
    """What a rule does, whatever it is called."""
    return (
        rule.ip_version, rule.protocol, rule.source, rule.source_port, rule.destination, rule.destination_port,
        rule.action,
    )  # fmt: skip


def _chain(
    group: Mapping[str, Any] | None, kind: str, chains: Mapping[str, list[str]], rules: Mapping[str, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    policy = group.get(f"{kind}_firewall_policy_id") if group else None
    return [rules[rule] for rule in chains.get(policy or "", ()) if rule in rules]


def _rule(one: Mapping[str, Any]) -> Rule:
    return Rule(
        one["name"], one["protocol"], one["source_ip_address"], one["source_port"], one["destination_ip_address"],
        one["destination_port"], one["action"], 6 if one["ip_version"] == 6 else 4,
    )  # fmt: skip
