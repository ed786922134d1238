"""The firewall group of a standing environment, with real packets."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenant_ops_dashboard.cloud import Cloud, OverQuota
from tenant_ops_dashboard.environments import launch, reconcile, watch
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group.group import FirewallGroup
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.proofs import sending
from tests.integration.by_hand import Hand

PATIENCE = 120.0


def until(look: Callable[[], bool]) -> bool:
    """Whether it comes true while there is patience left."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


def standing(cloud: Cloud, environment: Environment) -> FirewallGroup:
    found = firewall_groups.read(cloud, environment.id)
    assert found is not None
    return found


def take_away(cloud: Cloud, found: FirewallGroup) -> None:
    """All of a group, as somebody would by hand."""
    Hand(cloud).put("network", f"{firewall_groups.GROUPS}/{found.group_id}", {"firewall_group": {"ports": []}})
    Hand(cloud).delete("network", f"{firewall_groups.GROUPS}/{found.group_id}")
    for policy in found.policies:
        Hand(cloud).delete("network", f"{firewall_groups.POLICIES}/{policy.id}")
    for rule in found.rules:
        Hand(cloud).delete("network", f"{firewall_groups.RULES}/{rule.id}")


def rows_read(cloud: Cloud, environment: Environment) -> int | None:
    """How many rows the application says it read; None where it does not reach the database."""
    address = environment.address.removeprefix("http://")
    return sending.Way(cloud.options.proof_proxy).get(address, "/", 5.0).rows


def test_two_reconciles_at_once_leave_one_group(owner: Cloud, environment: Environment) -> None:
    take_away(owner, standing(owner, environment))
    assert watch.details(owner, environment.id).environment.status == "building"
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: reconcile.reconcile(owner, environment), range(3)))
    reconcile.reconcile(owner, environment)
    found = standing(owner, environment)
    assert found.status == "ACTIVE"
    assert len(found.policies) == 2
    assert {rule.id for rule in found.rules} == found.used
    marked = [
        one for one in firewall_groups.groups(owner) or () if one["description"] == firewall_groups.mark(environment.id)
    ]
    assert len(marked) == 1
    assert watch.details(owner, environment.id).environment.status == "good"


def test_a_group_taken_away_by_hand_is_made_of_what_is_there(owner: Cloud, environment: Environment) -> None:
    before = standing(owner, environment)
    Hand(owner).put("network", f"{firewall_groups.GROUPS}/{before.group_id}", {"firewall_group": {"ports": []}})
    Hand(owner).delete("network", f"{firewall_groups.GROUPS}/{before.group_id}")
    reconcile.reconcile(owner, environment)
    after = standing(owner, environment)
    assert after.status == "ACTIVE"
    assert (after.policies, after.used) == (before.policies, before.used)


def test_over_quota_is_told_and_leaves_nothing(
    log_in: Callable[..., Cloud], owner: Cloud, environment: Environment
) -> None:
    take_away(owner, standing(owner, environment))
    operator, path = log_in("operator"), f"/quotas/{owner.project_id}"
    limit = operator.get("network", path)["quota"]["firewall_rule"]
    used = owner.get("network", f"{path}/details.json")["quota"]["firewall_rule"]["used"]
    Hand(operator).put("network", path, {"quota": {"firewall_rule": used + 5}})
    try:
        with pytest.raises(OverQuota):
            reconcile.reconcile(owner, environment)
    finally:
        Hand(operator).put("network", path, {"quota": {"firewall_rule": limit}})
    left = standing(owner, environment)
    assert (left.group, left.policies, left.rules) == (None, (), ())
    proof = next(one for one in watch.details(owner, environment.id).proofs if one.name == "firewall")
    assert (proof.state, "req-" in proof.evidence) == ("failed", True)
    reconcile.reconcile(owner, environment)
    assert standing(owner, environment).group is None, "it waits"
    launch.retry(owner, environment.id)
    assert standing(owner, environment).status == "ACTIVE"
    assert watch.details(owner, environment.id).environment.status == "good"


def test_without_the_reply_rule_the_database_is_out_of_reach(owner: Cloud, environment: Environment) -> None:
    found = standing(owner, environment)
    assert found.group is not None
    policy = found.group["ingress_firewall_policy_id"]
    rule = next(one.id for one in found.rules if one.name.endswith("-fw-database-reply-in"))
    before = owner.get("network", f"{firewall_groups.POLICIES}/{policy}")["firewall_policy"]["firewall_rules"]
    assert rows_read(owner, environment) is not None
    Hand(owner).put("network", f"{firewall_groups.POLICIES}/{policy}/remove_rule", {"firewall_rule_id": rule})
    try:
        assert until(lambda: rows_read(owner, environment) is None)
        reconcile.reconcile(owner, environment)
        assert rule not in standing(owner, environment).used, "what people change is left as it is"
        proof = next(one for one in watch.details(owner, environment.id).proofs if one.name == "firewall")
        assert proof.state == "warning"
        assert "database-reply-in is missing" in proof.evidence
    finally:
        Hand(owner).put(
            "network", f"{firewall_groups.POLICIES}/{policy}", {"firewall_policy": {"firewall_rules": before}}
        )
    assert until(lambda: rows_read(owner, environment) is not None)
    proof = next(one for one in watch.details(owner, environment.id).proofs if one.name == "firewall")
    assert proof.state == "good", proof.evidence


def test_an_emptied_policy_closes_the_front_door(owner: Cloud, environment: Environment) -> None:
    found = standing(owner, environment)
    assert found.group is not None
    policy = found.group["ingress_firewall_policy_id"]
    before = owner.get("network", f"{firewall_groups.POLICIES}/{policy}")["firewall_policy"]["firewall_rules"]
    way, address = sending.Way(owner.options.proof_proxy), environment.address.removeprefix("http://")
    assert sending.turns(way, address, 2, True)[0].state == "good"
    Hand(owner).put("network", f"{firewall_groups.POLICIES}/{policy}", {"firewall_policy": {"firewall_rules": []}})
    try:
        assert until(lambda: sending.turns(way, address, 2, True)[0].state == "failed")
    finally:
        Hand(owner).put(
            "network", f"{firewall_groups.POLICIES}/{policy}", {"firewall_policy": {"firewall_rules": before}}
        )
    assert until(lambda: sending.turns(way, address, 2, True)[0].state == "good")
