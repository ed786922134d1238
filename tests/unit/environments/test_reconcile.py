"""The firewall group after the stack: made once, finished when interrupted, swept when the stack is gone."""

from __future__ import annotations

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, OverQuota, Uncertain
from tenant_ops_dashboard.environments import reconcile
from tenant_ops_dashboard.environments.firewall_group import build
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.world import World


def count(world: World) -> tuple[int, int, int]:
    kept = world.things.kept
    return len(kept["firewall_groups"]), len(kept["firewall_policies"]), len(kept["firewall_rules"])


def test_it_is_made_once(world: World, cloud: Cloud, standing: Environment) -> None:
    assert count(world) == (1, 2, 18)
    group = next(iter(world.things.kept["firewall_groups"].values()))
    assert (group["name"], group["description"], len(group["ports"])) == ("shop-fw", f"Environment {standing.id}", 2)
    world.calls()
    reconcile.reconcile(cloud, standing)
    assert {call.partition(" ")[0] for call in world.calls()} == {"GET"}
    assert count(world) == (1, 2, 18)


def test_nothing_before_the_stack_stands(world: World, cloud: Cloud, building: Environment) -> None:
    reconcile.reconcile(cloud, building)
    assert count(world) == (0, 0, 0)


@pytest.mark.parametrize("broken", ["firewall_rules", "firewall_policies", "firewall_groups"])
def test_an_interrupted_run_is_finished_by_the_next(
    world: World, cloud: Cloud, building: Environment, broken: str
) -> None:
    world.heat.finish(building.id)
    world.wire.trouble[f"POST .*{broken}"] = [requests.ConnectionError("reset")] * 3
    with pytest.raises(Uncertain):
        reconcile.reconcile(cloud, building)
    reconcile.reconcile(world.cloud(), building)
    assert count(world) == (1, 2, 18)
    found = firewall_groups.read(cloud, building.id)
    assert found is not None
    assert len(found.used) == 18


def test_a_run_that_lost_the_race_leaves_nothing(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.finish(building.id)
    other = world.cloud()
    sent = build._Run.policy
    once = [True]

    def overtaken(*arguments: object) -> str:
        if once and once.pop():
            reconcile.reconcile(other, building)
        return sent(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build._Run, "policy", overtaken)
        reconcile.reconcile(cloud, building)
    assert count(world) == (1, 2, 18)


def test_over_quota_is_told_and_leaves_nothing(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.finish(building.id)
    world.things.quota["firewall_rules"] = 5
    with pytest.raises(OverQuota):
        reconcile.reconcile(cloud, building)
    assert count(world) == (0, 0, 0)


def test_what_people_changed_stays(world: World, cloud: Cloud, standing: Environment) -> None:
    policy = next(one for one in world.things.kept["firewall_policies"].values() if one["name"] == "shop-fw-ingress")
    policy["firewall_rules"] = policy["firewall_rules"][1:]
    reconcile.reconcile(cloud, standing)
    assert len(policy["firewall_rules"]) == 8
    assert count(world) == (1, 2, 18)


def test_a_reader_changes_nothing_by_looking(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.finish(building.id)
    reconcile.reconcile(world.cloud("reader"), building)
    assert count(world) == (0, 0, 0)


def test_without_fwaas_nothing_is_to_do() -> None:
    from tenant_ops_dashboard.environments import launch
    from tenant_ops_dashboard.environments.model import Request

    world = World(firewall=False)
    made = launch.launch(world.cloud(), Request("shop", "tomcat-oracle"))
    world.heat.finish(made.id)
    world.calls()
    reconcile.reconcile(world.cloud(), made)
    assert {call.partition(" ")[0] for call in world.calls()} == {"GET"}
