"""One packet, and the packet that answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.sentences import about, say

from . import protocols, spans
from .errors import BadInput

#: What a client's own port is taken to be when a packet does not name one (the first of the dynamic ports of RFC 6335).
CLIENT_PORT = 49152
#: Echo request, the type taken when an ICMP packet names none.
ECHO = {4: 8, 6: 128}


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet's header. ICMP keeps `type * 256 + code` in `dst_port`; protocols without ports keep zeros."""

    version: int
    protocol: int
    src: int
    dst: int
    src_port: int = 0
    dst_port: int = 0

    def point(self) -> tuple[int, int, int, int, int]:
        """The packet in the diagram's field order."""
        return (self.protocol, self.src, self.dst, self.dst_port, self.src_port)

    def reply(self) -> "Packet | None":
        """The packet the receiver answers with; None for ICMP that is no request."""
        if self.protocol in protocols.ICMP_REPLIES:
            answer = protocols.ICMP_REPLIES[self.protocol].get(self.dst_port >> 8)
            if answer is None:
                return None
            return replace(self, src=self.dst, dst=self.src, dst_port=answer << 8)
        return replace(self, src=self.dst, dst=self.src, src_port=self.dst_port, dst_port=self.src_port)


def read_number(packet: Mapping[str, Any], key: str, top: int, where: str) -> int | None:
    """Read a whole number of 0..top from a packet; None where it is missing. Raises BadInput."""
    value = packet.get(key)
    if value is None:
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 6:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= top:
        raise BadInput(where, say("{key} must be a whole number from 0 to {top}", key=key, top=top))
    return value


def read_header(packet: Mapping[str, Any], version: int, where: str) -> tuple[int, int, int]:
    """Read (protocol, source port, destination port) of a packet dictionary in the contract's form.

    A source port left out is CLIENT_PORT, an ICMP type left out is an echo request; a destination port must be named
    for protocols that have one. Raises BadInput with `where` in front.
    """
    try:
        protocol = protocols.number_of(packet.get("protocol"), version)
    except ValueError as error:
        raise BadInput(where, about("protocol", error.args[0])) from None
    if protocol in protocols.ICMP_REPLIES:
        kind = read_number(packet, "icmp_type", 255, where)
        code = read_number(packet, "icmp_code", 255, where)
        return protocol, 0, (ECHO[version] if kind is None else kind) * 256 + (code or 0)
    if protocol not in protocols.WITH_PORTS:
        return protocol, 0, 0
    source = read_number(packet, "src_port", 65535, where)
    target = read_number(packet, "dst_port", 65535, where)
    if target is None:
        raise BadInput(where, say("dst_port is missing for {protocol}", protocol=protocols.name_of(protocol)))
    return protocol, CLIENT_PORT if source is None else source, target


def read_packet(packet: Mapping[str, Any], where: str = "packet") -> Packet:
    """Read a packet whose two ends are addresses: `src` and `dst` are `{"ip": …}` or plain text. Raises BadInput."""
    ends: list[tuple[int, int]] = []
    for key in ("src", "dst"):
        end = packet.get(key)
        text = end.get("ip") if isinstance(end, Mapping) else end
        try:
            ends.append(spans.address(text))
        except ValueError as error:
            raise BadInput(where, about(key, error.args[0])) from None
    (version, src), (other, dst) = ends
    if version != other:
        raise BadInput(where, say("src and dst are of different IP versions"))
    protocol, src_port, dst_port = read_header(packet, version, where)
    return Packet(version, protocol, src, dst, src_port, dst_port)
