"""Names of ports, and a change of traffic in words: 'internet -> database tcp 1521: now open'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from tenant_ops_dashboard.firewall.ends import INTERNET, own_subnets
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.reachability import link, spans
from tenant_ops_dashboard.reachability.spans import Span, Spans
from tenant_ops_dashboard.sentences import about, join, say

Json = Mapping[str, Any]
Kind = Literal["open", "gained", "lost", "breaks_replies"]
_ENDINGS: Mapping[Kind, str] = {
    "open": say("open"),
    "gained": say("now open"),
    "lost": say("now closed"),
    "breaks_replies": say("still arrives, but its reply no longer returns"),
}
_ANY, _ALL = "0-65535", "0-255"
#: From where clients ask (RFC 6335: dynamic ports).
_DYNAMIC: Span = (49152, 65535)
#: So many addresses of one box are named.
_ADDRESSES = 3


class Labels:
    """What people call ports: the server's name, the load balancer's, the port's own, else the id."""

    def __init__(self, seen: Seen, names: Names) -> None:
        self._ports: dict[str, str] = {}
        self._own = own_subnets(seen.engine.snapshot)
        self._inside = seen.engine.world.inside
        balancers = {one.get("vip_port_id"): str(one.get("name") or "") for one in seen.rows("loadbalancers")}
        for row in seen.rows("ports"):
            server = names.of_devices.get(str(row.get("device_id") or ""))
            label = (server.name if server else "") or balancers.get(row["id"], "") or str(row.get("name") or row["id"])
            self._ports[row["id"]] = label

    def port(self, id_: str | None) -> str:
        """A port's name; None is what is outside."""
        return say("outside") if id_ is None else self._ports.get(id_, id_)

    def outside(self, texts: Sequence[str]) -> str:
        """Addresses outside as a box writes them: 'internet' where it is all of it, else which."""
        read = [_read(one) for one in texts]
        if not read:
            return INTERNET
        version = read[0][0]
        found = spans.normal(span for _, span in read)
        near = spans.normal((*self._own[version], *self._inside[version], *link.link_spans(version)))
        public = spans.minus(((0, spans.TOP[version]),), near)
        if not spans.minus(public, found):
            return INTERNET
        shown = [spans.show_span(version, one) for one in spans.minus(found, self._own[version])]
        if not shown:
            return say("outside with an address of this project's subnets ({first})", first=_first(list(texts)))
        return join("", (INTERNET, " (", _first(shown), ")"))

    def named(self, boxes: Iterable[Json]) -> list[dict[str, Any]]:
        """The boxes with the names that people know."""
        return [{**one, "name": self.port(one["port"])} for one in boxes]


def sentences(labels: Labels, boxes: Iterable[Json], kind: Kind = "gained") -> list[str]:
    """Boxes that were gained, lost or are open, in words, what differs in one thing alone as one: in addresses outside,
    in the sender's port, in the type of ICMP.

    A box has `from` and `port`, as in `difference`. The sender's ports are named where those that clients use are not
    all among them.
    """
    types: dict[tuple[str, str], list[Span]] = {}
    found: dict[tuple[str, str], list[Span]] = {}
    for way, one in _ways(labels, boxes):
        key = way, what(one)
        if "icmp_type" in one and one.get("icmp_code", _ALL) == _ALL:
            key = way, what({**one, "icmp_type": _ALL})
            types.setdefault(key, []).append(_ports(one["icmp_type"]))
        found.setdefault(key, []).append(_ports(one.get("src_port") or _ANY))
    return [
        about(join("", (join(" ", key), _types(types.get(key, ())), _from(spans.normal(ports)))), _ENDINGS[kind])
        for key, ports in found.items()
    ]


def closed(lost: Iterable[Json], breaks_replies: Iterable[Json]) -> list[Json]:
    """The boxes of a difference's lost that arrive no more; the others are those that get no answer."""
    broken = {repr(one) for one in breaks_replies}
    return [one for one in lost if repr(one) not in broken]


def losses(labels: Labels, lost: Iterable[Json], breaks_replies: Sequence[Json]) -> list[str]:
    """What is lost of a difference, in words: what is closed, then what arrives all the same and gets no answer."""
    shut = sentences(labels, closed(lost, breaks_replies), "lost")
    return [*shut, *sentences(labels, breaks_replies, "breaks_replies")]


def _from(ports: Spans) -> str:
    if not spans.minus((_DYNAMIC,), ports):
        return ""
    return say(" (from port {first})", first=_first([_range(f"{low}-{high}") for low, high in ports]))


def _ports(text: str) -> Span:
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def what(box: Json) -> str:
    """A box's protocol and ports: 'tcp 1521', 'icmp type 8', 'any protocol'."""
    protocol = say("any protocol") if box["protocol"] == "any" else str(box["protocol"])
    if protocol.isdigit() or protocol[:1].isdigit():
        protocol = say("protocol {protocol}", protocol=protocol)
    if "icmp_type" in box:
        return (
            protocol
            if box["icmp_type"] == _ALL
            else say("{protocol} type {range}", protocol=protocol, range=_range(box["icmp_type"]))
        )
    if box["dst_port"] != _ANY:
        protocol = join(" ", (protocol, _range(box["dst_port"])))
    return protocol


def _ways(labels: Labels, boxes: Iterable[Json]) -> Iterator[tuple[str, Json]]:
    """The boxes, each with its two ends in words; of those that differ in the addresses of one end outside, the first
    with all of these.
    """
    merged: dict[tuple[Any, ...], tuple[Json, list[str]]] = {}
    for one in boxes:
        end = "src" if not one.get("from") else "dst"
        rest = () if one.get("from") and one["port"] else tuple(one["src" if end == "dst" else "dst"])
        key = (
            one.get("from"), one["port"], ":" in str(one[end][:1]), rest, what(one), one.get("icmp_code"),
            one.get("src_port"),
        )  # fmt: skip
        merged.setdefault(key, (one, []))[1].extend(one[end])
    for one, texts in merged.values():
        source = labels.port(one["from"]) if one.get("from") else labels.outside(texts)
        target = labels.port(one["port"]) if one["port"] else labels.outside(texts if one.get("from") else one["dst"])
        yield join(" -> ", (source, target)), one


def _types(told: Iterable[Span]) -> str:
    """ICMP's types, where they are not all."""
    ranges = [f"{low}-{high}" for low, high in spans.normal(told)]
    return say(" type {first}", first=_first([_range(one) for one in ranges])) if ranges and ranges != [_ALL] else ""


def _first(told: Sequence[str]) -> str:
    more = say(" and {n} more", n=len(told) - _ADDRESSES) if len(told) > _ADDRESSES else ""
    return join("", (", ".join(told[:_ADDRESSES]), more))


def _read(text: str) -> tuple[int, Span]:
    """A CIDR or 'a-b' of a box: the IP version, and first and last address."""
    low, dash, high = text.partition("-")
    if dash:
        version, first = spans.address(low)
        return version, (first, spans.address(high)[1])
    version, first, last, _ = spans.network(text)
    return version, (first, last)


def _range(text: str) -> str:
    low, _, high = text.partition("-")
    return low if low == high else text
