"""Boxes written the way the contract shows them: address lists, names of protocols, 'a-b' ranges."""

from bisect import bisect_right
from typing import Any

from . import protocols
from .boxes import Box
from .sets import Via
from .spans import TOP, Span, Spans, show_span

WHOLE_RANGE = (0, 65535)


def write_box(
    version: int, match: Box, via: Via, reply: str, src: Spans | None = None, dst: Spans | None = None
) -> list[dict[str, Any]]:
    """One box as dictionaries, one for every protocol and port interval. Pinned ends are given as spans."""
    kinds, box_src, box_dst, dst_ports, src_ports = match
    found = []
    for kind in kinds:
        for low, high in dst_ports:
            for fields in _header(kind, (low, high), version):
                for source_port in src_ports:
                    told: dict[str, Any] = {
                        "src": [show_span(version, span) for span in (src or box_src)],
                        "dst": [show_span(version, span) for span in (dst or box_dst)],
                        "protocol": _protocol(kind),
                        **fields,
                    }
                    if "icmp_type" not in fields:
                        told["src_port"] = f"{source_port[0]}-{source_port[1]}"
                    told["reply"] = reply
                    told["rules"] = [{"layer": layer, "rule_id": rule} for layer, rule in dict.fromkeys(via)]
                    found.append(told)
    return found


def _protocol(kind: Span) -> str:
    if kind == (0, 255):
        return protocols.ANY
    return protocols.name_of(kind[0]) if kind[0] == kind[1] else f"{kind[0]}-{kind[1]}"


def _header(kind: Span, ports: Span, version: int) -> list[dict[str, str]]:
    if kind[0] != kind[1] or kind[0] not in protocols.ICMP_REPLIES:
        return [{"dst_port": f"{ports[0]}-{ports[1]}"}]
    if ports == WHOLE_RANGE:
        return [{"icmp_type": "0-255", "icmp_code": "0-255"}]
    low, high = ports
    found = []
    while low <= high:
        kind_low, code = divmod(low, 256)
        last = min(high, kind_low * 256 + 255)
        if code == 0 and high >= low + 255:
            last = (high + 1) // 256 * 256 - 1
        codes = (0, 255) if last - low >= 255 else (code, last % 256)
        found.append({"icmp_type": f"{kind_low}-{last // 256}", "icmp_code": f"{codes[0]}-{codes[1]}"})
        low = last + 1
    return found


def outside_only(spans: Spans, inside: Spans) -> Spans:
    """Sources as seen from outside: pieces that only known inner addresses could send from are left out."""
    return tuple(span for span in spans if not _covered(span, inside))


def _covered(span: Span, inside: Spans) -> bool:
    place = bisect_right(inside, (span[0], TOP[6]))
    return place > 0 and inside[place - 1][1] >= span[1]
