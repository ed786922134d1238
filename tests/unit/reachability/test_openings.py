"""What counts as the whole world, and findings that only sets of several rules have."""

import pytest

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.lint import lint
from tenant_ops_dashboard.reachability.lint.everyone import WORLD, holds_world, makers
from tenant_ops_dashboard.reachability.spans import holds, network, normal
from tests.unit.reachability.cloudmaker import Cloud, allow, two_tiers


def spans(*texts):
    return normal(network(text)[1:3] for text in texts)


def told(cloud, kind, profile="ovn"):
    return [finding for finding in lint(Engine(cloud.snapshot(), profile)) if finding.kind == kind]


def tcp(ports=None, **fields):
    return {"protocol": "tcp", "destination_port": ports, **fields}


@pytest.mark.parametrize(
    ("version", "texts", "world"),
    [
        (4, ["0.0.0.0/0"], True),
        (4, ["0.0.0.0/1", "128.0.0.0/1"], True),
        (4, ["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/3"], True),
        (4, ["0.0.0.0/1"], False),
        (4, ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2"], False),
        (4, ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "224.0.0.0/3"], False),
        (4, ["1.0.0.0/8"], False),
        (6, ["::/0"], True),
        (6, ["2000::/3"], True),
        (6, ["::/1"], True),
        (6, ["::/64"], False),
        (6, ["2001:db8::/32", "fe80::/10", "fc00::/7", "ff00::/8"], False),
        (6, ["8000::/1"], False),
        (6, ["2a00::/12"], False),
    ],
)
def test_the_world_is_nearly_all_addresses_of_strangers(version, texts, world):
    assert holds_world(version, spans(*texts)) == world


@pytest.mark.parametrize(
    ("version", "address", "strange"),
    [
        (4, "8.8.8.8", True), (4, "10.0.0.1", False), (4, "169.254.169.254", False), (4, "224.0.0.18", False),
        (6, "2606:4700::1111", True), (6, "2001:db8::1", False), (6, "::1", False), (6, "fd00::1", False),
    ],
)  # fmt: skip
def test_what_a_stranger_can_have_for_an_address(version, address, strange):
    assert holds(WORLD[version], network(address)[1]) == strange


def test_the_sets_that_make_the_world_are_named_without_those_that_add_nothing():
    parts = {
        "low": spans("0.0.0.0/1"),
        "high": spans("128.0.0.0/1"),
        "office": spans("8.8.8.0/24"),
        "in": spans("8.0.0.0/8"),
    }
    assert makers(4, parts) == ("low", "high")
    assert makers(4, {"low": parts["low"], "in": parts["in"]}) == ()


def with_port(cloud, name, groups, **fields):
    for port in cloud.raw["ports"]:
        if port["id"] == name:
            port.update({"security_groups": groups, **fields})
    return cloud


def test_halves_in_two_groups_of_one_port_open_it_and_in_two_ports_do_not():
    cloud = two_tiers()
    cloud.group("low", allow("ingress", "tcp", 22, remote="0.0.0.0/1"), allow("egress"))
    cloud.group("high", allow("ingress", None, remote="128.0.0.0/1"), allow("egress"))
    with_port(cloud, "app", ["low"])
    with_port(cloud, "data", ["high"])
    assert not told(cloud, "open-to-world")
    with_port(cloud, "app", ["low", "high"])
    found = told(cloud, "open-to-world")
    assert [(f.severity, f.object, f.rules) for f in found] == [("critical", "app", ("low-0", "high-0"))]
    assert "limit rules low-0 and high-0" in found[0].fix


def test_a_forwarded_port_is_the_service_it_leads_to():
    cloud = two_tiers()
    cloud.group("ssh", allow("ingress", "tcp", 22), allow("egress"))
    with_port(cloud, "data", ["ssh"])
    with_port(cloud, "app", [])
    assert [f.severity for f in told(cloud, "open-to-world")] == ["medium"]
    forwarding = {
        "id": "pf", "protocol": "tcp", "external_port": 2222, "internal_port": 22, "internal_ip_address": "10.0.2.10",
        "internal_port_id": "data",
    }  # fmt: skip
    cloud.floating("203.0.113.11", router_id="r1", port_forwardings=[forwarding])
    assert [f.severity for f in told(cloud, "open-to-world")] == ["critical"]


def test_a_firewall_that_limits_the_source_takes_the_worst_away():
    cloud = two_tiers()
    cloud.group("ssh", allow("ingress", "tcp", 22), allow("egress"))
    with_port(cloud, "app", ["ssh"])
    with_port(cloud, "data", [])
    cloud.firewall("fw", ["r1-dmz"], ingress=[tcp("22", source_ip_address="198.51.0.0/16")], egress=[tcp()])
    assert [(f.severity, f.object) for f in told(cloud, "open-to-world")] == [("medium", "ssh")]
    cloud.raw["firewall_rules"][0]["source_ip_address"] = "10.0.0.1/0"
    assert {(f.severity, f.object) for f in told(cloud, "open-to-world")} == {
        ("critical", "ssh"),
        ("high", "fw-ingress"),
    }


def test_a_port_without_port_security_is_open_by_itself():
    cloud = with_port(two_tiers(), "app", [], port_security_enabled=False)
    assert ("critical", "app", ()) in [(f.severity, f.object, f.rules) for f in told(cloud, "open-to-world")]


def test_denies_that_together_take_everything_leave_a_policy_empty():
    halves = [tcp(source_ip_address="0.0.0.0/1", action="deny"), tcp(source_ip_address="128.0.0.0/1", action="reject")]
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=[*halves, tcp("80")], egress=[tcp()])
    assert [f.object for f in told(cloud, "empty-policy-blocks-all")] == ["fw"]
    cloud.raw["firewall_rules"][1]["source_ip_address"] = "128.0.0.0/2"
    assert not told(cloud, "empty-policy-blocks-all")


def test_a_firewall_rule_whose_share_a_deny_takes_is_taken_by_no_group():
    cloud = two_tiers()
    cloud.group("near", allow("ingress", "tcp", 80, remote="10.0.0.0/8"), allow("egress"))
    with_port(cloud, "app", ["near"])
    cloud.firewall(
        "fw", ["r1-dmz"], ingress=[tcp(source_ip_address="10.0.0.0/9", action="deny"), tcp("80")], egress=[tcp()]
    )
    assert not told(cloud, "group-blocks-what-firewall-allows")
    cloud.raw["firewall_rules"][0]["source_ip_address"] = "10.0.0.0/8"
    assert [f.rules for f in told(cloud, "group-blocks-what-firewall-allows")] == [("fw-ingress-1",)]


def test_what_a_firewall_blocks_on_the_way_out_and_what_never_comes_to_it():
    cloud = two_tiers()
    cloud.group(
        "app", allow("egress", "tcp", 5432), allow("egress", "tcp", 443), allow("egress", "udp", 53, remote="10.0.1.0/24"),
        allow("ingress", "tcp", 9, group="app"), allow("ingress", version=6), allow("ingress", "tcp", 80),
    )  # fmt: skip
    cloud.network("dmz", "2001:db8:1::/64", subnet="dmz-6")
    cloud.port("six", "dmz", "10.0.1.20", "2001:db8:1::20", groups=["app"])
    with_port(cloud, "app", ["app"])
    cloud.firewall("fw", ["r1-dmz"], ingress=[tcp("80")], egress=[tcp("443")])
    for profile in ("ovn", "l3-agent"):
        assert [f.rules for f in told(cloud, "firewall-blocks-what-group-allows", profile)] == [("app-0",)]


def test_stateless_replies_are_looked_for_among_the_rules_of_all_groups_of_a_port():
    cloud = Cloud()
    cloud.network("n", "10.0.0.0/24")
    cloud.group("web", allow("ingress", "tcp", 80), allow("egress", "udp", 53), stateful=False)
    cloud.group("out", allow("egress", "tcp"), stateful=False)
    cloud.port("a", "n", "10.0.0.10", groups=["web"])
    assert {f.rules for f in told(cloud, "stateless-without-replies")} == {("web-0",), ("web-1",)}
    with_port(cloud, "a", ["web", "out"])
    assert {f.rules for f in told(cloud, "stateless-without-replies")} == {("web-1",)}


def test_an_address_that_is_any_address_is_not_ignored_by_the_l2_agent():
    cloud = two_tiers()
    cloud.firewall("fw", ["app"], ingress=[tcp("80", source_ip_address="0.0.0.0/0")], egress=[tcp()])
    assert not told(cloud, "addresses-ignored", "l2-agent")
    cloud.raw["firewall_rules"][0]["source_ip_address"] = "0.0.0.0/1"
    assert told(cloud, "addresses-ignored", "l2-agent")
