"""The rules of the firewall group let pass what the blueprint says, both ways, and nothing else, on each back end."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tenant_ops_dashboard.environments.firewall_group import rules as firewall_rules
from tenant_ops_dashboard.environments.firewall_group.rules import Rule, Wanted
from tenant_ops_dashboard.environments.template import blueprint, hot

DMZ, DATABASE = ipaddress.ip_network("10.20.1.0/24"), ipaddress.ip_network("10.20.2.0/24")
DMZ_6, DATABASE_6 = ipaddress.ip_network("fd12:3456:789a:1::/64"), ipaddress.ip_network("fd12:3456:789a:2::/64")
ZONES = (DMZ, DATABASE, DMZ_6, DATABASE_6)
VIP, APP, JUMP, DB, WORLD = "10.20.1.5", "10.20.1.11", "10.20.1.22", "10.20.2.5", "198.51.100.7"
APP_6, JUMP_6, DB_6, WORLD_6 = f"{DMZ_6[0x11]}", f"{DMZ_6[0x22]}", f"{DATABASE_6[5]}", "2001:db8::7"
OFFICE, AT_DESK = "203.0.113.0/28", "203.0.113.9"


@dataclass(frozen=True)
class Packet:
    source: str
    source_port: int
    destination: str
    port: int
    protocol: str = "tcp"

    @property
    def reply(self) -> Packet:
        return Packet(self.destination, self.port, self.source, self.source_port, self.protocol)


def output(**more: str) -> Any:
    """What Heat would tell of the shipped blueprint with a jump host."""
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    template = hot.parse(found.template)
    given = {"jump_host": "true", "ssh_from": OFFICE, **more}
    value = hot.resolve(template["outputs"]["firewall"]["value"], hot.scope(template, given))
    flows = {flow["name"]: flow for flow in value["flows"]}
    flows["web"]["to_address"] = VIP
    flows["ssh"]["to_address"] = JUMP
    for flow in value["flows"]:
        if flow["name"] == "ssh-database":
            flow["from_address"] = {4: JUMP, 6: JUMP_6}[flow["ip_version"]]
    return {**value, "router": "router-1"}


def matches(rule: Rule, packet: Packet) -> bool:
    def inside(address: str, wanted: str | None) -> bool:
        return wanted is None or ipaddress.ip_address(address) in ipaddress.ip_network(wanted)

    def among(port: int, wanted: str | None) -> bool:
        low, _, high = (wanted or "0:65535").partition(":")
        return int(low) <= port <= int(high or low)

    return (
        rule.ip_version == ipaddress.ip_address(packet.source).version
        and rule.protocol in (None, packet.protocol)
        and inside(packet.source, rule.source)
        and inside(packet.destination, rule.destination)
        and (
            packet.protocol in ("icmp", "ipv6-icmp")
            or (among(packet.source_port, rule.source_port) and among(packet.port, rule.destination_port))
        )
    )


def decide(rules: Sequence[Rule], packet: Packet) -> bool | None:
    found = next((rule for rule in rules if matches(rule, packet)), None)
    return None if found is None else found.action == "allow"


def leaves(packet: Packet) -> bool:
    return any(ipaddress.ip_address(packet.source) in zone for zone in ZONES)


def enters(packet: Packet) -> bool:
    return any(ipaddress.ip_address(packet.destination) in zone for zone in ZONES)


def ovn(wanted: Wanted, packet: Packet) -> bool:
    """Stateless: every filtered interface the packet and its reply cross must let them pass."""
    for one in (packet, packet.reply):
        if leaves(one) and not decide(wanted.egress, one):
            return False
        if enters(one) and not decide(wanted.ingress, one):
            return False
    return True


def l3_agent(wanted: Wanted, packet: Packet) -> bool:
    """Stateful, one chain: ingress rules of the interface it leaves by, then egress rules of the one it came in by."""
    verdict = decide(wanted.ingress, packet) if enters(packet) else None
    if verdict is None and leaves(packet):
        verdict = decide(wanted.egress, packet)
    return bool(verdict)


ALLOWED = [
    Packet(WORLD, 50000, VIP, 80),
    Packet(WORLD, 80, VIP, 80),
    Packet(AT_DESK, 50000, JUMP, 22),
    Packet(APP, 40000, DB, 1521),
    Packet(APP, 1025, DB, 1521),
    Packet(JUMP, 40000, DB, 22),
    Packet(APP, 40000, WORLD, 443),
    Packet(APP, 40000, WORLD, 80),
    Packet(APP, 40000, WORLD, 53, "udp"),
    Packet(APP, 40000, WORLD, 123, "udp"),
    Packet(WORLD, 0, VIP, 0, "icmp"),
]
DENIED = [
    Packet(WORLD, 50000, JUMP, 22),
    Packet(WORLD, 50000, DB, 1521),
    Packet(WORLD, 443, DB, 1521),
    Packet(WORLD, 50000, VIP, 443),
    Packet(WORLD, 50000, APP, 8080),
    Packet(WORLD, 50000, APP, 22),
    Packet(DB, 40000, WORLD, 443),
    Packet(DB, 40000, WORLD, 53, "udp"),
    Packet(DB, 40000, APP, 8080),
    Packet(APP, 40000, DB, 22),
    Packet(APP, 40000, DB, 443),
    Packet(APP, 40000, WORLD, 25),
    Packet(WORLD, 0, DB, 0, "icmp"),
]


#: What a rule for replies would let through on a back end that needs none, were nothing before it.
DISGUISED = [
    Packet(APP, 443, DB, 5432),
    Packet(JUMP, 22, DB, 5432),
    Packet(VIP, 80, DB, 5432),
    Packet(DB, 443, APP, 8080),
    Packet(DB, 80, JUMP, 8080),
]


ON_EACH = pytest.mark.parametrize(
    ("profile", "passes"), [("ovn", ovn), ("l3-agent", l3_agent), ("", ovn), ("", l3_agent)]
)  # fmt: skip


@ON_EACH
def test_what_the_blueprint_says_passes_and_nothing_else(profile: str, passes: Callable[[Wanted, Packet], bool]) -> None:
    wanted = firewall_rules.wanted(output(), profile)
    assert wanted is not None
    assert [packet for packet in ALLOWED if not passes(wanted, packet)] == []
    assert [packet for packet in (*DENIED, *DISGUISED) if passes(wanted, packet)] == []


ALLOWED_6 = [Packet(APP_6, 40000, DB_6, 1521), Packet(JUMP_6, 40000, DB_6, 22)]
DENIED_6 = [
    Packet(WORLD_6, 50000, DB_6, 1521),
    Packet(WORLD_6, 443, DB_6, 1521),
    Packet(WORLD_6, 50000, APP_6, 8080),
    # On OVN the rules for replies know no state: what has their port would be let in where no NAT is before it.
    Packet(WORLD_6, 443, APP_6, 8080),
    Packet(WORLD_6, 80, JUMP_6, 22),
    Packet(WORLD_6, 0, APP_6, 0, "ipv6-icmp"),
    Packet(APP_6, 40000, WORLD_6, 443),
    Packet(APP_6, 40000, WORLD_6, 53, "udp"),
    Packet(DB_6, 40000, WORLD_6, 443),
    Packet(DB_6, 40000, APP_6, 8080),
    Packet(APP_6, 40000, DB_6, 22),
    Packet(APP_6, 443, DB_6, 5432),
    Packet(APP_6, 0, DB_6, 0, "ipv6-icmp"),
]


@ON_EACH
def test_by_ipv6_the_same_passes_between_the_tiers_and_nothing_else(
    profile: str, passes: Callable[[Wanted, Packet], bool]
) -> None:
    told = output(ip_version="dual-stack", ula_prefix="fd12:3456:789a::/48")
    wanted = firewall_rules.wanted(told, profile)
    assert wanted is not None
    assert [packet for packet in (*ALLOWED, *ALLOWED_6) if not passes(wanted, packet)] == []
    assert [packet for packet in (*DENIED, *DISGUISED, *DENIED_6) if passes(wanted, packet)] == []


def test_ipv6_to_and_from_the_internet_is_let_through_where_a_flow_says_so() -> None:
    zones = {"dmz": [str(DMZ), str(DMZ_6)], "database": [str(DATABASE), str(DATABASE_6)]}
    flow = {"name": "ntp", "from": "dmz", "to": "internet", "protocol": "udp", "port": 123, "ip_version": 6}
    for profile, passes in (("ovn", ovn), ("l3-agent", l3_agent), ("", ovn), ("", l3_agent)):
        wanted = firewall_rules.wanted({"zones": zones, "flows": [flow]}, profile)
        assert wanted is not None
        assert passes(wanted, Packet(APP_6, 40000, WORLD_6, 123, "udp"))
        assert not passes(wanted, Packet(APP, 40000, WORLD, 123, "udp"))
        assert not passes(wanted, Packet(APP_6, 40000, DB_6, 123, "udp")), profile


@pytest.mark.parametrize(
    ("zone", "flow", "said"),
    [
        ([str(DMZ), "10.0.0.0/8"], {}, "the zone 'dmz' has two networks of one IP version"),
        ([str(DMZ), "net"], {}, "the zone 'dmz' is no network"),
        ([], {}, "the zone 'dmz' is no network"),
        (str(DMZ), {"ip_version": 5}, "the flow 'out' has an ip_version other than 4 and 6"),
    ],
)
def test_zones_and_versions_that_cannot_be_read(zone: Any, flow: dict[str, Any], said: str) -> None:
    told = {"zones": {"dmz": zone}, "flows": [{"name": "out", "from": "dmz", "to": "internet", **flow}]}
    with pytest.raises(firewall_rules.Unreadable, match=said):
        firewall_rules.wanted(told, "ovn")


def test_the_rules_for_replies_alone_would_not_do_on_the_l3_agent() -> None:
    wanted = firewall_rules.wanted(output(), "ovn")
    assert wanted is not None
    assert l3_agent(wanted, Packet(APP, 40000, DB, 443))


def test_stateful_rules_alone_would_not_do_on_ovn() -> None:
    wanted = firewall_rules.wanted(output(), "l3-agent")
    assert wanted is not None
    assert not ovn(wanted, Packet(APP, 40000, DB, 1521))


def test_the_database_has_no_rule_towards_the_internet() -> None:
    wanted = firewall_rules.wanted(output(), "ovn")
    assert wanted is not None
    away = [rule for rule in wanted.egress if rule.source == str(DATABASE)]
    assert [(rule.destination, rule.source_port) for rule in away] == [(str(DMZ), "1521"), (JUMP, "22")]


@pytest.mark.parametrize("profile", ["ovn", "l3-agent", ""])
def test_names_are_unique_and_the_router_is_named(profile: str) -> None:
    wanted = firewall_rules.wanted(output(), profile)
    assert wanted is not None
    assert wanted.router == "router-1"
    names = [rule.name for rule in wanted.rules]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("output_", "profile"), [({"flows": []}, "ovn"), ("text", "ovn"), ({"zones": {}}, "l2-agent")])
def test_what_cannot_be_read_is_said(output_: object, profile: str) -> None:
    with pytest.raises(ValueError, match=r"profile|zones"):
        firewall_rules.wanted(output_, profile)


def test_no_output_no_group() -> None:
    assert firewall_rules.wanted(None, "ovn") is None
