"""The back end of FWaaS: by who makes Neutron's routers, else by the setting; asked once an hour for a region."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenant_ops_dashboard.cloud import back_end
from tenant_ops_dashboard.cloud.places import Place
from tenant_ops_dashboard.cloud.store import Kept
from tests.unit.fake_openstack.things import AGENTS
from tests.unit.fake_openstack.world import World

ASKED = "/network/v2.0/service-providers"


@pytest.fixture
def world() -> World:
    return World()


def asked(world: World) -> int:
    return sum(ASKED in one for one in world.calls())


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("ovn",), "ovn"),
        (AGENTS, "l3-agent"),
        (("single_node",), "l3-agent"),
        (("ovn", *AGENTS), ""),
        (("ovn", "user-defined-1"), ""),
        (("somebody's",), ""),
        ((), ""),
    ],
)
@pytest.mark.parametrize("said", ["", "ovn", "l3-agent", "l2-agent"])
def test_what_is_found_counts_and_else_what_is_said(
    world: World, names: tuple[str, ...], found: str, said: str
) -> None:
    world.things.routers = names
    cloud = world.cloud(firewall_profile=said)
    assert back_end.found(cloud) == found
    assert back_end.firewall_profile(cloud) == (found or (said if said != "l2-agent" else ""))


@pytest.mark.parametrize("rows", [None, {}, "ovn", [None], [{}], [{"service_type": "L3_ROUTER_NAT", "name": None}]])
def test_what_cannot_be_read_tells_nothing(rows: object) -> None:
    assert back_end.read(rows) == ""


def test_the_name_of_the_firewall_s_own_provider_tells_nothing() -> None:
    assert back_end.read([{"service_type": "FIREWALL_V2", "name": "ovn", "default": True}]) == ""


@pytest.mark.parametrize("trouble", [[403], [404], [503] * 2, [500] * 2])
def test_where_nobody_answers_the_setting_counts(world: World, trouble: list[int]) -> None:
    world.things.routed_by_agents()
    world.wire.trouble[f"GET {ASKED}"] = trouble
    assert back_end.firewall_profile(world.cloud(firewall_profile="ovn")) == "ovn"


def test_a_cloud_without_neutron_tells_nothing(world: World) -> None:
    assert back_end.found(world.cloud(services=("compute", "orchestration"))) == ""


def test_it_is_asked_once_by_all_who_share_a_store(world: World) -> None:
    store = Kept()
    for _ in range(2):
        cloud = world.cloud(store=store)
        assert [back_end.found(cloud), back_end.found(cloud)] == ["ovn", "ovn"]
    assert back_end.found(world.cloud("admin", store=store, project="other")) == "ovn"
    assert asked(world) == 1


def test_who_may_not_ask_asks_no_more_and_keeps_nobody_from_asking(world: World) -> None:
    store = Kept()
    world.wire.trouble[f"GET {ASKED}"] = [403]
    for _ in range(2):
        assert back_end.found(world.cloud(store=store)) == ""
    assert asked(world) == 1
    assert back_end.found(world.cloud("admin", store=store)) == "ovn"
    assert back_end.found(world.cloud(store=store)) == "ovn", "what an administrator found holds for everybody"
    assert asked(world) == 1


def test_no_answer_is_kept_for_no_longer_than_the_request(world: World) -> None:
    store = Kept()
    world.wire.trouble[f"GET {ASKED}"] = [503] * 2
    cloud = world.cloud(store=store)
    assert [back_end.found(cloud), back_end.found(cloud)] == ["", ""]
    assert back_end.found(world.cloud(store=store)) == "ovn"


def test_another_region_is_asked_for_itself(world: World) -> None:
    store = Kept()
    assert back_end.found(world.cloud(store=store)) == "ovn"
    here = world.cloud(store=store)
    place = Place("network", override="http://fake/network")
    there = replace(here, options=replace(here.options, region="Tokyo"), memory={}, places={"network": place})
    assert back_end.found(there) == "ovn"
    assert asked(world) == 2
