"""What changed since somebody looked: traffic gained and lost, exactly, and findings that came and went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.look import Look
from tenant_ops_dashboard.posture.model import Box, Drift, Posture
from tenant_ops_dashboard.posture.touched import Touched
from tenant_ops_dashboard.reachability.diff import entries
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.exposure import Exposure
from tenant_ops_dashboard.reachability.model import Port
from tenant_ops_dashboard.reachability.scope import Scope, servers
from tenant_ops_dashboard.reachability.sets import Sets
from tenant_ops_dashboard.sentences import about, join, say

Sides = tuple[tuple[Port, ...], ...]
#: So many pairs of ports are compared in one drift (about 0.7 ms each), and so many that no router joins (2 ms each).
PAIRS, APART = 10_000, 1_000
#: So many ports' traffic to the outside is one answer.
SENDERS = 20
_APART = say(
    "Traffic between machines that no router joins is not compared one by one: it counts as traffic from and to "
    "the outside."
)


def drift(before: Look, now: Look, was: Posture | None = None, is_now: Posture | None = None) -> Drift:
    """Compare two readings of the same projects; `was` and `is_now` are their postures, where they are known.

    Boxes are the preview's: `from` and `port` are the ports' ids, None for outside, `name` is the destination's. A
    packet is gained when it arrives, or its answer comes back, only now. Only pairs of ports are compared that the
    difference can matter to. Raises Unreadable.
    """
    was, is_now = was or assess(before), is_now or assess(now)
    old, new = {one.id for one in was.findings}, {one.id for one in is_now.findings}
    found = _Traffic(before.seen.engine, now.seen.engine)
    return Drift(
        before.taken_at, now.taken_at, tuple(found.gained), tuple(found.lost),
        tuple(one for one in is_now.findings if one.id not in old),
        tuple(one for one in was.findings if one.id not in new), tuple(dict.fromkeys(found.unknown)),
    )  # fmt: skip


class _Traffic:
    """The traffic of two engines, part by part of what routers join."""

    def __init__(self, before: Engine, now: Engine) -> None:
        self.engines = (before, now)
        self.gained: list[Box] = []
        self.lost: list[Box] = []
        self.unknown: list[str] = []
        self.left = {"near": PAIRS, "far": APART}
        self.touched = Touched(before, now)
        self.ports: Sides = tuple(servers(one.snapshot) for one in self.engines)
        parts = {
            self.touched.part(port.network_id)
            for side in self.ports
            for port in side
            if port.id in self.touched.ports or port.id in self.touched.outer
        }
        for part in sorted(parts):
            self._part(part)

    @cached_property
    def open(self) -> Sides:
        """The ports that machines which no router joins with them can send to."""
        return tuple(tuple(_asked(engine, side)) for engine, side in zip(self.engines, self.ports, strict=True))

    def _part(self, part: str) -> None:
        """Everything to and from the touched ports of a part."""
        hit, inside = self.touched.ports, self.touched.part
        mine = [[one for one in side if inside(one.network_id) == part] for side in self.ports]
        ours: Sides = tuple(tuple(one for one in side if one.id in hit) for side in mine)
        others: Sides = tuple(tuple(one for one in side if one.id not in hit) for side in mine)
        everyone: Sides = tuple(map(tuple, mine))
        none: Sides = ((), ())
        outer: Sides = tuple(
            tuple(one for one in side if one.id in hit or one.id in self.touched.outer) for side in mine
        )
        shared = {version: Sets(version) for version in (4, 6)}
        self._compare(shared, none, outer, outside=True)
        # What leaves is one answer for all its senders, and each answer has its budget.
        ids = list(dict.fromkeys(one.id for side in outer for one in side))
        for first in range(0, len(ids), SENDERS):
            few = frozenset(ids[first : first + SENDERS])
            senders: Sides = tuple(tuple(one for one in side if one.id in few) for side in outer)
            self._compare(shared, senders, none, leaves=True)
        if not any(ours):
            return
        if not self._may("near", _pairs(ours, everyone) + _pairs(ours, others)):
            self.unknown.append(
                say(
                    "Traffic between {name} and the {most:,} ports that routers join with it is not compared, only "
                    "traffic from and to the outside.",
                    name=_name(ours),
                    most=max(map(len, everyone)),
                )
            )
        else:
            self._compare(shared, everyone, ours)
            self._compare(shared, ours, others)
        self._apart(shared, part, ours)

    def _apart(self, shared: dict[int, Sets], part: str, ours: Sides) -> None:
        """Where no router joins them, one asks the other by an address that the outside can ask for."""
        if not self.left["far"]:
            return
        far = self._of(self.open, part, False)
        near = self._of(self.open, part, True)
        hit = self.touched.ports
        asked: Sides = tuple(tuple(one for one in side if one.id in hit) for side in near)
        asking: Sides = tuple(tuple(one for one in side if one.id not in hit) for side in far)
        abroad = self._of(self.ports, part, False)
        pairs = _pairs(asked, abroad) + _pairs(asking, ours)
        if pairs and not self._may("far", pairs):
            self.left["far"] = 0
            self.unknown.append(_APART)
        elif pairs:
            self._compare(shared, abroad, asked)
            self._compare(shared, ours, asking)

    def _of(self, sides: Sides, part: str, inside: bool) -> Sides:
        return tuple(
            tuple(one for one in side if (self.touched.part(one.network_id) == part) is inside) for side in sides
        )

    def _may(self, which: str, pairs: int) -> bool:
        if pairs > self.left[which]:
            return False
        self.left[which] -= pairs
        return True

    def _compare(
        self, shared: dict[int, Sets], senders: Sides, targets: Sides, outside: bool = False, leaves: bool = False
    ) -> None:
        before, now = (
            Exposure(engine, Scope(outside, sender), Scope(leaves, ports), shared)
            for engine, sender, ports in zip(self.engines, senders, targets, strict=True)
        )
        for entry in entries(before, now, senders=True):
            called = {"port": entry["port"], "name": entry["name"]}
            self.gained += [{"from": box["from"], **called, **box} for box in entry["gained"]]
            self.lost += [{"from": box["from"], **called, **box} for box in entry["lost"]]
            self.unknown += [about(entry["name"] or entry["port"], one) for one in entry["unknown"]]


def _asked(engine: Engine, ports: Iterable[Port]) -> Iterator[Port]:
    """Those of some ports one of whose addresses may be asked for from outside of what routers join."""
    world, networks = engine.world, engine.snapshot.networks
    forwarded = {each.port_id for item in engine.snapshot.floatingips.values() for each in item.forwardings}
    if None in forwarded or world.open_routers[4]:
        yield from ports
        return
    for port in ports:
        network = networks.get(port.network_id)
        if (
            network is None or network.external or network.physical or port.id in forwarded
            or any((port.id, one.number) in world.floating_of or one.version == 6 for one in port.addresses)
            or any(one.version == 6 or (one.version, one.span[0]) in world.floating for one in port.pairs)
        ):  # fmt: skip
            yield port


def _pairs(one: Sides, other: Sides) -> int:
    return max(len(first) * len(second) for first, second in zip(one, other, strict=True))


def _name(ours: Sides) -> str:
    first = next(one for side in ours for one in side)
    more = max(map(len, ours)) - 1
    return join("", (first.name or first.id, say(" and {more:,} more", more=more) if more else ""))
