"""Delete: what goes is said first, the firewall goes first, the data stays unless it is said."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, reconcile, watch
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.world import World


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


def test_the_firewall_goes_before_the_stack(world: World, cloud: Cloud, standing: Environment) -> None:
    world.calls()
    assert delete.delete(cloud, "shop").status == "deleting"
    changes = [call for call in world.calls() if not call.startswith("GET")]
    assert [call.rpartition("/")[0].rpartition("/")[2] for call in changes[:2]] == [
        "firewall_groups",
        "firewall_groups",
    ]
    assert changes[0].startswith("PUT")
    assert changes[-1].startswith("DELETE /orchestration/")
    assert not world.things.kept["firewall_rules"]


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
    world.things.add("ports", name="printer", device_id="x", device_owner="", fixed_ips=fixed, status="ACTIVE")
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
