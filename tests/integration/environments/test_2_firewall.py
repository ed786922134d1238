"""The firewall group of a standing environment, with real packets."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import packets, reconcile, wall, watch
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.wall import Wall

PATIENCE = 120.0


def until(look: Callable[[], bool]) -> bool:
    """Whether it comes true while there is patience left."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


def standing(cloud: Cloud, environment: Environment) -> Wall:
    found = wall.read(cloud, environment.id)
    assert found is not None
    return found


def rows_read(cloud: Cloud, environment: Environment) -> int | None:
    """How many rows the application says it read; None where it does not reach the database."""
    address = environment.address.removeprefix("http://")
    return packets.Way(cloud.options.door).get(address, "/", 5.0).rows


def test_two_reconciles_at_once_leave_one_group(owner: Cloud, environment: Environment) -> None:
    wall.clear(owner, standing(owner, environment))
    assert watch.details(owner, environment.id).environment.status == "building"
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: reconcile.reconcile(owner, environment), range(3)))
    reconcile.reconcile(owner, environment)
    found = standing(owner, environment)
    assert found.status == "ACTIVE"
    assert len(found.policies) == 2
    assert {rule for rule, _ in found.rules} == found.used
    marked = [one for one in wall.groups(owner) or () if one["description"] == wall.mark(environment.id)]
    assert len(marked) == 1
    assert watch.details(owner, environment.id).environment.status == "good"


def test_without_the_reply_rule_the_database_is_out_of_reach(owner: Cloud, environment: Environment) -> None:
    found = standing(owner, environment)
    assert found.group is not None
    policy = found.group["ingress_firewall_policy_id"]
    rule = next(id_ for id_, name in found.rules if name.endswith("-fw-database-reply-in"))
    before = owner.get("network", f"{wall.POLICIES}/{policy}")["firewall_policy"]["firewall_rules"]
    assert rows_read(owner, environment) is not None
    owner.put("network", f"{wall.POLICIES}/{policy}/remove_rule", {"firewall_rule_id": rule})
    try:
        assert until(lambda: rows_read(owner, environment) is None)
        reconcile.reconcile(owner, environment)
        assert rule not in standing(owner, environment).used, "what people change is left as it is"
        proof = next(one for one in watch.details(owner, environment.id).proofs if one.name == "firewall")
        assert proof.state == "warning"
        assert "database-reply-in is missing" in proof.evidence
    finally:
        owner.put("network", f"{wall.POLICIES}/{policy}", {"firewall_policy": {"firewall_rules": before}})
    assert until(lambda: rows_read(owner, environment) is not None)
    proof = next(one for one in watch.details(owner, environment.id).proofs if one.name == "firewall")
    assert proof.state == "good", proof.evidence


def test_an_emptied_policy_closes_the_front_door(owner: Cloud, environment: Environment) -> None:
    found = standing(owner, environment)
    assert found.group is not None
    policy = found.group["ingress_firewall_policy_id"]
    before = owner.get("network", f"{wall.POLICIES}/{policy}")["firewall_policy"]["firewall_rules"]
    way, address = packets.Way(owner.options.door), environment.address.removeprefix("http://")
    assert packets.turns(way, address, 2, True)[0].state == "good"
    owner.put("network", f"{wall.POLICIES}/{policy}", {"firewall_policy": {"firewall_rules": []}})
    try:
        assert until(lambda: packets.turns(way, address, 2, True)[0].state == "failed")
    finally:
        owner.put("network", f"{wall.POLICIES}/{policy}", {"firewall_policy": {"firewall_rules": before}})
    assert until(lambda: packets.turns(way, address, 2, True)[0].state == "good")
