"""A project with several drafts in force at once, and what they change apart from a wish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tenant_ops_dashboard.firewall import draft as drafts
from tenant_ops_dashboard.firewall.difference import Difference
from tenant_ops_dashboard.firewall.ends import own_subnets
from tenant_ops_dashboard.firewall.model import DIRECTIONS, State
from tenant_ops_dashboard.firewall.security_groups import substitute as security_groups
from tenant_ops_dashboard.firewall.security_groups.model import State as GroupState
from tenant_ops_dashboard.firewall.suggest.model import Wish, everywhere
from tenant_ops_dashboard.reachability import protocols, spans
from tenant_ops_dashboard.reachability.boxes import DST, SRC, Box, box, clip
from tenant_ops_dashboard.reachability.diagram import NOTHING, Reference
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex
from tenant_ops_dashboard.reachability.exposure import Exposure, Found
from tenant_ops_dashboard.reachability.model import Policy, Port, Snapshot
from tenant_ops_dashboard.reachability.rules import read_rule
from tenant_ops_dashboard.reachability.scope import Scope, Target, Targets, servers
from tenant_ops_dashboard.reachability.sets import Sets
from tenant_ops_dashboard.sentences import about, say

Json = dict[str, Any]
#: More pairs of ports than this are not compared: only what comes from and goes outside.
PAIRS = 10_000
#: Later than any time Neutron writes: the L3 agent keeps the default drop of the group that was changed last.
_LAST = "9999-12-31T23:59:59Z"
#: Worth of a packet's fate by what becomes of its reply: 0 it does not arrive, 2 no answer comes back, else it is well.
_WORTH = {0: 0, 2: 1, 1: 2, 3: 2}


def in_force(engine: Engine, firewalls: Iterable[State], groups: Iterable[GroupState]) -> Engine:
    """The engine with these states in the place of the groups that have their ids."""
    snapshot = engine.snapshot
    for number, state in enumerate(firewalls):
        snapshot = _put(snapshot, state, number)
    for group in groups:
        snapshot = security_groups.put(snapshot, group)
    return engine.like(snapshot)


def _put(snapshot: Snapshot, state: State, number: int) -> Snapshot:
    old = snapshot.firewall_groups[state.group.id]
    rules, policies, sides = dict(snapshot.firewall_rules), dict(snapshot.firewall_policies), {}
    for direction in DIRECTIONS:
        policy = state.policy(direction)
        ids = []
        for place, rule in enumerate(policy.rules if policy else ()):
            id_ = rule.id or f"{state.group.id}.{direction}.rules[{place}]"
            ids.append(id_)
            if rule.id is None:
                rules[id_] = read_rule({**drafts.rule_written(rule), "id": id_})
        was = old.ingress if direction == "ingress" else old.egress
        if policy is None or (was in policies and policies[was].rules == tuple(ids)):
            sides[direction] = was if policy else None
            continue
        sides[direction] = f"{state.group.id}.{direction}"
        policies[sides[direction] or ""] = Policy(sides[direction] or "", policy.name, tuple(ids))
    made = replace(old, ingress=sides["ingress"], egress=sides["egress"], applied=(_LAST, number))
    groups = {**snapshot.firewall_groups, state.group.id: made}
    return replace(snapshot, firewall_rules=rules, firewall_policies=policies, firewall_groups=groups)


@dataclass
class Measured:
    """All that changes, what of it nobody wished for, and how much the latter is (packets, for comparing only)."""

    traffic: Difference = field(default_factory=Difference)
    also_opens: list[Json] = field(default_factory=list)
    also_closes: list[Json] = field(default_factory=list)
    opened: int = 0
    closed: int = 0


class Measure:
    """Compares engines that differ in rules alone with one of before; what was found for that one is kept."""

    def __init__(self, before: Engine, wish: Wish) -> None:
        self.before, self.wish = before, wish
        self.shared = {version: Sets(version) for version in (4, 6)}
        self._was: dict[str | None, dict[tuple[object, ...], Found]] = {}
        self._own = own_subnets(before.snapshot)
        ports = servers(before.snapshot)
        self.narrow = len(ports) ** 2 > PAIRS
        mine = dict.fromkeys((*wish.source.ports, *wish.target.ports)) if self.narrow else {}
        self.senders = tuple(mine) if self.narrow else ports
        self.receivers = tuple(mine) if self.narrow else ports
        self.whole = Scope(True, self.senders)
        self._wished = {
            port.id: set(Targets(before.world).of(port, wish.target.limits)) for port in wish.target.ports
        }  # fmt: skip

    def to(self, after: Engine) -> Measured:
        """What `after` has otherwise. 'Too complex' is in the difference's `unknown`."""
        made = Measured()
        if self.narrow:
            made.traffic.unknown.append(
                say("too complex: with so many ports only traffic between the two ends, and the outside, is compared")
            )
        ends: Sequence[Port | None] = (*self.receivers, None)
        for port in ends:
            target = Scope(port is None, () if port is None else (port,))
            try:
                sides = [Exposure(one, self.whole, target, self.shared) for one in (self.before, after)]
                id_ = port.id if port else None
                if id_ not in self._was:
                    self._was[id_] = {one.key: one for one in sides[0].ways(port)}
                now = {one.key: one for one in sides[1].ways(port)}
                self._compare(sides[0], sides[1], self._was[id_], now, port, made)
            except TooComplex as error:
                made.traffic.unknown.append(about(port.id if port else say("outside"), error.sentence))
        return made

    def _compare(
        self, before: Exposure, after: Exposure, was: Mapping[tuple[object, ...], Found],
        now: Mapping[tuple[object, ...], Found], port: Port | None, made: Measured,
    ) -> None:  # fmt: skip
        for key in dict.fromkeys((*was, *now)):
            for sets in self.shared.values():
                sets.store.budget.restart(len(sets.store.nodes))
            old, new = was.get(key), now.get(key)
            first, second = old.final if old else NOTHING, new.final if new else NOTHING
            if first == second:
                continue
            doubts = dict.fromkeys((*(old.unknown if old else ()), *(new.unknown if new else ())))
            made.traffic.unknown += [one for one in doubts if one not in made.traffic.unknown]
            sender = next(one.sender for one in (new, old) if one is not None)
            told = {"from": sender, "port": port.id if port else None, "name": (port.name or port.id) if port else ""}
            if new is not None:
                better = self._only(new.version, second, first, _better)
                made.traffic.gained += _write(after, new, better, told)
                extra = after.sets[new.version].without(better, self._wish(after.sets[new.version], new, port))
                made.also_opens += _write(after, new, extra, told)
                # What only gets an answer now did arrive before: nobody is let in by that.
                fresh = self._only(new.version, extra, first, lambda a, b: a > 0 and b == 0)
                made.opened += self._size(new, fresh, port)
            if old is not None:
                worse = self._only(old.version, first, second, _better)
                closed = self._only(old.version, first, second, lambda a, b: _better(a, b) and b == 0)
                unanswered = self._only(old.version, first, second, lambda a, b: _better(a, b) and b > 0)
                broken = _write(before, old, unanswered, told)
                made.traffic.lost += [*_write(before, old, closed, told), *broken]
                made.traffic.breaks_replies += broken
                extra = before.sets[old.version].without(worse, self._wish(before.sets[old.version], old, port))
                made.also_closes += _write(before, old, extra, told)
                kept = self._only(old.version, extra, second, lambda a, b: b > 0)
                ours = before.sets[old.version].union(_usual(old.version))
                # An answer to a port that no client asks from is missed by nobody.
                odd = before.sets[old.version].without(kept, ours)
                made.closed += self._size(old, before.sets[old.version].without(extra, odd), port)

    def _size(self, way: Found, final: Reference, port: Port | None) -> int:
        """How many packets these are; nobody outside has an address of our subnets."""
        total = 0
        for match, _ in self.shared[way.version].store.boxes(final) if final != NOTHING else ():
            src, dst = (spans.minus(match[field], self._own[way.version]) for field in (SRC, DST))
            size = 1
            for mine in (match[0], *((src,) if way.sender is None else ()), *(() if port else (dst,)), *match[3:]):
                size *= sum(high - low + 1 for low, high in mine)
            total += size
        return total

    def _only(self, version: int, left: Reference, right: Reference, wanted: Callable[[int, int], bool]) -> Reference:
        sets = self.shared[version]
        worth = [_WORTH[one[1]] for one in sets.states]
        return sets.store.apply(lambda a, b: a if wanted(worth[a], worth[b]) else 0, left, right, "left")

    def _wish(self, sets: Sets, way: Found, port: Port | None) -> Reference:
        """The wished packets of a way."""
        wish, sender = self.wish, way.sender
        src = self._limit(wish.source, way.version) if sender is None else None
        if sender is None and not wish.source.outside:
            return NOTHING
        if sender is not None and sender not in {one.id for one in wish.source.ports}:
            return NOTHING
        if port is None and not wish.target.outside:
            return NOTHING
        if port is not None:
            target = way.key[0]
            if port.id not in self._wished or (isinstance(target, Target) and target not in self._wished[port.id]):
                return NOTHING
        dst = self._limit(wish.target, way.version) if port is None else None
        region = box(way.version, src=src, dst=dst)
        boxes: list[Box] = [part for one in wish.packets.boxes(way.version) if (part := clip(one, region))]
        return sets.union(boxes) if boxes else NOTHING

    @staticmethod
    def _limit(scope: Scope, version: int) -> spans.Spans | None:
        """The addresses outside that are meant; whoever comes from there with one of ours is of the internet, too."""
        return None if scope.limits is None or everywhere(scope, version) else scope.limits[version]


def _usual(version: int) -> list[Box]:
    """All packets but those from ports that clients do not ask from (RFC 6335: dynamic ports)."""
    ported = tuple((one, one) for one in sorted(protocols.WITH_PORTS))
    return [box(version, ported, src_port=((49152, 65535),)), box(version, spans.minus(((0, 255),), ported))]


def _better(left: int, right: int) -> bool:
    return left > right


def _write(side: Exposure, way: Found, final: Reference, told: Json) -> list[Json]:
    return [{**told, **one} for one in side.write(way, final)]
