"""What would change a packet's way where none leads on: the route that is missing, the translation that is off."""

from collections.abc import Sequence

from tenant_ops_dashboard.sentences import say

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
    return say("connect the two networks")


def _route(version: int, span: tuple[int, int], port: Port, router: str) -> str:
    hop = first_address(port, version)
    via = (
        say("{address} (port {port_id})", address=show(version, hop), port_id=port.id)
        if hop is not None
        else say("port {port_id}", port_id=port.id)
    )
    return say(
        "add a route to {span} by {via} to router {router}",
        span=show_span(version, span),
        via=via,
        router=router,
    )


def no_next_hop(network: str, hop: str, gateway: bool) -> tuple[str, str]:
    """Why nobody takes in what is handed to a subnet's gateway, or to a route's next hop, and what to change."""
    if gateway:
        return say("its gateway {hop} is no router's address", hop=hop), say("attach the subnet to a router")
    why = say("the next hop {hop} is no port's address on network {network}", hop=hop, network=network)
    return why, say(
        "let the route lead to a port that is there, or give a port on network {network} the address {hop}",
        network=network,
        hop=hop,
    )


def untranslated(world: World, router: str) -> str:
    """What brings a reply back through the router that turned a packet round to a floating address."""
    known = world.snapshot.routers.get(router)
    if known is not None and not known.snat:
        return say(
            "ask for the fixed address instead of the floating one, or set enable_snat of router {router}",
            router=router,
        )
    return say("make router {router} the gateway of the answering port's subnet", router=router)
