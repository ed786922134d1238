"""What a server itself does with a packet: deliver on its link, or choose the first hop."""

from .model import Port
from .steps import View
from .world import World

#: Link-local, multicast and broadcast addresses: they never pass a router.
_SPECIAL = {
    4: ((0xA9FE0000, 0xA9FEFFFF), (0xE0000000, 0xFFFFFFFF)),
    6: ((0xFE80 << 112, (0xFEC0 << 112) - 1), (0xFF << 120, (1 << 128) - 1)),
}


def is_special(view: View) -> bool:
    """Say whether the destination is link-local, multicast or broadcast."""
    dst = view.dst
    return dst is not None and any(low <= dst <= high for low, high in _SPECIAL[view.version])


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
