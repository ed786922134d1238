"""Per destination port the exact set of traffic that gets through, as disjoint boxes with the rules that let it."""

from collections.abc import Iterator
from typing import Any

from . import balance, spans
from .boxes import box
from .budget import Budget
from .diagram import NOTHING, Reference
from .engine import Engine
from .errors import TooComplex
from .model import Listener, Port
from .reach import Reach
from .scope import Scope, Target, Targets, read_scope
from .sets import Sets, restrict
from .spans import Spans
from .steps import Path, View
from .written import outside_only, write_box

REPLIES = {1: "allow", 2: "deny", 3: "n/a"}


class Exposure:
    """One question; call `entries` for the answer, port by port."""

    def __init__(self, engine: Engine, source: Scope, target: Scope, budget: Budget | None = None) -> None:
        self.engine = engine
        self.source = source
        self.target = target
        self.budget = budget or Budget(seconds=float("inf"))
        self.reaches = {version: Reach(engine, Sets(version, self.budget)) for version in (4, 6)}
        self.targets = Targets(engine.world)
        self._final: dict[tuple[int, Reference, Reference], Reference] = {}
        self._states: dict[int, list[tuple[int, int]]] = {4: [(0, 0)], 6: [(0, 0)]}
        self._replies: dict[tuple[int, Reference], Reference] = {}
        self._known: dict[int, dict[tuple[int, int], int]] = {4: {}, 6: {}}
        self._boxes: dict[tuple[int, Reference], list[Any]] = {}
        self._legs: dict[str, list[Listener]] = {}

    def entries(self) -> Iterator[dict[str, Any]]:
        """One dictionary per destination port something reaches (or where something is not known)."""
        for port in self.target.ports:
            entry = self._entry(port, lambda port=port: self._boxes_to(port))
            if entry is not None:
                yield entry
        if self.target.outside:
            entry = self._entry(None, self._boxes_to_outside)
            if entry is not None:
                yield entry

    def _entry(self, port: Port | None, make: Any) -> dict[str, Any] | None:
        boxes: list[dict[str, Any]] = []
        unknown: list[str] = []
        try:
            for found, sentences in make():
                boxes += found
                unknown += [sentence for sentence in sentences if sentence not in unknown]
        except TooComplex as error:
            boxes, unknown = [], [str(error)]
        if not boxes and not unknown:
            return None
        entry: dict[str, Any] = {
            "port": port.id if port else None,
            "name": port.name if port else "outside",
            "boxes": boxes,
        }
        entry["profile"] = self.engine.profile
        entry["unknown"] = unknown
        return entry

    # Ways

    def _boxes_to(self, port: Port) -> Iterator[tuple[list[dict[str, Any]], list[str]]]:
        for target in self.targets.of(port, self.target.limits):
            if self.source.outside and self._may_enter(port, target):
                limit = None if self.source.limits is None else self.source.limits[target.version]
                if limit is None or limit:
                    yield self._boxes_of(None, None, target, port, limit)
            for sender in self.source.ports:
                for number in self._source_numbers(sender, target.version):
                    if sender is not port:
                        yield self._boxes_of(sender, number, target, port, None)

    def _may_enter(self, port: Port, target: Target) -> bool:
        """A quick no for addresses that nothing outside can ask for."""
        world = self.engine.world
        if (target.version, target.address) in world.floating or world.open_routers[target.version]:
            return True
        network = self.engine.snapshot.networks[port.network_id]
        return network.external or network.physical

    def _source_numbers(self, sender: Port, version: int) -> list[int]:
        numbers = [address.number for address in sender.addresses if address.version == version]
        numbers += [p.span[0] for p in sender.pairs if p.version == version and p.span[0] == p.span[1]]
        limits = self.source.limits
        return [n for n in dict.fromkeys(numbers) if limits is None or spans.holds(limits[version], n)]

    def _boxes_to_outside(self) -> Iterator[tuple[list[dict[str, Any]], list[str]]]:
        for sender in self.source.ports:
            for version in (4, 6):
                limit = None if self.target.limits is None else self.target.limits[version]
                if limit == ():
                    continue
                for number in self._source_numbers(sender, version):
                    path = self.engine.walk(sender, View(version, number, None))
                    final, notes = self._set(path, sender, None)
                    made = self._write(version, final, ((number, number),), None, limit)
                    yield made, notes if made else []

    def _boxes_of(
        self, sender: Port | None, number: int | None, target: Target, port: Port, limit: Spans | None
    ) -> tuple[list[dict[str, Any]], list[str]]:
        """The boxes of one way, written out."""
        first = target.ports[0] if target.ports else None
        path = self.engine.walk(sender, View(target.version, number, target.address), target.protocol, first)
        if path.end is not port and not self._stands_for(path, port):
            return [], []
        final, notes = self._set(path, sender, target, self._listeners(port))
        pinned = None if number is None else ((number, number),)
        made = self._write(target.version, final, pinned, ((target.address, target.address),), limit)
        return made, notes if made or notes else []

    def _stands_for(self, path: Path, port: Port) -> bool:
        """A virtual port is reached when one of the ports that share its address is."""
        end, dst = path.end, path.view.dst
        if end is None or dst is None or end.network_id != port.network_id:
            return False
        return end in self.engine.world.pair_holders(port.network_id, path.view.version, dst)

    # Sets

    def _set(
        self, path: Path, sender: Port | None, target: Target | None, listeners: list[Listener] | None = None
    ) -> tuple[Reference, list[str]]:
        version = path.view.version
        reach = self.reaches[version]
        there = reach.there(path)
        if there != NOTHING and target is not None and target.ports is not None and target.protocol is not None:
            wanted = restrict(version, None, (target.protocol, (target.ports,)))
            there = reach.sets.both(there, reach.sets.union([wanted]))
        if there != NOTHING and listeners is not None:
            there = reach.sets.both(there, reach.sets.union(self._listener_boxes(version, listeners)))
        if there == NOTHING:
            return NOTHING, reach.unknown
        back = reach.back(path, sender)
        return self._split(version, there, back), reach.unknown

    def _split(self, version: int, there: Reference, back: Reference) -> Reference:
        """Join what arrives with what becomes of the reply: leaf values index `_states`."""
        key = (version, there, back)
        found = self._final.get(key)
        if found is None:
            reach, states = self.reaches[version], self._states[version]
            sets = reach.sets
            asked = self._asked(version, back)
            known = self._known[version]

            def join(via: int, reply: int) -> int:
                if not via:
                    return 0
                state = (via, reply)
                if state not in known:
                    known[state] = len(states)
                    states.append(state)
                return known[state]

            found = self._final[key] = sets.store.apply(join, there, asked, "left")
        return found

    def _asked(self, version: int, back: Reference) -> Reference:
        """All packets by what becomes of their reply: 1 it comes back, 2 it does not, 3 none is asked for."""
        found = self._replies.get((version, back))
        if found is None:
            sets, asking = self.reaches[version].sets, self.reaches[version].asking
            found = sets.store.apply(lambda asks, comes: (1 if comes else 2) if asks else 3, asking, back)
            self._replies[version, back] = found
        return found

    def _write(
        self, version: int, final: Reference, src: Spans | None, dst: Spans | None, limit: Spans | None
    ) -> list[dict[str, Any]]:
        if final == NOTHING:
            return []
        sets = self.reaches[version].sets
        key = (version, final)
        parts = self._boxes.get(key)
        if parts is None:
            parts = self._boxes[key] = list(sets.store.boxes(final))
        found: list[dict[str, Any]] = []
        inside = self.engine.world.inside[version]
        for match, value in parts:
            via, reply = self._states[version][value]
            box_src, box_dst = match[1], match[2]
            if src is None:
                box_src = outside_only(spans.meet(box_src, limit) if limit else box_src, inside)
            if dst is None:
                box_dst = outside_only(spans.meet(box_dst, limit) if limit else box_dst, inside)
            if box_src and box_dst:
                shown = (match[0], box_src, box_dst, match[3], match[4])
                found += write_box(version, shown, sets.vias[via], REPLIES[reply], src, dst)
        return found

    # Load balancers

    def _listeners(self, port: Port) -> list[Listener] | None:
        """For a virtual port: the listeners behind which some member can be reached. None for other ports."""
        balancer = self.engine.world.balancer_of.get(port.id)
        if balancer is None:
            return None
        found = self._legs.get(port.id)
        if found is None:
            found = self._legs[port.id] = [
                listener
                for listener in balance.listeners_of(self.engine, balancer)
                if balancer.admin_up
                and any(
                    balance.try_member(self.engine, balancer, port, member, listener)[1].verdict == "allow"
                    for member in balance.members_of(self.engine, listener)
                )
            ]
        return found

    def _listener_boxes(self, version: int, listeners: list[Listener]) -> list[Any]:
        found = []
        for item in listeners:
            sources = spans.normal(span for v, span in item.allowed if v == version) if item.allowed else None
            if sources != ():
                port = ((item.port, item.port),)
                found.append(box(version, ((item.protocol, item.protocol),), src=sources, dst_port=port))
        return found


def exposure(
    engine: Engine, source: str = "internet", target: str | None = None, budget: Budget | None = None
) -> list[dict[str, Any]]:
    """Answer `--from` and `--to`; without a target every port is one. Raises BadInput for what cannot be read."""
    to = Scope(False, tuple(engine.snapshot.ports.values())) if target is None else read_scope(engine, target, "--to")
    return list(Exposure(engine, read_scope(engine, source, "--from"), to, budget).entries())
