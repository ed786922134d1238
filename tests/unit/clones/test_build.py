"""What stands on a copy: a database server or an environment, launched once, told by its server and address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard.clones import build, steps
from tenant_ops_dashboard.clones.errors import BadInput, Failed
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.heat import deletion
from tests.unit.environments.test_existing_network import LAB, LAB_SUBNET, network
from tests.unit.fake_openstack.world import World
from tests.unit.records.cloning import NOW, a_clone, an_offer

VOLUME = "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
SERVER, ENVIRONMENT = "database-server", "tomcat-oracle"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake keeps a stack, and tells of a delete, at once."""
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(deletion, "BEGINS", 0.0)
    monkeypatch.setattr(deletion, "PAUSE", 0.0)


@pytest.fixture
def world() -> World:
    made = World()
    made.things.add("volumes", id=VOLUME, name="ci", size=30, status="available", attachments=[], metadata={})
    return made


def clone(get: str, **more: Any) -> Clone:
    """Handed over, before its launch."""
    blueprint = SERVER if get == "server" else ENVIRONMENT
    told = {"get": get, "blueprint": blueprint, "volume_id": VOLUME, "step": "build", "state": "preparing", **more}
    return a_clone(an_offer(), **told)


def nobody() -> Any:
    raise AssertionError("the owner has no part in it")


def test_a_server_has_a_blueprint_of_its_own_and_an_environment_the_first_other_one() -> None:
    assert build.blueprint("server", "", "ci") == SERVER
    assert build.blueprint("environment", "", "ci") == ENVIRONMENT
    assert build.blueprint("environment", SERVER, "ci") == SERVER
    assert build.offered() == ("volume", "server", "environment")


def test_a_system_disk_has_a_server_that_starts_from_it(tmp_path: Path) -> None:
    assert build.blueprint("server", "", "ci", bootable=True) == "booted-server"
    assert build.offered(bootable=True) == ("volume", "server", "environment")
    with pytest.raises(BadInput, match="blueprint: this is none that stands"):
        build.blueprint("environment", "booted-server", "ci")
    place = tmp_path / "booted-server"
    place.mkdir()
    (place / "template.yaml").write_text("heat_template_version: 2021-04-16\nresources: {}\n")
    (place / "blueprint.yaml").write_text("title: Another\n")
    assert build.offered([tmp_path], bootable=True) == ("volume", "environment")
    with pytest.raises(BadInput, match="get: no blueprint booted-server"):
        build.blueprint("server", "", "ci", [tmp_path], bootable=True)


@pytest.mark.parametrize(
    ("get", "written", "name", "field"),
    [
        ("server", ENVIRONMENT, "ci", "blueprint"),
        ("server", SERVER, "ci", "blueprint"),
        ("environment", "web-jump", "ci", "blueprint"),
        ("server", "", "ci 1", "name"),
        ("environment", "", "-", "name"),
    ],
)
def test_what_cannot_be_made_is_refused_at_its_field(get: Any, written: str, name: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        build.blueprint(get, written, name)
    assert refused.value.field == field
    assert refused.value.sentence.startswith(f"{field}: ")


def test_without_its_blueprint_no_server_is_offered(tmp_path: Path) -> None:
    (tmp_path / SERVER).mkdir()
    (tmp_path / SERVER / "template.yaml").write_text("heat_template_version: 2021-04-16\nresources: {}\n")
    (tmp_path / SERVER / "blueprint.yaml").write_text("title: Another\n")
    assert build.offered([tmp_path]) == ("volume", "environment")
    with pytest.raises(BadInput, match="get: no blueprint database-server"):
        build.blueprint("server", "", "ci", [tmp_path])


@pytest.mark.parametrize("get", ["server", "environment"])
def test_it_is_launched_once_and_told_with_its_server_and_address(world: World, get: str) -> None:
    cloud, asked = world.cloud(), clone(get)
    made = build.step(cloud, asked)
    assert made == build.Made(made.id) == build.step(world.cloud(), asked)
    world.heat.finish(made.id)
    told = build.step(world.cloud(), asked)
    server = world.things.kept["servers"][told.server_id]
    assert (told.id, told.stands, server["metadata"]["tenant_ops_tier"]) == (made.id, True, "database")
    if get == "server":
        (port,) = [one for one in world.things.kept["ports"].values() if one["device_id"] == told.server_id]
        assert told.address == port["fixed_ips"][0]["ip_address"]
    else:
        assert told.address.startswith("http://")


def test_the_step_waits_for_the_server_and_then_the_clone_is_ready(world: World) -> None:
    waits = clone("server")
    hands = steps.Hands(nobody, world.cloud)
    changes = steps.advance(waits, hands, NOW)
    assert set(changes) == {"environment_id"}
    going = replace(waits, **changes)
    assert steps.advance(going, hands, NOW) == {}
    world.heat.finish(going.environment_id)
    ready = replace(going, **steps.advance(going, hands, NOW))
    assert (ready.state, ready.step, ready.expires_at is not None) == ("ready", "", True)
    assert ready.server_id in world.things.kept["servers"]
    assert ready.address


def test_it_goes_before_its_volume(world: World) -> None:
    asked = clone("server")
    made = build.step(world.cloud(), asked)
    world.heat.finish(made.id)
    built = replace(asked, environment_id=made.id)
    assert not build.take_away(world.cloud(), built)
    world.heat.gone(made.id)
    assert build.take_away(world.cloud(), built)
    assert VOLUME in world.things.kept["volumes"]


def test_a_port_that_a_test_left_in_its_network_is_named(world: World) -> None:
    asked = clone("server", step="end", state="expiring", handed_at=NOW, seconds={"check": 1.0})
    made = build.step(world.cloud(), asked)
    world.heat.finish(made.id)
    built = replace(asked, environment_id=made.id)
    (ours,) = [one for one in world.things.kept["ports"].values() if one["device_owner"].startswith("compute")]
    left = {"network_id": ours["network_id"], "device_owner": "compute:nova", "device_id": "runner", "project_id": "project"}
    world.things.add("ports", name="runner-ci", status="ACTIVE", fixed_ips=ours["fixed_ips"], **left)
    changes = steps.advance(built, steps.Hands(nobody, world.cloud), NOW)
    assert changes["state"] == "parked"
    assert "Delete what is not part of ci first" in changes["says"]


def test_what_cannot_be_launched_says_why(world: World) -> None:
    world.things.kept["volumes"][VOLUME]["status"] = "error"
    with pytest.raises(Failed, match=r"The server cannot be launched: .*only a volume that is available"):
        build.step(world.cloud(), clone("server"))


@pytest.mark.parametrize(("get", "then"), [("volume", "ready"), ("server", "preparing"), ("environment", "preparing")])
def test_what_was_handed_over_is_built_on_where_that_was_asked_for(
    world: World, get: str, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: Callable[..., Any] = lambda cloud, one: [{"id": VOLUME}]  # noqa: E731
    monkeypatch.setattr(steps.markers, "volumes", there)
    handed = clone(get, step="hand-over", volume_id=VOLUME)
    changes = steps.advance(handed, steps.Hands(nobody, world.cloud), NOW)
    assert replace(handed, **changes).state == then
    assert changes["step"] == ("" if get == "volume" else "build")


def test_what_was_answered_is_what_is_launched(world: World) -> None:
    cloud = world.cloud()
    answers = build.answers(cloud, "server", SERVER, "ci", {"flavor": " medium "})
    assert answers == (("flavor", "medium"),)
    made = build.step(cloud, clone("server", answers=answers))
    assert world.heat.stacks[made.id]["row"]["parameters"]["flavor"] == "medium"


@pytest.mark.parametrize("said", [LAB_SUBNET, LAB, "lab"])
def test_an_environment_on_a_copy_stands_in_a_network_that_is_there(world: World, said: str) -> None:
    network(world, LAB, LAB_SUBNET, "lab", "10.60.1.0/24")
    cloud = world.cloud()
    answers = build.answers(cloud, "environment", ENVIRONMENT, "ci", {"existing_dmz": said})
    assert answers == (("existing_dmz", said),)
    made = build.step(cloud, clone("environment", answers=answers))
    assert world.heat.stacks[made.id]["row"]["parameters"]["existing_dmz_network"] == LAB


def test_a_network_that_nobody_sees_or_that_does_not_do_is_refused(world: World) -> None:
    network(world, LAB, LAB_SUBNET, "lab", "10.60.1.0/29")
    for said, why in (("nowhere", "sees no network called 'nowhere'"), ("lab", "lab has no room")):
        with pytest.raises(BadInput, match=f"set: existing_dmz: .*{why}"):
            build.answers(world.cloud(), "environment", ENVIRONMENT, "ci", {"existing_dmz": said})
