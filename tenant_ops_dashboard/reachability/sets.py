"""Gates as sets of packets: diagrams over the sender's packet, whatever the gate itself gets to see of it."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from . import protocols
from .boxes import ADDRESSES, DST, DST_PORT, PORTS, SRC, Box, answered, box
from .budget import Budget
from .build import all_matches, first_match
from .diagram import NOTHING, SOMETHING, Diagrams, Reference
from .gates import Gate, Line, Reading
from .model import Forwarding
from .spans import Spans, holds, meet, minus
from .steps import View

#: Security groups with more rules than this name one rule a box instead of every rule that allows it.
MANY_RULES = 200

#: What let a packet through: (layer, rule id) of every gate's rule.
Via = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """How a gate sees the sender's packet: its view, and whether it is the answer that it sees."""

    view: View
    answer: bool = False


class Sets:
    """The sets of one IP version, with one budget."""

    def __init__(self, version: int, budget: Budget | None = None) -> None:
        self.version = version
        self.store = Diagrams(version, budget)
        self.vias: list[Via] = [(), ()]
        self._via: dict[Via, int] = {(): 1}
        self.states: list[tuple[int, int]] = [(0, 0)]
        self._state: dict[tuple[int, int], int] = {}
        self._made: dict[object, Reference] = {}
        self._pairs: dict[tuple[str, Reference, Reference], Reference] = {}
        self._pinned: dict[object, tuple[Line, ...]] = {}
        self._chosen: dict[tuple[int, tuple[int, ...]], tuple[Line, ...]] = {}
        self._cuts: dict[int, tuple[list[int], list[int]]] = {}
        self._kept: list[object] = []

    # Combining; 0 is 'not in the set', other values name what let it through

    def both(self, left: Reference, right: Reference) -> Reference:
        """Packets in both sets; the ways through are joined."""
        if left == NOTHING or right == NOTHING:
            return NOTHING
        if left == SOMETHING:
            return right
        return left if right == SOMETHING else self._apply("both", self._join, left, right, "both")

    def _join(self, left: int, right: int) -> int:
        return self.via((*self.vias[left], *self.vias[right])) if left and right else 0

    def either(self, left: Reference, right: Reference) -> Reference:
        """Packets in either set, without their ways."""
        return self._apply("either", lambda a, b: 1 if a or b else 0, left, right)

    def without(self, left: Reference, right: Reference) -> Reference:
        """Packets of the left set that are not in the right one; the left ways stay."""
        return self._apply("without", lambda a, b: 0 if b else a, left, right, "left")

    def _apply(
        self, name: str, op: Callable[[int, int], int], left: Reference, right: Reference, zero: str = ""
    ) -> Reference:
        key = (name, left, right)
        found = self._pairs.get(key)
        if found is None:
            found = self._pairs[key] = self.store.apply(op, left, right, zero)
        return found

    def via(self, ways: Via) -> int:
        """The leaf value that stands for these ways."""
        found = self._via.get(ways)
        if found is None:
            found = self._via[ways] = len(self.vias)
            self.vias.append(ways)
        return found

    def state(self, via: int, reply: int) -> int:
        """The leaf value for 'let through in these ways, and this becomes of the reply'; it indexes `states`."""
        if not via:
            return 0
        found = self._state.get((via, reply))
        if found is None:
            found = self._state[via, reply] = len(self.states)
            self.states.append((via, reply))
        return found

    # From boxes and gates

    def union(self, boxes: list[Box]) -> Reference:
        """Packets in any of the boxes."""
        key = ("union", tuple(boxes))
        found = self._made.get(key)
        if found is None:
            found = first_match(self.store, boxes)
            found = self._made[key] = self.store.apply(lambda a, _: 1 if a else 0, found, NOTHING)
        return found

    def gate(self, gate: Gate, frame: Frame) -> Reference:
        """The packets a gate lets through, with its rules as their way."""
        if gate.open is not None:
            return SOMETHING
        return self.reading(gate, gate.reading, frame)

    def others(self, gate: Gate, frame: Frame) -> list[Reference]:
        """The sets of the gate's other possible readings."""
        return [self.reading(gate, reading, frame) for reading in gate.others]

    def reading(self, gate: Gate, reading: Reading, frame: Frame) -> Reference:
        """The packets a gate would let through if it worked by this reading."""
        found = self._reading(reading, frame, gate.union, gate.layer)
        return self.without(found, self.lines(gate.never, frame)) if gate.never else found

    def same(self, left: Reference, right: Reference) -> bool:
        """Say whether two sets hold the same packets, whatever their ways."""
        return self._apply("differ", lambda a, b: 1 if bool(a) != bool(b) else 0, left, right) == NOTHING

    def lines(self, lines: tuple[Line, ...], frame: Frame) -> Reference:
        """The packets that match any of the lines."""
        boxes: list[Box] = []
        for line in self._pin(lines, frame):
            boxes += self._seen(line.match, frame)
        return self.union(boxes)

    def _reading(self, reading: Reading, frame: Frame, union: bool, layer: str) -> Reference:
        lines = self._pin(reading.lines, frame)
        key = (id(lines), reading.default, union, layer, frame.answer, frame.view.forwarding, self._free(frame))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._build(lines, reading.default, union, layer, frame)
        return found

    def _free(self, frame: Frame) -> tuple[bool, bool]:
        return frame.view.src is None, frame.view.dst is None

    def _build(self, lines: tuple[Line, ...], default: bool, union: bool, layer: str, frame: Frame) -> Reference:
        boxes: list[Box] = []
        owners: list[Line] = []
        for line in lines:
            for part in self._seen(line.match, frame):
                boxes.append(part)
                owners.append(line)
        values = [1 if default else 0]
        if union and len(boxes) <= MANY_RULES:
            root, combinations = all_matches(self.store, boxes)
            for indices in combinations[1:]:
                named = dict.fromkeys(owners[index].id for index in indices)
                values.append(self.via(tuple((layer, rule) for rule in named if rule is not None)))
        else:
            root = first_match(self.store, boxes)
            for line in owners:
                values.append(self.via(((layer, line.id),) if line.id else ()) if line.allow else 0)
        return self.store.apply(lambda a, _: values[a], root, NOTHING)

    def _pin(self, lines: tuple[Line, ...], frame: Frame) -> tuple[Line, ...]:
        """The lines that can match once the fixed addresses of the view are put in.

        Equal answers are one object: all addresses between two end points of the lines share it.
        """
        cuts = self._cuts.get(id(lines))
        if cuts is None:
            cuts = self._cuts[id(lines)] = (_cuts(lines, SRC), _cuts(lines, DST))
            self._kept.append(lines)
        src, dst = frame.view.src, frame.view.dst
        regions = tuple(
            None if number is None else bisect_right(places, number)
            for number, places in zip((src, dst), cuts, strict=True)
        )
        key = (id(lines), regions)
        found = self._pinned.get(key)
        if found is None:
            chosen = tuple(
                index
                for index, line in enumerate(lines)
                if (src is None or holds(line.match[SRC], src)) and (dst is None or holds(line.match[DST], dst))
            )
            shared = self._chosen.get((id(lines), chosen))
            if shared is None:
                shared = self._chosen[id(lines), chosen] = tuple(lines[index] for index in chosen)
            found = self._pinned[key] = shared
        return found

    def _seen(self, match: Box, frame: Frame) -> list[Box]:
        """A match turned into boxes over the sender's packet."""
        view, whole = frame.view, ADDRESSES[self.version]
        kind, src, dst, dst_port, src_port = match
        src = src if view.src is None else whole
        dst = dst if view.dst is None else whole
        seen: tuple[Box, ...] = ((kind, src, dst, dst_port, src_port),)
        if frame.answer:
            seen = answered(seen[0])
        if view.forwarding is None:
            return list(seen)
        turned = [(a, b, c, outer_ports(ports, view.forwarding), e) for a, b, c, ports, e in seen]
        return [part for part in turned if part[DST_PORT]]


def _cuts(lines: tuple[Line, ...], field: int) -> list[int]:
    """Where the lines' sets of a field begin and end."""
    places = {place for line in lines for low, high in line.match[field] for place in (low, high + 1)}
    places.discard(0)
    return sorted(places)


def outer_ports(ports: Spans, forwarding: Forwarding) -> Spans:
    """The external ports of a port forwarding whose internal ports are in a set."""
    inner, outer = forwarding.internal, forwarding.external
    if inner[0] == inner[1]:
        return (outer,) if holds(ports, inner[0]) else ()
    shift = outer[0] - inner[0]
    return tuple((low + shift, high + shift) for low, high in meet(ports, (inner,)))


def requests(version: int) -> list[Box]:
    """The packets that ask for an answer: everything but ICMP that is no request."""
    icmp = sorted(protocols.ICMP_REPLIES)
    others = minus(((0, 255),), tuple((number, number) for number in icmp))
    found = [box(version, others)]
    for number in icmp:
        kinds = tuple(sorted((kind * 256, kind * 256 + 255) for kind in protocols.ICMP_REPLIES[number]))
        found.append(box(version, ((number, number),), dst_port=kinds))
    return found


def restrict(version: int, sources: Spans | None = None, ports: tuple[int, Spans] | None = None) -> Box:
    """A box of sources and of (protocol, destination ports)."""
    kinds = ((0, 255),) if ports is None else ((ports[0], ports[0]),)
    return box(version, kinds, src=sources, dst_port=PORTS if ports is None else ports[1])
