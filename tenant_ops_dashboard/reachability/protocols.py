"""IP protocol names as Neutron spells them, and which of them have ports."""

from functools import lru_cache

from tenant_ops_dashboard.sentences import say

ANY = "any"

NUMBERS: dict[str, int] = {
    "hopopt": 0, "ip": 0, "icmp": 1, "igmp": 2, "ipip": 4, "tcp": 6, "egp": 8, "udp": 17, "dccp": 33,
    "ipv6-encap": 41, "ipv6-route": 43, "ipv6-frag": 44, "rsvp": 46, "gre": 47, "esp": 50, "ah": 51,
    "ipv6-icmp": 58, "icmpv6": 58, "ipv6-nonxt": 59, "ipv6-opts": 60, "ospf": 89, "vrrp": 112, "pgm": 113,
    "sctp": 132, "udplite": 136,
}  # fmt: skip

TCP, UDP, SCTP, DCCP, UDPLITE, ICMP, ICMPV6, VRRP = 6, 17, 132, 33, 136, 1, 58, 112
#: Protocols whose packets carry a source and a destination port.
WITH_PORTS = frozenset({TCP, UDP, SCTP, DCCP, UDPLITE})
#: Ports from which clients ask (RFC 6056, 3.2); who asks from another one is not promised an answer.
CLIENTS: tuple[tuple[int, int], ...] = ((1024, 65535),)
#: UDP ports from which both ends speak: NTP (RFC 5905, 7.3) and IKE (RFC 7296, 2).
PEERS = (123, 500, 4500)
#: ICMP requests and the type that answers them, per protocol.
ICMP_REPLIES: dict[int, dict[int, int]] = {ICMP: {8: 0, 13: 14, 15: 16, 17: 18}, ICMPV6: {128: 129}}

_NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp"}


def number_of(value: object, version: int) -> int:
    """Return the protocol number of a Neutron name or number.

    'icmp' (and its number given as a name) means ICMPv6 in version 6, as Neutron itself reads it.
    Raises ValueError for an unknown name or a number outside 0..255.
    """
    if isinstance(value, bool):
        raise ValueError(say("unknown protocol '{value}'", value=value))
    return _number(str(value), version)


@lru_cache(maxsize=1_000)
def _number(name: str, version: int) -> int:
    text = name.strip().lower()
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else NUMBERS.get(text)
    if number is None or number > 255:
        raise ValueError(say("unknown protocol '{text}'", text=text[:60]))
    return ICMPV6 if number == ICMP and version == 6 else number


def name_of(number: int) -> str:
    """Return the usual name of a protocol number, or the number as text."""
    return _NAMES.get(number, str(number))
