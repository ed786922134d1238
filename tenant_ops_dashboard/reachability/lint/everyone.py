"""What 'the whole world' is among sets of addresses, however it is spelt.

The world is every address a stranger on the internet can have. IPv4: all that IANA's registry of special-purpose
addresses (RFC 6890) does not keep for other ends, multicast and class E left out. IPv6: the blocks of 2000::/3 that
IANA has handed out to the regional registries; so 2000::/3 and ::/1 hold it, and one subnet (::/64, 2001:db8::/64)
nothing of it. A set is open to the world when it holds NEARLY all of it: who leaves out his own networks, or a small
country, is open to it all the same; who names one half is not.
"""

from collections.abc import Mapping
from functools import lru_cache

from ..spans import TOP, Spans, meet, minus, network, normal

#: The part of the world that is as good as all of it, and the part of it that a rule must add to be named.
NEARLY, WORTH_NAMING = 0.9, 1 / 4096

_SPECIAL = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/3",
)  # fmt: skip
#: iana.org/assignments/ipv6-unicast-address-assignments; the many small blocks of 2001::/16 as one.
_HANDED_OUT = (
    "2001::/16", "2003::/18", "2400::/12", "2410::/12", "2600::/12", "2610::/23", "2620::/23", "2630::/12", "2800::/12",
    "2a00::/12", "2a10::/12", "2c00::/12",
)  # fmt: skip


def _spans(texts: tuple[str, ...]) -> Spans:
    return normal(network(text)[1:3] for text in texts)


WORLD: dict[int, Spans] = {
    4: minus(((0, TOP[4]),), _spans(_SPECIAL)),
    6: minus(_spans(_HANDED_OUT), _spans(("2001::/23", "2001:db8::/32"))),
}
#: Where strangers may come to have addresses one day.
_UNICAST: dict[int, Spans] = {4: WORLD[4], 6: _spans(("2000::/3",))}


def _size(spans: Spans) -> int:
    return sum(high - low + 1 for low, high in spans)


@lru_cache(maxsize=4096)
def holds_world(version: int, addresses: Spans) -> bool:
    """Say whether a set holds nearly all addresses a stranger can have."""
    return _size(meet(addresses, WORLD[version])) >= NEARLY * _size(WORLD[version])


@lru_cache(maxsize=4096)
def holds_all(version: int, addresses: Spans) -> bool:
    """Say whether a set holds nearly all addresses that strangers have or may be given one day."""
    return _size(meet(addresses, _UNICAST[version])) >= NEARLY * _size(_UNICAST[version])


def makers(version: int, parts: Mapping[str, Spans]) -> tuple[str, ...]:
    """Those of some sets (by name) that together hold the world; none where they do not.

    A set is left out that adds next to nothing, or that lies inside another one of them.
    """
    if not holds_world(version, normal(span for spans in parts.values() for span in spans)):
        return ()
    unicast = _UNICAST[version]
    worth = {name: meet(spans, unicast) for name, spans in parts.items()}
    kept = {name: spans for name, spans in worth.items() if _size(spans) >= WORTH_NAMING * _size(unicast)}
    return tuple(
        name
        for name, spans in kept.items()
        if not any(spans != other and meet(spans, other) == spans for other in kept.values())
    )
