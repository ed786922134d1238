"""What a server itself does with a packet: deliver on its link, or choose the first hop."""

from .model import Port
from .steps import View
from .world import World


def is_link(world: World, port: Port, view: View) -> bool:
    """Say whether the destination is in a subnet the port has an address in."""
    dst = view.dst
    spans = (subnet.span for subnet in world.subnets_of(port, view.version))
    return dst is not None and any(low <= dst <= high for low, high in spans)


def first_hop(world: World, port: Port, view: View) -> int | None:
    """The host route or gateway a server uses beyond its link; None where it has none."""
    subnets = world.subnets_of(port, view.version)
    dst = view.dst
    routes = [
        route
        for subnet in subnets
        for route in subnet.host_routes
        if dst is not None and route.span[0] <= dst <= route.span[1]
    ]
    if routes:
        return min(routes, key=lambda route: route.span[1] - route.span[0]).nexthop
    return next((subnet.gateway for subnet in subnets if subnet.gateway is not None), None)
