"""All packets of one way at once: the set that arrives, split by what becomes of the reply."""

from .boxes import box
from .diagram import NOTHING, SOMETHING, Reference
from .engine import Engine
from .gates import Gate, Line
from .link import UNSPECIFIED
from .model import Port
from .protocols import TCP
from .sets import Frame, Sets, requests, restrict
from .spans import minus
from .steps import Check, Fact, Path

#: Protocols whose replies connection tracking refuses when it did not see the request.
_STRICT = ((1, 1), (6, 6), (58, 58), (132, 132))

_ASKING = {version: (Line(None, "", match, True),) for version, match in UNSPECIFIED.items()}


class Reach:
    """Turns ways into sets, remembering gates it has met.

    `about` are the packets of the question: that other packets may fare otherwise than is known is not said. `granted`
    are those of `unknown` that let no further packet arrive, whatever comes of them.
    """

    def __init__(self, engine: Engine, sets: Sets) -> None:
        self.engine = engine
        self.sets = sets
        self.asking = sets.union(requests(sets.version))
        self.unknown: list[str] = []
        self.granted: list[str] = []
        self.about: Reference = SOMETHING

    def there(self, path: Path) -> Reference:
        """The packets that arrive by a way; what is not known is left in `unknown`."""
        self.unknown, self.granted = list(path.unknown), list(path.granted)
        if not path.arrives:
            return NOTHING
        found = SOMETHING
        for item in path.steps:
            if isinstance(item, Fact):
                if item.decision == "deny":
                    return NOTHING
            else:
                found = self.sets.both(found, self.passing(item))
        return found

    def passing(self, check: Check) -> Reference:
        """The packets that one check on the way there lets through."""
        if check.kind == "anti-spoof":
            return self._may_send(check)
        return SOMETHING if self._is_balancers(check) else self._gate(check)

    def _may_send(self, check: Check) -> Reference:
        port, src, version = check.port, check.view.src, check.view.version
        if port is None or not port.secured or src is None:
            return SOMETHING
        if src == 0:
            return self.sets.lines(_ASKING[version], Frame(check.view))
        return SOMETHING if self.engine.owns(port, version, src) else NOTHING

    def _is_balancers(self, check: Check) -> bool:
        return check.kind == "group" and check.port is not None and bool(self.engine.world.unasked(check.port))

    def _gate(self, check: Check) -> Reference:
        gate, frame = self.engine.gate(check), Frame(check.view)
        found = self.sets.gate(gate, frame)
        if gate.doubt and (not gate.others or any(self._differ(found, one) for one in self.sets.others(gate, frame))):
            self.unknown.append(gate.doubt)
        for reading, doubt in gate.variants:
            if self._differ(found, self.sets.reading(gate, reading, frame)):
                self.unknown.append(doubt)
        return found

    def _differ(self, left: Reference, right: Reference) -> bool:
        return not self.sets.same(self.sets.both(left, self.about), self.sets.both(right, self.about))

    # The reply

    def back(self, path: Path, sender: Port | None) -> Reference:
        """The packets, among those that ask for an answer, whose answer comes back."""
        back = self.engine.walk_back(path, sender)
        of_the_reply = [sentence for sentence in back.unknown if sentence not in self.unknown]
        self.unknown += of_the_reply
        self.granted += of_the_reply
        if not back.arrives:
            return NOTHING
        found = SOMETHING
        for item in back.steps:
            if isinstance(item, Fact):
                part = NOTHING if item.decision == "deny" else SOMETHING
            else:
                part = self.returning(item, path)
            found = self.sets.both(found, part)
        return found

    def returning(self, check: Check, path: Path) -> Reference:
        """The packets, of a way there, whose answer one check on the way back lets through."""
        if check.kind == "anti-spoof":
            return self._may_send(check)
        if check.kind == "group":
            return self._group(check, path)
        return self._chain(check, path) if check.kind == "chain" else self._firewall(check, path)

    def _untracked(self, port: Port, path: Path) -> Reference:
        """The packets a stateless rule let through at a port, so that no connection is tracked there."""
        for item in path.steps:
            if isinstance(item, Check) and item.kind == "group" and item.port is port:
                stateless = tuple(line for line in self.engine.gate(item).lines if not line.stateful)
                return self.sets.lines(stateless, Frame(item.view)) if stateless else NOTHING
        return NOTHING

    def _group(self, check: Check, path: Path) -> Reference:
        gate = self.engine.gate(check)
        port = check.port
        if gate.open is not None or port is None or self._is_balancers(check):
            return SOMETHING
        frame = Frame(check.view, answer=True)
        passing = self.sets.without(SOMETHING, self.sets.lines(gate.never, frame)) if gate.never else SOMETHING
        untracked = self._untracked(port, path)
        if untracked == NOTHING:
            return passing
        ruled = self.sets.lines(tuple(line for line in gate.lines if not line.stateful), frame)
        version = self.sets.version
        loose = self.sets.union([box(version, minus(((0, 255),), _STRICT))])
        loose = self.sets.both(loose, self.sets.lines(gate.lines, frame))
        opened = self.sets.either(self.sets.without(SOMETHING, untracked), self.sets.either(ruled, loose))
        return self.sets.both(passing, opened)

    def _firewall(self, check: Check, path: Path) -> Reference:
        gate = self.engine.gate(check)
        if gate.open is not None or self.engine.profile == "l2-agent":
            return SOMETHING
        ruled = self._flat(gate, check)
        port = path.end
        if not check.near_sender or port is None or not self.engine.groups.tracks(port.network_id):
            return ruled
        if not port.secured:
            return SOMETHING
        lines = self.engine.groups.lines(port, False, self.sets.version, False)
        stateless = tuple(line for line in lines if not line.stateful)
        skipped = self.sets.lines(stateless, Frame(check.view, answer=True)) if stateless else NOTHING
        skipped = self.sets.either(skipped, self._untracked(port, path))
        return self.sets.either(ruled, self.sets.without(SOMETHING, skipped))

    def _flat(self, gate: Gate, check: Check) -> Reference:
        """A gate's set for the answer, without naming its rules."""
        return self.sets.either(self.sets.gate(gate, Frame(check.view, answer=True)), NOTHING)

    def _chain(self, check: Check, path: Path) -> Reference:
        gate = self.engine.gate(check)
        if gate.open is not None:
            return SOMETHING
        if check.router is not None and check.router.id in path.routers:
            return SOMETHING if self.engine.firewalls.established(check) else NOTHING
        ruled = self._flat(gate, check)
        if self.engine.firewalls.judges_state(check):
            ruled = self.sets.without(ruled, self.sets.union([restrict(self.sets.version, None, (TCP, ((0, 65535),)))]))
        return ruled
