"""Where a walk begins and ends: the port that sends, the one that takes in, and what stays on the link between them."""

from tenant_ops_dashboard.sentences import join, say

from . import link
from .model import Network, Port
from .spans import show
from .steps import Check, Fact, Translation, View
from .world import World


class Ends:
    """The state of one walk, and its first and last steps. `to` is the port asked for, where one is named."""

    def __init__(
        self,
        world: World,
        view: View,
        protocol: int | None = None,
        dst_port: int | None = None,
        to: Port | None = None,
    ) -> None:
        self.world = world
        self.view = view
        self.protocol = protocol
        self.dst_port = dst_port
        self.to = to
        self.steps: list[Check | Fact] = []
        self.unknown: list[str] = []
        self.granted: list[str] = []  # those of `unknown` that keep the packet at most from going on as it does here
        self.translations: dict[str, Translation] = {}
        self.routers: list[str] = []
        self.sender: Port | None = None
        self.arrived = False
        self.end: Port | None = None
        self.vacant = ""
        self.link: link.Kind = ""

    def _grant(self, doubt: str) -> None:
        """Go on as if this way led there for certain."""
        self.unknown += [doubt] if doubt else []
        self.granted += [doubt] if doubt else []

    def _up(self, port: Port, network: Network, ingress: bool) -> None:
        # Octavia keeps the port of a virtual address down on purpose: its own servers answer for the address.
        virtual = self.world.is_virtual(port)
        if virtual:
            self._unlisted(port)
        if not port.admin_up and not virtual:
            why = say("port {port_id} is administratively down", port_id=port.id)
            self.steps.append(
                Fact(
                    "route", "deny", why, port.id, ingress, say("set admin_state_up of port {port_id}", port_id=port.id)
                )
            )
        if not port.bound and not virtual:
            self._unbound(port, ingress)
        if not network.admin_up:
            self.unknown.append(
                say(
                    "network {network_id} is administratively down; back ends differ in what that does",
                    network_id=network.id,
                )
            )

    def _unlisted(self, port: Port) -> None:
        if port.id not in self.world.balancer_of:
            self.unknown.append(
                say(
                    "port {port_id} is the virtual address of a load balancer that is not in the snapshot",
                    port_id=port.id,
                )
            )

    def _unbound(self, port: Port, ingress: bool) -> None:
        """Nobody has the port: OVN sends to its MAC address alone, with Open vSwitch a server may have taken it."""
        why = say("no server has port {port_id}: nobody sends or answers there", port_id=port.id)
        change = say(
            "give port {port_id} to a server, or name its address in allowed_address_pairs of the port that answers",
            port_id=port.id,
        )
        self.steps.append(Fact("route", "deny", why, port.id, ingress, change))
        if ingress and self.world.profile != "ovn":
            self._guests(port.network_id)

    def _guests(self, network_id: str) -> None:
        guests = [port.id for port in self.world.guests(network_id)]
        if guests and self.view.dst is not None:
            text = show(self.view.version, self.view.dst)
            named = join("", (", ".join(guests[:5]), say(" and others") if len(guests) > 5 else ""))
            self.unknown.append(
                say(
                    "whether a server without port security ({named}) has taken {text} is not in the snapshot",
                    named=named,
                    text=text,
                )
            )

    def _send(self, port: Port, network: Network, on_link: bool) -> None:
        self._up(port, network, False)
        self.steps.append(Check("anti-spoof", self.view, False, port))
        self.steps.append(Check("group", self.view, False, port, on_link))
        if self.world.profile == "l2-agent":
            self.steps.append(Check("firewall", self.view, False, port))

    def _receive(self, port: Port, network: Network, on_link: bool) -> None:
        if self.world.profile == "l2-agent":
            self.steps.append(Check("firewall", self.view, True, port))
        if self.sender is not None and self.world.is_monitor(self.sender):
            # ovn-northd writes rules for $svc_monitor_mac above all ACLs.
            why = say("OVN lets its own health checks past security groups")
            self.steps.append(Fact("security-group", "skip", why, port.id))
        else:
            self.steps.append(Check("group", self.view, True, port, on_link))
        self._up(port, network, True)
        self.arrived, self.end = True, port

    def _stop(self, why: str, fix: str) -> None:
        self.arrived = False
        self.steps.append(Fact("route", "deny", why, None, True, fix or None))

    # What never leaves the link

    def _stay(self, network: Network) -> None:
        """The packet is for an address that means something on its own link only (`self.link` says which kind)."""
        if self.link == "nowhere":
            self._stop(
                say("{address} is no destination on a network", address=show(self.view.version, self.view.dst or 0)), ""
            )
        elif self.link == "metadata":
            self._to_metadata(network)
        elif self.link == "link-local":
            self._to_neighbour(network)
        elif self.to is not None and self.to is not self.sender:
            if self.to.network_id != network.id:
                self._stop(
                    say(
                        "{name} stays on network {network_id}; port {to_id} is on another",
                        name=self._name(),
                        network_id=network.id,
                        to_id=self.to.id,
                    ),
                    "",
                )
                return
            version, dst = self.view.version, self.view.dst
            if dst is not None and link.is_deaf(self.world, self.to, version, dst):
                why = say(
                    "OVN's port security keeps {name} to {address} from port {to_id}",
                    name=self._name(),
                    address=show(version, dst),
                    to_id=self.to.id,
                )
                fix = say(
                    "give port {to_id} an IPv{version} address and send to a group or to all hosts",
                    to_id=self.to.id,
                    version=version,
                )
                self.steps.append(Fact("anti-spoof", "deny", why, self.to.id, True, fix))
            self._receive(self.to, network, True)
        else:
            self._to_all(network)

    def _to_metadata(self, network: Network) -> None:
        """The service answers on the link: OVN's metadata port, or the proxy of the router or of the DHCP server."""
        self.arrived = True
        self.steps.append(Fact("route", "allow", say("the metadata service answers on the link")))
        subnets = self.world.of_network.get(network.id, ())
        if self.world.profile == "ovn":
            served = any(subnet.dhcp for subnet in subnets)
        else:
            ports = self.world.snapshot.ports.values()
            served = any(
                p.network_id == network.id and (p.is_router or p.device_owner == "network:dhcp") for p in ports
            )
        if not served:
            self.unknown.append(
                say("nothing in the snapshot shows who serves metadata on network {network_id}", network_id=network.id)
            )
        if (self.protocol, self.dst_port) != (6, 80):
            self.unknown.append(say("of the metadata service's address only TCP port 80 is known to answer"))

    def _to_neighbour(self, network: Network) -> None:
        """A link-local address: made of a MAC address, or in somebody's address pairs."""
        version, dst = self.view.version, self.view.dst
        if dst is None:
            return
        holders = [port for port in self.world.link_local(network.id, dst) if version == 6]
        if holders:
            port = self.to if self.to in holders else holders[0]
            if self.world.profile == "ovn" and not port.speaks(6):
                why = say(
                    "OVN's port security keeps all IPv6 from port {port_id}, which has no IPv6 address", port_id=port.id
                )
                self._stop(why, say("give port {port_id} an IPv6 address", port_id=port.id))
            elif port.is_router:
                self.arrived, self.end = True, port
                self.unknown.append(
                    say(
                        "the destination is router {device_id} itself; what it answers is not modelled",
                        device_id=port.device_id,
                    )
                )
            else:
                self._receive(port, network, True)
        elif network.physical or network.external:
            self.arrived = True
            self.steps.append(
                Fact(
                    "route", "allow", say("leaves to a machine outside on network {network_id}", network_id=network.id)
                )
            )
        else:
            self.vacant = network.id
            self.unknown.append(
                say(
                    "{address} may be one that a server chose itself; Neutron does not know those",
                    address=show(version, dst),
                )
            )
            self._stop(
                say(
                    "no port on network {network_id} is known to have {address}",
                    network_id=network.id,
                    address=show(version, dst),
                ),
                "",
            )

    def _to_all(self, network: Network) -> None:
        """Every port of the network gets the packet; each lets it in by its own rules."""
        version, dst = self.view.version, self.view.dst
        self.arrived = True
        self.steps.append(
            Fact(
                "route",
                "allow",
                say("{name} goes to every port of network {network_id}", name=self._name(), network_id=network.id),
            )
        )
        asks = dst is not None and link.is_dhcp(version, self.protocol, self.dst_port, dst)
        subnets = self.world.of_network.get(network.id, ())
        if asks and not any(subnet.dhcp and subnet.version == version for subnet in subnets):
            self.unknown.append(
                say(
                    "no subnet of network {network_id} has DHCP: who answers is not in the snapshot",
                    network_id=network.id,
                )
            )

    def _name(self) -> str:
        return say("a broadcast") if self.link == "broadcast" else say("a multicast")
