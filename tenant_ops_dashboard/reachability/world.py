"""A snapshot made quick to ask: who holds an address, what hangs on a router, who is in a group."""

from collections import defaultdict
from functools import cached_property

from tenant_ops_dashboard.sentences import say

from . import spans
from .model import GATEWAY_OWNER, HA_OWNER, FirewallGroup, FloatingIP, LoadBalancer, Port, Router, Snapshot, Subnet
from .names import Names
from .spans import Span, Spans
from .steps import View

#: Who owns the port of a virtual address: Octavia, or its OVN driver (ovn-octavia-provider, common/constants.py).
_VIRTUAL = ("Octavia", "ovn-lb:vip")
_OVN_VIRTUAL = "ovn-lb-vip-"
#: How the OVN provider calls the ports its health checks come from, one a subnet.
_OVN_MONITOR = "ovn-lb-hm-"
#: Owners whose ports answer for their own address, whoever else names it in a pair.
_SERVERS = ("compute:", "network:", "baremetal:")


class World:
    """Look-up tables over one snapshot and the back end that filters in it."""

    def __init__(self, snapshot: Snapshot, profile: str, sure: bool = True) -> None:
        self.snapshot = snapshot
        self.profile = profile
        self.sure = sure
        self.by_address: dict[tuple[int, int], list[Port]] = defaultdict(list)
        self.on_network: dict[tuple[str, int, int], Port] = {}
        self.pairs: dict[tuple[str, int, int], list[Port]] = defaultdict(list)
        self.wide_pairs: dict[str, list[tuple[int, Span, Port]]] = defaultdict(list)
        self.router_ports: dict[str, list[Port]] = defaultdict(list)
        self.members: dict[str, list[Port]] = defaultdict(list)
        self.of_network: dict[str, list[Subnet]] = defaultdict(list)
        self.of_device: dict[str, list[Port]] = defaultdict(list)
        for subnet in snapshot.subnets.values():
            self.of_network[subnet.network_id].append(subnet)
        for port in snapshot.ports.values():
            self._index(port)
        self.floating: dict[tuple[int, int], FloatingIP] = {}
        self.floating_of: dict[tuple[str, int], FloatingIP] = {}
        for floating in snapshot.floatingips.values():
            self.floating[floating.version, floating.address] = floating
            if floating.port_id is not None:
                bound = snapshot.ports.get(floating.port_id)
                fixed = floating.fixed if floating.fixed is not None else first_address(bound, floating.version)
                if fixed is not None:
                    self.floating_of[floating.port_id, fixed] = floating
        self.firewall_of: dict[str, FirewallGroup] = {}
        for group in snapshot.firewall_groups.values():
            for port_id in group.ports:
                self.firewall_of.setdefault(port_id, group)

    def untold(self, router: Router) -> str:
        """What is not known of a router's filter, because nobody said which back end it has; else ''."""
        if self.sure or not any(port.id in self.firewall_of for port in self.router_ports.get(router.id, ())):
            return ""
        return say(
            "which back end filters at router {router_id} is not known (TENANT_OPS_FIREWALL_PROFILE says it), and they "
            "read the rules of a firewall group differently",
            router_id=router.id,
        )

    def _index(self, port: Port) -> None:
        if port.device_owner in (GATEWAY_OWNER, "network:floatingip"):
            return
        if port.device_id and not port.device_owner.startswith("network:"):
            self.of_device[port.device_id].append(port)
        for address in port.addresses:
            self.by_address[address.version, address.number].append(port)
            self.on_network.setdefault((port.network_id, address.version, address.number), port)
        for pair in port.pairs:
            if pair.span[0] == pair.span[1]:
                self.pairs[port.network_id, pair.version, pair.span[0]].append(port)
            else:
                self.wide_pairs[port.network_id].append((pair.version, pair.span, port))
        if port.is_router:
            self.router_ports[port.device_id].append(port)
        for group in port.groups:
            self.members[group].append(port)

    @cached_property
    def gateway_of(self) -> dict[tuple[int, int], Router]:
        """Routers by their addresses on external networks."""
        found = {}
        for router in self.snapshot.routers.values():
            for address in router.gateway:
                found[address] = router
        for port in self.snapshot.ports.values():
            if port.device_owner == GATEWAY_OWNER and port.device_id in self.snapshot.routers:
                for fixed in port.addresses:
                    found.setdefault((fixed.version, fixed.number), self.snapshot.routers[port.device_id])
        return found

    @cached_property
    def open_routers(self) -> dict[int, list[Router]]:
        """Per IP version the routers with an external gateway that do not hide all that is behind them."""
        routers = [router for router in self.snapshot.routers.values() if router.external_network is not None]
        scoped = [
            r for r in routers if not r.snat or (self.profile != "ovn" and self.scope(r.external_network or "", 4)[0])
        ]
        return {4: scoped, 6: routers}

    def scope(self, network: str, version: int) -> tuple[str | None, bool]:
        """A network's address scope of an IP version (None: it is in none), and whether the snapshot tells it.

        A network without the field is in the scope of the pool its subnets are cut from, as Neutron itself derives it.
        """
        known = self.snapshot.networks[network].scopes if network in self.snapshot.networks else {}
        if version in known:
            return known[version], True
        pools = {s.pool for s in self.of_network.get(network, ()) if s.version == version and s.pool is not None}
        scopes = {self.snapshot.subnetpools[pool] for pool in pools if pool in self.snapshot.subnetpools}
        return next(iter(scopes), None), not pools or bool(scopes)

    @cached_property
    def names(self) -> Names:
        """What its sentences call things."""
        return Names(self.snapshot)

    @cached_property
    def balancer_of(self) -> dict[str, LoadBalancer]:
        """Load balancers by the id of their virtual port."""
        found = {}
        for balancer in self.snapshot.loadbalancers.values():
            if balancer.port_id is not None:
                found[balancer.port_id] = balancer
            else:
                for port in self.by_address.get((balancer.version, balancer.vip), ()):
                    found[port.id] = balancer
        return found

    @cached_property
    def balancer_ports(self) -> dict[str, LoadBalancer]:
        """Load balancers by the ids of their virtual ports and of all ports of their own servers (amphorae)."""
        found = dict(self.balancer_of)
        for port_id, balancer in self.balancer_of.items():
            port = self.snapshot.ports.get(port_id)
            if port is None or balancer.in_switch:
                continue
            for address in port.addresses:
                for holder in self.pairs.get((port.network_id, address.version, address.number), ()):
                    for own in self.of_device.get(holder.device_id) or [holder]:
                        found.setdefault(own.id, balancer)
        return found

    @staticmethod
    def is_monitor(port: Port) -> bool:
        """Say whether OVN's own health checks come from a port."""
        return port.name.startswith(_OVN_MONITOR)

    def virtual_at(self, end: Port | None, view: View | None) -> Port | None:
        """The virtual port a packet came to: the one it ended at, or whose address the server it ended at holds."""
        if end is None or view is None or view.dst is None:
            return None
        owner = end if end.id in self.balancer_of else self.on_network.get((end.network_id, view.version, view.dst))
        if owner is None or owner.id not in self.balancer_of:
            return None
        return owner if owner is end or self.has_pair(end, view.version, view.dst) else None

    def unasked(self, port: Port) -> str:
        """Why a port's own security groups are not asked, '' where they are.

        OVN's load balancer takes packets for a virtual address away before they reach its port. Where the groups of
        the balancing service are not in the snapshot, they are in step with its listeners.
        """
        balancer = self.balancer_ports.get(port.id)
        if balancer is None:
            return ""
        if balancer.in_switch:
            return say("OVN balances in the switch: the groups of the virtual address's port are not asked")
        if any(group in self.snapshot.security_groups for group in port.groups):
            return ""
        return say("the balancer keeps this port's group in step with its listeners")

    def is_virtual(self, port: Port) -> bool:
        """Say whether a port only stands for a load balancer's virtual address: Octavia keeps it down and unbound."""
        owned = port.device_owner in _VIRTUAL or port.name.startswith(_OVN_VIRTUAL)
        return owned or port.id in self.balancer_of

    @cached_property
    def inside(self) -> dict[int, Spans]:
        """Every fixed, floating and pair address known, per IP version: what is not 'outside'."""
        found: dict[int, list[Span]] = {4: [], 6: []}
        for version, number in (*self.by_address, *self.floating, *self.gateway_of):
            found[version].append((number, number))
        for _, version, number in self.pairs:
            found[version].append((number, number))
        for pairs in self.wide_pairs.values():
            for version, span, _ in pairs:
                if not is_anything(version, span):
                    found[version].append(span)
        return {version: spans.normal(items) for version, items in found.items()}

    def on_link(self, sender: Port) -> list[Port]:
        """The other ports of a port's network that may listen: servers', and those that redundant routers talk over."""
        here = [port for port in self.snapshot.ports.values() if port.network_id == sender.network_id]
        deaf = {port.id for port in here if port.device_owner.startswith("network:") and port.device_owner != HA_OWNER}
        return [port for port in here if port is not sender and port.id not in deaf]

    def link_local(self, network: str, number: int) -> list[Port]:
        """The ports of a network with a MAC address that this IPv6 link-local address is made of."""
        return self._by_link_local.get((network, number), [])

    @cached_property
    def _by_link_local(self) -> dict[tuple[str, int], list[Port]]:
        found: dict[tuple[str, int], list[Port]] = defaultdict(list)
        for port in self.snapshot.ports.values():
            for number in port.link_locals:
                found[port.network_id, number].append(port)
        return found

    def pair_holders(self, network: str, version: int, number: int) -> list[Port]:
        """Ports on a network that may also use this address (allowed address pairs), in the snapshot's order."""
        found = list(self.pairs.get((network, version, number), ()))
        found += [
            port
            for pair_version, (low, high), port in self.wide_pairs.get(network, ())
            if pair_version == version and low <= number <= high and port not in found
        ]
        return found

    def has_pair(self, port: Port, version: int, number: int) -> bool:
        """Say whether a port's allowed address pairs hold an address."""
        return any(pair.version == version and pair.span[0] <= number <= pair.span[1] for pair in port.pairs)

    def claims(self, port: Port, version: int, number: int) -> bool:
        """Say whether a port's pairs name an address as its own: one that lifts the check for all does not."""
        spans_ = (pair.span for pair in port.pairs if pair.version == version and not is_anything(version, pair.span))
        return any(low <= number <= high for low, high in spans_)

    def holders(self, network: str, version: int, number: int) -> list[Port]:
        """The ports that take in packets for an address on a network; ports that are up come first, then by id.

        A port that belongs to no server (a virtual address) gives way to those that name its address in their pairs:
        OVN makes it a virtual port of those that name that very address, elsewhere whoever may use it answers for it.
        """
        owner = self.on_network.get((network, version, number))
        if owner is not None and owner.bound and owner.device_owner.startswith(_SERVERS):
            return [owner]
        if owner is None or not (self.profile == "ovn" or owner.bound or self.is_virtual(owner)):
            sharers = self.pair_holders(network, version, number)
        else:
            sharers = self.pairs.get((network, version, number), [])
        others = [port for port in sharers if port is not owner and port.bound]
        others.sort(key=lambda port: (not port.admin_up, port.id))
        return others or ([] if owner is None else [owner])

    def guests(self, network: str) -> list[Port]:
        """Ports of servers on a network without port security: their servers may take any address there."""
        found = self._guests.get(network)
        if found is None:
            found = self._guests[network] = [
                port
                for port in self.snapshot.ports.values()
                if port.network_id == network and not port.secured and port.bound
                if not port.device_owner.startswith("network:") and port.id not in self.balancer_ports
            ]
        return found

    @cached_property
    def _guests(self) -> dict[str, list[Port]]:
        return {}

    def subnets_of(self, port: Port, version: int) -> list[Subnet]:
        """The subnets of one IP version a port has addresses in."""
        found: list[Subnet] = []
        for address in port.addresses:
            subnet = self.snapshot.subnets.get(address.subnet_id)
            if subnet is not None and subnet.version == version and subnet not in found:
                found.append(subnet)
        return found

    def router_of_floating(self, floating: FloatingIP) -> Router | None:
        """The router that translates a floating address: the one it names, else the one between its two networks."""
        if floating.router_id is not None:
            return self.snapshot.routers.get(floating.router_id)
        wanted = [floating.port_id, *(forwarding.port_id for forwarding in floating.forwardings)]
        for port_id in wanted:
            port = self.snapshot.ports.get(port_id or "")
            for subnet in self.subnets_of(port, floating.version) if port else ():
                for router in self.routers_on(subnet):
                    if router.external_network is not None and floating.network_id in ("", router.external_network):
                        return router
        return None

    def routers_on(self, subnet: Subnet) -> list[Router]:
        """The routers with an interface in a subnet."""
        return self._routers_by_subnet.get(subnet.id, [])

    @cached_property
    def _routers_by_subnet(self) -> dict[str, list[Router]]:
        found: dict[str, list[Router]] = defaultdict(list)
        for router_id, ports in self.router_ports.items():
            router = self.snapshot.routers.get(router_id)
            for port in ports:
                for address in port.addresses:
                    if router is not None and router not in found[address.subnet_id]:
                        found[address.subnet_id].append(router)
        return found

    def group_addresses(self, group_id: str, version: int) -> Spans:
        """The addresses a rule with this remote group stands for.

        OVN builds its address set from the members' fixed addresses alone; the others add allowed address pairs.
        """
        key = (group_id, version)
        found = self._group_addresses.get(key)
        if found is None:
            items: list[Span] = []
            for port in self.members.get(group_id, ()):
                items += [(a.number, a.number) for a in port.addresses if a.version == version]
                if self.profile != "ovn":
                    items += [pair.span for pair in port.pairs if pair.version == version]
            found = self._group_addresses[key] = spans.normal(items)
        return found

    @cached_property
    def _group_addresses(self) -> dict[tuple[str, int], Spans]:
        return {}


def first_address(port: Port | None, version: int) -> int | None:
    """A port's first fixed address of an IP version."""
    if port is None:
        return None
    return next((address.number for address in port.addresses if address.version == version), None)


def is_anything(version: int, span: Span) -> bool:
    """Say whether an allowed address pair is so wide (shorter than a /8) that it claims no address."""
    return span[1] - span[0] >= 1 << ((32 if version == 4 else 128) - 8)
