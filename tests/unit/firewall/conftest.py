"""A firewall group on a router's two interfaces: what each test edits, with whoever edits it at the same time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.firewall import apply, commit, current
from tenant_ops_dashboard.firewall.model import Draft, Policy, Rule
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.reachability.budget import Budget
from tests.unit.fake_openstack.world import World

Json = dict[str, Any]
SSH = Rule(name="ssh", action="allow", protocol="tcp", destination_port="22")


class Scene:
    """The group 'edge': two rules in, one out; `kept` is all that Neutron has."""

    def __init__(self) -> None:
        self.world = World()
        self.things = self.world.things
        self.cloud = self.world.cloud()
        add = self.things.add
        self.ports = [
            add("ports", device_owner="network:router_interface", device_id="r", network_id="n")["id"] for _ in range(3)
        ]
        shape: Json = {"action": "allow", "protocol": "tcp", "enabled": True, "ip_version": 4}
        none = dict.fromkeys(("source_ip_address", "destination_ip_address", "source_port", "destination_port"))
        rules = [
            add("firewall_rules", name=name, **{**none, **shape, **more})["id"]
            for name, more in (
                ("web", {"destination_port": "80"}), ("app", {"destination_port": "8080"}), ("out", {}),
            )
        ]  # fmt: skip
        policies = [
            add("firewall_policies", name=name, firewall_rules=held, audited=False, description=said)["id"]
            for name, held, said in (("in", rules[:2], "by hand"), ("out", rules[2:], ""))
        ]
        self.group = add(
            "firewall_groups", name="edge", ports=self.ports[:2], status="ACTIVE", admin_state_up=True, description="",
            ingress_firewall_policy_id=policies[0], egress_firewall_policy_id=policies[1],
        )  # fmt: skip
        self.world.calls()

    @property
    def kept(self) -> dict[str, dict[str, Json]]:
        return self.things.kept

    @property
    def policies(self) -> dict[str, Json]:
        return self.kept["firewall_policies"]

    @property
    def rules(self) -> dict[str, Json]:
        return self.kept["firewall_rules"]

    def draft(self, cloud: Cloud | None = None) -> Draft:
        """The group as it is now, without a change."""
        made = current.read(FirewallApi(cloud or self.cloud), "edge").draft
        self.world.calls()
        return made

    def with_ssh(self, name: str = "ssh", direction: str = "ingress") -> Draft:
        """One more rule at the top."""
        return inserted(self.draft(), replace(SSH, name=name), direction)

    def apply(self, draft: Draft, cloud: Cloud | None = None, **more: Any) -> apply.Applied:
        return apply.apply(cloud or self.cloud, draft, "edge", wait=0.0, **more)

    def names(self, direction: str = "ingress") -> list[str]:
        """The rules in force."""
        policy = self.group_row[f"{direction}_firewall_policy_id"]
        return [self.rules[id_]["name"] for id_ in self.policies[policy]["firewall_rules"]] if policy else []

    @property
    def group_row(self) -> Json:
        return self.kept["firewall_groups"][self.group["id"]]

    def written(self) -> list[str]:
        return [call for call in self.world.calls() if not call.startswith("GET")]

    def count(self) -> tuple[int, int]:
        return len(self.policies), len(self.rules)


def inserted(draft: Draft, rule: Rule, direction: str = "ingress", at: int = 0) -> Draft:
    """The same with a rule more."""
    policy = getattr(draft.state, direction) or Policy()
    rules = (*policy.rules[:at], rule, *policy.rules[at:])
    return Draft(replace(draft.state, **{direction: replace(policy, rules=rules)}), draft.base)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(commit, "PAUSE", 0.0)
    return Scene()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget's seconds are those of a clock: on a busy machine a test that is about something else has no end."""
    check = Budget.check

    def unhurried(self: Budget, nodes: int, mask_bytes: int) -> None:
        self.restart(self._before)
        check(self, nodes, mask_bytes)

    monkeypatch.setattr(Budget, "check", unhurried)
