"""Sets of addresses as the prefixes that rules take. Pure."""

from __future__ import annotations

import ipaddress

from tenant_ops_dashboard.reachability import spans
from tenant_ops_dashboard.reachability.model import Snapshot
from tenant_ops_dashboard.reachability.spans import Spans

#: So many prefixes of one set are written as so many rules; what takes more is written wider.
MOST = 8


def cover(version: int, addresses: Spans) -> list[str]:
    """The fewest prefixes that are these addresses, one alone without its length."""
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    found = [
        str(network)
        for low, high in spans.normal(addresses)
        for network in ipaddress.summarize_address_range(kind(low), kind(high))
    ]
    return [one.removesuffix(f"/{spans.BITS[version]}") for one in found]


def subnets(snapshot: Snapshot, version: int, addresses: Spans) -> Spans:
    """The subnets that these addresses are in; none where one of them is in no subnet."""
    known = [one.span for one in snapshot.subnets.values() if one.version == version]
    found = [one for one in known if spans.meet(addresses, (one,))]
    return () if spans.minus(addresses, spans.normal(found)) else spans.normal(found)
