"""The blueprint of a database server by itself: on a volume that is there, and nobody but servers that test gets in."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from sandbox_drivers import tier

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, launch, reconcile, watch
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.environments.planning import defaults, plan
from tenant_ops_dashboard.environments.template import blueprint
from tests.unit.fake_openstack.world import World

SLUG, VOLUME = "database-server", "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"


def asked(**values: str) -> Request:
    return Request("shop", SLUG, {"data_volume": VOLUME, **values})


@pytest.fixture(autouse=True)
def volume(world: World) -> dict[str, Any]:
    told = {"size": 30, "status": "available", "attachments": [], "metadata": {}}
    return world.things.add("volumes", id=VOLUME, name="golden", **told)


@pytest.fixture
def up(world: World, cloud: Cloud) -> Environment:
    made = launch.launch(cloud, asked(), (), "token")
    world.heat.finish(made.id)
    reconcile.reconcile(cloud, made)
    return made


def test_a_volume_is_asked_for_and_there_is_no_launch_without_one(cloud: Cloud) -> None:
    found = blueprint.find(SLUG)
    assert found is not None
    (question,) = [one for one in defaults.form(cloud, found) if one.kind == "volume"]
    assert (question.required, question.default, [one.value for one in question.choices]) == (True, "", [VOLUME])
    assert plan.plan(cloud, Request("shop", SLUG, {})).problems == {"data_volume": "Give a value."}
    made = plan.plan(cloud, asked())
    assert (made.ok, made.volumes) == (True, (VOLUME,))
    assert "firewall" not in made.command


def test_its_network_leads_nowhere_and_only_members_of_the_test_group_get_in(world: World, up: Environment) -> None:
    planned = {one.key: one for one in world.heat.stacks[up.id]["planned"]}
    kinds = {one.type for one in planned.values()}
    assert not kinds & {"OS::Neutron::Router", "OS::Neutron::RouterInterface", "OS::Neutron::FloatingIP"}
    assert planned["database_subnet"].properties["gateway_ip"] == ""
    (rule,) = planned["database_group"].properties["rules"]
    assert (rule["port_range_min"], rule["port_range_max"], rule["remote_mode"]) == (1521, 1521, "remote_group_id")
    assert planned["test_group"].properties["rules"] == []


def test_the_server_is_told_its_port_and_volume_and_no_sample_rows(world: World, up: Environment) -> None:
    server = next(one for one in world.heat.stacks[up.id]["planned"] if one.key == "database")
    user_data = server.properties["user_data"]
    told = tier.settings("shop-db", base64.b64encode(user_data.encode()).decode(), {})
    assert (told["listen"], told.get("sample")) == (["tcp:1521"], None)
    assert f"TENANT_OPS_VOLUME_ID={VOLUME}\n" in user_data
    assert server.properties["metadata"]["tenant_ops_volume"] == VOLUME


def test_what_can_be_proven_without_a_way_in(world: World, cloud: Cloud, up: Environment) -> None:
    told = watch.details(cloud, "shop")
    assert told.environment.status == "good", told.environment.status_reason
    found = {one.name: (one.state, one.evidence) for one in told.proofs}
    assert {name: state for name, (state, _) in found.items()} == {
        "security-groups": "good", "firewall": "good", "volume": "good", "closed": "unknown",
    }  # fmt: skip
    assert found["closed"][1] == (
        "Not checked: nothing here is meant to be reached from outside, so there is no address for packets. Neutron knows"
        " no floating IP that leads to it."
    )
    assert (told.environment.address, told.drift, told.unreadable) == ("", (), ())
    boxes = {one.key: (one.kind, one.state, one.title) for one in told.picture.boxes}
    assert boxes["database"][:2] == ("database", "good")
    assert boxes["data-volume"] == ("volume", "good", "Database volume")
    assert ("database", "data-volume", "") in told.picture.arrows
    assert set(told.outputs) == {"database", "network", "test_group"}
    world.expose_database()
    found = {one.name: (one.state, one.evidence) for one in watch.details(cloud, "shop").proofs}
    assert found["closed"][0] == "failed"


def test_its_volume_stays_when_it_goes(world: World, cloud: Cloud, up: Environment, volume: dict[str, Any]) -> None:
    delete.delete(cloud, up.id)
    world.heat.gone(up.id)
    reconcile.by_id(cloud, up.id)
    assert VOLUME in world.things.kept["volumes"]
