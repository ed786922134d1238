"""Ends of traffic: found by name or id, and the cloud is asked once more only where a name needs it."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.probe import probe_ends
from tenant_ops_dashboard.firewall.snapshot import Seen, look
from tenant_ops_dashboard.firewall.suggest import suggest
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.standing import shop
from tests.unit.reachability.cloudmaker import two_tiers


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ends(world: World) -> Ends:
    shop(world, world.cloud())
    cloud = world.cloud("reader")
    found = Ends(look(cloud), Names(cloud))
    world.calls()
    return found


def addresses(ends: Ends, text: str, sending: bool = False) -> list[str]:
    scope = (ends.source if sending else ends.target)(text, "to")
    assert not scope.outside
    rows = {one["id"]: one["fixed_ips"][0]["ip_address"] for one in ends.seen.rows("ports")}
    return sorted(rows[one.id] for one in scope.ports)


@pytest.mark.parametrize(
    ("text", "there", "calls"),
    [
        ("server:shop-database", ["10.20.2.5"], 1),
        ("network:database_network", ["10.20.2.5"], 0),
        ("network:dmz_network", ["10.20.1.11", "10.20.1.12", "10.20.1.5"], 0),
        ("security-group:shop-database_group", ["10.20.2.5"], 0),
        ("environment:shop", ["10.20.1.11", "10.20.1.12", "10.20.1.5", "10.20.2.5"], 2),
        ("tier:shop/database", ["10.20.2.5"], 2),
        ("tier:shop/db", ["10.20.2.5"], 2),
        ("tier:shop/DMZ", ["10.20.1.11", "10.20.1.12", "10.20.1.5"], 2),
    ],
)
def test_names(world: World, ends: Ends, text: str, there: list[str], calls: int) -> None:
    assert addresses(ends, text) == there
    assert len(world.calls()) == calls
    assert addresses(ends, text) == there
    assert world.calls() == []


def test_ids(world: World, ends: Ends) -> None:
    port = next(one for one in ends.seen.rows("ports") if one["fixed_ips"][0]["ip_address"] == "10.20.2.5")
    for text in (
        f"port:{port['id']}", f"server:{port['device_id']}", f"network:{port['network_id']}",
        f"security-group:{port['security_groups'][0]}",
    ):  # fmt: skip
        assert addresses(ends, text) == ["10.20.2.5"]
    assert world.calls() == []
    stack = next(iter(world.heat.stacks))
    assert addresses(ends, f"tier:{stack}/database") == ["10.20.2.5"]


def test_a_virtual_address_is_reached_and_never_sends(ends: Ends) -> None:
    assert addresses(ends, "tier:shop/dmz", sending=True) == ["10.20.1.11", "10.20.1.12"]
    port = next(one["id"] for one in ends.seen.rows("ports") if one["fixed_ips"][0]["ip_address"] == "10.20.1.5")
    assert addresses(ends, f"port:{port}", sending=True) == ["10.20.1.5"]


def test_addresses_and_the_internet(ends: Ends) -> None:
    one = ends.target("10.20.2.5", "to")
    assert [port.addresses[0].number for port in one.ports] == [(10 << 24) + (20 << 16) + (2 << 8) + 5]
    assert ends.source("10.20.2.0/24", "from").ports == one.ports
    assert ends.target("10.20.2.0/30", "to").ports == (), "a range means machines, and a router is none"
    assert ends.target("10.20.2.1", "to").ports[0].is_router
    internet = ends.source("internet", "from")
    assert (internet.outside, internet.ports) == (True, ())
    held = [span for span in (internet.limits or {})[4] if span[0] <= one.ports[0].addresses[0].number <= span[1]]
    assert held == []


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("", BadInput, "to: '' is none of internet, a CIDR"),
        ("10.0.0.0/40", BadInput, "to: '10.0.0.0/40' is none of"),
        ("planet:mars", BadInput, "to: 'planet:mars' is none of"),
        ("server:", BadInput, "to: server: needs a name"),
        ("port:nope", NotFound, "to: This project has no port nope"),
        ("server:nope", NotFound, "to: This project has no server called nope"),
        ("network:nope", NotFound, "to: This project has no network called nope"),
        ("security-group:nope", NotFound, "to: This project has no security group called nope"),
        ("environment:nope", NotFound, "to: This project has no environment called nope"),
        ("tier:shop", BadInput, "to: tier: needs ENVIRONMENT/TIER"),
        ("tier:shop/", BadInput, "to: tier: needs ENVIRONMENT/TIER"),
        ("tier:shop/cellar", NotFound, "to: shop has no tier cellar; it has database, dmz"),
    ],
)
def test_what_cannot_be_found_is_told_with_the_field(ends: Ends, text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        ends.target(text, "to")
    assert str(caught.value).startswith(said)


def test_an_ambiguous_name_lists_its_ids(world: World, ends: Ends) -> None:
    servers = world.things.kept["servers"]
    next(iter(servers.values()))["name"] = "shop-application-1"
    with pytest.raises(BadInput, match=r"from: 2 servers are called shop-application-1; use an id: ") as caught:
        ends.source("server:shop-application-1", "from")
    assert all(one["id"] in str(caught.value) for one in servers.values() if one["name"] == "shop-application-1")


def test_an_environment_whose_database_is_gone_has_an_empty_tier(world: World, ends: Ends) -> None:
    servers = world.things.kept["servers"]
    del servers[next(id_ for id_, one in servers.items() if one["name"] == "shop-database")]
    assert addresses(ends, "tier:shop/database") == []


def test_without_a_cloud_names_of_servers_say_what_they_need() -> None:
    made = Ends(Seen(two_tiers().raw), Names(None))
    assert len(made.target("server:vm-app", "to").ports) == 1
    for text in ("server:app", "environment:shop", "tier:shop/dmz"):
        with pytest.raises(BadInput, match="use ids"):
            made.target(text, "to")


@pytest.mark.parametrize("to", ["203.0.113.10", "203.0.113.0/24"])
def test_who_answers_at_a_floating_address_is_asked_at_it(to: str) -> None:
    cloud = two_tiers()
    ends = Ends(Seen(cloud.raw), Names(None))
    assert [one.id for one in ends.target(to, "to").ports] == ["app"]
    assert ends.source(to, "from").ports == (), "nobody sends from one"
    (found,) = probe_ends(ends.engine, ends.source("internet", "from"), ends.target(to, "to"), "tcp", 80)
    assert (found["to"], found["verdict"]) == ({"port": "app", "ip": "203.0.113.10"}, "allow")
    assert suggest(ends, "internet", to, "tcp", (80, 80), "deny").written()["security_groups"], "it is open now"


def test_a_pair_s_address_is_asked_at_the_port_that_has_it() -> None:
    cloud = two_tiers()
    cloud.port("vip", "dmz", "10.0.1.20", pairs=["10.0.1.200"])
    ends = Ends(Seen(cloud.raw), Names(None))
    (found,) = probe_ends(ends.engine, ends.source("port:data", "from"), ends.target("10.0.1.200", "to"), "tcp", 80)
    assert found["to"]["ip"] == "10.0.1.200"
