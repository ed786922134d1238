"""The way of one packet (or of all packets to one destination) through ports, routers and address translation."""

from dataclasses import replace

from .hosts import first_hop, is_link, is_special
from .model import Network, Port, Router
from .routes import Tables, Way
from .spans import holds, show
from .steps import Check, Fact, Path, Translation, View
from .translate import binding, translate_source
from .world import World

LOOP_LIMIT = 32


class Walk:
    """One walk. `protocol` and `dst_port` choose among port forwardings.

    `undo` makes it the walk of a reply to `asker`, which takes it where it is among the holders of its address.
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
    ) -> None:
        self.world = world
        self.tables = tables
        self.view = view
        self.protocol = protocol
        self.dst_port = dst_port
        self.undo = undo
        self.asker = asker
        self.steps: list[Check | Fact] = []
        self.unknown: list[str] = []
        self.translations: dict[str, Translation] = {}
        self.routers: list[str] = []
        self.sender: Port | None = None
        self.arrived = False
        self.end: Port | None = None
        self.vacant = ""

    # The two ways in

    def from_port(self, port: Port) -> Path:
        """Walk from a port."""
        self.sender = port
        network = self.world.snapshot.networks[port.network_id]
        on_link = is_link(self.world, port, self.view)
        hop = None if on_link else first_hop(self.world, port, self.view)
        self._send(port, network, on_link)
        if is_special(self.view):
            self._stop("the address is link-local, multicast or broadcast", "use a unicast address")
            self.unknown.append("link-local, multicast and broadcast traffic is not modelled")
        elif on_link:
            self._deliver(network)
        elif hop is None:
            self._stop(f"port {port.id} has no route there: its subnet has no gateway", "give the subnet a gateway")
        else:
            self._hand_on(network, hop, first=True)
        return self._path()

    def from_outside(self) -> Path:
        """Walk in from the external network (or a provider network the destination is on)."""
        self._enter_from_outside()
        return self._path()

    def from_router(self, port: Port) -> Path:
        """Walk from a router itself, one of whose interfaces is `port` (its answer to a packet for it)."""
        router = self.world.snapshot.routers.get(port.device_id)
        if router is None:
            self._stop(f"router {port.device_id} is not in the snapshot", "take the snapshot with the router")
        else:
            self._cross(router, None)
        return self._path()

    def lost(self, back: Path, sender: Port) -> Path:
        """A reply that ends at another port than the one that asked."""
        self.steps.extend(back.steps)
        self._stop(f"the reply does not end at port {sender.id}", "give the address to one port only")
        return self._path()

    # Endpoints

    def _up(self, port: Port, network: Network, ingress: bool) -> None:
        # Octavia keeps the port of a virtual address down on purpose: its own servers answer for the address.
        virtual = port.device_owner == "Octavia" or port.id in self.world.balancer_of
        if not port.admin_up and not virtual:
            why = f"port {port.id} is administratively down"
            self.steps.append(Fact("route", "deny", why, port.id, ingress, f"set admin_state_up of port {port.id}"))
        if not network.admin_up:
            self.unknown.append(f"network {network.id} is administratively down; back ends differ in what that does")

    def _send(self, port: Port, network: Network, on_link: bool) -> None:
        self._up(port, network, False)
        self.steps.append(Check("anti-spoof", self.view, False, port))
        self.steps.append(Check("group", self.view, False, port, on_link))
        if self.world.profile == "l2-agent":
            self.steps.append(Check("firewall", self.view, False, port))

    def _receive(self, port: Port, network: Network) -> None:
        on_link = self.sender is not None and not self.routers
        if self.world.profile == "l2-agent":
            self.steps.append(Check("firewall", self.view, True, port))
        self.steps.append(Check("group", self.view, True, port, on_link))
        self._up(port, network, True)
        self.arrived, self.end = True, port

    def _deliver(self, network: Network) -> None:
        """The packet is on the network its destination is on."""
        version, dst = self.view.version, self.view.dst
        if dst is None:
            self._stop("the destination is outside", "")
            return
        holders = self.world.holders(network.id, version, dst)
        if self.asker in holders:
            holders = [self.asker]
        if holders:
            if len({port.groups for port in holders}) > 1:
                self.unknown.append(f"{show(version, dst)} is shared by {len(holders)} ports with different groups")
            self._receive(holders[0], network)
        elif (version, dst) in self.world.floating or (version, dst) in self.world.gateway_of:
            self._enter_from_outside()
        elif network.physical or network.external:
            self.arrived = True
            self.steps.append(Fact("route", "allow", f"leaves to a machine outside on network {network.id}"))
        else:
            self.vacant = network.id
            self._stop(f"no port on network {network.id} has the address {show(version, dst)}", "create the port")

    # Routers

    def _hand_on(self, network: Network, hop: int, first: bool = False) -> None:
        """Give the packet to the next hop on a network."""
        version = self.view.version
        holder = self.world.on_network.get((network.id, version, hop))
        if holder is not None and holder.is_router:
            router = self.world.snapshot.routers.get(holder.device_id)
            if router is None:
                self.unknown.append(f"router {holder.device_id} is not in the snapshot")
                self._stop(f"router {holder.device_id} is not in the snapshot", "take the snapshot with the router")
            else:
                self._cross(router, holder, first)
        elif holder is not None:
            self.unknown.append(f"port {holder.id} is the next hop; what its server forwards is not modelled")
            self._stop(f"the next hop {show(version, hop)} is port {holder.id}, no router", "route through a router")
        elif (version, hop) in self.world.gateway_of and network.external:
            self._cross(self.world.gateway_of[version, hop], None, first)
        elif network.physical or network.external:
            self._leave(network)
        else:
            subject = "its gateway" if first else "the next hop"
            self._stop(f"{subject} {show(version, hop)} is no router's address", "attach the subnet to a router")

    def _cross(self, router: Router, entry: Port | None, first: bool = False) -> None:
        """Pass one router, entered through an inner interface or (None) its external gateway."""
        if len(self.routers) >= LOOP_LIMIT or self.routers.count(router.id) > 2:
            self._stop(f"the routers send it in a circle (router {router.id} again)", "remove the circular routes")
            return
        self.routers.append(router.id)
        if not router.admin_up:
            self._stop(f"router {router.id} is administratively down", f"set admin_state_up of router {router.id}")
            return
        if entry is not None and self.world.profile == "ovn":
            self.steps.append(Check("firewall", self.view, False, entry, near_sender=first))
        before = self.view
        if not self._translate_destination(router):
            return
        way = self.tables.look_up(router, before.version, self.view.dst)
        if self._is_mine(router):
            self._end_at_router(router, entry)
        elif way is None:
            self._stop(f"router {router.id} has no route there", f"add a route or a gateway to router {router.id}")
        elif way.port is None:
            self._go_out(router, entry, before, way)
        else:
            self._go_in(router, entry, before, way)

    def _is_mine(self, router: Router) -> bool:
        version, dst = self.view.version, self.view.dst
        if dst is None:
            return False
        mine = self.world.gateway_of.get((version, dst))
        return mine is router or any(
            address.number == dst and address.version == version
            for port in self.world.router_ports.get(router.id, ())
            for address in port.addresses
        )

    def _end_at_router(self, router: Router, entry: Port | None) -> None:
        self.unknown.append(f"the destination is router {router.id} itself; what it answers is not modelled")
        self.arrived = True
        self.end = entry

    def _translate_destination(self, router: Router) -> bool:
        """Undo this router's translation for a reply, or apply a floating address. False where the packet ends here."""
        done = (self.undo or {}).get(router.id)
        if done is not None:
            self.view = replace(self.view, dst=done.before.src)
            self.translations[router.id] = done
            return True
        dst = self.view.dst
        floating = self.world.floating.get((self.view.version, dst)) if dst is not None else None
        if floating is None or self.undo is not None:
            return True
        if self.world.router_of_floating(floating) is not router:
            return True
        fixed, forwarding, why = binding(self.world, floating, self.protocol, self.dst_port)
        if fixed is None:
            self._stop(why, "associate the floating address with a port or add a port forwarding")
            return False
        self.view = replace(self.view, dst=fixed, forwarding=forwarding)
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
            self._translate_source(router)
        self._note(router, before)
        if self.world.profile == "ovn":
            self.steps.append(Check("firewall", self.view, True, exit_))
        network = self.world.snapshot.networks[exit_.network_id]
        if way.kind == "link":
            self._deliver(network)
        elif way.nexthop is not None:
            self.steps.append(Fact("route", "allow", f"router {router.id} has a route for it", exit_.id, False))
            self._hand_on(network, way.nexthop)

    def _go_out(self, router: Router, entry: Port | None, before: View, way: Way) -> None:
        """Leave the router through its external gateway."""
        if router.external_network is None:
            return
        network = self.world.snapshot.networks.get(router.external_network) or Network(
            router.external_network, "", True
        )
        self._chain(router, entry, None)
        if self.undo is None and entry is not None:
            self._translate_source(router)
        self._note(router, before)
        if way.kind == "hop" and way.nexthop is not None:
            self._hand_on(network, way.nexthop)
        else:
            self._leave(network)

    def _translate_source(self, router: Router) -> None:
        done = translate_source(self.world, self.tables, router, self.sender, self.view)
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
        self.steps.append(Fact("route", "allow", f"leaves to the outside through network {network.id}"))
        if dst is not None and (version, dst) in self.world.by_address:
            self.unknown.append(
                f"whether machines outside route from network {network.id} to it is not in the snapshot"
            )
            self._stop(
                f"{show(version, dst)} is a private address no route from here leads to", "connect the two networks"
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
        return self._way_in() is not None

    def _enter_from_outside(self) -> None:
        version, dst = self.view.version, self.view.dst
        if dst is None:
            self._stop("both ends are outside", "name a port")
            return
        floating = self.world.floating.get((version, dst))
        if floating is not None:
            router = self.world.router_of_floating(floating)
            if router is None:
                self._stop(
                    f"floating address {show(version, dst)} is not bound to a port behind a router",
                    "associate the floating address with a port",
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
        way_in = self._way_in()
        if way_in is not None:
            self._cross(way_in, None)
            return
        if self._provider_pair(version, dst):
            return
        text = show(version, dst)
        self._stop(f"{text} is not reachable from outside", f"give {text} a floating address")

    def _provider_pair(self, version: int, dst: int) -> bool:
        for network in self.world.snapshot.networks.values():
            if (network.external or network.physical) and self.world.pair_holders(network.id, version, dst):
                self._deliver(network)
                return True
        return False

    def _way_in(self) -> Router | None:
        """A router with a gateway that does not hide the destination behind its own address."""
        version, dst = self.view.version, self.view.dst
        if dst is None or not holds(self.world.inside[version], dst):
            return None
        for port in self.world.by_address.get((version, dst), ()):
            for subnet in self.world.subnets_of(port, version):
                if not subnet.span[0] <= dst <= subnet.span[1]:
                    continue
                for router in self.world.routers_on(subnet):
                    if router in self.world.open_routers[version]:
                        return router
        for router in self.world.open_routers[version]:
            way = self.tables.look_up(router, version, dst)
            if way is not None and way.kind != "external" and way.port is not None:
                return router
        return None

    def _stop(self, why: str, fix: str) -> None:
        self.arrived = False
        self.steps.append(Fact("route", "deny", why, None, True, fix or None))

    def _path(self) -> Path:
        if self.undo is not None:
            self._check_undone()
        return Path(
            tuple(self.steps),
            self.arrived,
            self.end,
            self.view,
            self.translations,
            tuple(self.routers),
            tuple(dict.fromkeys(self.unknown)),
            self.vacant,
        )

    def _check_undone(self) -> None:
        missing = [router for router in self.undo or {} if router not in self.translations]
        if missing and self.arrived:
            self._stop(
                f"the reply does not come back through router {missing[0]}, which translated the addresses",
                f"make router {missing[0]} the gateway of the answering port's subnet",
            )
