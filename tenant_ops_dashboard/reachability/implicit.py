"""What a back end lets through or drops without a rule: DHCP, and IPv6's neighbours, routers and multicast listeners.

Sources: neutron 29, agent/linux/iptables_firewall.py (_spoofing_rule, _drop_dhcp_rule, _accept_inbound_icmpv6),
agent/linux/openvswitch_firewall/firewall.py (_initialize_egress, _initialize_ingress), agent/firewall.py,
db/securitygroups_rpc_base.py (provider rules), common/ovn/acl.py; ovn-northd(8), tables of ACLs.
"""

from tenant_ops_dashboard.sentences import say

from . import protocols, spans
from .boxes import Box, box
from .gates import Line, Reading
from .link import DHCP_PORTS, DHCP_SERVERS

#: ICMPv6: listener query, reports and done, router solicitation and advertisement, neighbours, version 2 reports.
_QUERY, _REPORTS, _SOLICIT, _ADVERTISE, _NEIGHBOURS = 130, (131, 132, 143), 133, 134, (135, 136)
_OVN = (_QUERY, *_REPORTS, _SOLICIT, _ADVERTISE, *_NEIGHBOURS)
_AGENTS_IN = (_QUERY, _ADVERTISE, *_NEIGHBOURS)
_IPTABLES_OUT = (_QUERY, *_REPORTS, _SOLICIT, *_NEIGHBOURS)
_SWITCH_OUT = (_QUERY, _SOLICIT, *_NEIGHBOURS)

_EVERY_ICMP = say(
    "the iptables driver lets every ICMPv6 message but router advertisements out, Open vSwitch's only neighbour "
    "discovery: which of the two the agents run is not in the snapshot"
)
_ANY_SERVER = say(
    "the agents let what looks like a DHCP request (its two ports) out to any address, not only on the link"
)
_OVN_DHCP = say(
    "the request for a lease leaves without a rule only where the OVN driver writes an ACL for it; with those of "
    "Neutron 29 it needs an egress rule (seen with ovn-trace)"
)


def lines(version: int, ingress: bool, profile: str) -> list[Line]:
    """What neighbours on a link may always send (egress) or be sent (ingress)."""
    found = []
    if version == 6:
        kinds: tuple[int, ...] = _OVN
        if profile != "ovn":
            kinds = _AGENTS_IN if ingress else _IPTABLES_OUT if profile == "l3-agent" else _SWITCH_OUT
        found.append(Line(None, "", _messages(sorted(kinds)), True))
    if profile != "ovn":
        found.append(Line(None, "", _dhcp(version, ingress), True))
    elif not ingress:
        found.append(Line(None, "", _dhcp(version, ingress, DHCP_SERVERS[version]), True))
    return found


def variants(
    known: tuple[Line, ...], version: int, ingress: bool, on_link: bool, profile: str
) -> list[tuple[Reading, str]]:
    """Readings of what is implicit that differ by driver or by release, beside the one `known` stands for."""
    if ingress:
        return []
    if profile == "ovn":
        without = tuple(line for line in known if line.id is not None or line.match[0] != ((protocols.UDP,) * 2,))
        return [(Reading(without, False), _OVN_DHCP)] if on_link else []
    found = []
    if version == 6 and profile == "l3-agent":
        found.append((Reading((*known, Line(None, "", box(6, ((58, 58),)), True)), False), _EVERY_ICMP))
    if not on_link:
        found.append((Reading((*known, Line(None, "", _dhcp(version, False), True)), False), _ANY_SERVER))
    return found


def _messages(kinds: list[int]) -> Box:
    return box(6, ((protocols.ICMPV6,) * 2,), dst_port=spans.normal((kind * 256, kind * 256 + 255) for kind in kinds))


def _dhcp(version: int, ingress: bool, server: int | None = None) -> Box:
    client, serving = DHCP_PORTS[version]
    source, target = (serving, client) if ingress else (client, serving)
    dst = None if server is None else ((server, server),)
    return box(version, ((protocols.UDP,) * 2,), dst=dst, dst_port=((target,) * 2,), src_port=((source,) * 2,))


def _answers(version: int) -> Line:
    client, serving = DHCP_PORTS[version]
    match = box(version, ((protocols.UDP,) * 2,), dst_port=((client,) * 2,), src_port=((serving,) * 2,))
    return Line(None, say("a DHCP server's answer from a server's own port"), match, False)


#: Egress the agents' drivers drop before any rule: a server may not answer for DHCP or for a router.
NEVER: dict[int, tuple[Line, ...]] = {
    4: (_answers(4),),
    6: (
        _answers(6),
        Line(None, say("a router advertisement from a server's own port"), _messages([_ADVERTISE]), False),
    ),
}
