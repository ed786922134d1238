"""Every action and state of Heat over an environment: what serves is shown, what may hold data is kept."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, launch, reconcile, watch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack_status
from tenant_ops_dashboard.environments.model import Environment, Request
from tests.unit.fake_openstack.world import World

NEVER_UP = [
    (action, state)
    for action in ("INIT", "CREATE")
    for state in stack_status.STATES
    if action + state != "CREATECOMPLETE"
]
GOING = [("DELETE", state) for state in stack_status.STATES]
ALL = [(action, state) for action in stack_status.ACTIONS for state in stack_status.STATES]
STANDING = [one for one in ALL if one not in NEVER_UP + GOING]
# What an application that serves is called, where that is not 'good'.
STATUS = {
    **{(action, "IN_PROGRESS"): "building" for action in ("ADOPT", "UPDATE", "ROLLBACK", "SUSPEND", "RESUME", "RESTORE")},
    **{(action, "FAILED"): "warning" for action in stack_status.ACTIONS},
    ("ROLLBACK", "COMPLETE"): "warning",
    ("SUSPEND", "COMPLETE"): "warning",
}  # fmt: skip


def put(world: World, environment: Environment, action: str, state: str) -> None:
    """What Heat says, of a stack that was updated since it was made."""
    row = world.heat.stacks[environment.id]["row"]
    row.update(stack_status=f"{action}_{state}", stack_status_reason="Resource X failed: quota of everything")
    row["updated_time"] = None if action in ("INIT", "CREATE") else "2026-11-21T06:00:20Z"


def volumes(world: World) -> list[dict[str, str]]:
    return [one["metadata"] for one in world.things.kept["volumes"].values()]


@pytest.mark.parametrize(("action", "state"), STANDING)
def test_what_serves_is_shown_whatever_heat_does(
    world: World, cloud: Cloud, standing: Environment, action: str, state: str
) -> None:
    put(world, standing, action, state)
    details = watch.details(cloud, "shop")
    expected = STATUS.get((action, state), "good")
    assert {one.state for one in details.proofs} - {"unknown"} == {"good"}
    assert {box.state for box in details.picture.boxes} == {"good"}
    assert details.environment.address == "http://203.0.113.50"
    assert (details.environment.status, watch.listing(cloud)[0].status) == (expected, expected)
    assert not details.rolls_back
    assert details.retry == (state == "FAILED" and action != "SUSPEND")
    if expected != "good":
        for said in (details.environment.status_reason, watch.listing(cloud)[0].status_reason):
            assert said.endswith("; the application goes on serving.")
            assert ("quota of everything" in said) == (state == "FAILED")


@pytest.mark.parametrize(("action", "state"), NEVER_UP + GOING)
def test_what_comes_or_goes_is_asked_of_heat_alone(
    world: World, cloud: Cloud, standing: Environment, action: str, state: str
) -> None:
    world.things.cap = 500
    put(world, standing, action, state)
    world.things.cap = 500
    world.calls()
    details = watch.details(cloud, "shop")
    assert not [call for call in world.calls() if "/compute/" in call or "/load-balancer/" in call]
    status = "failed" if state == "FAILED" else "deleting" if action == "DELETE" else "building"
    assert (details.environment.status, details.proofs) == (status, ())
    assert watch.listing(cloud)[0].status == status
    assert details.rolls_back == (action != "DELETE")
    assert details.retry == (state == "FAILED")


@pytest.mark.parametrize(("action", "state"), ALL)
def test_only_what_never_came_up_holds_nothing(
    world: World, cloud: Cloud, standing: Environment, action: str, state: str
) -> None:
    put(world, standing, action, state)
    loss = delete.losses(cloud, standing)
    empty = (action, state) in NEVER_UP
    assert any("shop-data" in one for one in (loss.lost if empty else loss.kept))
    assert any("shop-data" in one for one in loss.kept) != empty
    delete.delete(cloud, "shop")
    assert [data_volumes.MARK in one for one in volumes(world)] == [empty]


@pytest.mark.parametrize(("action", "state"), [one for one in ALL if one not in NEVER_UP])
def test_rolling_back_never_takes_what_may_have_been_up(
    world: World, cloud: Cloud, standing: Environment, action: str, state: str
) -> None:
    put(world, standing, action, state)
    world.calls()
    with pytest.raises(errors.Blocked, match="may have been up"):
        launch.rollback(cloud, "shop")
    assert {call.partition(" ")[0] for call in world.calls()} == {"GET"}


@pytest.mark.parametrize("state", stack_status.STATES)
def test_a_launch_that_was_rolled_back_did_fail(world: World, cloud: Cloud, building: Environment, state: str) -> None:
    world.heat.build(building.id, 29)
    world.heat.rolled_back(building.id, state)
    details = watch.details(cloud, "shop")
    assert details.environment.status == ("deleting" if state == "IN_PROGRESS" else "failed")
    assert details.proofs == ()
    if state == "COMPLETE":
        assert details.environment.status_reason == "The launch failed and was rolled back."
        assert watch.listing(cloud)[0].status == "failed"
        assert not details.retry
        with pytest.raises(errors.Blocked):
            launch.retry(cloud, "shop")
        delete.delete(cloud, "shop")
        assert not any(data_volumes.MARK in one for one in volumes(world))


def test_without_convergence_a_launch_is_rolled_back_without_a_change(
    world: World, cloud: Cloud, building: Environment
) -> None:
    world.heat.fail(building.id, "balancer", "told to fail")
    world.heat.stacks[building.id]["row"].update(stack_status="ROLLBACK_IN_PROGRESS")
    assert watch.details(cloud, "shop").environment.status == "deleting"
    assert watch.listing(cloud)[0].status == "deleting"


@pytest.mark.parametrize("action", ["UPDATE", "CHECK", "ROLLBACK", "RESTORE", "ADOPT"])
def test_what_does_not_serve_after_a_failed_change_is_failed(
    world: World, cloud: Cloud, standing: Environment, action: str
) -> None:
    put(world, standing, action, "FAILED")
    world.things.kept["servers"].clear()
    details = watch.details(cloud, "shop")
    assert details.environment.status == "failed"
    assert "goes on serving" not in details.environment.status_reason
    assert "quota of everything" in details.environment.status_reason
    (listed,) = watch.listing(cloud)
    assert listed.status == "failed"
    assert "goes on serving" not in listed.status_reason


def test_what_a_change_breaks_for_a_while_is_open_and_not_broken(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    put(world, standing, "UPDATE", "IN_PROGRESS")
    tree = next(iter(world.things.trees.values()))
    tree["operating_status"] = "ERROR"
    details = watch.details(cloud, "shop")
    assert details.environment.status == "building"
    assert {one.name: one.state for one in details.proofs}["load-balancer"] == "building"
    world.heat.stacks[standing.id]["row"]["stack_status"] = "UPDATE_FAILED"
    assert watch.details(cloud, "shop").environment.status == "failed"


def test_a_check_that_heat_does_hides_no_server(world: World, cloud: Cloud, standing: Environment) -> None:
    put(world, standing, "CHECK", "IN_PROGRESS")
    for row in world.heat.stacks[standing.id]["resources"]:
        row["resource_status"] = "CHECK_IN_PROGRESS"
    details = watch.details(cloud, "shop")
    assert details.environment.status == "good"
    assert {one.state for one in details.proofs} - {"unknown"} == {"good"}


@pytest.mark.parametrize("action", ["UPDATE", "CHECK", "ROLLBACK", "SNAPSHOT"])
def test_a_firewall_that_is_missing_is_made_after_a_failed_change_too(
    world: World, cloud: Cloud, building: Environment, action: str
) -> None:
    world.heat.finish(building.id)
    put(world, building, action, "FAILED")
    reconcile.reconcile(cloud, building)
    assert len(world.things.kept["firewall_groups"]) == 1


def test_of_half_a_stack_no_firewall_is_made(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.finish(building.id)
    put(world, building, "UPDATE", "FAILED")
    world.heat.stacks[building.id]["resources"][-1]["physical_resource_id"] = ""
    reconcile.reconcile(cloud, building)
    assert not world.things.kept["firewall_groups"]


def test_while_heat_changes_it_the_firewall_is_left_alone(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.finish(building.id)
    put(world, building, "UPDATE", "IN_PROGRESS")
    reconcile.reconcile(cloud, building)
    assert not world.things.kept["firewall_groups"]


@pytest.mark.parametrize("action", ["UPDATE", "CHECK", "ROLLBACK", "RESUME", "SNAPSHOT", "RESTORE", "ADOPT"])
def test_a_failed_change_is_tried_again_and_never_deleted(
    world: World, cloud: Cloud, standing: Environment, action: str
) -> None:
    put(world, standing, action, "FAILED")
    launch.retry(cloud, "shop")
    assert world.heat.stacks[standing.id]["row"]["stack_status"] == "UPDATE_IN_PROGRESS"


def test_trying_again_keeps_the_size_a_group_was_scaled_to(world: World, cloud: Cloud, standing: Environment) -> None:
    world.heat.grow(standing.id, "application", 1)
    put(world, standing, "UPDATE", "FAILED")
    launch.retry(cloud, "shop")
    declared = world.heat.stacks[standing.id]["template"]["resources"]["application"]
    assert declared["properties"]["desired_capacity"] == 3


def test_what_heat_is_at_work_on_is_not_tried_again(world: World, cloud: Cloud, standing: Environment) -> None:
    put(world, standing, "UPDATE", "IN_PROGRESS")
    world.calls()
    with pytest.raises(errors.Blocked, match="at work"):
        launch.retry(cloud, "shop")
    assert {call.partition(" ")[0] for call in world.calls()} == {"GET"}


@pytest.mark.parametrize(("action", "state"), [one for one in ALL if one not in NEVER_UP])
def test_a_second_launch_of_the_moment_withdraws_nothing_that_was_up(
    world: World, cloud: Cloud, standing: Environment, monkeypatch: pytest.MonkeyPatch, action: str, state: str
) -> None:
    put(world, standing, action, state)
    world.heat.stacks[standing.id]["row"].update(creation_time="2026-11-21T06:00:59Z")
    row = world.heat.stacks[standing.id]["row"]
    hidden = row.copy()
    monkeypatch.setattr(launch.time, "sleep", lambda seconds: row.update(hidden))
    row["stack_name"] = "other"
    launch.launch(cloud, Request("shop", "tomcat-oracle", {}), (), "another token")
    assert not any(data_volumes.MARK in one for one in volumes(world))
