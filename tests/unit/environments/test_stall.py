"""Heat at a standstill, and services that outlive their work: known by the cloud's clock, told, made to go on."""

from __future__ import annotations

import datetime
import json
import logging

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, follow, launch, reconcile, watch
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.proofs import prove
from tenant_ops_dashboard.environments.standstill import stall, standstill
from tests.unit.fake_openstack.server import MORNING
from tests.unit.fake_openstack.world import World


@pytest.fixture(autouse=True)
def without_packets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "EVERY", 0.0)
    monkeypatch.setattr(prove, "prove", lambda cloud, details: details.proofs)


def later(world: World, seconds: float) -> None:
    """So much later, in the cloud."""
    world.wire.now = MORNING + datetime.timedelta(seconds=seconds)


def half_way(world: World, environment: Environment, done: int = 9) -> None:
    world.heat.build(environment.id, done)


def status(world: World, environment: Environment) -> str:
    return str(world.heat.stacks[environment.id]["row"]["stack_status"])


def test_a_launch_that_stands_still_is_told_with_since_when(world: World, cloud: Cloud, building: Environment) -> None:
    half_way(world, building)
    later(world, 60)
    assert watch.details(cloud, "shop").stalls == ()
    later(world, 1200)
    details = watch.details(world.cloud(), "shop")
    assert details.environment.status == "building"
    assert details.environment.status_reason.startswith("Nothing has moved since 06:00 UTC: ")
    assert details.stands_still is not None
    assert details.stands_still.since < MORNING
    assert details.retry


def test_a_wrong_clock_here_makes_no_standstill(
    world: World, building: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_way(world, building)
    # This machine's clock is days ahead of the cloud's, which stands at the morning.
    assert datetime.datetime.now(datetime.UTC) - MORNING > datetime.timedelta(hours=1)
    assert watch.details(world.cloud(), "shop").stalls == ()


def test_what_a_service_still_works_on_is_waited_for(world: World, cloud: Cloud, building: Environment) -> None:
    keys = [one.key for one in world.heat.stacks[building.id]["planned"]]
    half_way(world, building, keys.index("balancer"))
    (balancer,) = world.things.kept["loadbalancers"].values()
    world.things.trees[balancer["id"]] = {"provisioning_status": "PENDING_CREATE", "operating_status": "OFFLINE"}
    later(world, stall.SETTLED + 60)
    assert watch.details(cloud, "shop").stalls == ()
    world.things.trees[balancer["id"]]["provisioning_status"] = "ACTIVE"
    assert watch.details(world.cloud(), "shop").stands_still


def test_what_its_own_service_never_ends_is_told_of_that_service(
    world: World, cloud: Cloud, building: Environment
) -> None:
    keys = [one.key for one in world.heat.stacks[building.id]["planned"]]
    half_way(world, building, keys.index("balancer"))
    (balancer,) = world.things.kept["loadbalancers"].values()
    balancer.update(provisioning_status="PENDING_CREATE", created_at="2026-11-21T06:00:03", updated_at=None)
    world.things.trees[balancer["id"]] = {"provisioning_status": "PENDING_CREATE", "operating_status": "OFFLINE"}
    later(world, 1200)
    details = watch.details(cloud, "shop")
    assert details.stands_still is None
    assert not details.retry
    (late,) = details.stalls
    assert (late.service, late.resource_id) == ("Octavia", balancer["id"])
    said = details.environment.status_reason
    assert "Octavia has been making Load balancer since 06:00 UTC; usually this takes less than 2 min" in said
    assert f"ask your operator, with the id {balancer['id']}" in said


def test_going_on_lets_heat_begin_anew_and_is_audited(
    world: World, cloud: Cloud, building: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    half_way(world, building)
    later(world, 1200)
    with caplog.at_level(logging.INFO, "tenant_ops.audit"):
        launch.retry(world.cloud(), "shop")
    assert status(world, building) == "UPDATE_IN_PROGRESS"
    event = json.loads(caplog.records[-1].message)
    assert (event["action"], event["outcome"], event["target"]["name"]) == ("update/environment", "pending", "shop")
    assert watch.details(world.cloud(), "shop").stalls == ()
    with pytest.raises(errors.Blocked, match="it moves"):
        launch.retry(world.cloud(), "shop")


@pytest.mark.parametrize("trouble", [requests.ReadTimeout("slow"), 504])
def test_an_answer_that_is_lost_while_going_on_is_looked_up(
    world: World, building: Environment, trouble: Exception | int
) -> None:
    half_way(world, building)
    later(world, 1200)
    update = world.heat.update

    def lose(id_: str, query: object, body: dict[str, object]) -> object:
        update(id_, query, body)  # type: ignore[arg-type]
        if isinstance(trouble, Exception):
            raise trouble
        return trouble, {"error": {"message": "lost"}}

    place = next(i for i, (method, *_) in enumerate(world.wire.handlers) if method == "PATCH")
    world.wire.handlers.insert(0, ("PATCH", world.wire.handlers[place][1], lose))  # type: ignore[arg-type]
    assert launch.retry(world.cloud(), "shop").status == "building"


@pytest.mark.parametrize("with_data", [True, False])
def test_a_delete_that_stands_still_is_sent_again_with_the_same_wish_about_the_data(
    world: World, cloud: Cloud, standing: Environment, with_data: bool
) -> None:
    delete.delete(cloud, "shop", data=with_data)
    later(world, 1200)
    assert watch.details(world.cloud(), "shop").stands_still
    world.calls()
    launch.retry(world.cloud(), "shop")
    assert any(call.startswith("DELETE /orchestration/") for call in world.calls())
    assert watch.details(world.cloud(), "shop").stalls == ()
    world.heat.gone(standing.id)
    reconcile.reconcile(world.cloud(), standing)
    assert bool(world.things.kept["volumes"]) != with_data


def test_a_change_that_stands_still_hides_nothing(world: World, cloud: Cloud, standing: Environment) -> None:
    world.heat.begin(standing.id, "UPDATE")
    assert watch.details(cloud, "shop").environment.status == "building"
    later(world, 1200)
    details = watch.details(world.cloud(), "shop")
    assert details.environment.status == "warning"
    assert details.environment.status_reason.startswith("Nothing has moved since 06:00 UTC")
    assert {one.state for one in details.proofs} - {"unknown"} == {"good"}
    next(iter(world.things.trees.values()))["operating_status"] = "ERROR"
    assert watch.details(world.cloud(), "shop").environment.status == "failed"


@pytest.mark.parametrize("action", ["SUSPEND"])
def test_where_heat_takes_no_order_none_is_offered(world: World, standing: Environment, action: str) -> None:
    world.heat.begin(standing.id, action)
    later(world, 1200)
    details = watch.details(world.cloud(), "shop")
    assert details.stands_still
    assert not details.retry
    with pytest.raises(errors.Blocked):
        launch.retry(world.cloud(), "shop")
    assert status(world, standing) == f"{action}_IN_PROGRESS"


def test_heat_tells_an_administrator_that_no_engine_is_alive(world: World, building: Environment) -> None:
    half_way(world, building)
    later(world, 1200)
    world.heat.engines[0]["status"] = "down"
    reason = watch.details(world.cloud("admin"), "shop").environment.status_reason
    assert "none of its engines is alive" in reason
    assert "none of its engines is alive" not in watch.details(world.cloud(), "shop").environment.status_reason


@pytest.mark.parametrize(
    ("collection", "fields", "service"),
    [
        ("servers", {"status": "BUILD", "created": "2026-11-21T06:00:00Z", "updated": "2026-11-21T06:00:05Z"}, "Nova"),
        ("servers", {"status": "ACTIVE", "OS-EXT-STS:task_state": "deleting", "updated": "2026-11-21T06:00:05Z"}, "Nova"),
        ("volumes", {"status": "detaching", "updated_at": "2026-11-21T06:00:05.000000"}, "Cinder"),
        ("loadbalancers", {"provisioning_status": "PENDING_UPDATE", "updated_at": "2026-11-21T06:00:05"}, "Octavia"),
    ],
)  # fmt: skip
def test_a_service_that_does_not_end_is_told_on_the_list_and_the_page(
    world: World, standing: Environment, collection: str, fields: dict[str, str], service: str
) -> None:
    one = next(iter(world.things.kept[collection].values()))
    one.update(fields)
    if collection == "loadbalancers":
        world.things.trees[one["id"]].update(provisioning_status=fields["provisioning_status"])
    assert not watch.details(world.cloud(), "shop").stalls
    later(world, 1200)
    world.calls()
    (listed,) = watch.listing(world.cloud())
    assert len(world.calls()) == 6
    details = watch.details(world.cloud(), "shop")
    for said in (listed.status_reason, stall.utc(details.stalls[0])):
        assert said.startswith(f"{service} has been ")
        assert "since 06:00 UTC" in said
        assert one["id"] in said
    assert listed.status == "warning"
    assert not details.retry or details.environment.status == "failed"


def test_the_list_says_where_heat_takes_long(world: World, building: Environment) -> None:
    later(world, stall.LONG + 60)
    world.calls()
    (listed,) = watch.listing(world.cloud())
    assert len(world.calls()) <= 6
    assert (listed.status, listed.status_reason[:38]) == ("building", "Heat has been at work since 06:00 UTC,")


def test_waiting_lets_it_go_on_once(world: World, building: Environment) -> None:
    later(world, 1200)
    told: list[bool] = []

    def tell(details: object) -> None:
        told.append(bool(details.stands_still))  # type: ignore[attr-defined]
        if not told[-1]:
            world.heat.finish(building.id)

    details, _ = follow.up(world.cloud(), building, 60, tell)
    assert told[:2] == [True, False]
    assert details.environment.status == "good"


def test_a_standstill_that_comes_back_ends_the_wait(
    world: World, building: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_way(world, building)
    later(world, 1200)
    monkeypatch.setattr(follow, "NUDGE", 0.0)
    sent: list[str] = []

    def tell(details: object) -> None:
        if status(world, building) == "UPDATE_IN_PROGRESS":
            later(world, 2400)
        sent.extend(call for call in world.calls() if call.startswith("PATCH"))

    details, _ = follow.up(world.cloud(), building, 60, tell)
    sent.extend(call for call in world.calls() if call.startswith("PATCH"))
    assert details.stands_still
    assert len(sent) == 1


def test_waiting_for_a_delete_sends_it_again_once(world: World, standing: Environment) -> None:
    world.heat.begin(standing.id, "DELETE")
    later(world, 1200)
    deleted = world.heat.delete

    def gone(id_: str, query: object, body: dict[str, object]) -> object:
        answer = deleted(id_, query, body)  # type: ignore[arg-type]
        world.heat.gone(id_)
        return answer

    place = next(
        i for i, (method, path, _) in enumerate(world.wire.handlers)
        if method == "DELETE" and "orchestration" in path.pattern
    )  # fmt: skip
    world.wire.handlers.insert(0, ("DELETE", world.wire.handlers[place][1], gone))  # type: ignore[arg-type]
    assert follow.down(world.cloud(), standing, 60) is None


def test_a_calm_launch_costs_no_more_calls(world: World, building: Environment) -> None:
    world.things.cap = 500
    half_way(world, building)
    later(world, stall.SUSPECT - 40)
    world.things.cap = 500
    world.calls()
    watch.details(world.cloud(), "shop")
    assert not [call for call in world.calls() if "/compute/" in call or "/load-balancer/" in call]


def test_looking_at_a_launch_that_has_just_begun_costs_nothing(world: World, building: Environment) -> None:
    cloud = world.cloud()
    found = launch.stack.find(cloud, "shop")
    world.calls()
    assert not standstill.is_one(cloud, found)
    assert world.calls() == []


def test_a_scaling_that_stands_still_is_told_and_goes_on_with_its_size(world: World, standing: Environment) -> None:
    world.heat.grow(standing.id, "application", 1)
    world.heat.stacks[standing.id]["resources"][-1]["resource_status"] = "CREATE_IN_PROGRESS"
    assert watch.details(world.cloud(), "shop").stalls == ()
    later(world, 1200)
    details = watch.details(world.cloud(), "shop")
    assert status(world, standing) == "CREATE_COMPLETE"
    assert details.environment.status == "warning"
    assert details.stands_still
    launch.retry(world.cloud(), "shop")
    declared = world.heat.stacks[standing.id]["template"]["resources"]["application"]
    assert declared["properties"]["desired_capacity"] == 3
