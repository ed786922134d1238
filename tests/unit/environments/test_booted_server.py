"""The blueprint of a server that starts from a volume: nobody but servers that test gets in, and the volume stays."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, launch, reconcile, watch
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.environments.planning import plan
from tests.unit.fake_openstack.world import World

SLUG, VOLUME = "booted-server", "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
ASKED = Request("shop", SLUG, {"boot_volume": VOLUME})


@pytest.fixture(autouse=True)
def volume(world: World) -> dict[str, Any]:
    told = {"size": 30, "status": "available", "attachments": [], "metadata": {}, "bootable": "true"}
    return world.things.add("volumes", id=VOLUME, name="golden", **told)


@pytest.fixture
def up(world: World, cloud: Cloud) -> Environment:
    made = launch.launch(cloud, ASKED, (), "token")
    world.heat.finish(made.id)
    reconcile.reconcile(cloud, made)
    return made


def test_it_takes_no_image_and_no_volume_of_the_quota(cloud: Cloud) -> None:
    assert plan.plan(cloud, Request("shop", SLUG, {})).problems == {"boot_volume": "Give a value."}
    made = plan.plan(cloud, ASKED)
    assert (made.ok, made.volumes, "image" in {one.kind for one in made.blueprint.parameters}) == (True, (VOLUME,), False)  # type: ignore[union-attr]
    assert all(not line.adds for line in made.quotas if line.service == "block-storage")
    boxes = {one.key: (one.kind, one.title, one.detail) for one in made.picture.boxes}
    assert boxes["database-volume"] == ("volume", "System disk", "30 GB")


def test_the_server_starts_from_the_volume_which_nova_keeps(world: World, up: Environment) -> None:
    planned = {one.key: one for one in world.heat.stacks[up.id]["planned"]}
    server = planned["database"].properties
    assert not {"image", "user_data"} & set(server)
    assert server["block_device_mapping_v2"] == [{"volume_id": VOLUME, "boot_index": 0, "delete_on_termination": False}]
    kinds = {one.type for one in planned.values()}
    assert not kinds & {"OS::Neutron::Router", "OS::Neutron::RouterInterface", "OS::Neutron::FloatingIP"}
    assert planned["database_subnet"].properties["gateway_ip"] == ""
    (rule,) = planned["database_group"].properties["rules"]
    assert (rule["remote_mode"], "remote_ip_prefix" in rule) == ("remote_group_id", False)
    assert planned["test_group"].properties["rules"] == []


def test_server_and_disk_are_told_and_what_is_closed_is_proven(world: World, cloud: Cloud, up: Environment) -> None:
    told = watch.details(cloud, "shop")
    assert (told.environment.status, told.drift, told.unreadable) == ("good", (), ()), told.environment.status_reason
    boxes = {one.key: (one.kind, one.state, one.title) for one in told.picture.boxes}
    assert boxes["database"][:2] == ("database", "good")
    assert boxes["database-volume"] == ("volume", "good", "System disk")
    assert ("database", "database-volume", "") in told.picture.arrows
    assert set(told.outputs) == {"database", "network", "test_group"}
    assert {one.name: one.state for one in told.proofs}["closed"] == "unknown"
    world.expose_database()
    assert {one.name: one.state for one in watch.details(cloud, "shop").proofs}["closed"] == "failed"


def test_its_volume_stays_when_it_goes(world: World, cloud: Cloud, up: Environment, volume: dict[str, Any]) -> None:
    kept = delete.losses(cloud, up).kept
    assert any("golden" in one and "was there before it" in one for one in kept)
    delete.delete(cloud, up.id)
    world.heat.gone(up.id)
    reconcile.by_id(cloud, up.id)
    assert world.things.kept["volumes"][VOLUME]["status"] == "available"
