"""The two sides of an exposure question, and the addresses by which a port can be asked for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
            raise BadInput(where, f"port {plain(identity)} is not in the snapshot")
        return Scope(False, (everyone[identity],))
    if kind == "security-group":
        if identity not in engine.snapshot.security_groups:
            raise BadInput(where, f"security group {plain(identity)} is not in the snapshot")
        return Scope(False, tuple(engine.world.members.get(identity, ())))
    try:
        version, low, high, _ = spans.network(text)
    except ValueError:
        raise BadInput(where, f"'{plain(text)}' is not internet, a CIDR, port:ID or security-group:ID") from None
    inside = tuple(
        port
        for port in everyone.values()
        if any(address.version == version and low <= address.number <= high for address in port.addresses)
        or (version == 6 and any(low <= number <= high for number in port.link_locals))
    )
    return Scope(True, inside, {version: ((low, high),), 10 - version: ()})


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
        """The targets of one port; `limits` restricts its fixed addresses, `near` adds those for its neighbours."""
        world = self.world
        for number in port.link_locals if near else ():
            if limits is None or spans.holds(limits[6], number):
                yield Target(6, number, on_link=True)
        for address in port.addresses:
            if limits is None or spans.holds(limits[address.version], address.number):
                yield Target(address.version, address.number)
                floating = world.floating_of.get((port.id, address.number))
                if floating is not None:
                    yield Target(floating.version, floating.address)
        for pair in port.pairs:
            low, high = pair.span
            if low == high and (port.network_id, pair.version, low) not in world.on_network:
                held = world.holders(port.network_id, pair.version, low)
                if held and held[0] is port:
                    yield Target(pair.version, low)
        for floating in self._forwarded.get(port.id, ()):
            for forwarding in floating.forwardings:
                mine = any(address.number == forwarding.address for address in port.addresses)
                if mine and forwarding.port_id in (None, port.id):
                    yield Target(floating.version, floating.address, forwarding.protocol, forwarding.external)
