"""What stands between networks at a router beside its filters: address scopes, and who outside knows the way back.

Address scopes: Neutron's administration guide, config-address-scopes, and the L3 agent's marks
(neutron 29, agent/l3/router_info.py, _add_address_scope_mark and process_external_port_address_scope_routing). The OVN
driver writes a network's scopes into external_ids and nothing else.
"""

from tenant_ops_dashboard.sentences import about, say

from .model import Port, Router
from .routes import Tables
from .spans import holds, show
from .steps import View
from .world import World


def same_scope(world: World, router: Router, network: str) -> bool:
    """Say whether one IPv4 scope holds a network and the external one: the L3 agent routes there untranslated."""
    return world.profile != "ovn" and scoped(world, router, network, 4)


def scoped(world: World, router: Router, network: str, version: int) -> bool:
    """Say whether one address scope holds a network and the external one: its addresses are meant to be routed."""
    scope = world.scope(network, version)[0]
    return scope is not None and scope == world.scope(router.external_network or "", version)[0]


def open_to(world: World, router: Router, version: int, network: str) -> bool:
    """Say whether a router with a gateway lets machines outside ask for the own addresses of a network."""
    return router in world.open_routers[version] and (
        version == 6 or not router.snat or same_scope(world, router, network)
    )


def may_cross(
    world: World,
    router: Router,
    ends: tuple[Port | None, Port | None],
    before: View,
    after: View,
    sender: Port | None,
) -> tuple[bool, str]:
    """Whether a packet passes between the address scopes of two interfaces (None: the external gateway).

    `before` and `after` are its addresses before and after its destination was translated at this router: to the L3
    agent that moves it into the other scope, as source translation does. The sentence says what is not known.
    """
    entry, exit_ = (port.network_id if port is not None else router.external_network or "" for port in ends)
    (here, sure), (there, sure_too) = (world.scope(network, before.version) for network in (entry, exit_))
    if not (sure and sure_too) and world.profile != "ovn":
        return True, say(
            "the address scopes of networks {entry} and {exit_} are not in the snapshot: not compared",
            entry=entry,
            exit_=exit_,
        )
    if here == there:
        return True, ""
    if world.profile == "ovn":
        told = say("networks {entry} and {exit_} are in different address scopes", entry=entry, exit_=exit_)
        return True, say("{told}, which OVN's driver does not keep apart", told=told)
    if before.dst != after.dst:
        return True, "" if after.forwarding is None else say(
            "whether a port forwarding crosses address scopes is not known"
        )
    if ends[1] is not None or before.version == 6:
        return False, ""
    if not router.snat and sender is not None and (sender.id, before.src) in world.floating_of:
        return True, say(
            "whether a floating address leaves its address scope at a router without source NAT is not known"
        )
    return router.snat, ""


def router_into(
    world: World, tables: Tables, version: int, dst: int | None, to: Port | None = None
) -> tuple[Router, str] | None:
    """The router through which machines outside reach an inner address itself, and the network beyond it.

    Where several ports have that address it is the one of `to`, if it has one.
    """
    if dst is None or not holds(world.inside[version], dst):
        return None
    for port in sorted(world.by_address.get((version, dst), ()), key=lambda one: to is None or one.id != to.id):
        for subnet in world.subnets_of(port, version):
            if subnet.span[0] <= dst <= subnet.span[1]:
                for router in world.routers_on(subnet):
                    if open_to(world, router, version, subnet.network_id):
                        return router, subnet.network_id
    for router in world.open_routers[version]:
        way = tables.look_up(router, version, dst)
        if way is None or way.kind == "external" or way.port is None:
            continue
        if open_to(world, router, version, way.port.network_id):
            return router, way.port.network_id
    return None


def way_back(world: World, router: Router, entry: Port, before: View, after: View) -> str:
    """What is not known of the replies to a packet that leaves a router with its own source; '' where nothing is."""
    if after.src is None or after.src != before.src or scoped(world, router, entry.network_id, after.version):
        return ""
    if after.version == 6:
        return _unique_local(router, after.src)
    subnets = world.of_network.get(router.external_network or "", ())
    near = any(s.version == 4 and s.span[0] <= after.src <= s.span[1] for s in subnets)
    if router.snat or near:
        return ""
    return say(
        "router {router_id} does not translate sources (enable_snat is false): whether machines outside route "
        "{address} back to it is not in Neutron",
        router_id=router.id,
        address=show(4, after.src),
    )


def _unique_local(router: Router, number: int) -> str:
    """A sentence for IPv6 addresses that only a private outside routes (RFC 4193)."""
    if number >> 121 != 0xFC >> 1:
        return ""
    told = say("whether machines outside route the unique local address {address}", address=show(6, number))
    return say("{told} to router {router_id} is not in Neutron", told=told, router_id=router.id)


def way_in(world: World, router: Router, version: int, number: int, network: str) -> str:
    """What is not known of the way from outside to an inner address; '' where nothing is."""
    text = show(version, number)
    if scoped(world, router, network, version):
        return ""
    if version == 4 and not router.snat:
        return say(
            "whether machines outside route {text} to router {router_id} (enable_snat is false) is not in Neutron",
            text=text,
            router_id=router.id,
        )
    if version == 6 and router.gateway and not any(found == 6 for found, _ in router.gateway):
        told = say("router {router_id} has no external IPv6 address", router_id=router.id)
        return about(told, say("whether machines outside route {text} to it is not in Neutron", text=text))
    return _unique_local(router, number) if version == 6 else ""


def way_out(world: World, router: Router, version: int) -> str:
    """What is not known of a router's default route; '' where its gateway's subnet tells."""
    subnets = [s for s in world.of_network.get(router.external_network or "", ()) if s.version == version]
    mine = [number for found, number in router.gateway if found == version]
    if version == 4 or any(s.span[0] <= number <= s.span[1] for s in subnets for number in mine):
        return ""
    told = say("the IPv6 subnet of router {router_id}'s gateway is not in the snapshot", router_id=router.id)
    return about(told, say("its default route is taken for granted"))


def no_default(world: World, router: Router, version: int) -> tuple[str, str]:
    """Why a router has no way out: (what would change it, what is not known)."""
    network = router.external_network
    if network is None:
        return say("add a route or a gateway to router {router_id}", router_id=router.id), ""
    unknown = ""
    if version == 6:
        unknown = say(
            "router {router_id} has no IPv6 gateway with a subnet: a default route by the L3 agent's "
            "ipv6_gateway or by advertisements on the external network is not in the snapshot",
            router_id=router.id,
        )
    subnets = [s for s in world.of_network.get(network, ()) if s.version == version]
    if subnets:
        named = ", ".join(subnet.id for subnet in subnets)
        return say(
            "give external subnet {named} a gateway and router {router_id} an address in it",
            named=named,
            router_id=router.id,
        ), unknown
    return (
        say(
            "give external network {network} an IPv{version} subnet with a gateway, or router {router_id} a route",
            network=network,
            version=version,
            router_id=router.id,
        ),
        unknown,
    )
