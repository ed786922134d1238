"""Addresses that never leave their link: link-local, multicast, broadcast, and the unspecified address.

Ranges: RFC 3927, RFC 5771 and RFC 919 for IPv4, RFC 4291 for IPv6. Neutron's metadata service answers at
169.254.169.254 and fe80::a9fe:a9fe (neutron_lib.constants, METADATA_V4_IP and METADATA_V6_IP).
"""

from typing import Literal

from . import protocols
from .boxes import Box, box
from .model import Port
from .spans import BITS, TOP, Span, normal
from .world import World

Kind = Literal["", "metadata", "link-local", "multicast", "broadcast", "nowhere"]

METADATA = {4: 0xA9FEA9FE, 6: 0xFE80 << 112 | 0xA9FEA9FE}
LINK_LOCAL: dict[int, Span] = {4: (0xA9FE0000, 0xA9FEFFFF), 6: (0xFE80 << 112, (0xFEC0 << 112) - 1)}
MULTICAST: dict[int, Span] = {4: (0xE0000000, 0xEFFFFFFF), 6: (0xFF << 120, TOP[6])}
BROADCAST = TOP[4]
#: This network, loopback and reserved addresses (RFC 6890): no packet to them is on any network.
NOWHERE: dict[int, tuple[Span, ...]] = {
    4: ((0, 0x00FFFFFF), (0x7F000000, 0x7FFFFFFF), (0xF0000000, TOP[4] - 1)),
    6: ((0, 1),),
}
#: All DHCP servers and relay agents of a link, ff02::1:2 (RFC 8415, 7.1).
DHCP_SERVERS = {4: BROADCAST, 6: 0xFF02 << 112 | 0x10002}
#: (client's port, server's port) of DHCP.
DHCP_PORTS = {4: (68, 67), 6: (546, 547)}
#: What anti-spoofing lets a server without an address send: a DHCP request; duplicate address detection and reports to
#: multicast routers (neutron's iptables_firewall.py, _spoofing_rule; OVN's port security likewise).
UNSPECIFIED: dict[int, Box] = {
    4: box(
        4, ((protocols.UDP,) * 2,), src=((0, 0),), dst=((BROADCAST, BROADCAST),),
        dst_port=((67, 67),), src_port=((68, 68),),
    ),
    6: box(
        6, ((protocols.ICMPV6,) * 2,), src=((0, 0),), dst=((0xFF02 << 112, (0xFF03 << 112) - 1),),
        dst_port=tuple((kind * 256, kind * 256 + 255) for kind in (131, 135, 143)),
    ),
}  # fmt: skip


def is_link_local(version: int, number: int) -> bool:
    """Say whether an address is link-local."""
    low, high = LINK_LOCAL[version]
    return low <= number <= high


def range_kind(version: int, number: int) -> Kind:
    """The kind an address is of by its range alone; '' for addresses that routers know."""
    if number == METADATA[version]:
        return "metadata"
    if is_link_local(version, number):
        return "link-local"
    low, high = MULTICAST[version]
    if low <= number <= high:
        return "multicast"
    if version == 4 and number == BROADCAST:
        return "broadcast"
    return "nowhere" if any(low <= number <= high for low, high in NOWHERE[version]) else ""


def kind(world: World, port: Port, version: int, number: int | None) -> Kind:
    """The kind a destination is of for one sender; an address of a subnet of its own is an ordinary one."""
    if number is None:
        return ""
    found = range_kind(version, number)
    subnets = [subnet for subnet in world.subnets_of(port, version) if subnet.span[0] <= number <= subnet.span[1]]
    if found == "" and any(is_directed_broadcast(subnet.version, subnet.span, number) for subnet in subnets):
        return "broadcast"
    held = world.holders(port.network_id, version, number)
    return "" if found in ("metadata", "link-local") and (held or (subnets and found != "metadata")) else found


def is_directed_broadcast(version: int, span: Span, number: int) -> bool:
    """Say whether an address is the last one of an IPv4 subnet (not a /31 or /32), which stands for all its hosts."""
    return version == 4 and number == span[1] and span[1] - span[0] > 1


def is_deaf(world: World, port: Port, version: int, number: int) -> bool:
    """Say whether OVN's port security keeps a multicast or broadcast from a port whatever its rules (ovn-nb(5))."""
    if world.profile != "ovn" or not port.secured:
        return False
    return not port.speaks(version) or (range_kind(version, number) == "" and version == 4)


def is_dhcp(version: int, protocol: int | None, dst_port: int | None, number: int) -> bool:
    """Say whether a packet asks all DHCP servers of the link."""
    return (protocol, dst_port) == (protocols.UDP, DHCP_PORTS[version][1]) and number == DHCP_SERVERS[version]


def link_spans(version: int) -> tuple[Span, ...]:
    """All addresses that no router forwards to, in order."""
    spans = [LINK_LOCAL[version], MULTICAST[version], *NOWHERE[version]]
    return normal([*spans, (BROADCAST, BROADCAST)] if version == 4 else spans)


def whole(version: int) -> Span:
    """Every address of a version."""
    return 0, (1 << BITS[version]) - 1
