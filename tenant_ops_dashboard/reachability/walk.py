"""The way of one packet (or of all packets to one destination) through ports, routers and address translation."""

from dataclasses import replace

from tenant_ops_dashboard.sentences import say

from . import borders, link
from .hosts import first_hop, is_link, shared_link
from .model import Network, Port, Router
from .remedies import missing_route, no_next_hop, untranslated
from .routes import Tables, Way
from .spans import holds, show
from .steps import Check, Fact, Path, Translation, View
from .switched import Switched
from .takers import Takers
from .translate import binding, translate_source
from .world import World

LOOP_LIMIT = 32


class Walk(Takers):
    """One walk. `protocol` and `dst_port` choose among port forwardings.

    `undo` makes it the walk of a reply to `asker`. That and `to`, the port asked for, take the packet where they are
    among the holders of its address. `switched` says whom OVN hands what is for a virtual address.
    """

    def __init__(
        self,
        world: World,
        tables: Tables,
        view: View,
        protocol: int | None = None,
        dst_port: int | None = None,
        undo: dict[str, Translation] | None = None,
        asker: Port | None = None,
        to: Port | None = None,
        switched: Switched | None = None,
    ) -> None:
        super().__init__(world, view, protocol, dst_port, to)
        self.tables = tables
        self.undo = undo
        self.asker = asker
        self.switched = switched

    # The two ways in

    def from_port(self, port: Port) -> Path:
        """Walk from a port."""
        self.sender = port
        network = self.world.snapshot.networks[port.network_id]
        self.link = link.kind(self.world, port, self.view.version, self.view.dst)
        on_link = is_link(self.world, port, self.view)
        self._send(port, network, on_link or bool(self.link))
        if self.switched is not None and self.switched.is_near(self.world, port):
            self.view = self.switched.hand_over(self.view)
            if port in self.world.holders(port.network_id, self.view.version, self.view.dst or 0):
                # OVN gives what a member gets from itself the virtual address as its source (hairpin_snat_ip, ovn-nb).
                self.view = replace(self.view, src=self.switched.vip)
                self._receive(port, network, False)
                return self._path()
            on_link = is_link(self.world, port, self.view)
        if self.link:
            self.to = self.to or self.asker
            self._stay(network)
        elif on_link:
            self.unknown.extend(shared_link(self.world, port, self.view))
            self._deliver(network)
        else:
            self._first_hop(port, network)
        return self._path()

    def _first_hop(self, port: Port, network: Network) -> None:
        hop = first_hop(self.world, port, self.view)
        self.unknown.extend(hop.unknown)
        if hop.address is None:
            self._stop(
                say("port {port_id} has no route there: its subnet has no gateway", port_id=port.id),
                say("give the subnet a gateway"),
            )
        else:
            self._hand_on(network, hop.address, first=True)

    def from_outside(self) -> Path:
        """Walk in from the external network (or a provider network the destination is on)."""
        if self.view.dst is not None and link.range_kind(self.view.version, self.view.dst):
            self._stop(
                say(
                    "{address} is nothing that machines outside can ask for",
                    address=show(self.view.version, self.view.dst),
                ),
                "",
            )
        else:
            self._enter_from_outside()
        return self._path()

    def from_floating(self, port: Port) -> Path:
        """Walk in to a port as if the destination were what a floating address stands for; empty where none can be."""
        for router in self.world.snapshot.routers.values():
            way = self.tables.look_up(router, self.view.version, self.view.dst) if router.external_network else None
            near = way.port if way is not None and way.kind == "link" else None
            if way is not None and near is not None and near.network_id == port.network_id:
                self._go_in(router, None, self.view, way)
                break
        return self._path()

    def from_link(self, port: Port) -> Path:
        """Walk to a port from a service or a machine on its own link that is no port."""
        if self.view.dst:
            self._receive(port, self.world.snapshot.networks[port.network_id], True)
        else:
            self._stop(
                say("no answer finds a sender without an address"),
                say("send from an address of port {port_id}", port_id=port.id),
            )
        return self._path()

    def from_router(self, port: Port) -> Path:
        """Walk from a router itself, one of whose interfaces is `port` (its answer to a packet for it)."""
        router = self.world.snapshot.routers.get(port.device_id)
        if router is None:
            self._stop(
                say("router {device_id} is not in the snapshot", device_id=port.device_id),
                say("take the snapshot with the router"),
            )
        elif self.view.version == 6 and self.view.src and link.is_link_local(6, self.view.src):
            self._deliver(self.world.snapshot.networks[port.network_id])
        else:
            self._cross(router, None)
        return self._path()

    def lost(self, back: Path, sender: Port) -> Path:
        """A reply that ends at another port than the one that asked."""
        self.steps.extend(back.steps)
        fix = (
            say("give the address to one port only")
            if back.end
            else say("send from an address of port {sender_id}", sender_id=sender.id)
        )
        self._stop(say("the reply does not end at port {sender_id}", sender_id=sender.id), fix)
        return self._path()

    # On a network

    def _deliver(self, network: Network) -> None:
        """The packet is on the network its destination is on."""
        version, dst = self.view.version, self.view.dst
        if dst is None:
            self._stop(say("the destination is outside"), "")
            return
        if self.switched is not None and dst == self.switched.vip:
            self._switch(network)
            return
        holders = self.world.holders(network.id, version, dst)
        if holders:
            self._take(holders, network)
        elif (version, dst) in self.world.floating or (version, dst) in self.world.gateway_of:
            self._enter_from_outside()
        elif network.physical or network.external:
            self.arrived = True
            self.steps.append(
                Fact(
                    "route", "allow", say("leaves to a machine outside on network {network_id}", network_id=network.id)
                )
            )
        elif any(link.is_directed_broadcast(s.version, s.span, dst) for s in self.world.of_network.get(network.id, ())):
            self._stop(
                say(
                    "routers forward no broadcast, and {address} is one on network {network_id}",
                    address=show(version, dst),
                    network_id=network.id,
                ),
                "",
            )
        else:
            self.vacant = network.id
            self._guests(network.id)
            self._stop(
                say(
                    "no port on network {network_id} has the address {address}",
                    network_id=network.id,
                    address=show(version, dst),
                ),
                say("create the port"),
            )

    def _switch(self, network: Network) -> None:
        """OVN's load balancer in this switch: on to the member, over the router where it is elsewhere."""
        if self.switched is None:
            return
        self.view = self.switched.hand_over(self.view)
        dst = self.view.dst or 0
        subnets = [one for one in self.world.of_network.get(network.id, ()) if one.version == self.view.version]
        gateway = next((one.gateway for one in subnets if one.gateway is not None), None)
        if any(one.span[0] <= dst <= one.span[1] for one in subnets) or gateway is None:
            self._deliver(network)
        else:
            self._hand_on(network, gateway)

    # Routers

    def _hand_on(self, network: Network, hop: int, first: bool = False) -> None:
        """Give the packet to the next hop on a network."""
        version, dst = self.view.version, self.view.dst
        holder = self.world.on_network.get((network.id, version, hop))
        hosts = [] if holder is not None and holder.is_router else self.world.holders(network.id, version, hop)
        paired = [port for port in hosts if port.bound and dst is not None and self.world.has_pair(port, version, dst)]
        if paired:
            self._take(paired, network)
        elif holder is not None and holder.is_router:
            router = self.world.snapshot.routers.get(holder.device_id)
            if router is None:
                self.unknown.append(say("router {device_id} is not in the snapshot", device_id=holder.device_id))
                self._stop(
                    say("router {device_id} is not in the snapshot", device_id=holder.device_id),
                    say("take the snapshot with the router"),
                )
            else:
                self._cross(router, holder, first)
        elif hosts:
            self._appliance(hosts[0], hop)
        elif (version, hop) in self.world.gateway_of and network.external:
            self._cross(self.world.gateway_of[version, hop], None, first)
        elif network.physical or network.external:
            self._leave(network)
        else:
            self._stop(*no_next_hop(network.id, show(version, hop), first))

    def _cross(self, router: Router, entry: Port | None, first: bool = False) -> None:
        """Pass one router, entered through an inner interface or (None) its external gateway."""
        if len(self.routers) >= LOOP_LIMIT or self.routers.count(router.id) > 2:
            self._stop(
                say("the routers send it in a circle (router {router_id} again)", router_id=router.id),
                say("remove the circular routes"),
            )
            return
        self.routers.append(router.id)
        if self.view.src == 0 or (self.view.version == 6 and self.view.src and link.is_link_local(6, self.view.src)):
            self._stop(
                say("no router forwards what comes from {address}", address=show(self.view.version, self.view.src)), ""
            )
            return
        if not router.admin_up:
            self._stop(
                say("router {router_id} is administratively down", router_id=router.id),
                say("set admin_state_up of router {router_id}", router_id=router.id),
            )
            return
        if untold := self.world.untold(router):
            self.unknown.append(untold)
        if entry is not None and self.world.profile == "ovn":
            self.steps.append(Check("firewall", self.view, False, entry, near_sender=first))
        before = self.view
        if not self._translate_destination(router):
            return
        way = self.tables.look_up(router, before.version, self.view.dst)
        if self._is_mine(router):
            self._end_at_router(router, entry)
        elif way is None:
            fix, doubt = borders.no_default(self.world, router, before.version)
            self.unknown += [doubt] if doubt else []
            self._stop(say("router {router_id} has no route there", router_id=router.id), fix)
        elif not self._may_cross(router, entry, before, way):
            self._stop(
                say(
                    "router {router_id} lets nothing untranslated pass between the address scopes of its two networks",
                    router_id=router.id,
                ),
                say("put both networks into one address scope, or ask for a floating address"),
            )
        elif way.port is None:
            self._go_out(router, entry, before, way)
        else:
            self._go_in(router, entry, before, way)

    def _may_cross(self, router: Router, entry: Port | None, before: View, way: Way) -> bool:
        if router.id in (self.undo or {}):
            return True
        passes, doubt = borders.may_cross(self.world, router, (entry, way.port), before, self.view, self.sender)
        self.unknown += [doubt] if doubt else []
        return passes

    def _translate_destination(self, router: Router) -> bool:
        """Undo this router's translation for a reply, or apply a floating address. False where the packet ends here."""
        done = (self.undo or {}).get(router.id)
        if done is not None:
            self.view = replace(self.view, dst=done.before.src)
            self.translations[router.id] = done
            return True
        dst = self.view.dst
        if self.switched is not None and dst == self.switched.vip and self.switched.is_at(self.world, router):
            self.view = self.switched.hand_over(self.view)
            return True
        floating = self.world.floating.get((self.view.version, dst)) if dst is not None else None
        if floating is None or self.undo is not None:
            return True
        if self.world.router_of_floating(floating) is not router:
            return True
        fixed, forwarding, why = binding(self.world, floating, self.protocol, self.dst_port)
        if fixed is None:
            self._stop(why, say("associate the floating address with a port or add a port forwarding"))
            return False
        self.view = replace(self.view, dst=fixed, forwarding=forwarding)
        if self.switched is not None and fixed == self.switched.vip:
            self.view = self.switched.hand_over(self.view)
        self.steps.append(Fact("nat", "allow", why, floating.port_id))
        return True

    def _chain(self, router: Router, entry: Port | None, exit_: Port | None) -> None:
        """On the L3 agent the router's FORWARD chain sees the packet after DNAT and before SNAT."""
        if self.world.profile == "l3-agent":
            self.steps.append(Check("chain", self.view, True, exit_ or entry, router=router, entry=entry, exit=exit_))

    def _note(self, router: Router, before: View) -> None:
        """Turn a reply's source back, or remember what was translated."""
        done = (self.undo or {}).get(router.id)
        if done is not None:
            self.view = View(self.view.version, done.before.dst, self.view.dst, None)
        elif (self.view.src, self.view.dst) != (before.src, before.dst):
            self.translations[router.id] = Translation(before, self.view)

    def _go_in(self, router: Router, entry: Port | None, before: View, way: Way) -> None:
        """Leave the router through an inner interface."""
        exit_ = way.port
        if exit_ is None:
            return
        self._chain(router, entry, exit_)
        hairpin = entry is not None and before.dst != self.view.dst and self.undo is None
        if hairpin:
            self._translate_source(router, turned=True)
        self._note(router, before)
        if self.world.profile == "ovn":
            self.steps.append(Check("firewall", self.view, True, exit_))
        network = self.world.snapshot.networks[exit_.network_id]
        if way.kind == "link":
            self._deliver(network)
        elif way.nexthop is not None:
            self.steps.append(
                Fact(
                    "route", "allow", say("router {router_id} has a route for it", router_id=router.id), exit_.id, False
                )
            )
            self._hand_on(network, way.nexthop)

    def _go_out(self, router: Router, entry: Port | None, before: View, way: Way) -> None:
        """Leave the router through its external gateway."""
        if router.external_network is None:
            return
        network = self.world.snapshot.networks.get(router.external_network) or Network(
            router.external_network, "", True
        )
        self._grant(borders.way_out(self.world, router, before.version) if way.kind == "external" else "")
        self._chain(router, entry, None)
        if self.undo is None and entry is not None:
            self._translate_source(router, borders.same_scope(self.world, router, entry.network_id))
            self._grant(borders.way_back(self.world, router, entry, before, self.view))
        self._note(router, before)
        if way.kind == "hop" and way.nexthop is not None:
            self._hand_on(network, way.nexthop)
        else:
            self._leave(network)

    def _translate_source(self, router: Router, inside: bool = False, turned: bool = False) -> None:
        done = translate_source(self.world, router, self.sender, self.view, inside, turned)
        self.view = done.view
        self.steps.extend(done.facts)
        self.unknown.extend(done.unknown)

    # Outside

    def _leave(self, network: Network) -> None:
        """The packet is on an external or provider network: to another router there, a port there, or away."""
        version, dst = self.view.version, self.view.dst
        if dst is not None and self._known_from_outside(network):
            self._enter_from_outside()
            return
        self.arrived = True
        self.steps.append(
            Fact("route", "allow", say("leaves to the outside through network {network_id}", network_id=network.id))
        )
        if dst is not None and holds(self.world.inside[version], dst):
            self.unknown.append(
                say(
                    "whether machines outside route from network {network_id} to it is not in the snapshot",
                    network_id=network.id,
                )
            )
            self._stop(
                say("{address} is a private address no route from here leads to", address=show(version, dst)),
                missing_route(self.world, self.tables, self.routers, version, dst),
            )

    def _known_from_outside(self, network: Network) -> bool:
        version, dst = self.view.version, self.view.dst
        if dst is None:
            return False
        key = (version, dst)
        if key in self.world.floating or key in self.world.gateway_of:
            return True
        if (network.id, version, dst) in self.world.on_network or self.world.pair_holders(network.id, version, dst):
            return True
        return borders.router_into(self.world, self.tables, version, dst) is not None

    def _enter_from_outside(self) -> None:
        version, dst = self.view.version, self.view.dst
        if dst is None:
            self._stop(say("both ends are outside"), say("name a port"))
            return
        floating = self.world.floating.get((version, dst))
        if floating is not None:
            router = self.world.router_of_floating(floating)
            if router is None:
                self._stop(
                    say(
                        "floating address {address} is not bound to a port behind a router", address=show(version, dst)
                    ),
                    say("associate the floating address with a port"),
                )
            else:
                self._cross(router, None)
            return
        gateway = self.world.gateway_of.get((version, dst))
        if gateway is not None:
            self._cross(gateway, None)
            return
        for port in self.world.by_address.get((version, dst), ()):
            network = self.world.snapshot.networks[port.network_id]
            if network.external or network.physical:
                self._deliver(network)
                return
        way_in = borders.router_into(self.world, self.tables, version, dst, self.to)
        if way_in is not None:
            self._grant(borders.way_in(self.world, way_in[0], version, dst, way_in[1]))
            self._cross(way_in[0], None)
            return
        if self._provider_pair(version, dst):
            return
        text = show(version, dst)
        subnets = self.world.snapshot.subnets.values()
        all_hosts = any(link.is_directed_broadcast(s.version, s.span, dst) for s in subnets if s.version == version)
        self._stop(
            say("{text} is not reachable from outside", text=text),
            "" if all_hosts else say("give {text} a floating address", text=text),
        )

    def _provider_pair(self, version: int, dst: int) -> bool:
        for network in self.world.snapshot.networks.values():
            if (network.external or network.physical) and self.world.pair_holders(network.id, version, dst):
                self._deliver(network)
                return True
        return False

    def _path(self) -> Path:
        if self.undo is not None:
            self._check_undone()
        if self.switched is not None and self.arrived and not self.view.forwarding:
            self._stop(
                say("OVN balances only what passes a switch or router of the virtual address"), say("ask from there")
            )
        return Path(
            tuple(self.steps),
            self.arrived,
            self.end,
            self.view,
            self.translations,
            tuple(self.routers),
            tuple(dict.fromkeys(self.unknown)),
            self.vacant,
            self.link,
            tuple(self.granted),
        )

    def _check_undone(self) -> None:
        missing = [router for router in self.undo or {} if router not in self.translations]
        if missing and self.arrived:
            why = say(
                "the reply does not come back through router {missing}, which translated the addresses",
                missing=missing[0],
            )
            self._stop(why, untranslated(self.world, missing[0]))
