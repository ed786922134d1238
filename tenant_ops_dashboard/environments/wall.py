"""The firewall group of an environment as Neutron has it; FWaaS v2 has no Heat resource, so this is ours to keep.

Everything of it carries the mark 'Environment <stack id>' as its description, and a name made from the environment's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotFound
from tenant_ops_dashboard.environments.firewall import Rule, Wanted

GROUPS = "/fwaas/firewall_groups"
POLICIES = "/fwaas/firewall_policies"
RULES = "/fwaas/firewall_rules"


@dataclass(frozen=True)
class Wall:
    """A group with its policies' rules in order.

    `policies` are the ids of those with the mark, `rules` ids and names of the rules with it, `used` the ids in force.
    """

    group: Mapping[str, Any] | None
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]
    disabled: int
    policies: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    used: frozenset[str]
    spare: tuple[str, ...] = ()  # ids of more groups with the mark: what a lost race left

    @property
    def group_id(self) -> str:
        return str(self.group["id"]) if self.group else ""

    @property
    def status(self) -> str:
        return str(self.group["status"]) if self.group else ""

    @property
    def ports(self) -> frozenset[str]:
        return frozenset(self.group["ports"]) if self.group else frozenset()

    def differences(self, wanted: Wanted) -> tuple[str, ...]:
        """What is not as planned, in words."""
        told = []
        for where, mine, theirs in (("ingress", self.ingress, wanted.ingress), ("egress", self.egress, wanted.egress)):
            have, want = [_bare(rule) for rule in mine], [_bare(rule) for rule in theirs]
            told += [f"{where} rule {rule.name} is missing" for rule in theirs if _bare(rule) not in have]
            told += [
                f"{where} rule {rule.name or 'without a name'} was added" for rule in mine if _bare(rule) not in want
            ]
            if not told and have != want:
                told.append(f"the {where} rules are in another order")
        if self.disabled:
            told.append("a rule is switched off" if self.disabled == 1 else f"{self.disabled} rules are switched off")
        return tuple(told)


def mark(environment_id: str) -> str:
    """What everything of an environment's firewall carries as its description."""
    return f"Environment {environment_id}"


def groups(cloud: Cloud) -> list[dict[str, Any]] | None:
    """All firewall groups of the project, or None where Neutron has no FWaaS v2: one call."""
    try:
        return cloud.pages("network", GROUPS, "firewall_groups", project_id=cloud.project_id)
    except NotFound:
        return None


def read(cloud: Cloud, environment_id: str, ports: Iterable[str] = ()) -> Wall | None:
    """The wall of an environment, found by its mark or on its ports: three calls. None without FWaaS v2."""
    known = groups(cloud)
    if known is None:
        return None
    policies = cloud.pages("network", POLICIES, "firewall_policies", project_id=cloud.project_id)
    rules = cloud.pages("network", RULES, "firewall_rules", project_id=cloud.project_id)
    wanted, ours = mark(environment_id), frozenset(ports)
    marked = [one for one in known if one["description"] == wanted]
    holding = [one for one in known if ours & set(one["ports"])]
    group = next(iter([*holding, *sorted(marked, key=lambda one: (not one["ports"], one["id"]))]), None)
    by_id = {one["id"]: one for one in rules}
    chains = {one["id"]: one["firewall_rules"] for one in policies}
    inward, outward = (_chain(group, kind, chains, by_id) for kind in ("ingress", "egress"))
    return Wall(
        group=group,
        ingress=tuple(_rule(one) for one in inward),
        egress=tuple(_rule(one) for one in outward),
        disabled=sum(1 for one in (*inward, *outward) if not one["enabled"]),
        policies=tuple(one["id"] for one in policies if one["description"] == wanted),
        rules=tuple((one["id"], one["name"]) for one in rules if one["description"] == wanted),
        used=frozenset(one["id"] for one in (*inward, *outward)),
        spare=tuple(one["id"] for one in marked if one is not group),
    )


def build(cloud: Cloud, name: str, environment_id: str, wanted: Wanted, ports: Iterable[str]) -> str:
    """Make rules, policies and, last of all, the group: whoever has the group has all of it. Its id.

    Raises Conflict where another run was quicker: a port is in one group at most.
    """
    chains = {where: _make_chain(cloud, name, environment_id, where, rules) for where, rules in _chains(wanted)}
    body = {
        "name": f"{name}-fw", "description": mark(environment_id), "ports": sorted(ports),
        "ingress_firewall_policy_id": chains["ingress"], "egress_firewall_policy_id": chains["egress"],
    }  # fmt: skip
    return str(cloud.post("network", GROUPS, {"firewall_group": body})["firewall_group"]["id"])


def clear(cloud: Cloud, wall: Wall) -> None:
    """Remove the group, then policies and rules with the mark. FWaaS wants the group's ports emptied first."""
    for group in (*([wall.group_id] if wall.group else []), *wall.spare):
        cloud.put("network", f"{GROUPS}/{group}", {"firewall_group": {"ports": []}})
        cloud.delete("network", f"{GROUPS}/{group}")
    for policy in wall.policies:
        cloud.delete("network", f"{POLICIES}/{policy}")
    for rule, _ in wall.rules:
        cloud.delete("network", f"{RULES}/{rule}")


def tidy(cloud: Cloud, wall: Wall) -> None:
    """Remove what a run that lost the race left: other groups, policies not in use, rules that are there twice."""
    group = wall.group or {}
    for spare in wall.spare:
        cloud.delete("network", f"{GROUPS}/{spare}")
    standing = [group.get(f"{kind}_firewall_policy_id") for kind in ("ingress", "egress")]
    for policy in wall.policies:
        if policy not in standing:
            cloud.delete("network", f"{POLICIES}/{policy}")
    names = {name for rule, name in wall.rules if rule in wall.used}
    for rule, name in wall.rules:
        if rule not in wall.used and name in names:
            cloud.delete("network", f"{RULES}/{rule}")


def _chains(wanted: Wanted) -> tuple[tuple[str, tuple[Rule, ...]], ...]:
    return (("ingress", wanted.ingress), ("egress", wanted.egress))


def _make_chain(cloud: Cloud, name: str, environment_id: str, where: str, rules: tuple[Rule, ...]) -> str:
    # Neutron has no bulk create for FWaaS.
    made = [cloud.post("network", RULES, {"firewall_rule": _body(name, environment_id, rule)}) for rule in rules]
    policy = {
        "name": f"{name}-fw-{where}",
        "description": mark(environment_id),
        "firewall_rules": [one["firewall_rule"]["id"] for one in made],
    }
    return str(cloud.post("network", POLICIES, {"firewall_policy": policy})["firewall_policy"]["id"])


def _body(name: str, environment_id: str, rule: Rule) -> dict[str, Any]:
    return {
        "name": f"{name}-fw-{rule.name}",
        "description": mark(environment_id),
        "enabled": True,
        "ip_version": 4,
        "action": rule.action,
        "protocol": rule.protocol,
        "source_ip_address": rule.source,
        "source_port": rule.source_port,
        "destination_ip_address": rule.destination,
        "destination_port": rule.destination_port,
    }


def _chain(
    group: Mapping[str, Any] | None, kind: str, chains: Mapping[str, list[str]], rules: Mapping[str, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    policy = group.get(f"{kind}_firewall_policy_id") if group else None
    return [rules[rule] for rule in chains.get(policy or "", ()) if rule in rules]


def _rule(one: Mapping[str, Any]) -> Rule:
    return Rule(
        one["name"], one["protocol"], one["source_ip_address"], one["source_port"], one["destination_ip_address"],
        one["destination_port"], one["action"],
    )  # fmt: skip


def _bare(rule: Rule) -> tuple[str | None, ...]:
    return (rule.protocol, rule.source, rule.source_port, rule.destination, rule.destination_port, rule.action)
