"""What a draft of one group changes, exactly: only ways are compared that can lead through the group's ports.

A group on router interfaces filters what goes through them, so one end of the traffic stands on a network that is
joined to theirs by routers. On the L2 agent a group filters its own ports alone, which are such ends themselves.
A security group filters its members: one end of the traffic is one of them, or an address that leads on to them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from tenant_ops_dashboard.firewall.affected import Affected
from tenant_ops_dashboard.reachability.diagram import NOTHING, Reference
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex
from tenant_ops_dashboard.reachability.exposure import Exposure, Found
from tenant_ops_dashboard.reachability.model import Port
from tenant_ops_dashboard.reachability.scope import Scope, Target, Targets, servers
from tenant_ops_dashboard.reachability.sets import Sets
from tenant_ops_dashboard.reachability.spans import holds
from tenant_ops_dashboard.sentences import about, say

Json = dict[str, Any]
#: With more pairs of ports than this, only traffic from and to the outside is compared, and the answer says so.
PAIRS = 10_000
#: Worth of a packet's fate by what becomes of its reply: 0 it does not arrive, 2 no answer comes back, else it is well.
_WORTH = {0: 0, 2: 1, 1: 2, 3: 2}


@dataclass
class Difference:
    """Boxes as `reachability exposure` has them, each with the ports it leads `from` and to (`port`); None is outside.

    `name` is the destination's. From outside an address range means those in it that nobody in the project has.
    `breaks_replies` are those boxes of the lost whose packets still arrive and whose answer no longer comes back.
    """

    gained: list[Json] = field(default_factory=list)
    lost: list[Json] = field(default_factory=list)
    breaks_replies: list[Json] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def with_those_of(self, other: Difference) -> Difference:
        """What this or another one has: the same engines, looked at from another group."""
        names = [one.name for one in fields(self)]
        both = {name: [*getattr(self, name), *getattr(other, name)] for name in names}
        return Difference(
            **{name: [one for at, one in enumerate(all_) if one not in all_[:at]] for name, all_ in both.items()}
        )


def difference(
    before: Engine, after: Engine, group_id: str | None, security_groups: Collection[str] = ()
) -> Difference:  # fmt: skip
    """Compare two engines; of what differs, what this firewall group (None: none) and these security groups decide.

    'Too complex' is in `unknown`. Where the back end is not known it is what differs on any that it may be.
    """
    found = [
        _difference(was, now, group_id, security_groups)
        for was, now in zip(before.readings, after.readings, strict=True)
    ]
    told = found[0]
    for one in found[1:]:
        told = told.with_those_of(one) if one != told else told
    if len(found) > 1 and any(one != found[0] for one in found):
        told.unknown.append(
            say(
                "which back end filters is not known (TENANT_OPS_FIREWALL_PROFILE says it): this is what changes on "
                "any of them, taken together"
            )
        )
    return told


def _difference(
    before: Engine, after: Engine, group_id: str | None, security_groups: Collection[str]
) -> Difference:  # fmt: skip
    affected = Affected(before, after, group_id, security_groups)
    inner = _joined(before, affected.ports)
    everyone = servers(before.snapshot)
    members = affected.groups.ports
    ours = tuple(
        one for one in everyone
        if one.network_id in inner or one.id in affected.ports or one.id in members
        or (members and serves(before, one))
    )  # fmt: skip
    mine = {one.id for one in ours}
    others = tuple(one for one in everyone if one.id not in mine)
    found = Difference()
    senders: tuple[tuple[Port, ...], tuple[Port, ...]] = (everyone, ours)
    if len(ours) * (len(ours) + 2 * len(others)) > PAIRS:
        senders = ((), ())
        found.unknown.append(
            say(
                "too complex: traffic between {n} ports is not compared, only traffic from and to the outside",
                n=len(everyone),
            )
        )
    compare = _Comparison(found, affected)
    for port in ours:
        compare.port(port, senders[0], outside=True)
    for port in others:
        compare.port(port, senders[1], outside=False)
    compare.outside(ours)
    return found


def _joined(engine: Engine, ports: Collection[str]) -> set[str]:
    """Networks from which routers lead to the networks of these ports, without going outside."""
    world, snapshot = engine.world, engine.snapshot
    routers: dict[str, set[str]] = {}
    for router, interfaces in world.router_ports.items():
        for port in interfaces:
            routers.setdefault(port.network_id, set()).add(router)
    found: set[str] = set()
    waiting = [snapshot.ports[one].network_id for one in ports if one in snapshot.ports]
    while waiting:
        network = waiting.pop()
        if network in found or (network in snapshot.networks and snapshot.networks[network].external):
            continue
        found.add(network)
        waiting += [port.network_id for router in routers.get(network, ()) for port in world.router_ports[router]]
    return found


def serves(engine: Engine, port: Port) -> bool:
    """Whether it has a load balancer's address: if that is served depends on the ways from it to the members."""
    vips = {(one.version, one.vip) for one in engine.snapshot.loadbalancers.values()}
    return port.id in engine.world.balancer_of or any(
        pair.version == version and holds((pair.span,), vip) for pair in port.pairs for version, vip in vips
    )


class _Comparison:
    """Destination by destination, with sets that both sides share."""

    def __init__(self, found: Difference, affected: Affected) -> None:
        self.found, self.affected = found, affected
        self.engines = (affected.before, affected.after)
        self.shared = {version: Sets(version) for version in (4, 6)}
        self.targets = Targets(affected.before.world)
        # What stays on a link meets no router, and so no firewall group; it does meet security groups.
        self.near = bool(affected.groups.ports)

    def port(self, port: Port, senders: tuple[Port, ...], outside: bool) -> None:
        """Compare what reaches a port from these ports and, if asked for, from outside."""
        targets = list(self.targets.of(port, None, self.near))
        served = serves(self.affected.before, port)
        wanted = tuple(
            one for one in senders
            if one is not port and (served or any(self._affected(one, target) for target in targets))
        )  # fmt: skip
        outside = outside and (served or any(self.affected.way(None, None, one, one.version) for one in targets))
        if wanted or outside:
            self._compare(Scope(outside, wanted), Scope(False, (port,)), port)

    def outside(self, senders: tuple[Port, ...]) -> None:
        """Compare what these ports reach outside."""
        wanted = tuple(
            one for one in senders
            if any(self.affected.way(one, number, None, version) for version, number in _addresses(one))
        )  # fmt: skip
        if wanted:
            self._compare(Scope(False, wanted), Scope(True, ()), None)

    def _affected(self, sender: Port, target: Target) -> bool:
        numbers = [number for version, number in _addresses(sender) if version == target.version]
        numbers += sender.link_locals if self.near and target.version == 6 else ()
        return any(self.affected.way(sender, number, target, target.version) for number in numbers)

    def _compare(self, source: Scope, target: Scope, port: Port | None) -> None:
        try:
            before, after = (Exposure(engine, source, target, self.shared) for engine in self.engines)
            self._add(_entry(before, after, port))
        except TooComplex as error:
            self.found.unknown.append(about(_name(port), error.sentence))

    def _add(self, made: Difference) -> None:
        self.found.gained += made.gained
        self.found.lost += made.lost
        self.found.breaks_replies += made.breaks_replies
        self.found.unknown += [one for one in dict.fromkeys(made.unknown) if one not in self.found.unknown]


def _addresses(port: Port) -> list[tuple[int, int]]:
    """The addresses a port may send from: its own, and pairs that are one address."""
    found = [(one.version, one.number) for one in port.addresses]
    return found + [(one.version, one.span[0]) for one in port.pairs if one.span[0] == one.span[1]]


def _entry(before: Exposure, after: Exposure, port: Port | None) -> Difference:
    """All of one destination; where a part of it is too complex nothing of it is told. Raises TooComplex."""
    was = {one.key: one for one in before.ways(port)}
    now = {one.key: one for one in after.ways(port)}
    told = {"port": port.id if port else None, "name": _name(port)}
    made = Difference()

    def write(side: Exposure, way: Found, final: Reference) -> Iterator[Json]:
        yield from ({"from": way.sender, **told, **box} for box in side.write(way, final))

    for key in dict.fromkeys((*was, *now)):
        old, new = was.get(key), now.get(key)
        first, second = old.final if old else NOTHING, new.final if new else NOTHING
        if new is not None and first != second:
            better = _only(after.sets[new.version], second, first, lambda a, b: _WORTH[a] > _WORTH[b])
            made.gained += write(after, new, better)
        if old is not None and first != second:
            sets = before.sets[old.version]
            closed = _only(sets, first, second, lambda a, b: _WORTH[a] > _WORTH[b] == 0)
            unanswered = list(write(before, old, _only(sets, first, second, lambda a, b: _WORTH[a] > _WORTH[b] > 0)))
            made.lost += [*write(before, old, closed), *unanswered]
            made.breaks_replies += unanswered
        doubts = dict.fromkeys((*(old.unknown if old else ()), *(new.unknown if new else ())))
        if first != second or (old.unknown if old else ()) != (new.unknown if new else ()):
            made.unknown += [about(_name(port), one) for one in doubts]
    return made


def _only(sets: Sets, left: Reference, right: Reference, wanted: Callable[[int, int], bool]) -> Reference:
    """The packets of the left set for whose two fates `wanted` holds; the left ways stay."""
    states = sets.states
    return sets.store.apply(lambda a, b: a if wanted(states[a][1], states[b][1]) else 0, left, right, "left")


def _name(port: Port | None) -> str:
    return port.name or port.id if port else "outside"
