"""Who takes a packet in: one of several holders of its address, a server that is its next hop, a router."""

from tenant_ops_dashboard.sentences import say

from .ends import Ends
from .model import Network, Port, Router
from .spans import show
from .steps import Translation
from .world import is_anything


class Takers(Ends):
    """The part of a walk that chooses among ports. `asker` and `undo` as for Walk."""

    asker: Port | None = None
    undo: dict[str, Translation] | None = None

    def _take(self, holders: list[Port], network: Network) -> None:
        """One of the holders of the address receives it; where they differ, which of them is not known."""
        version, dst = self.view.version, self.view.dst or 0
        taker = next((one for one in (self.asker, self.to) if one is not None and one in holders), holders[0])
        up = [port for port in holders if port.admin_up]
        if self.undo is None and len({self._guard(port) for port in up}) > 1:
            self.unknown.append(
                say(
                    "{address} is shared by {n} ports with different groups: which has it is not known",
                    address=show(version, dst),
                    n=len(up),
                )
            )
        owned = any(address.number == dst and address.version == version for address in taker.addresses)
        claims = [p.span for p in taker.pairs if p.version == version and p.span[0] <= dst <= p.span[1]]
        if not owned and claims and all(is_anything(version, span) for span in claims):
            self.unknown.append(
                say(
                    "port {taker_id} may use any address: whether it has {address} is not known",
                    taker_id=taker.id,
                    address=show(version, dst),
                )
            )
        owner = self.world.on_network.get((network.id, version, dst))
        if owner is not None and owner is not taker and self.world.is_virtual(owner):
            self._unlisted(owner)
        self._receive(taker, network, self.sender is not None and not self.routers)

    def _guard(self, port: Port) -> tuple[object, ...]:
        """What filters at a port."""
        firewall = self.world.firewall_of.get(port.id) if self.world.profile == "l2-agent" else None
        return (tuple(sorted(port.groups)) if port.secured else None, firewall.id if firewall else None)

    def _appliance(self, port: Port, hop: int) -> None:
        """A server as next hop, for an address that it has not said to hold."""
        version, text = self.view.version, show(self.view.version, hop)
        if not port.bound and not self.world.is_virtual(port):
            self._unbound(port, True)
            self._stop(
                say("the next hop {text} is port {port_id}, which no server has", text=text, port_id=port.id),
                say("route through a router"),
            )
            return
        self.unknown.append(
            say("port {port_id} is the next hop; what its server forwards is not modelled", port_id=port.id)
        )
        change = say("route through a router")
        if self.view.dst is not None:
            address = show(version, self.view.dst)
            change += say(
                ", or name {address} in allowed_address_pairs of port {port_id} where its server has that address",
                address=address,
                port_id=port.id,
            )
        self._stop(say("the next hop {text} is port {port_id}, no router", text=text, port_id=port.id), change)

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
        self.unknown.append(
            say("the destination is router {router_id} itself; what it answers is not modelled", router_id=router.id)
        )
        self.arrived = True
        self.end = entry
