"""Address translation at one router: floating addresses, port forwardings and source NAT."""

from dataclasses import dataclass, replace

from tenant_ops_dashboard.sentences import say

from .model import FloatingIP, Forwarding, Port, Router
from .spans import show
from .steps import Fact, View
from .world import World, first_address


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A view after translation, the facts to show and what could not be known."""

    view: View
    facts: tuple[Fact, ...] = ()
    unknown: tuple[str, ...] = ()


def binding(
    world: World, floating: FloatingIP, protocol: int | None, dst_port: int | None
) -> tuple[int | None, Forwarding | None, str]:
    """What a floating address stands for, for this packet: (fixed address or None, port forwarding, sentence)."""
    text = show(floating.version, floating.address)
    if floating.port_id is not None:
        port = world.snapshot.ports.get(floating.port_id)
        fixed = floating.fixed if floating.fixed is not None else first_address(port, floating.version)
        if fixed is not None:
            return (
                fixed,
                None,
                say("floating address {text} stands for {address}", text=text, address=show(floating.version, fixed)),
            )
    for forwarding in floating.forwardings:
        low, high = forwarding.external
        if forwarding.protocol == protocol and low <= (dst_port or 0) <= high:
            inner = f"{show(floating.version, forwarding.address)}:{inner_port(forwarding, dst_port or 0)}"
            return (
                forwarding.address,
                forwarding,
                say("port forwarding of {text} leads to {inner}", text=text, inner=inner),
            )
    return None, None, say("floating address {text} leads nowhere for this packet", text=text)


def inner_port(forwarding: Forwarding, port: int) -> int:
    """The destination port behind a port forwarding."""
    if forwarding.internal[0] == forwarding.internal[1]:
        return forwarding.internal[0]
    return forwarding.internal[0] + port - forwarding.external[0]


def translate_source(
    world: World, router: Router, sender: Port | None, view: View, inside: bool = False, turned: bool = False
) -> Rewritten:
    """Source address on the way out: the sender's floating address, else the router's own where it does SNAT.

    `inside`: the packet stays in one address scope, where only floating addresses count. `turned`: it came from inside
    for a floating address and goes back in; the L3 agent translates its source whatever enable_snat says (neutron 29,
    agent/l3/router_info.py, external_gateway_nat_fip_rules), OVN has no rule that would. The router translates sources
    of networks behind other routers too (OVN: ovn_router_indirect_snat, on and deprecated since neutron 29).
    """
    src, version = view.src, view.version
    if src is None:
        return Rewritten(view)
    own = world.floating_of.get((sender.id, src)) if sender is not None else None
    if own is not None and world.router_of_floating(own) is router:
        why = say("the source becomes floating address {address}", address=show(version, own.address))
        return Rewritten(replace(view, src=own.address), (Fact("nat", "allow", why),))
    if version != 4 or inside or not (router.snat or (turned and world.profile != "ovn")):
        return Rewritten(view)
    address = next((number for found, number in router.gateway if found == 4), None)
    if address is None:
        return Rewritten(
            view,
            unknown=(
                say(
                    "router {router_id} shows no external address; what it translates to is not known",
                    router_id=router.id,
                ),
            ),
        )
    why = say("the source becomes the router's address {address}", address=show(4, address))
    near = (subnet for port in world.router_ports.get(router.id, ()) for subnet in world.subnets_of(port, 4))
    unknown: tuple[str, ...] = ()
    if world.profile == "ovn" and not any(subnet.span[0] <= src <= subnet.span[1] for subnet in near):
        unknown = (
            say(
                "{address} is behind another router than {router_id}: OVN translates it where ovn_router_indirect_snat "
                "is on, as Neutron 29 has it and earlier releases had not",
                address=show(4, src),
                router_id=router.id,
            ),
        )
    return Rewritten(replace(view, src=address), (Fact("nat", "allow", why),), unknown)
