"""What never passes a router of the naive cloud, and what its address scopes keep apart."""

from .naive_filters import Filters, address_of, network_of


class Stop(Exception):
    """The packet goes no further: 'drop' or 'lost'."""


class Links(Filters):
    """Delivery on a link and the marks of address scopes; `stays` is the cloud's memory of what it was."""

    def answer_of_service(self, answer):
        """The metadata service's answer, straight to the port that asked."""
        port = self.find["ports"][self.asked_by]
        self.drops = False
        if self.profile == "l2-agent":
            self.l2(port, answer, "ingress")
        self.group(port, answer, "ingress", True)
        self.check(port.get("admin_state_up", True))
        return ("deny", "allow", "deny") if self.drops else ("allow", "allow", "allow")

    @staticmethod
    def service_at(address):
        """What stays on its link: 'metadata', 'all' (multicast, the limited broadcast), 'neighbour', or None."""
        if str(address) in ("169.254.169.254", "fe80::a9fe:a9fe"):
            return "metadata"
        if address.is_multicast or str(address) == "255.255.255.255":
            return "all"
        return "neighbour" if address.version == 6 and address.is_link_local else None

    def stay(self, service, sender, packet):
        """Deliver what no router sees: to the service, to the port asked for, or to whose MAC the address is made of."""
        self.stays = service
        if service == "metadata":
            self.finish(None, packet)
            return
        if service == "all":
            hearer = self.find["ports"][packet["to"]]
            if hearer["network_id"] != sender["network_id"]:
                raise Stop("lost")
        else:
            here = [p for p in self.raw["ports"] if p["network_id"] == sender["network_id"]]
            hearer = next((p for p in here if self.own_link_local(p) == packet["dst"]), None)
            if hearer is None and self.outer(sender["network_id"]):
                raise LookupError("router itself")
            if hearer is None:
                raise Stop("lost")
        if self.profile == "l2-agent":
            self.l2(hearer, packet, "ingress")
        self.group(hearer, packet, "ingress", True)
        versions = {address_of(f["ip_address"]).version for f in hearer["fixed_ips"]}
        versions |= {network_of(p["ip_address"]).version for p in hearer.get("allowed_address_pairs") or []}
        if self.profile == "ovn" and self.secured(hearer) and packet["dst"].version not in versions:
            self.check(service != "all")
            if service != "all":
                raise Stop("lost")
        self.check(hearer.get("admin_state_up", True) and self.plugged(hearer))
        self.finish(hearer, packet)

    def scope(self, network, version):
        """A network's address scope; routers of OVN know of none."""
        return None if self.profile == "ovn" else self.find["networks"][network].get(f"ipv{version}_address_scope")

    def cross_scopes(self, router, entry, out, came, packet):
        """The L3 agent marks a packet by where it comes in, or a translated one by where its target is."""
        outer = (router.get("external_gateway_info") or {}).get("network_id")
        ends = [port["network_id"] if port is not None else outer for port in (entry, out)]
        version = packet["dst"].version
        if self.scope(ends[0], version) == self.scope(ends[1], version) or came["dst"] != packet["dst"]:
            return
        hides = out is None and version == 4
        if hides and router["external_gateway_info"].get("enable_snat", True):
            return
        own = [f for f in self.raw["floatingips"] if f.get("port_id") and f["port_id"] == self.sender]
        if hides and any(address_of(f["fixed_ip_address"]) == packet["src"] for f in own):
            raise LookupError("router itself")
        raise Stop("lost")

    def shows(self, router, network, version):
        """Whether a router lets the outside ask for a network's own addresses."""
        info = router["external_gateway_info"]
        if version == 6 or not info.get("enable_snat", True):
            return True
        scope = self.scope(network, 4)
        return scope is not None and scope == self.scope(info["network_id"], 4)
