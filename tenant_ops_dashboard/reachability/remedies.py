"""What would change a packet's way where none leads on: the route that is missing, the translation that is off."""

from collections.abc import Sequence

from .model import Port
from .routes import Tables
from .spans import show, show_span
from .world import World, first_address


def missing_route(world: World, tables: Tables, passed: Sequence[str], version: int, dst: int) -> str:
    """The route that the last router passed lacks, else the advice to connect the networks.

    It leads to a server beside it that has the destination among its address pairs (as Kubernetes' nodes have their
    pods' ranges), else to another router beside it that knows the way.
    """
    here = passed[-1] if passed else ""
    near = [port.network_id for port in world.router_ports.get(here, ())]
    for network in near:
        for port in world.pair_holders(network, version, dst):
            if port.bound and world.claims(port, version, dst):
                mine = [pair.span for pair in port.pairs if pair.version == version]
                spans = [span for span in mine if span[0] <= dst <= span[1]]
                return _route(version, min(spans, key=lambda span: span[1] - span[0]), port, here)
    for port in world.snapshot.ports.values():
        router = world.snapshot.routers.get(port.device_id) if port.is_router else None
        if router is None or router.id == here or port.network_id not in near:
            continue
        way = tables.look_up(router, version, dst)
        if way is not None and way.kind != "external" and first_address(port, version) is not None:
            return _route(version, way.span, port, here)
    return "connect the two networks"


def _route(version: int, span: tuple[int, int], port: Port, router: str) -> str:
    hop = first_address(port, version)
    via = f"{show(version, hop)} (port {port.id})" if hop is not None else f"port {port.id}"
    return f"add a route to {show_span(version, span)} by {via} to router {router}"


def no_next_hop(network: str, hop: str, gateway: bool) -> tuple[str, str]:
    """Why nobody takes in what is handed to a subnet's gateway, or to a route's next hop, and what to change."""
    if gateway:
        return f"its gateway {hop} is no router's address", "attach the subnet to a router"
    why = f"the next hop {hop} is no port's address on network {network}"
    return why, f"let the route lead to a port that is there, or give a port on network {network} the address {hop}"


def untranslated(world: World, router: str) -> str:
    """What brings a reply back through the router that turned a packet round to a floating address."""
    known = world.snapshot.routers.get(router)
    if known is not None and not known.snat:
        return f"ask for the fixed address instead of the floating one, or set enable_snat of router {router}"
    return f"make router {router} the gateway of the answering port's subnet"
