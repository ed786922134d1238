"""Make an environment's firewall group in Neutron: rules, two policies and, last of all, the group.

Names and marks are the same in every run: what a run that died left is taken over, not made again. A run that fails
takes away what it made itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group.group import FirewallGroup, KeptRule
from tenant_ops_dashboard.environments.firewall_group.rules import Rule, Wanted

CLEAN_SECONDS = 20.0
Json = dict[str, Any]
_LOG = logging.getLogger(__name__)


def build(
    cloud: Cloud, name: str, environment_id: str, wanted: Wanted, ports: Iterable[str], standing: FirewallGroup
) -> Json:  # fmt: skip
    """The group as Neutron made it; whoever has the group has all of it. `standing` is what is there already.

    Raises a CloudError: Conflict where another run was quicker, for a port is in one group at most. What this run made
    is gone then, as far as Neutron answers.
    """
    run = _Run(cloud, name, environment_id, standing)
    try:
        inward = run.policy("ingress", wanted.ingress)
        outward = run.policy("egress", wanted.egress)
        return run.group(inward, outward, ports)
    except CloudError as error:
        run.undo(lost=isinstance(error, Uncertain))
        raise


def refit(cloud: Cloud, name: str, environment_id: str, wanted: Wanted, standing: FirewallGroup) -> Json:
    """The group with other rules, by one swap of both policies: nothing is open meanwhile. What it had goes then.

    Raises a CloudError; what this run made is gone then, as far as Neutron answers.
    """
    run = _Run(cloud, name, environment_id, standing)
    try:
        inward = run.policy("ingress", wanted.ingress)
        outward = run.policy("egress", wanted.egress)
        made = run.swap(inward, outward)
    except CloudError as error:
        run.undo(lost=isinstance(error, Uncertain))
        raise
    run.tidy({inward, outward})
    return made


def open_again(cloud: Cloud, standing: FirewallGroup) -> None:
    """Take a group away that filters nothing, so that it can be made anew of the policies that are there."""
    cloud.put("network", f"{firewall_groups.GROUPS}/{standing.group_id}", {"firewall_group": {"ports": []}})
    cloud.delete("network", f"{firewall_groups.GROUPS}/{standing.group_id}")


class _Run:
    """One run: `made` are the paths of what it made, oldest first; `free` the rules it may take over."""

    def __init__(self, cloud: Cloud, name: str, environment_id: str, standing: FirewallGroup) -> None:
        self.cloud, self.name, self.environment_id, self.standing = cloud, name, environment_id, standing
        self.made: list[str] = []
        self.held: set[str] = set()  # rules that stay
        self.free: list[KeptRule] = [one for one in standing.rules if one.enabled]

    def policy(self, where: str, rules: tuple[Rule, ...]) -> str:
        """The id of a policy with these rules."""
        name, ids = f"{self.name}-fw-{where}", tuple(self.rule(one) for one in rules)
        known = next((one.id for one in self.standing.policies if (one.name, one.rules) == (name, ids)), "")
        return known or str(
            self._make(firewall_groups.POLICIES, "firewall_policy", name=name, firewall_rules=list(ids))["id"]
        )

    def rule(self, rule: Rule) -> str:
        """The id of a rule that does this."""
        name = f"{self.name}-fw-{rule.name}"
        for one in self.free:
            if one.name == name and firewall_groups.bare(one.rule) == firewall_groups.bare(rule):
                self.free.remove(one)
                self.held.add(one.id)
                return one.id
        # Neutron has no bulk create for FWaaS.
        made = self._make(
            firewall_groups.RULES, "firewall_rule", name=name, enabled=True, ip_version=rule.ip_version,
            action=rule.action, protocol=rule.protocol, source_ip_address=rule.source, source_port=rule.source_port,
            destination_ip_address=rule.destination, destination_port=rule.destination_port,
        )  # fmt: skip
        return str(made["id"])

    def group(self, ingress: str, egress: str, ports: Iterable[str]) -> Json:
        """The group itself."""
        return self._make(
            firewall_groups.GROUPS, "firewall_group", name=f"{self.name}-fw", ports=sorted(ports),
            ingress_firewall_policy_id=ingress, egress_firewall_policy_id=egress,
        )  # fmt: skip

    def swap(self, ingress: str, egress: str) -> Json:
        """The group that stands, with these policies."""
        fields = {"ingress_firewall_policy_id": ingress, "egress_firewall_policy_id": egress}
        path = f"{firewall_groups.GROUPS}/{self.standing.group_id}"
        made: Json = self.cloud.put("network", path, {"firewall_group": fields})["firewall_group"]
        return made

    def tidy(self, policies: set[str]) -> None:
        """Remove the environment's own policies and rules that were in force and are not any more."""
        old = [
            one.id for one in self.standing.policies if self.standing.used & set(one.rules) and one.id not in policies
        ]
        spare = [one.id for one in self.standing.rules if one.id in self.standing.used - self.held]
        paths = [f"{firewall_groups.POLICIES}/{id_}" for id_ in old]
        self._remove([*paths, *(f"{firewall_groups.RULES}/{id_}" for id_ in spare)], time.monotonic() + CLEAN_SECONDS)

    def undo(self, lost: bool) -> None:
        """Remove what this run made, newest first. Where an answer was `lost` it is looked up what there is."""
        end = time.monotonic() + CLEAN_SECONDS
        self._remove(self.made[::-1], end)
        if not lost:
            return
        try:
            now = firewall_groups.read(self.cloud, self.environment_id)
        except CloudError as error:
            _LOG.info("What a lost answer left of the firewall of %s is looked up later: %s", self.name, error)
            return
        if now is None or now.group is not None:
            return
        known = {one.id for one in self.standing.policies} | {one.id for one in self.standing.rules}
        policies = [f"{firewall_groups.POLICIES}/{one.id}" for one in now.policies if one.id not in known]
        self._remove(
            [*policies, *(f"{firewall_groups.RULES}/{one.id}" for one in now.rules if one.id not in known)], end
        )

    def _make(self, path: str, kind: str, **fields: Any) -> Json:
        body = {"description": firewall_groups.mark(self.environment_id), **fields}
        made: Json = self.cloud.post("network", path, {kind: body})[kind]
        self.made.append(f"{path}/{made['id']}")
        return made

    def _remove(self, paths: Iterable[str], end: float) -> None:
        for path in paths:
            for _ in range(2):
                if time.monotonic() > end:
                    return
                try:
                    self.cloud.delete("network", path)
                except Uncertain:
                    continue  # once more: what is gone already is deleted
                except CloudError as error:
                    # The next run takes it over, or a sweep finds it by its mark.
                    _LOG.info("%s of the firewall of %s stays for now: %s", path, self.name, error)
                break
