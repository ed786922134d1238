"""OVN's own load balancing: switches and routers rewrite the destination and keep the client's address."""

from dataclasses import dataclass, replace

from .model import Forwarding, Listener, Member, Port, Router
from .spans import Span
from .steps import View
from .world import World


@dataclass(frozen=True, slots=True)
class Switched:
    """What OVN does with packets for the virtual address `vip` of the port `port`: they become the member's.

    ovn-octavia-provider attaches the load balancer to the router of the virtual address and to all its switches.
    """

    vip: int
    port: Port
    member: Forwarding

    def hand_over(self, view: View) -> View:
        """The packet as the member gets it."""
        return replace(view, dst=self.member.address, forwarding=self.member)

    def is_near(self, world: World, port: Port) -> bool:
        """Say whether a port's own switch balances: the virtual address's, or one at a router of it."""
        here = {self.port.network_id}
        for subnet in world.of_network.get(self.port.network_id, ()):
            for router in world.routers_on(subnet):
                here |= {one.network_id for one in world.router_ports.get(router.id, ())}
        return port.network_id in here

    def is_at(self, world: World, router: Router) -> bool:
        """Say whether a router has an interface on the network of the virtual address."""
        return any(one.network_id == self.port.network_id for one in world.router_ports.get(router.id, ()))


def switched(vip: int, port: Port, listener: Listener, member: Member, asked: Span) -> Switched:
    """The way to one member of what is for the address `vip` of a virtual port.

    `asked` are the destination ports, as the client has them, that the listener takes.
    """
    inner = (member.port, member.port)
    return Switched(vip, port, Forwarding(None, listener.protocol, asked, inner, member.address, None))
