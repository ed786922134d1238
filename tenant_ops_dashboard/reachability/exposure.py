"""Per destination port the exact set of traffic that gets through, as disjoint boxes with the rules that let it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.sentences import say

from . import link, linkways, spans
from .balanced import Balanced, better
from .boxes import DST, SRC, Box
from .diagram import NOTHING, Reference
from .engine import Engine
from .errors import TooComplex
from .model import Port
from .reach import Reach
from .scope import Scope, Target, Targets, read_scope, servers
from .sets import Sets, restrict
from .spans import Span, Spans
from .steps import Fact, Path, View
from .written import outside_only, write_box

#: With more nodes than this the sets are begun afresh, so that memory does not grow with the number of ports.
FULL = 200_000
REPLIES = {1: "allow", 2: "deny", 3: "n/a"}


@dataclass(frozen=True, slots=True)
class Found:
    """One way's set: leaf values of `final` index the sets' states. `src` and `dst` are given where they are fixed.

    `granted` are those of `unknown` that let no further packet arrive, whatever comes of them.
    """

    key: tuple[object, ...]
    version: int
    final: Reference
    src: Spans | None
    dst: Spans | None
    limit: Spans | None
    unknown: tuple[str, ...]
    granted: tuple[str, ...] = ()

    @property
    def sender(self) -> str | None:
        """The id of the port that sends; None is outside."""
        id_ = self.key[2] if self.key[0] == "link" else self.key[1]
        return None if id_ is None else str(id_)


class Exposure:
    """One question; `entries` is the answer, port by port. Questions that are compared share their sets."""

    def __init__(self, engine: Engine, source: Scope, target: Scope, shared: Mapping[int, Sets] | None = None) -> None:
        self.engine = engine
        self.source = source
        self.target = target
        self.targets = Targets(engine.world)
        self.balanced = Balanced(engine)
        subnets = engine.snapshot.subnets.values()
        self._subnets = {version: spans.normal(s.span for s in subnets if s.version == version) for version in (4, 6)}
        self._unlisted = [line for sender in source.ports for line in _ranges(sender, "from")]
        self.shared = shared is not None
        self._begin(shared or {version: Sets(version) for version in (4, 6)})

    def _begin(self, sets: Mapping[int, Sets]) -> None:
        """Start with these sets and nothing remembered."""
        self.sets = sets
        self.reaches = {version: Reach(self.engine, sets[version]) for version in (4, 6)}
        self._final: dict[tuple[int, Reference, Reference], Reference] = {}
        self._replies: dict[tuple[int, Reference], Reference] = {}
        self._boxes: dict[tuple[int, Reference], list[tuple[Box, int]]] = {}

    def entries(self) -> Iterator[dict[str, Any]]:
        """One dictionary per destination something reaches (or where something is not known)."""
        heard = linkways.hearers(self.engine, self.source.ports, self.target.limits)
        ports = dict.fromkeys((*self.target.ports, *heard))
        for port in (*ports, *((None,) if self.target.outside else ())):
            boxes: list[dict[str, Any]] = []
            unknown: list[str] = []
            try:
                unknown += [*_ranges(port), *self._unlisted]
                for found in self.ways(port):
                    boxes += self.write(found)
                    unknown += [sentence for sentence in found.unknown if sentence not in unknown]
            except TooComplex as error:
                boxes, unknown = [], [str(error)]
            if boxes or unknown[len(_ranges(port)) + len(self._unlisted) :]:
                name = port.name if port else "outside"
                entry: dict[str, Any] = {"port": port.id if port else None, "name": name, "boxes": boxes}
                yield entry | {"profile": self.engine.told, "unknown": unknown}

    def ways(self, port: Port | None) -> Iterator[Found]:
        """Every way to a port, or (None) to the outside. Raises TooComplex."""
        if not self.shared and any(len(sets.store.nodes) > FULL for sets in self.sets.values()):
            self._begin({version: Sets(version) for version in (4, 6)})
        for sets in self.sets.values():
            sets.store.budget.restart(len(sets.store.nodes))
        return self._to_outside() if port is None else self._to_port(port)

    def _to_port(self, port: Port) -> Iterator[Found]:
        for target in self.targets.of(port, self.target.limits, bool(self.source.ports)):
            if self.source.outside and not target.on_link and self._may_enter(port, target):
                limit = None if self.source.limits is None else self.source.limits[target.version]
                if limit is None or limit:
                    yield from self._way(None, None, target, port, limit)
            for sender in self.source.ports:
                together = sender.network_id == port.network_id
                if sender is port or (target.on_link and not together):
                    continue
                for number in self._source_numbers(sender, target.version, together):
                    yield from self._way(sender, number, target, port, None)
        for sender in self.source.ports:
            if sender is not port and sender.network_id == port.network_id:
                for piece in linkways.for_port(self.engine, sender, self.target.limits):
                    yield from self._on_link(sender, piece, port)

    def _may_enter(self, port: Port, target: Target) -> bool:
        """A quick no for addresses that nothing outside can ask for."""
        world = self.engine.world
        if (target.version, target.address) in world.floating or world.open_routers[target.version]:
            return True
        network = self.engine.snapshot.networks[port.network_id]
        return network.external or network.physical

    def _source_numbers(self, sender: Port, version: int, on_link: bool = False) -> list[int]:
        """Addresses a port may send from: its own and its pairs', to its link its link-local ones too."""
        numbers = [address.number for address in sender.addresses if address.version == version]
        pairs = (p.span[0] for p in sender.pairs if p.version == version and p.span[0] == p.span[1])
        numbers += [number for number in pairs if self._stands_in(sender, version, number)]
        numbers += [n for n in sender.link_locals if on_link and version == 6]
        limits = self.source.limits
        return [n for n in dict.fromkeys(numbers) if limits is None or spans.holds(limits[version], n)]

    def _stands_in(self, sender: Port, version: int, number: int) -> bool:
        """Of several sources that share an address by their pairs the first stands for all: boxes are disjoint."""
        held = self.engine.world.holders(sender.network_id, version, number) if len(self.source.ports) > 1 else []
        first = next((port for port in held if port in self.source.ports), sender)
        return first is sender

    def _to_outside(self) -> Iterator[Found]:
        for sender in self.source.ports:
            for piece in linkways.pieces(self.engine, sender, self.target.limits):
                yield from self._on_link(sender, piece, None)
            for version in (4, 6):
                limit = linkways.without_link(self.target.limits, version)
                parts = linkways.stretches(self.engine, limit, version)
                for number in self._source_numbers(sender, version) if limit != () else ():
                    if parts is None:
                        path = self.engine.walk(sender, View(version, number, None))
                        yield from self._away(sender, number, path, limit, self._side_roads())
                    for part in parts or ():
                        path = linkways.walk(self.engine, sender, number, (version, part), None)
                        if path.end is None and not path.link:
                            yield from self._away(sender, number, path, (part,), [])

    def _away(self, sender: Port, src: int, path: Path, limit: Spans | None, notes: list[str]) -> Iterator[Found]:
        """What leaves to the outside by one way."""
        version = path.view.version
        final, unknown = self._set(path, sender, None)
        granted = tuple(self.reaches[version].granted)
        if final != NOTHING or unknown:
            key = (version, sender.id, src, limit)
            yield Found(key, version, final, ((src, src),), None, limit, (*unknown, *notes), granted)

    def _on_link(self, sender: Port, piece: tuple[int, Span], port: Port | None) -> Iterator[Found]:
        """The ways to addresses that stay on the sender's link: to one port there, or (None) to all that hear."""
        version, (low, high) = piece
        sets, reach = self.sets[version], self.reaches[version]
        service = link.range_kind(version, low) == "metadata"
        for number in [*self._source_numbers(sender, version, True), *self._nobody(version)]:
            path = linkways.walk(self.engine, sender, number, piece, port)
            there = reach.there(path)
            notes = [*reach.unknown, *([] if service or port is not None else [linkways.EACH])]
            if there == NOTHING:
                continue
            if service:
                final = self._split(version, there, reach.back(path, sender))
            else:
                final = sets.store.apply(lambda via, _: sets.state(via, 3), there, NOTHING)
            key = ("link", version, sender.id, number, low, port.id if port else None)
            dst = ((low, high),) if low == high else None
            yield Found(key, version, final, ((number, number),), dst, ((low, high),), tuple(notes))

    def _nobody(self, version: int) -> list[int]:
        """The unspecified address, which a server without one sends from, where the question does not leave it out."""
        limits = self.source.limits
        return [0] if limits is None or spans.holds(limits[version], 0) else []

    def _side_roads(self) -> list[str]:
        """Routes that may lead some outside addresses another way than the default route taken here."""
        snapshot = self.engine.snapshot
        if any(r.routes for r in snapshot.routers.values()) or any(s.host_routes for s in snapshot.subnets.values()):
            return [say("extra or host routes may lead some outside addresses another way: probe those")]
        return []

    def _way(
        self, sender: Port | None, number: int | None, target: Target, port: Port, limit: Spans | None
    ) -> Iterator[Found]:
        first = target.ports[0] if target.ports else None
        view = View(target.version, number, target.address)
        path = self.engine.walk(sender, view, target.protocol, first, port)
        if path.end is not port and not self._stands_for(path, port):
            return
        balancer = self.engine.world.balancer_of.get(port.id)
        if balancer is not None and balancer.in_switch:
            final, notes = self._switched(path, view, sender, target, port)
            granted: tuple[str, ...] = ()  # of several ways at once
        else:
            final, notes = self._set(path, sender, target, None if balancer is None else port)
            granted = tuple(self.reaches[target.version].granted)
        if final != NOTHING or notes:
            key = (target, sender.id if sender else None, number)
            src = None if number is None else ((number, number),)
            dst = ((target.address, target.address),)
            yield Found(key, target.version, final, src, dst, limit, tuple(notes), granted)

    def _stands_for(self, path: Path, port: Port) -> bool:
        """A virtual port is reached when one of the ports that share its address is."""
        version, dst, end = path.view.version, path.view.dst, path.end
        own = any((address.version, address.number) == (version, dst) for address in port.addresses)
        return own and dst is not None and end in self.engine.world.holders(port.network_id, version, dst)

    def _switched(
        self, path: Path, view: View, sender: Port | None, target: Target, port: Port
    ) -> tuple[Reference, list[str]]:  # fmt: skip
        """What gets through OVN's own load balancer to any of its members."""
        sets = self.sets[view.version]
        total, notes = NOTHING, list(path.unknown)
        for taking in self.balanced.in_switch(port, path):
            found = []
            for member, way in taking.ways:
                onward = self.engine.walk(sender, view, taking.protocol, taking.asked[0][0], switched=way)
                final, more = self._set(onward, sender, target, only=taking.taken(sets))
                notes += [one for one in more if one not in notes]
                found.append((member, final))
                total = better(sets, total, final)
            notes += self.balanced.note(sets, found)
        return total, notes

    # Sets

    def _set(
        self,
        path: Path,
        sender: Port | None,
        target: Target | None,
        virtual: Port | None = None,
        only: Reference | None = None,
    ) -> tuple[Reference, list[str]]:
        """The packets of a way; `virtual` is a load balancer's port that it came to, `only` a set to stay within."""
        version = path.view.version
        reach = self.reaches[version]
        there = reach.there(path)
        if there != NOTHING and target is not None and target.ports is not None and target.protocol is not None:
            wanted = restrict(version, None, (target.protocol, (target.ports,)))
            there = reach.sets.both(there, reach.sets.union([wanted]))
        if only is not None:
            there = reach.sets.both(there, only)
        if virtual is not None:
            there = self.balanced.restrict(reach, there, path, virtual)
        if there == NOTHING:
            return NOTHING, reach.unknown
        back = reach.back(path, sender)
        return self._split(version, there, back), reach.unknown

    def _split(self, version: int, there: Reference, back: Reference) -> Reference:
        """Join what arrives with what becomes of the reply."""
        key = (version, there, back)
        found = self._final.get(key)
        if found is None:
            sets = self.sets[version]
            found = self._final[key] = sets.store.apply(sets.state, there, self._asked(version, back), "left")
        return found

    def _asked(self, version: int, back: Reference) -> Reference:
        """All packets by what becomes of their reply: 1 it comes back, 2 it does not, 3 none is asked for."""
        found = self._replies.get((version, back))
        if found is None:
            sets, asking = self.reaches[version].sets, self.reaches[version].asking
            found = sets.store.apply(lambda asks, comes: (1 if comes else 2) if asks else 3, asking, back)
            self._replies[version, back] = found
        return found

    def write(self, found: Found, final: Reference | None = None) -> list[dict[str, Any]]:
        """A way's set (or another one, `final`, about the same ends) in the contract's form."""
        version, root = found.version, found.final if final is None else final
        if root == NOTHING:
            return []
        sets = self.sets[version]
        parts = self._boxes.get((version, root))
        if parts is None:
            parts = self._boxes[version, root] = list(sets.store.boxes(root))
        told: list[dict[str, Any]] = []
        for match, value in parts:
            via, reply = sets.states[value]
            src = match[SRC] if found.src is not None else self._outside(version, match[SRC], found.limit)
            dst = match[DST] if found.dst is not None else self._outside(version, match[DST], found.limit)
            for sources, comes in self._by_answer(found, src, reply) if src and dst else ():
                shown = (match[0], sources, dst, match[3], match[4])
                told += write_box(version, shown, sets.vias[via], REPLIES[comes], found.src, found.dst)
        return told

    def _by_answer(self, found: Found, sources: Spans, reply: int) -> list[tuple[Spans, int]]:
        """Sources from outside by what becomes of their reply: one to an inner subnet does not go out again."""
        target = found.key[0]
        if reply != 1 or found.src is not None or not isinstance(target, Target):
            return [(sources, reply)]
        lost = tuple(one for one in sources if not self._goes_out(found.version, one, target))
        parts = [(tuple(one for one in sources if one not in lost), 1), (lost, 2)]
        return [(part, comes) for part, comes in parts if part]

    def _goes_out(self, version: int, sources: Span, target: Target) -> bool:
        """Whether the reply to these goes back where they came in. A range that is more than a subnet's is outside."""
        if outside_only((sources,), self._subnets[version]):
            return True
        number = spans.minus((sources,), self.engine.world.inside[version])[0][0]
        first = target.ports[0] if target.ports else None
        path = self.engine.walk(None, View(version, number, target.address), target.protocol, first)
        back = self.engine.walk_back(path, None)
        return back.arrives and all(not isinstance(one, Fact) or one.decision == "allow" for one in back.steps)

    def _outside(self, version: int, addresses: Spans, limit: Spans | None) -> Spans:
        wanted = spans.meet(addresses, limit) if limit else addresses
        return outside_only(wanted, self.engine.world.inside[version])


def _ranges(port: Port | None, way: str = "to") -> list[str]:
    """Address pairs that are whole networks: what they are asked for, or send, is not listed."""
    wide = [pair for pair in port.pairs if pair.span[0] != pair.span[1]] if port is not None else []
    return [
        say(
            "traffic {way} the address pair {span} is not listed",
            way=way,
            span=spans.show_span(pair.version, pair.span),
        )
        for pair in wide
    ]


def exposure(engine: Engine, source: str = "internet", target: str | None = None) -> list[dict[str, Any]]:
    """Answer `--from` and `--to`; without a target every server's port is one. Raises BadInput."""
    everyone = Scope(False, servers(engine.snapshot))
    to = everyone if target is None else read_scope(engine, target, "--to")
    return list(Exposure(engine, read_scope(engine, source, "--from"), to).entries())
