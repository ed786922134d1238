"""What people ask a suggestion for, read. Pure."""

from __future__ import annotations

from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.reachability import protocols
from tenant_ops_dashboard.sentences import about, join, say


def read_protocol(text: str) -> str | None:
    """A protocol's name or number, None for 'any' and nothing. Raises BadInput at 'protocol'."""
    told = text.strip().lower()
    if told in ("", protocols.ANY):
        return None
    try:
        protocols.number_of(told, 4)
    except ValueError as error:
        raise BadInput(about("protocol", join("", (error.args[0], "."))), field="protocol") from None
    return told


def read_ports(text: str, protocol: str | None) -> tuple[int, int] | None:
    """(first, last) of 'n' or 'a-b', None for nothing. Raises BadInput at 'port'."""
    if not text.strip():
        return None
    if protocol is None or protocols.number_of(protocol, 4) not in protocols.WITH_PORTS:
        raise BadInput(about("port", say("needs a protocol that has ports, such as tcp or udp.")), field="port")
    low, dash, high = (part.strip() for part in text.partition("-"))
    ends = (low, high if dash else low)
    if all(one.isascii() and one.isdigit() and len(one) <= 5 for one in ends):
        first, last = int(ends[0]), int(ends[1])
        if 1 <= first <= last <= 65535:
            return first, last
    raise BadInput(about("port", say("must be a port from 1 to 65535 or a range a-b.")), field="port")
