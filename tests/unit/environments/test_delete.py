"""Delete: what goes is said first, the firewall filters to the end, the data stays unless it is said."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import delete, errors, reconcile, watch
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.world import World

FIREWALLS = ("firewall_groups", "firewall_policies", "firewall_rules")


def test_what_goes_and_what_stays(cloud: Cloud, standing: Environment) -> None:
    loss = delete.losses(cloud, standing)
    assert loss.lost == (
        "3 servers",
        "1 load balancer",
        "1 Floating IP",
        "1 router",
        "2 networks",
        "2 security groups",
        "The firewall group with its policies and rules",
    )
    assert loss.kept == ("Volume shop-data, 20 GB, with the database's data, unless you say otherwise",)


def test_the_firewall_filters_until_the_stack_is_gone(world: World, cloud: Cloud, standing: Environment) -> None:
    world.calls()
    assert delete.delete(cloud, "shop").status == "deleting"
    reconcile.reconcile(cloud, standing)
    changes = [call.rpartition("/")[0] for call in world.calls() if not call.startswith("GET")]
    assert changes == ["DELETE /orchestration/v1/project/stacks/shop"]
    (group,) = world.things.kept["firewall_groups"].values()
    assert len(group["ports"]) == 2
    world.heat.gone(standing.id)
    (one,) = watch.listing(cloud)
    assert (one.id, one.name, one.status, one.status_reason) == (
        standing.id, "shop", "deleting", "Its firewall group shop-fw is being removed."
    )  # fmt: skip
    assert watch.details(cloud, "shop").environment == one
    reconcile.unfinished(cloud, [one])
    assert [world.things.kept[name] for name in FIREWALLS] == [{}, {}, {}]
    assert watch.listing(cloud) == ()


def test_deleting_what_is_gone_takes_its_firewall_away(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop")
    world.heat.gone(standing.id)
    assert delete.losses(cloud, standing).lost == ()
    assert delete.delete(cloud, "shop").id == standing.id
    assert [world.things.kept[name] for name in FIREWALLS] == [{}, {}, {}]
    with pytest.raises(errors.NotFound):
        delete.losses(cloud, dataclasses.replace(standing, id="00000000-0000-0000-0000-00000000beef"))


@pytest.mark.parametrize("refused", [503, 403, requests.ConnectionError("reset")])
def test_what_heat_does_not_delete_stays_filtered(
    world: World, cloud: Cloud, standing: Environment, refused: int | Exception
) -> None:
    before = copy.deepcopy([world.things.kept[name] for name in FIREWALLS])
    world.wire.trouble["DELETE /orchestration/"] = [refused]
    with pytest.raises(CloudError):
        delete.delete(cloud, "shop")
    assert [world.things.kept[name] for name in FIREWALLS] == before
    assert watch.details(cloud, "shop").environment.status == "good"


def test_what_heat_failed_to_delete_stays_filtered(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop")
    world.heat.stacks[standing.id]["row"].update(stack_status="DELETE_FAILED")
    reconcile.reconcile(cloud, standing)
    (group,) = world.things.kept["firewall_groups"].values()
    assert len(group["ports"]) == 2


def test_kept_data_survives(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop")
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert [one["status"] for one in world.things.kept["volumes"].values()] == ["available"]
    assert watch.listing(cloud) == ()
    with pytest.raises(errors.NotFound):
        watch.details(cloud, "shop")


def test_data_goes_after_the_stack(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop", data=True)
    assert len(world.things.kept["volumes"]) == 1
    world.heat.gone(standing.id)
    (one,) = watch.listing(cloud)
    assert (one.id, one.name, one.status) == (standing.id, "shop", "deleting")
    assert watch.details(cloud, "shop").environment.status == "deleting"
    reconcile.reconcile(cloud, one)
    assert not world.things.kept["volumes"]
    assert watch.listing(cloud) == ()


def test_a_strangers_port_stops_it_before_anything_is_touched(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    fixed = [{"subnet_id": "s", "ip_address": "10.20.1.77"}]
    there = next(id_ for id_, one in world.things.kept["networks"].items() if one["name"] == "dmz_network")
    world.things.add("ports", name="printer", network_id=there, device_id="x", fixed_ips=fixed, status="ACTIVE")
    world.calls()
    with pytest.raises(errors.Blocked, match=r"Port printer \(10.20.1.77\)"):
        delete.delete(cloud, "shop")
    assert {call.partition(" ")[0] for call in world.calls()} == {"GET"}


def test_what_is_gone_already_is_no_trouble(world: World, cloud: Cloud, standing: Environment) -> None:
    for collection in ("servers", "volumes", "firewall_groups", "floatingips"):
        world.things.kept[collection].clear()
    assert delete.delete(cloud, "shop", data=True).status == "deleting"


def test_what_heat_could_not_delete_goes_whole(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop")
    world.heat.become(standing.id, "DELETE_FAILED")
    assert world.things.kept["loadbalancers"], "Heat left the load balancer"
    delete.delete(cloud, "shop")
    assert not world.things.kept["loadbalancers"]


def test_a_reader_may_not(world: World, standing: Environment) -> None:
    with pytest.raises(errors.NotAllowed):
        delete.delete(world.cloud("reader"), "shop")
