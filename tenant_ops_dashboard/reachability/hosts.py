"""What a server itself does with a packet: deliver on its link, or choose the first hop."""

from collections.abc import Iterator
from dataclasses import dataclass

from tenant_ops_dashboard.sentences import say

from .model import Port, Route, Subnet
from .steps import View
from .world import World


def is_link(world: World, port: Port, view: View) -> bool:
    """Say whether the destination is in a subnet the port has an address in."""
    dst = view.dst
    spans = (subnet.span for subnet in world.subnets_of(port, view.version))
    return dst is not None and any(low <= dst <= high for low, high in spans)


@dataclass(frozen=True, slots=True)
class Hop:
    """The next hop a server uses (None where it has none) and what about that is not known."""

    address: int | None
    unknown: tuple[str, ...] = ()


def first_hop(world: World, port: Port, view: View) -> Hop:
    """The host route or gateway a server uses beyond its link.

    Which of several default routes a server takes is its own affair; Neutron only hands them out.
    """
    subnets = world.subnets_of(port, view.version)
    routes = _routes(subnets, view)
    if routes:
        return Hop(min(routes, key=lambda route: route.span[1] - route.span[0]).nexthop)
    own = [subnet.gateway for subnet in subnets if subnet.gateway is not None]
    return Hop(own[0] if own else None, tuple(_doubts(world, port, view, len(set(own)))))


def shared_link(world: World, port: Port, view: View) -> tuple[str, ...]:
    """What is not known where another port of the same server is on the destination's link, too."""
    there = [other.id for other in _others(world, port) if is_link(world, other, view)]
    return (_between(port, there),) if there else ()


def _doubts(world: World, port: Port, view: View, own: int) -> Iterator[str]:
    linked = [other.id for other in _others(world, port) if is_link(world, other, view)]
    if linked:
        yield _between(port, linked)
    ways = [port.id] * own
    for other in _others(world, port):
        subnets = world.subnets_of(other, view.version)
        leads = any(subnet.gateway is not None for subnet in subnets) or bool(_routes(subnets, view))
        # Without a gateway of its own the answer leaves by the other port, which refuses a foreign source address.
        if leads and (own or not other.secured):
            ways.append(other.id)
    if len(ways) > 1 or (ways and not own):
        named = ", ".join(dict.fromkeys(ways))
        yield say(
            "the server of port {port_id} has more than one way out ({named}): which it takes is not in the snapshot",
            port_id=port.id,
            named=named,
        )


def _between(port: Port, there: list[str]) -> str:
    named = ", ".join(there)
    return say(
        "the server of port {port_id} is on that network with {named}, too: which it sends from is not in the snapshot",
        port_id=port.id,
        named=named,
    )


def _others(world: World, port: Port) -> list[Port]:
    """The other ports of the same server; Octavia sets the routes of its own servers."""
    if not port.device_id or port.device_owner.startswith("network:") or port.id in world.balancer_ports:
        return []
    return [other for other in world.of_device.get(port.device_id, ()) if other is not port and other.admin_up]


def _routes(subnets: list[Subnet], view: View) -> list[Route]:
    dst = view.dst
    return [
        route
        for subnet in subnets
        for route in subnet.host_routes
        if dst is not None and route.span[0] <= dst <= route.span[1]
    ]
