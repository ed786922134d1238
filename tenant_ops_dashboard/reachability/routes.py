"""Which way a router sends a packet: longest prefix among its subnets, extra routes and its external gateway."""

from dataclasses import dataclass
from typing import Literal

from .model import Port, Router
from .spans import Span
from .world import World


@dataclass(frozen=True, slots=True)
class Way:
    """One line of a routing table. `link`: deliver on the port's network; `hop`: hand on to `nexthop` there."""

    kind: Literal["link", "hop", "external"]
    span: Span
    port: Port | None
    nexthop: int | None = None


class Tables:
    """The routing tables of a world's routers, made when first asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._made: dict[tuple[str, int], list[Way]] = {}

    def table(self, router: Router, version: int) -> list[Way]:
        """All ways of a router, most specific first; a connected subnet before a route of the same length."""
        key = (router.id, version)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = sorted(self._ways(router, version), key=_size)
        return found

    def look_up(self, router: Router, version: int, dst: int | None) -> Way | None:
        """The way for a destination; None (anywhere outside) takes the external gateway."""
        for way in self.table(router, version):
            if dst is None:
                if way.span[0] == 0 and _size(way) == _whole(version):
                    return way
            elif way.span[0] <= dst <= way.span[1]:
                return way
        return None

    def _ways(self, router: Router, version: int) -> list[Way]:
        ways = self._connected(router, version)
        links = list(ways)
        for route in router.routes:
            if route.version != version:
                continue
            via = next((way for way in links if way.span[0] <= route.nexthop <= way.span[1]), None)
            if via is not None:
                ways.append(Way("hop", route.span, via.port, route.nexthop))
        if router.external_network is not None and self._has_default(router, version):
            ways.append(Way("external", (0, _whole(version) - 1), None))
        return ways

    def _has_default(self, router: Router, version: int) -> bool:
        """Say whether Neutron gives a router a default route: an address in an external subnet that has a gateway."""
        if not router.gateway:
            return True
        mine = [number for found, number in router.gateway if found == version]
        subnets = [s for s in self.world.of_network.get(router.external_network or "", ()) if s.version == version]
        near = [s for s in subnets if any(s.span[0] <= number <= s.span[1] for number in mine)]
        return bool(mine) and (not near or any(subnet.gateway is not None for subnet in near))

    def _connected(self, router: Router, version: int) -> list[Way]:
        ways = []
        for port in self.world.router_ports.get(router.id, ()):
            for subnet in self.world.subnets_of(port, version):
                ways.append(Way("link", subnet.span, port))
        for subnet in self.world.of_network.get(router.external_network or "", ()):
            low, high = subnet.span
            if any(found == version and low <= number <= high for found, number in router.gateway):
                ways.append(Way("link", subnet.span, None))
        return ways


def _size(way: Way) -> int:
    return way.span[1] - way.span[0] + 1


def _whole(version: int) -> int:
    return 1 << (32 if version == 4 else 128)
