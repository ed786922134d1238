"""The ways exposure follows to addresses that are no port's: those that never leave a link, and stretches outside.

A piece is the metadata address, a directed broadcast or the limited one, or the part of the multicast range asked for;
a stretch is a part of the outside that the same routes lead to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tenant_ops_dashboard.sentences import say

from . import link, spans
from .engine import Engine
from .model import Port
from .spans import Span, Spans
from .steps import Check, Fact, Path, View

#: Said of a way to everybody on a link: what each port takes in stands in its own entry.
EACH = say(
    "each port of the sender's network lets a multicast or broadcast in by its own rules: see the ports' entries"
)


def pieces(engine: Engine, sender: Port, limits: Mapping[int, Spans] | None) -> Iterator[tuple[int, Span]]:
    """The (version, addresses) asked for that stay on the sender's link; none where no addresses are named."""
    for version in (4, 6) if limits is not None else ():
        wanted = limits[version] if limits is not None else ()
        single = [link.METADATA[version], *([link.BROADCAST] if version == 4 else [])]
        single += [s.span[1] for s in engine.world.subnets_of(sender, version) if version == 4]
        for number in dict.fromkeys(single):
            if spans.holds(wanted, number) and link.kind(engine.world, sender, version, number):
                yield version, (number, number)
        yield from ((version, span) for span in spans.meet(wanted, (link.MULTICAST[version],)))


def walk(engine: Engine, sender: Port, number: int, piece: tuple[int, Span], to: Port | None) -> Path:
    """The way of everything from one address to a piece; the views of one wider than an address leave it open."""
    version, (low, high) = piece
    path = engine.walk(sender, View(version, number, low), to=to)
    if low == high:
        return path
    steps = tuple(item if isinstance(item, Fact) else _open(item) for item in path.steps)
    return replace(path, steps=steps)


def _open(check: Check) -> Check:
    return replace(check, view=replace(check.view, dst=None))


def hearers(engine: Engine, senders: tuple[Port, ...], limits: Mapping[int, Spans] | None) -> list[Port]:
    """The ports that multicasts and broadcasts of these senders come to, where the question names such addresses."""
    found: dict[str, Port] = {}
    for sender in senders:
        if any(not _is_service(version, span) for version, span in pieces(engine, sender, limits)):
            found |= {port.id: port for port in engine.world.on_link(sender)}
    return list(found.values())


def for_port(engine: Engine, sender: Port, limits: Mapping[int, Spans] | None) -> list[tuple[int, Span]]:
    """The pieces that other ports of the link hear."""
    return [piece for piece in pieces(engine, sender, limits) if not _is_service(*piece)]


def _is_service(version: int, span: Span) -> bool:
    return span == (link.METADATA[version], link.METADATA[version])


def without_link(limits: Mapping[int, Spans] | None, version: int) -> Spans | None:
    """The addresses of a question that routers know; None for any, also where every address is named."""
    if limits is None or limits[version] == (link.whole(version),):
        return None
    return spans.minus(limits[version], link.link_spans(version))


#: With more stretches than this an outside range is told by the default route alone, and the answer says so.
STRETCHES = 64


def stretches(engine: Engine, limits: Spans | None, version: int) -> list[Span] | None:
    """Addresses of a question about the outside, cut wherever a route or subnet may lead elsewhere; None for too many.

    What is known inside is left out: ports have entries of their own.
    """
    if limits is None:
        return None
    snapshot = engine.snapshot
    routes = [route for router in snapshot.routers.values() for route in router.routes]
    routes += [route for subnet in snapshot.subnets.values() for route in subnet.host_routes]
    cuts = {end for route in routes if route.version == version for end in (route.span[0], route.span[1] + 1)}
    for subnet in snapshot.subnets.values():
        if subnet.version == version:
            low, high = subnet.span
            cuts |= {low, high, high + 1} if version == 4 else {low, high + 1}
    found: list[Span] = []
    for low, high in spans.minus(limits, engine.world.inside[version]):
        starts = [low, *sorted(cut for cut in cuts if low < cut <= high)]
        found += zip(starts, [*(start - 1 for start in starts[1:]), high], strict=True)
        if len(found) > STRETCHES:
            return None
    return found
