"""What Heat had made when its engine died, and never wrote down: gone before it goes on, and before it is deleted."""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
from typing import Any

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import delete, errors, follow, launch, reconcile
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.standstill import orphans, standstill
from tests.unit.fake_openstack.server import MORNING
from tests.unit.fake_openstack.world import World

KEPT = {"dmz_interface": "ports", "database_server_port": "ports", "database": "servers", "balancer": "loadbalancers"}


def lose(world: World, environment: Environment, key: str) -> dict[str, Any]:
    """The engine dies after `key` was made and before Heat knew its id; the thing."""
    keys = [one.key for one in world.heat.stacks[environment.id]["planned"]]
    world.heat.build(environment.id, keys.index(key))
    row = next(one for one in world.heat.stacks[environment.id]["resources"] if one["key"] == key)
    id_, row["physical_resource_id"] = row["physical_resource_id"], ""
    router, _, subnet = id_.partition(":subnet_id=")
    world.wire.now = MORNING + datetime.timedelta(seconds=1200)
    world.calls()
    if not key.endswith("_interface"):
        lost = world.things.kept[KEPT[key]][id_]
        if key.endswith("_port"):
            lost["device_id"] = ""  # Heat attaches what it knows
        return lost
    ports = [one for one in world.things.kept["ports"].values() if one["device_id"] == router]
    return next(one for one in ports if one["fixed_ips"][0]["subnet_id"] == subnet)


@pytest.mark.parametrize("key", KEPT)
def test_it_goes_before_heat_goes_on(world: World, building: Environment, key: str) -> None:
    lost = lose(world, building, key)
    launch.retry(world.cloud(), "shop")
    assert lost["id"] not in world.things.kept[KEPT[key]]
    changes = [call for call in world.calls() if not call.startswith("GET")]
    assert changes[-1].startswith("PATCH /orchestration/")
    assert len(changes) == 2


@pytest.mark.parametrize("key", KEPT)
def test_it_stands_not_in_the_way_of_a_delete(world: World, building: Environment, key: str) -> None:
    lost = lose(world, building, key)
    fixed = [{"subnet_id": "subnet", "ip_address": "10.20.1.66"}]
    if key == "database":
        world.things.add(
            "ports", name="", device_id=lost["id"], device_owner="compute:nova", fixed_ips=fixed, status="ACTIVE"
        )
    assert delete.delete(world.cloud(), "shop").status == "deleting"
    assert lost["id"] not in world.things.kept[KEPT[key]]


def test_what_heat_knows_and_what_is_anothers_stays(world: World, building: Environment) -> None:
    lose(world, building, "database")
    known = world.things.add("servers", name="x", status="ACTIVE", metadata={}, addresses={})
    other = world.things.add(
        "servers", name="y", status="ACTIVE", metadata={"tenant_ops_environment": "another"}, addresses={}
    )
    launch.retry(world.cloud(), "shop")
    assert {known["id"], other["id"]} <= set(world.things.kept["servers"])


def test_data_is_never_taken_for_something_lost(world: World, building: Environment) -> None:
    keys = [one.key for one in world.heat.stacks[building.id]["planned"]]
    world.heat.build(building.id, keys.index("data"))
    row = next(one for one in world.heat.stacks[building.id]["resources"] if one["key"] == "data")
    row["physical_resource_id"] = ""
    world.wire.now = MORNING + datetime.timedelta(seconds=1200)
    launch.retry(world.cloud(), "shop")
    assert world.things.kept["volumes"]


def test_where_heat_knows_everything_nothing_is_looked_for(world: World, standing: Environment) -> None:
    world.heat.become(standing.id, "UPDATE_FAILED")
    world.calls()
    launch.retry(world.cloud(), "shop")
    assert not [call for call in world.calls() if "/orchestration/" not in call]


def replaced(world: World, environment: Environment) -> str:
    """Heat went on with another load balancer and shows the first one no more, whose address is still there; its id."""
    world.heat.begin(environment.id, "UPDATE")
    world.heat.stacks[environment.id]["row"]["stack_status"] = "UPDATE_COMPLETE"
    first = next(iter(world.things.kept["loadbalancers"].values()))
    old = world.things.add("loadbalancers", **{**first, "id": "load-old", "name": "shop-lb", "vip_port_id": "vip-old"})
    network = world.heat.stacks[environment.id]["ids"]["dmz_network"]
    world.things.add(
        "ports", name=f"octavia-lb-{old['id']}", device_id=f"lb-{old['id']}", device_owner="Octavia",
        network_id=network, fixed_ips=[{"subnet_id": "subnet", "ip_address": "10.20.1.66"}], status="DOWN",
    )  # fmt: skip
    return str(old["id"])


def test_what_heat_replaced_stands_not_in_the_way_of_a_delete(world: World, standing: Environment) -> None:
    old = replaced(world, standing)
    assert delete.delete(world.cloud(), "shop").status == "deleting"
    assert old not in world.things.kept["loadbalancers"]
    assert len(world.things.kept["loadbalancers"]) == 1


def test_what_heat_replaced_is_tidied_once(world: World, standing: Environment) -> None:
    old = replaced(world, standing)
    cloud = world.cloud()
    assert standstill.tidy(cloud, stack.find(cloud, "shop"))
    assert old not in world.things.kept["loadbalancers"]
    assert not standstill.tidy(cloud, stack.find(cloud, "shop"))
    assert len(world.things.kept["loadbalancers"]) == 1


def test_who_waits_is_told_what_was_seen_after_the_last_of_it_had_gone(
    world: World, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, tidy, ports = replaced(world, standing), standstill.tidy, world.things.kept["ports"]
    address = next(id_ for id_, one in ports.items() if one["name"] == f"octavia-lb-{old}")
    kept, asked = ports[address], []

    def slow(cloud: Cloud, found: stack.Stack) -> bool:
        """Octavia takes the address away a moment after the first question, when the environment has been read again."""
        asked.append(found)
        told = tidy(cloud, found)
        ports.pop(address, None)
        if len(asked) == 1:
            ports[address] = kept
        return told

    monkeypatch.setattr(standstill, "tidy", slow)
    monkeypatch.setattr(follow, "EVERY", 0.0)
    monkeypatch.setattr(follow._Nudge, "in_vain", lambda nudge, cloud, details: setattr(nudge, "taken", True))
    details, _ = follow.up(world.cloud(packet_proofs=False), standing, 60)
    assert not [one for one in details.drift if f"octavia-lb-{old}" in repr(one)]


@pytest.mark.parametrize("why", ["an address leads to it", "Heat is at work", "Heat made it meanwhile"])
def test_what_may_serve_is_not_tidied(
    world: World, standing: Environment, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, cloud = replaced(world, standing), world.cloud()
    resources = world.heat.stacks[standing.id]["resources"]
    if why == "an address leads to it":
        world.things.add(
            "floatingips", floating_ip_address="203.0.113.99", fixed_ip_address="10.20.1.66", port_id="vip-old"
        )
    elif why == "Heat is at work":
        resources[-1]["resource_status"] = "UPDATE_IN_PROGRESS"
    else:
        find = orphans.find

        def meanwhile(*arguments: Any, **named: Any) -> Any:
            found = find(*arguments, **named)
            row = next(one for one in resources if one["key"] == "balancer")
            row["physical_resource_id"] = old
            return found

        monkeypatch.setattr(orphans, "find", meanwhile)
    assert not standstill.tidy(cloud, stack.find(cloud, "shop"))
    assert old in world.things.kept["loadbalancers"]


def rescued(world: World) -> str:
    """Somebody made a server by hand from a snapshot of ours, with the same properties; its id."""
    first = next(iter(world.things.kept["servers"].values()))
    return str(world.things.add("servers", **{**first, "id": "by-hand", "name": "rescue"})["id"])


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "UPDATE_FAILED", "CREATE_COMPLETE"])
def test_of_what_was_up_no_server_is_taken(world: World, standing: Environment, status: str) -> None:
    """Neither one that Heat shows no more, nor one that a group is just making, nor one made by hand."""
    cloud, made = world.cloud(), rescued(world)
    resources = world.heat.stacks[standing.id]["resources"]
    row = next(one for one in resources if one["key"] == "database")
    old = row["physical_resource_id"]
    row.update(physical_resource_id="", resource_status="CREATE_FAILED")
    world.heat.become(standing.id, status)
    with contextlib.suppress(errors.Blocked):
        launch.retry(cloud, "shop")
    reconcile.reconcile(cloud, standing)
    assert {made, old} <= set(world.things.kept["servers"])


def test_nothing_is_taken_where_heat_refuses_the_delete(world: World, standing: Environment) -> None:
    old, made = replaced(world, standing), rescued(world)
    world.wire.trouble["DELETE /orchestration/.*"] = [403]
    with pytest.raises(CloudError):
        delete.delete(world.cloud(), "shop")
    assert old in world.things.kept["loadbalancers"]
    assert delete.delete(world.cloud(), "shop").status == "deleting"
    assert made in world.things.kept["servers"], "only Heat's own servers go"


def test_what_is_taken_is_audited_also_where_the_answer_is_lost(
    world: World, building: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    lose(world, building, "database")
    world.wire.trouble["DELETE /compute/.*"] = [requests.ConnectionError("reset")]
    with pytest.raises(CloudError):
        launch.retry(world.cloud(), "shop")
    told = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    assert [one["outcome"] for one in told if one["action"] == "delete/lost-resource"] == ["unknown"]


def test_a_load_balancer_of_another_mark_is_a_strangers(world: World, standing: Environment) -> None:
    old = replaced(world, standing)
    world.things.kept["loadbalancers"][old]["description"] = f"like Environment {standing.id}"
    with pytest.raises(errors.Blocked, match="load-old"):
        delete.delete(world.cloud(), "shop")
    assert old in world.things.kept["loadbalancers"]


def old_port(world: World, environment: Environment, name: str, **other: object) -> str:
    """Heat went on with another port than this one; its id."""
    world.heat.begin(environment.id, "UPDATE")
    world.heat.stacks[environment.id]["row"]["stack_status"] = "UPDATE_COMPLETE"
    ids = world.heat.stacks[environment.id]["ids"]
    first = world.things.kept["ports"][ids["database_server_port"]]
    return str(world.things.add("ports", **{**first, "id": "port-old", "name": name, "device_id": "", **other})["id"])


@pytest.mark.parametrize("inner", ["", "application-7ftyqabcdef2-1-2m3n4o5p6q7r-"])
def test_a_port_that_heat_replaced_goes_with_the_environment(world: World, standing: Environment, inner: str) -> None:
    old = old_port(world, standing, f"shop-{inner}database_server_port-abcdefgh2345")
    assert not [one for one in delete.losses(world.cloud(), standing).kept if "stands in the way" in one]
    assert delete.delete(world.cloud(), "shop").status == "deleting"
    assert old not in world.things.kept["ports"]


def test_a_port_that_heat_replaced_is_tidied_unless_an_address_leads_to_it(world: World, standing: Environment) -> None:
    old, cloud = old_port(world, standing, "shop-database_server_port-abcdefgh2345"), world.cloud()
    led = {"floating_ip_address": "203.0.113.99", "fixed_ip_address": "10.20.1.66", "port_id": old}
    address = world.things.add("floatingips", **led)
    assert not standstill.tidy(cloud, stack.find(cloud, "shop"))
    del world.things.kept["floatingips"][address["id"]]
    assert standstill.tidy(cloud, stack.find(cloud, "shop"))
    assert old not in world.things.kept["ports"]


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("shop-database_server_port-abcdefgh2345", "server-of-another"),
        ("shop-database_server_port", ""),
        ("shop-web-database_server_port-abcdefgh2345", ""),
        ("shopping-database_server_port-abcdefgh2345", ""),
        ("shop-database_server_port-ABCDEFGH2345", ""),
    ],
)
def test_a_port_that_may_be_anothers_stays(world: World, standing: Environment, name: str, device: str) -> None:
    old = old_port(world, standing, name, device_id=device)
    with pytest.raises(errors.Blocked):
        delete.delete(world.cloud(), "shop")
    assert old in world.things.kept["ports"]


def test_a_port_of_another_projects_stack_of_this_name_stays(world: World, standing: Environment) -> None:
    old = old_port(world, standing, "shop-database_server_port-abcdefgh2345", project_id="development")
    cloud = world.cloud()
    assert not standstill.tidy(cloud, stack.find(cloud, "shop"))
    with contextlib.suppress(errors.Blocked):
        delete.delete(world.cloud("admin", "member"), "shop")
    assert old in world.things.kept["ports"]


def test_nothing_is_tidied_where_a_group_begins_to_grow(
    world: World, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, cloud = old_port(world, standing, "shop-database_server_port-abcdefgh2345"), world.cloud()
    find, rows = orphans.find, world.heat.stacks[standing.id]["resources"]

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        seen = find(*arguments, **named)
        rows[-1]["resource_status"] = "CREATE_IN_PROGRESS"
        return seen

    monkeypatch.setattr(orphans, "find", meanwhile)
    assert not standstill.tidy(cloud, stack.find(cloud, "shop"))
    assert old in world.things.kept["ports"]
