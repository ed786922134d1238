"""A match: one set of values per field of a packet."""

from . import protocols
from .spans import TOP, Spans, holds, meet

FIELDS = ("protocol", "src", "dst", "dst_port", "src_port")
PROTOCOL, SRC, DST, DST_PORT, SRC_PORT = range(5)

Box = tuple[Spans, Spans, Spans, Spans, Spans]

PROTOCOLS: Spans = ((0, 255),)
PORTS: Spans = ((0, 65535),)
ADDRESSES: dict[int, Spans] = {version: ((0, top),) for version, top in TOP.items()}
WHOLE: dict[int, Box] = {v: (PROTOCOLS, ADDRESSES[v], ADDRESSES[v], PORTS, PORTS) for v in TOP}


def box(
    version: int,
    protocol: Spans = PROTOCOLS,
    src: Spans | None = None,
    dst: Spans | None = None,
    dst_port: Spans = PORTS,
    src_port: Spans = PORTS,
) -> Box:
    """Build a match; a field left out is 'any'."""
    whole = ADDRESSES[version]
    return (protocol, whole if src is None else src, whole if dst is None else dst, dst_port, src_port)


def inside(match: Box, point: tuple[int, int, int, int, int]) -> bool:
    """Say whether a packet's point lies in the match."""
    return (
        holds(match[0], point[0])
        and holds(match[3], point[3])
        and holds(match[2], point[2])
        and holds(match[1], point[1])
        and holds(match[4], point[4])
    )


def answered(match: Box) -> tuple[Box, ...]:
    """The packets whose ANSWER lies in the match: ends swapped, ICMP types turned back into their requests.

    A packet that asks for no answer (ICMP errors) is in no returned box.
    """
    protocol, src, dst, dst_port, src_port = match
    found: list[Box] = []
    plain: list[tuple[int, int]] = []
    for low, high in protocol:
        for number in (protocols.ICMP, protocols.ICMPV6):
            if low <= number <= high:
                requests = _requests(number, dst_port)
                if requests:
                    found.append((((number, number),), dst, src, requests, PORTS))
        plain.extend(_without_icmp(low, high))
    if plain:
        found.append((tuple(plain), dst, src, src_port, dst_port))
    return tuple(found)


def _requests(number: int, kinds: Spans) -> Spans:
    """ICMP requests (any code) whose answer (code 0) is among `kinds`."""
    pairs = protocols.ICMP_REPLIES[number].items()
    return tuple(sorted((ask * 256, ask * 256 + 255) for ask, answer in pairs if holds(kinds, answer * 256)))


def _without_icmp(low: int, high: int) -> list[tuple[int, int]]:
    """The protocol interval without the two ICMP protocols."""
    found = []
    for cut in (protocols.ICMP, protocols.ICMPV6):
        if low <= cut <= high:
            if low < cut:
                found.append((low, cut - 1))
            low = cut + 1
    if low <= high:
        found.append((low, high))
    return found


def clip(match: Box, region: Box) -> Box | None:
    """The part of a match inside a region, None where there is none."""
    parts = []
    for mine, limit in zip(match, region, strict=True):
        if len(mine) == 1 and len(limit) == 1:
            low, high = max(mine[0][0], limit[0][0]), min(mine[0][1], limit[0][1])
            part: Spans = ((low, high),) if low <= high else ()
        else:
            part = meet(mine, limit)
        if not part:
            return None
        parts.append(part)
    return tuple(parts)  # type: ignore[return-value]
