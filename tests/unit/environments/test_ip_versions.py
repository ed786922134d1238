"""Both IP versions: what Heat is asked for, what of IPv6 is open and what is not, and who does not get it."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.environments import launch, reconcile, watch
from tenant_ops_dashboard.environments.model import Details, Plan, Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.proofs import sending
from tests.unit.environments.test_existing_network import LAB, LAB_SUBNET, network
from tests.unit.fake_openstack.world import World

PREFIX = "fd12:3456:789a::/48"
DMZ, DATABASE = "fd12:3456:789a:1::/64", "fd12:3456:789a:2::/64"
BOTH = {"ip_version": "dual-stack", "ula_prefix": PREFIX}
SLUGS = ["tomcat-oracle", "web-jump"]


def planned(world: World, slug: str = "tomcat-oracle", **answers: str) -> Plan:
    return plan.plan(world.cloud(), Request("shop", slug, answers))


def adds(made: Plan) -> dict[str, int]:
    return {line.resource: line.adds for line in made.quotas}


def up(world: World, slug: str = "tomcat-oracle", **answers: str) -> Details:
    cloud = world.cloud()
    made = launch.launch(cloud, Request("shop", slug, {**BOTH, **answers}))
    world.heat.finish(made.id)
    reconcile.reconcile(cloud, made)
    return watch.details(world.cloud(), made.id)


def parts(world: World, id_: str, kind: str) -> list[dict[str, Any]]:
    return [dict(one.properties) for one in world.heat.stacks[id_]["planned"] if one.type == kind]


def rules(world: World, name: str) -> list[tuple[str, str, int | None]]:
    """Of a security group: ingress by protocol, ethertype and port."""
    found = next(one for one in world.things.kept["security-groups"].values() if one["name"] == f"shop-{name}")
    told = [one for one in found["security_group_rules"] if one["direction"] == "ingress"]
    return sorted((one["ethertype"], one["protocol"], one["port_range_min"]) for one in told)


@pytest.mark.parametrize("slug", SLUGS)
def test_ipv4_alone_is_proposed_and_makes_nothing_of_ipv6(world: World, slug: str) -> None:
    made = planned(world, slug)
    chosen = {one.name: one for one in made.choices}
    assert [(one.value, one.label) for one in chosen["ip_version"].offered] == [
        ("ipv4", "IPv4"), ("dual-stack", "IPv4 and IPv6"),
    ]  # fmt: skip
    assert chosen["ip_version"].value == "ipv4" and made.ok
    assert "IPv6" not in " ".join(made.notes)
    stack = launch.launch(world.cloud(), Request("shop", slug, {}))
    assert {one.get("ip_version") for one in parts(world, stack.id, "OS::Neutron::Subnet")} == {None}
    assert {len(one["fixed_ips"]) for one in parts(world, stack.id, "OS::Neutron::Port")} == {1}


def test_the_proposed_prefix_is_a_local_one_and_the_projects_own(world: World) -> None:
    def proposed(**login: str) -> str:
        made = plan.plan(world.cloud(**login), Request("shop", "web-jump", {}))
        return next(one.value for one in made.choices if one.name == "ula_prefix")

    first = proposed()
    assert first.startswith("fd") and first.endswith("::/48") and first == proposed()
    assert proposed(project="another") != first


def test_what_a_plan_counts_and_tells(world: World) -> None:
    plain, both = planned(world, jump_host="true"), planned(world, jump_host="true", **BOTH)
    assert (both.problems, both.unknown) == ({}, ())
    more = {name: both_ - adds(plain)[name] for name, both_ in adds(both).items() if both_ != adds(plain)[name]}
    # An interface of the router for each subnet; what a flow between the tiers takes on either back end.
    assert more == {"subnet": 2, "port": 2, "security_group_rule": 3, "firewall_rule": 8}
    assert both.notes[-3:] == (
        f"Servers have an address of IPv6, too, in {DMZ}, {DATABASE}, which nobody routes from the internet.",
        "The load balancer and floating IPs are of IPv4 alone.",
        "The firewall group lets IPv6 pass between these networks as it does IPv4, and nothing in or out.",
    )
    boxes = {box.title: box.detail for box in both.picture.boxes}
    assert DMZ in boxes["DMZ network"] and DATABASE in boxes["Database network"]


def test_without_a_firewall_service_what_gets_out_is_told() -> None:
    world = World(firewall=False)
    outside = next(one for one in world.things.kept["networks"].values() if one["name"] == "EXT-NET")
    assert not any("gets out" in note for note in planned(world, **BOTH).notes)
    world.things.add("subnets", network_id=outside["id"], cidr="2001:db8::/64", ip_version=6)
    assert planned(world, **BOTH).notes[-1] == (
        "The external network has IPv6 (2001:db8::/64), and no firewall group is made: what servers send by IPv6 gets out. "
        "Security groups let nothing in."
    )


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("fd12", "This is no prefix of IPv6; write it like fd12:3456:789a::/48."),
        ("10.0.0.0/8", "Give a /48 within fd00::/8, such as fd12:3456:789a::/48: those are free for everybody (RFC 4193)."),
        ("2001:db8::/48", "Give a /48 within fd00::/8, such as fd12:3456:789a::/48: those are free for everybody (RFC 4193)."),
        ("fd12::/64", "Give a /48 within fd00::/8, such as fd12:3456:789a::/48: those are free for everybody (RFC 4193)."),
        ("fd12:3456:789a:1::/48", "Bits are set behind the prefix; did you mean fd12:3456:789a::/48?"),
        ("fd12:3456:789a::%eth0/48", "This is no prefix of IPv6; write it like fd12:3456:789a::/48."),
        ("", "Give a value."),
    ],
)
def test_a_prefix_that_is_none(world: World, prefix: str, said: str) -> None:
    assert planned(world, ip_version="dual-stack", ula_prefix=prefix).problems == {"ula_prefix": said}


def test_a_prefix_that_the_external_network_has_is_refused(world: World) -> None:
    outside = next(one for one in world.things.kept["networks"].values() if one["name"] == "EXT-NET")
    world.things.add("subnets", network_id=outside["id"], cidr=DMZ, ip_version=6)
    said = f"Overlaps the external network, {DMZ}; the router could not tell them apart."
    assert planned(world, **BOTH).problems == {"ula_prefix": said}


def test_a_proxy_that_takes_ipv4_alone_proves_that_alone() -> None:
    class Ipv4(sending.Way):
        def opens(self, address: str, port: int, seconds: float) -> bool:
            if ":" in address:
                raise OSError("the proxy refuses (HTTP 403)")
            return False

    found = sending.closed(Ipv4(), ["203.0.113.50", "10.20.2.5", "fd12::5"], 1521, reachable=True)
    assert found.state == "good"
    assert found.evidence.endswith("10.20.2.5:1521 accept no connection from outside. Not asked by IPv6: the proxy "
                                   "refuses (HTTP 403).")  # fmt: skip
    assert sending.closed(Ipv4(), ["fd12::5"], 1521, reachable=True).state == "building"


@pytest.mark.parametrize(("asked", "first"), [("fd00::/48", "fd00:0:0:1::/64"), ("FD00:1::/48", "fd00:1:0:1::/64")])
def test_zeros_in_a_prefix_are_no_networks(world: World, asked: str, first: str) -> None:
    made = launch.launch(world.cloud(), Request("shop", "web-jump", {**BOTH, "ula_prefix": asked}))
    assert [one["cidr"] for one in parts(world, made.id, "OS::Neutron::Subnet")] == ["10.20.1.0/24", first]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_network_that_is_there_keeps_its_addresses(world: World, slug: str) -> None:
    network(world, LAB, LAB_SUBNET, "lab", "10.60.1.0/24")
    assert planned(world, slug, existing_dmz="lab", **BOTH).problems == {
        "ip_version": "lab is there already and keeps its addresses: for IPv6, choose new networks."
    }
    assert planned(world, slug, existing_dmz="lab").ok


def test_each_server_has_both_and_the_load_balancer_ipv4_alone(world: World) -> None:
    made = launch.launch(world.cloud(), Request("shop", "tomcat-oracle", {**BOTH, "jump_host": "true"}))
    six = [one for one in parts(world, made.id, "OS::Neutron::Subnet") if one.get("ip_version") == 6]
    assert [one["cidr"] for one in six] == [DMZ, DATABASE]
    # SLAAC would give the load balancer's port an address that nobody asked for.
    assert {(one["ipv6_address_mode"], one["ipv6_ra_mode"]) for one in six} == {("dhcpv6-stateful",) * 2}
    assert [len(one["fixed_ips"]) for one in parts(world, made.id, "OS::Neutron::Port")] == [2] * 4
    assert len(parts(world, made.id, "OS::Neutron::RouterInterface")) == 4
    (member, _) = parts(world, made.id, "OS::Octavia::PoolMember")
    (balancer,) = parts(world, made.id, "OS::Octavia::LoadBalancer")
    assert not {"subnet_ipv6", "additional_vips"} & {*member, *balancer}


def test_what_is_closed_by_ipv4_is_closed_by_ipv6(world: World) -> None:
    up(world, jump_host="true", ssh_from="198.51.100.0/24")
    ssh = [("IPv4", "tcp", 22), ("IPv6", "tcp", 22)]
    assert rules(world, "application_group") == [ssh[0], ("IPv4", "tcp", 8080), ssh[1]], "the load balancer has no IPv6"
    assert rules(world, "database_group") == [ssh[0], ("IPv4", "tcp", 1521), ssh[1], ("IPv6", "tcp", 1521)]
    assert rules(world, "jump_group") == [ssh[0]], "nobody said from which address of IPv6"


def test_its_firewall_group_and_its_promises(world: World) -> None:
    details = up(world, jump_host="true")
    assert details.environment.status == "good", [one for one in details.proofs if one.state != "good"]
    kept = world.things.kept["firewall_rules"].values()
    six = {one["name"].removeprefix("shop-fw-"): one for one in kept if one["ip_version"] == 6}
    assert {one.removesuffix("-ipv6").partition("-reply")[0] for one in six} == {
        "database-out", "database-in", "database", "ssh-database-out", "ssh-database-in", "ssh-database",
    }  # fmt: skip
    assert {one["source_ip_address"] or "" for one in six.values()} >= {DMZ, DATABASE}
    assert all(one["source_ip_address"] and one["destination_ip_address"] for one in six.values()), "between tiers alone"
    assert len(next(iter(world.things.kept["firewall_groups"].values()))["ports"]) == 4


def test_a_rule_that_became_one_of_ipv4_is_told(world: World) -> None:
    details = up(world)
    rule = next(one for one in world.things.kept["firewall_rules"].values() if one["name"] == "shop-fw-database-in-ipv6")
    rule["ip_version"] = 4
    told = {one.name: one.evidence for one in watch.details(world.cloud(), details.environment.id).proofs}
    assert told["firewall"].startswith("Changed by hand: ingress rule database-in-ipv6 is missing")


def test_a_rule_of_ipv6_that_is_gone_is_told_as_one(world: World) -> None:
    details = up(world)
    group = next(one for one in world.things.kept["security-groups"].values() if one["name"] == "shop-database_group")
    group["security_group_rules"] = [one for one in group["security_group_rules"] if one["ethertype"] == "IPv4"]
    told = {one.name: one for one in watch.details(world.cloud(), details.environment.id).proofs}
    assert "lacks ingress tcp 1521 (IPv6) from" in told["security-groups"].evidence


def test_a_hole_in_ipv6_alone_is_told(world: World) -> None:
    details = up(world)
    group = next(one for one in world.things.kept["security-groups"].values() if one["name"] == "shop-database_group")
    open_ = next(one for one in group["security_group_rules"] if one["ethertype"] == "IPv6" and one["direction"] == "ingress")
    group["security_group_rules"].append({**open_, "id": "hole", "remote_group_id": None, "remote_ip_prefix": "::/0"})
    told = {one.name: one for one in watch.details(world.cloud(), details.environment.id).proofs}
    assert told["security-groups"].state == "warning" and "::/0" in told["security-groups"].evidence


def test_an_interface_of_ipv6_that_somebody_took_away_is_told(world: World) -> None:
    details = up(world)
    ports = world.things.kept["ports"]
    (lost,) = (id_ for id_, one in ports.items() if one["fixed_ips"][0]["ip_address"] == DMZ.replace("/64", "1"))
    assert details.drift == ()
    del ports[lost]
    told = [one.sentence for one in watch.details(world.cloud(), details.environment.id).drift]
    assert told == [
        "Router into the DMZ by IPv6 was taken away outside of this environment. Its network has no way to the others."
    ]
