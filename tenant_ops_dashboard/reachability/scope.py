"""The two sides of an exposure question, and the addresses by which a port can be asked for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tenant_ops_dashboard.sentences import say

from . import spans
from .engine import Engine
from .errors import BadInput
from .fields import plain
from .model import GATEWAY_OWNER, FloatingIP, Port, Snapshot
from .spans import Span, Spans
from .world import World


@dataclass(frozen=True, slots=True)
class Scope:
    """One side of the question. `outside`: machines outside; `limits` restricts addresses per IP version."""

    outside: bool
    ports: tuple[Port, ...]
    limits: Mapping[int, Spans] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One address by which a port is asked for, with the protocol and ports of a port forwarding.

    `on_link`: a link-local one, for its neighbours only.
    """

    version: int
    address: int
    protocol: int | None = None
    ports: Span | None = None
    on_link: bool = False


def read_scope(engine: Engine, text: str, where: str) -> Scope:
    """Read `internet`, a CIDR, `port:ID` or `security-group:ID`. Raises BadInput."""
    kind, _, identity = text.partition(":")
    everyone = engine.snapshot.ports
    if text == "internet":
        return Scope(True, ())
    if kind == "port" and identity:
        if identity not in everyone:
            raise BadInput(where, say("port {plain} is not in the snapshot", plain=plain(identity)))
        return Scope(False, (everyone[identity],))
    if kind == "security-group":
        if identity not in engine.snapshot.security_groups:
            raise BadInput(where, say("security group {plain} is not in the snapshot", plain=plain(identity)))
        return Scope(False, tuple(engine.world.members.get(identity, ())))
    try:
        version, low, high, _ = spans.network(text)
    except ValueError:
        raise BadInput(
            where, say("'{plain}' is not internet, a CIDR, port:ID or security-group:ID", plain=plain(text))
        ) from None
    span = (low, high)
    inside = tuple(port for port in everyone.values() if _has(engine.world, port, version, span, where == "--to"))
    return Scope(True, inside, {version: ((low, high),), 10 - version: ()})


def _has(world: World, port: Port, version: int, span: Span, asked: bool) -> bool:
    """Say whether a port has an address in a span: fixed, link-local or a pair's; one asked for any it answers at."""
    numbers = [address.number for address in port.addresses if address.version == version]
    numbers += port.link_locals if version == 6 else ()
    numbers += [pair.span[0] for pair in port.pairs if pair.version == version and pair.span[0] == pair.span[1]]
    if asked:
        floating = (world.floating_of.get((port.id, number)) for number in tuple(numbers))
        numbers += [item.address for item in floating if item is not None]
        forwarded = (item for item in world.snapshot.floatingips.values() if item.version == version)
        numbers += [item.address for item in forwarded if any(part.port_id == port.id for part in item.forwardings)]
        if span[0] == span[1] and world.has_pair(port, version, span[0]):
            return True
    return any(span[0] <= number <= span[1] for number in numbers)


def servers(snapshot: Snapshot) -> tuple[Port, ...]:
    """The ports of a snapshot but for those of routers."""
    return tuple(p for p in snapshot.ports.values() if not p.is_router and p.device_owner != GATEWAY_OWNER)


class Targets:
    """The addresses of ports: fixed, shared, floating and forwarded."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._forwarded: dict[str, list[FloatingIP]] = defaultdict(list)
        for floating in world.snapshot.floatingips.values():
            for forwarding in floating.forwardings:
                for port in world.by_address.get((floating.version, forwarding.address), ()):
                    known = self._forwarded[port.id]
                    if forwarding.port_id in (None, port.id) and floating not in known:
                        known.append(floating)

    def of(self, port: Port, limits: Mapping[int, Spans] | None, near: bool = False) -> Iterator[Target]:
        """The targets of a port within `limits`, a fixed one with its floating one; `near` adds link-local ones."""
        yield from dict.fromkeys(self._of(port, limits, near))

    def _of(self, port: Port, limits: Mapping[int, Spans] | None, near: bool) -> Iterator[Target]:
        world = self.world
        for number in port.link_locals if near else ():
            if limits is None or spans.holds(limits[6], number):
                yield Target(6, number, on_link=True)
        for address in port.addresses:
            wanted = limits is None or spans.holds(limits[address.version], address.number)
            if wanted:
                yield Target(address.version, address.number)
            floating = world.floating_of.get((port.id, address.number))
            if floating is not None and (wanted or self._asked(limits, floating.version, floating.address)):
                yield Target(floating.version, floating.address)
        for pair in port.pairs:
            low, high = pair.span
            if low != high and limits is not None:
                # A range is not gone through; one address in it that is asked for is.
                low, high = next(((one, last) for one, last in limits[pair.version] if low <= one <= high), (low, high))
            if low == high and self._asked(limits, pair.version, low) and self._answers(port, pair.version, low):
                yield Target(pair.version, low)
        for floating in self._forwarded.get(port.id, ()):
            for forwarding in floating.forwardings:
                mine = any(address.number == forwarding.address for address in port.addresses)
                if mine and forwarding.port_id in (None, port.id):
                    yield Target(floating.version, floating.address, forwarding.protocol, forwarding.external)

    @staticmethod
    def _asked(limits: Mapping[int, Spans] | None, version: int, number: int) -> bool:
        return limits is None or spans.holds(limits[version], number)

    def _answers(self, port: Port, version: int, number: int) -> bool:
        """Say whether a port may answer for an address of its pairs; a load balancer's is told of at its own port."""
        owner = self.world.on_network.get((port.network_id, version, number))
        if owner is not None and owner.id in self.world.balancer_of:
            return False
        return port in self.world.holders(port.network_id, version, number)
