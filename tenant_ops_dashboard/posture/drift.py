"""What changed since somebody looked: traffic gained and lost, exactly, and findings that came and went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

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

#: With more pairs of ports than this, only those are compared that routers join; of such a part, only from outside.
PAIRS = 40_000
_APART = (
    "Traffic between machines that no router joins (by their floating addresses) is compared as traffic from outside."
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
        self.touched = Touched(before, now)
        if self.touched.ports:
            self._parts()

    def _parts(self) -> None:
        ports = [servers(one.snapshot) for one in self.engines]
        hit = len({one.id for side in ports for one in side if one.id in self.touched.ports})
        if hit * 2 * max(map(len, ports)) <= PAIRS:
            self._part([{one.id: one for one in side} for side in ports])
            return
        parts: dict[str, list[dict[str, Port]]] = defaultdict(lambda: [{}, {}])
        for number, side in enumerate(ports):
            for port in side:
                parts[self.touched.part(port.network_id)][number][port.id] = port
        self.unknown.append(_APART)
        for part in parts.values():
            if any(one in self.touched.ports for side in part for one in side):
                self._part(part)

    def _part(self, sides: list[dict[str, Port]]) -> None:
        """Everything to and from the touched ports of a part."""
        ours = [tuple(one for one in side.values() if one.id in self.touched.ports) for side in sides]
        others = [tuple(one for one in side.values() if one.id not in self.touched.ports) for side in sides]
        everyone = [tuple(side.values()) for side in sides]
        if max(map(len, ours)) * 2 * max(map(len, everyone)) > PAIRS:
            self.unknown.append(
                f"Traffic between the {max(map(len, everyone)):,} ports that routers join with {_name(ours)} is not "
                "compared, only traffic from and to the outside."
            )
            everyone, others = [(), ()], [(), ()]
        shared = {version: Sets(version) for version in (4, 6)}
        for outside, senders, target, leaves in (
            (True, everyone, ours, False), (False, ours, others, False), (False, ours, [(), ()], True),
        ):  # fmt: skip
            self._compare(
                Exposure(engine, Scope(outside, sender), Scope(leaves, ports), shared)
                for engine, sender, ports in zip(self.engines, senders, target, strict=True)
            )

    def _compare(self, exposures: Iterable[Exposure]) -> None:
        before, now = exposures
        for entry in entries(before, now, senders=True):
            about = {"port": entry["port"], "name": entry["name"]}
            self.gained += [{"from": box["from"], **about, **box} for box in entry["gained"]]
            self.lost += [{"from": box["from"], **about, **box} for box in entry["lost"]]
            self.unknown += [f"{entry['name'] or entry['port']}: {one}" for one in entry["unknown"]]


def _name(ours: list[tuple[Port, ...]]) -> str:
    first = next(one for side in ours for one in side)
    return first.name or first.id
