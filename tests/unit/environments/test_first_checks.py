"""A launch ends with 'coming up' and not with a warning: list, page and command say the same of a new member."""

from __future__ import annotations

import datetime
import json

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.environments import members
from tests.unit.fake_openstack.world import World

WAITS = "10.20.1.12:8080 waits for its first health check since 06:00:25 UTC"


@pytest.fixture
def coming(world: World, cloud: Cloud, standing: Environment) -> World:
    """Its second member was made five seconds ago; its monitor takes twelve."""
    members.watched(world, 5)
    members.unwell(world, "ERROR")
    world.calls()
    return world


def later(world: World, seconds: int) -> Cloud:
    """The cloud so many seconds after."""
    assert world.wire.now
    world.wire.now += datetime.timedelta(seconds=seconds)
    return world.cloud()


@pytest.mark.parametrize("operating", ["ERROR", "OFFLINE"])
def test_list_page_and_proof_wait(coming: World, operating: str) -> None:
    members.unwell(coming, operating)
    (listed,) = watch.listing(coming.cloud())
    details = watch.details(coming.cloud(), "shop")
    assert (listed.status, details.environment.status) == ("building", "building")
    said = "1 of 2 members is waiting for its first health check since 06:00:25 UTC"
    assert listed.status_reason == f"Coming up: {said}."
    assert details.environment.status_reason == f"Coming up: 1 of 2 up: 10.20.1.11:8080 ONLINE, {WAITS}."
    told = {one.name: one.state for one in details.proofs}
    assert (told["members"], told["load-balancer"]) == ("building", "building")
    assert {"failed", "warning"}.isdisjoint(told.values())


@pytest.mark.parametrize("operating", ["ERROR", "OFFLINE"])
def test_after_the_monitors_time_it_is_a_warning(coming: World, operating: str) -> None:
    members.unwell(coming, operating)
    cloud = later(coming, 8)
    # Octavia's list knows nothing of one that was never checked.
    assert watch.listing(cloud)[0].status == ("warning" if operating == "ERROR" else "good")
    found = watch.details(cloud, "shop")
    assert found.environment.status == "warning"
    assert "waits" not in found.environment.status_reason


def test_the_time_begins_when_its_server_runs(coming: World) -> None:
    members.watched(coming, 25)
    assert watch.details(coming.cloud(), "shop").environment.status == "warning"
    server = next(one for one in coming.things.kept["servers"].values() if members.at(one, "10.20.1.12"))
    server["OS-SRV-USG:launched_at"] = members.ago(5)
    assert watch.details(coming.cloud(), "shop").environment.status == "building"
    assert watch.listing(coming.cloud())[0].status == "building"


def test_one_that_somebody_switched_off_is_not_waited_for(coming: World) -> None:
    members.row(coming)["admin_state_up"] = False
    assert watch.details(coming.cloud(), "shop").environment.status == "warning"


def test_it_costs_two_calls_and_the_list_three_only_while_it_may_be_so(coming: World) -> None:
    coming.things.cap = 500
    watch.details(coming.cloud(), "shop")
    assert len(coming.calls()) == 16 + 1, "which back end FWaaS has, once an hour"
    watch.listing(coming.cloud())
    assert len(coming.calls()) == 9
    cloud = later(coming, 4000)
    watch.listing(cloud)
    assert len(coming.calls()) == 6


def test_an_octavia_that_does_not_tell_leaves_what_its_tree_says(coming: World) -> None:
    coming.wire.trouble["/members"] = [503] * 9
    assert watch.details(coming.cloud(), "shop").environment.status == "warning"


def test_the_command_says_it_too(
    coming: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: coming.cloud(**options))
    assert main.main(["environment", "show", "shop", "--no-packets", "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "building"
    assert WAITS in found["status_reason"]
