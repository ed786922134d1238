"""What a look at the page costs Octavia: four lists, and trees only where something is looked at or moved."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from tenant_ops_dashboard.cloud import Cloud, Unreachable
from tenant_ops_dashboard.loadbalancers import refresh, watch
from tenant_ops_dashboard.loadbalancers import status as balancer_status
from tenant_ops_dashboard.loadbalancers.model import Mutes
from tenant_ops_dashboard.loadbalancers.names import Names
from tests.unit.loadbalancers.octavia import Octavia

LISTS = ["GET /loadbalancers", "GET /listeners", "GET /pools", "GET /healthmonitors"]


def warm(cloud: Cloud, octavia: Octavia) -> refresh.Seen:
    """Every load balancer's tree was read once."""
    seen = refresh.Seen()
    while len(seen.trees) < len(octavia.balancers):
        seen = refresh.refresh(cloud, seen, list(octavia.balancers))
    octavia.calls()
    return seen


@pytest.mark.parametrize("number", [0, 1, 10, 100])
def test_an_idle_refresh_is_four_calls_whatever_their_number(octavia: Octavia, cloud: Cloud, number: int) -> None:
    octavia.cap = 500
    for index in range(number):
        octavia.build(f"app-{index}", members=3)
    seen = warm(cloud, octavia)
    for _ in range(3):
        seen = refresh.refresh(cloud, seen, ())
        assert octavia.calls() == LISTS


def test_an_open_one_costs_its_tree_and_no_call_a_member(octavia: Octavia, cloud: Cloud) -> None:
    shop = octavia.build(members=30)
    seen = warm(cloud, octavia)
    refresh.refresh(cloud, seen, [shop])
    assert octavia.calls() == [*LISTS, f"GET /loadbalancers/{shop}/status"]


def test_what_moved_is_read_though_nobody_looks(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    octavia.build("other")
    seen = warm(cloud, octavia)
    octavia.status(shop, 0, "ERROR")
    seen = refresh.refresh(cloud, seen, ())
    assert octavia.calls() == [*LISTS, f"GET /loadbalancers/{shop}/status", f"GET /pools/{octavia.pool(shop)}/members"]
    found = balancer_status.balancers(seen, Names(), Mutes(), seen.at)[0]
    assert (found.id, found.state, found.reason) == (shop, "warning", "1 of 2 members down")
    refresh.refresh(cloud, seen, ())
    assert octavia.calls() == LISTS


def test_weights_are_read_again_only_when_settings_moved(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    seen = warm(cloud, octavia)
    octavia.member(shop, 0)["weight"] = 5
    octavia.balancers[shop]["updated_at"] = "2026-11-21T09:00:00"
    seen = refresh.refresh(cloud, seen, [shop])
    assert octavia.calls()[4:] == [f"GET /loadbalancers/{shop}/status", f"GET /pools/{octavia.pool(shop)}/members"]
    assert {one.weight for one in balancer_status.balancers(seen, Names(), Mutes(), seen.at)[0].members()} == {5, 1}


def test_the_rest_is_swept_one_a_refresh(octavia: Octavia, cloud: Cloud) -> None:
    for index in range(5):
        octavia.build(f"app-{index}")
    seen = warm(cloud, octavia)
    old = datetime.timedelta(seconds=refresh.SWEEP + 1)
    seen = replace(seen, trees={id_: replace(tree, at=tree.at - old) for id_, tree in seen.trees.items()})
    read = []
    for _ in range(5):
        seen = refresh.refresh(cloud, seen, ())
        calls = octavia.calls()
        assert len(calls) == 5
        read.append(calls[4])
    assert len(set(read)) == 5
    refresh.refresh(cloud, seen, ())
    assert octavia.calls() == LISTS


def test_a_first_look_at_a_hundred_is_bounded_and_trouble_is_read_first(octavia: Octavia, cloud: Cloud) -> None:
    octavia.cap = 500
    ids = [octavia.build(f"app-{index}") for index in range(100)]
    for id_ in ids[50:80]:
        octavia.status(id_, 0, "ERROR")
    seen = refresh.refresh(cloud, refresh.Seen(), ())
    calls = octavia.calls()
    assert len(calls) == 4 + 2 * refresh.MOST
    assert set(seen.trees) <= set(ids[50:80])
    seen = refresh.refresh(cloud, seen, ())
    assert set(ids[50:80]) <= set(seen.trees)


def test_what_is_gone_is_forgotten(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    seen = warm(cloud, octavia)
    del octavia.balancers[shop]
    seen = refresh.refresh(cloud, seen, [shop])
    assert (seen.trees, seen.lists.balancers) == ({}, {})


def test_octavia_is_asked_for_this_project_alone(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    refresh.refresh(cloud, refresh.Seen(), ())
    assert all("project_id=project" in call for call in octavia.wire.calls[:4])


def test_a_silent_octavia_is_an_error_and_not_an_empty_project(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    octavia.wire.trouble["loadbalancers"] = [503, 503]
    with pytest.raises(Unreachable):
        refresh.refresh(cloud, refresh.Seen(), ())


def test_the_version_changes_with_the_state_and_not_with_the_time(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    first, again = watch.listing(cloud), watch.listing(cloud)
    assert watch.version(first) == watch.version(again)
    octavia.status(shop, 0, "ERROR")
    assert watch.version(watch.listing(cloud)) != watch.version(first)


def test_servers_names_come_from_the_right_network(octavia: Octavia, cloud: Cloud, shop: str) -> None:
    address = octavia.member(shop, 0)["address"]
    octavia.servers = [{"id": "s-1", "name": "shop-1"}, {"id": "s-2", "name": "stranger"}]
    octavia.network["ports"] = [
        {"id": "p-2", "device_id": "s-2", "network_id": "other", "fixed_ips": [{"subnet_id": "else", "ip_address": address}]},
        {"id": "p-1", "device_id": "s-1", "network_id": "net", "fixed_ips": [{"subnet_id": "subnet", "ip_address": address}]},
    ]  # fmt: skip
    octavia.network["floatingips"] = [{"port_id": "vip-1", "floating_ip_address": "203.0.113.7"}]
    found = watch.find(cloud, "shop-lb")
    assert [one.label for one in found.members()] == ["shop-1", octavia.member(shop, 1)["address"] + ":8080"]
    assert found.address == "203.0.113.7"
    octavia.wire.trouble["network|compute"] = [503] * 12
    assert watch.find(cloud, "shop-lb").address == found.vip
