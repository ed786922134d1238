"""A cloud simulated device by device, one packet at a time, straight from the API's dictionaries.

Written apart from the engine on purpose: it keeps connection state and translations as a device would and sends the
reply through the same devices, where the engine reasons about a way there and a way back.
"""

from .naive_filters import ANSWERS, ROUTER_OWNERS, address_of, network_of
from .naive_links import Links, Stop
from .naive_policy import NUMBERS


class Cloud(Links):
    """One snapshot and the connections its devices have seen."""

    def __init__(self, raw, profile):
        self.raw, self.profile = raw, profile
        self.find = {
            kind: {item["id"]: item for item in items} for kind, items in raw.items() if isinstance(items, list)
        }
        for kind in ("networks", "subnets", "routers", "ports", "floatingips", "security_groups", "address_groups",
                     "firewall_groups", "firewall_policies", "firewall_rules"):  # fmt: skip
            self.find.setdefault(kind, {})

    # Asking

    def ask(self, packet):
        """(verdict, forward, reply) of {'sender': port id or None, src, dst, protocol, src_port, dst_port, type, code}.

        `port`, where it is there, is the port it is meant for: a packet that ends elsewhere has not arrived.
        """
        self.tracked, self.untracked, self.nat, self.seen = set(), set(), {}, []
        self.asked_by, self.meant = packet["sender"], packet.get("port")
        self.stays = None
        try:
            denied = self.send({**packet, "reply": False}, packet["sender"])
        except Stop:
            return ("no-route", "no-route", "n/a")
        if self.meant is not None and not self.at(self.find["ports"][self.meant]):
            return ("no-route", "no-route", "n/a")
        if denied:
            return ("deny", "deny", "n/a")
        if self.stays == "all":
            return ("allow", "allow", "n/a")
        there, self.seen = self.seen, []
        self.forward_routers = there
        answer = self.answer(self.final)
        if answer is None:
            return ("allow", "allow", "n/a")
        self.pending = set(self.nat)
        if self.stays == "metadata":
            return self.answer_of_service(answer)
        try:
            denied = self.send(answer, self.holder["id"] if self.holder else None)
            if self.pending:
                denied = True
            if packet["sender"] is not None and (self.holder is None or self.holder["id"] != packet["sender"]):
                denied = True
        except Stop:
            denied = True
        return ("deny", "allow", "deny") if denied else ("allow", "allow", "allow")

    def at(self, port):
        """Whether the packet has come to a port, or to who answers for the address that nobody's port has."""
        if self.holder is port:
            return True
        fixed = any(address_of(f["ip_address"]) == self.final["dst"] for f in port["fixed_ips"])
        return fixed and self.holder in self.takers(port["network_id"], self.final["dst"])

    @staticmethod
    def answer(packet):
        back = {**packet, "src": packet["dst"], "dst": packet["src"], "reply": True}
        if packet["protocol"] in ANSWERS:
            if packet["type"] not in ANSWERS[packet["protocol"]]:
                return None
            back["type"], back["code"] = ANSWERS[packet["protocol"]][packet["type"]], 0
            return back
        back["src_port"], back["dst_port"] = packet["dst_port"], packet["src_port"]
        return back

    # Devices

    def send(self, packet, sender):
        """Put a packet on its way; returns whether some filter drops it. Raises Stop where there is no way."""
        self.drops = False
        self.holder = None
        self.sender = sender
        self.hops = 0
        if sender is None:
            self.from_outside(packet)
        else:
            self.leave_server(self.find["ports"][sender], packet)
        return self.drops

    def check(self, passed):
        if not passed:
            self.drops = True

    def subnets(self, port, version):
        return [
            self.find["subnets"][fixed["subnet_id"]]
            for fixed in port["fixed_ips"]
            if network_of(self.find["subnets"][fixed["subnet_id"]]["cidr"]).version == version
        ]

    def leave_server(self, port, packet):
        dst = packet["dst"]
        link = any(dst in network_of(subnet["cidr"]) for subnet in self.subnets(port, dst.version))
        service = self.service_at(dst)
        link = link or service is not None
        self.check(port.get("admin_state_up", True) and self.plugged(port))
        if self.secured(port):
            self.check(self.owns(port, packet["src"]))
        self.group(port, packet, "egress", link)
        if self.profile == "l2-agent":
            self.l2(port, packet, "egress")
        if service is not None:
            self.stay(service, port, packet)
            return
        if link:
            self.arrive(port["network_id"], packet, link)
            return
        hop = None
        best = -1
        for subnet in self.subnets(port, dst.version):
            for route in subnet.get("host_routes") or []:
                net = network_of(route["destination"])
                if dst in net and net.prefixlen > best:
                    best, hop = net.prefixlen, address_of(route["nexthop"])
        if hop is None:
            for subnet in self.subnets(port, dst.version):
                if subnet["gateway_ip"]:
                    hop = address_of(subnet["gateway_ip"])
                    break
        if hop is None:
            raise Stop("lost")
        self.hand(port["network_id"], hop, packet, first=port)

    def outer(self, network):
        net = self.find["networks"][network]
        return bool(net.get("router:external") or net.get("provider:physical_network"))

    def on(self, network, address):
        """The port with a fixed address on a network."""
        for port in self.raw["ports"]:
            if port["network_id"] == network:
                for fixed in port["fixed_ips"]:
                    if address_of(fixed["ip_address"]) == address:
                        return port
        return None

    def arrive(self, network, packet, link=False):
        """Deliver on a network."""
        dst = packet["dst"]
        takers = self.takers(network, dst)
        asker = self.find["ports"].get(self.asked_by if packet["reply"] else self.meant)
        owner = asker if asker in takers else takers[0] if takers else None
        if owner is None:
            floats = any(address_of(f["floating_ip_address"]) == dst for f in self.raw["floatingips"])
            if floats or self.gateway_router(dst) is not None:
                self.from_outside(packet)
                return
            if not self.outer(network):
                raise Stop("lost")
            self.finish(None, packet)
            return
        self.take(owner, packet, link)

    @staticmethod
    def plugged(port):
        """Whether some device has the port."""
        return bool(port.get("device_id") or port["device_owner"])

    def takers(self, network, dst):
        """Who answers for an address on a network: its port's server, else servers that name it in their pairs."""
        owner = self.on(network, dst)
        if owner is not None and self.plugged(owner) and owner["device_owner"].startswith(("compute:", "network:")):
            return [owner]
        loose = owner is None or (self.profile != "ovn" and not self.plugged(owner))
        named = [
            p for p in self.raw["ports"]
            if p["network_id"] == network and self.in_pairs(p, dst, exact=not loose) and p is not owner and self.plugged(p)
        ]  # fmt: skip
        named.sort(key=lambda p: p["id"])
        up = [p for p in named if p.get("admin_state_up", True)]
        return up + [p for p in named if p not in up] or ([owner] if owner is not None else [])

    def take(self, owner, packet, link):
        if self.profile == "l2-agent":
            self.l2(owner, packet, "ingress")
        self.group(owner, packet, "ingress", link)
        self.check(owner.get("admin_state_up", True) and self.plugged(owner))
        self.finish(owner, packet)

    def finish(self, port, packet):
        self.holder, self.final = port, packet

    def gateway_router(self, address):
        for router in self.raw["routers"]:
            info = router.get("external_gateway_info")
            for fixed in (info or {}).get("external_fixed_ips", []):
                if address_of(fixed["ip_address"]) == address:
                    return router
        return None

    def hand(self, network, hop, packet, first=None):
        """To the next hop on a network."""
        owner = self.on(network, hop)
        if owner is not None:
            if owner["device_owner"] in ROUTER_OWNERS:
                self.router(self.find["routers"][owner["device_id"]], owner, packet, first)
                return
        behind = [] if owner is not None and owner["device_owner"] in ROUTER_OWNERS else self.takers(network, hop)
        mine = [p for p in behind if self.plugged(p) and self.in_pairs(p, packet["dst"], False)]
        if mine:
            asker = self.find["ports"].get(self.asked_by if packet["reply"] else self.meant)
            self.take(asker if asker in mine else mine[0], packet, self.sender is not None and not self.seen)
            return
        if owner is not None or behind:
            raise Stop("lost")
        if self.gateway_router(hop) is not None and self.find["networks"][network].get("router:external"):
            self.router(self.gateway_router(hop), None, packet, first)
            return
        if self.outer(network):
            self.outside(network, packet)
            return
        raise Stop("lost")

    def interfaces(self, router):
        return [p for p in self.raw["ports"] if p["device_owner"] in ROUTER_OWNERS and p["device_id"] == router["id"]]

    def table(self, router, version):
        """[(network, 'link' or 'hop' or 'out', port or None, next hop)]"""
        rows = []
        for port in self.interfaces(router):
            for subnet in self.subnets(port, version):
                rows.append((network_of(subnet["cidr"]), "link", port, None))
        info = router.get("external_gateway_info")
        mine = [address_of(f["ip_address"]) for f in (info or {}).get("external_fixed_ips", [])]
        if info:
            for subnet in self.raw["subnets"]:
                net = network_of(subnet["cidr"])
                if subnet["network_id"] == info["network_id"] and net.version == version:
                    if any(a in net for a in mine if a.version == version):
                        rows.append((net, "link", None, None))
        links = list(rows)
        for route in router.get("routes") or []:
            hop, net = address_of(route["nexthop"]), network_of(route["destination"])
            if net.version == version:
                for linked, _, port, _ in links:
                    if hop in linked:
                        rows.append((net, "hop", port, hop))
                        break
        if info and (not mine or any(a.version == version for a in mine)):
            rows.append((network_of("0.0.0.0/0" if version == 4 else "::/0"), "out", None, None))
        return rows

    def floating_router(self, floating):
        return self.find["routers"].get(floating.get("router_id"))

    def router(self, router, entry, packet, first=None):
        """Through one router; entry None is its gateway."""
        self.hops += 1
        if self.hops > 24:
            raise Stop("lost")
        self.seen.append(router["id"])
        if not router.get("admin_state_up", True):
            raise Stop("lost")
        if entry is not None and self.profile == "ovn":
            self.ovn(entry, packet, "egress", first)
        came = dict(packet)
        packet = dict(packet)
        undo = self.nat.get(router["id"]) if packet["reply"] else None
        if undo is not None:
            self.pending.discard(router["id"])
            packet["dst"] = undo["before"]["src"]
        elif not packet["reply"]:
            self.translate_in(router, packet)
        for port in self.interfaces(router):
            if any(address_of(f["ip_address"]) == packet["dst"] for f in port["fixed_ips"]):
                raise LookupError("router itself")
        if self.gateway_router(packet["dst"]) is router:
            raise LookupError("router itself")
        rows = [row for row in self.table(router, packet["dst"].version) if packet["dst"] in row[0]]
        if not rows:
            raise Stop("lost")
        longest = max(row[0].prefixlen for row in rows)
        _, kind, out, hop = next(row for row in rows if row[0].prefixlen == longest)
        if undo is None:
            self.cross_scopes(router, entry, out, came, packet)
        if self.profile == "l3-agent":
            self.forward_chain(router, entry, out, packet)
        if not packet["reply"] and entry is not None and (out is None or came["dst"] != packet["dst"]):
            self.translate_out(router, packet, entry, out is None)
        if undo is not None:
            packet["src"] = undo["before"]["dst"]
            if undo["before"]["dst_port"] != undo["after"]["dst_port"]:
                packet["src_port"] = undo["before"]["dst_port"]
        elif not packet["reply"] and (packet["src"], packet["dst"]) != (came["src"], came["dst"]):
            self.nat[router["id"]] = {"before": came, "after": dict(packet)}
        if out is None:
            network = router["external_gateway_info"]["network_id"]
            if kind == "hop":
                self.hand(network, hop, packet)
            else:
                self.outside(network, packet)
            return
        if self.profile == "ovn":
            self.ovn(out, packet, "ingress", None)
        if kind == "link":
            self.arrive(out["network_id"], packet)
        else:
            self.hand(out["network_id"], hop, packet)

    def translate_in(self, router, packet):
        for floating in self.raw["floatingips"]:
            if (
                address_of(floating["floating_ip_address"]) != packet["dst"]
                or self.floating_router(floating) is not router
            ):
                continue
            if floating.get("port_id"):
                packet["dst"] = address_of(floating["fixed_ip_address"])
                return
            for one in floating.get("port_forwardings") or []:
                if NUMBERS[one["protocol"]] == packet["protocol"] and one["external_port"] == packet["dst_port"]:
                    packet["dst"] = address_of(one["internal_ip_address"])
                    packet["dst_port"] = one["internal_port"]
                    return
            raise Stop("lost")

    def translate_out(self, router, packet, entry, leaves):
        if self.sender is not None:
            for floating in self.raw["floatingips"]:
                if floating.get("port_id") == self.sender and address_of(floating["fixed_ip_address"]) == packet["src"]:
                    if self.floating_router(floating) is router:
                        packet["src"] = address_of(floating["floating_ip_address"])
                        return
        info = router["external_gateway_info"]
        scope = self.scope(entry["network_id"], 4)
        if scope is not None and scope == self.scope(info["network_id"], 4) and leaves:
            return
        turned = not leaves and self.profile != "ovn"
        if packet["src"].version == 4 and info and (info.get("enable_snat", True) or turned):
            packet["src"] = address_of(info["external_fixed_ips"][0]["ip_address"])

    def outside(self, network, packet):
        """On an external or provider network."""
        dst = packet["dst"]
        known = any(address_of(f["floating_ip_address"]) == dst for f in self.raw["floatingips"])
        known = known or self.gateway_router(dst) is not None or self.on(network, dst) is not None
        known = known or any(p["network_id"] == network and self.in_pairs(p, dst, False) for p in self.raw["ports"])
        if known or self.open_way(dst) is not None:
            self.from_outside(packet)
        elif any(self.owns(port, dst) for port in self.raw["ports"]):
            raise Stop("lost")
        else:
            self.finish(None, packet)

    def open_way(self, dst):
        """A router that does not hide the destination: first one attached to its subnet, then any that knows the way."""
        fixed_here = any(address_of(f["ip_address"]) == dst for p in self.raw["ports"] for f in p["fixed_ips"])
        if not fixed_here and not any(self.in_pairs(port, dst, False) for port in self.raw["ports"]):
            return None
        able = [router for router in self.raw["routers"] if router.get("external_gateway_info")]
        for port in self.raw["ports"]:
            for fixed in port["fixed_ips"]:
                if address_of(fixed["ip_address"]) == dst:
                    for router in able:
                        near = any(
                            f["subnet_id"] == fixed["subnet_id"]
                            for i in self.interfaces(router)
                            for f in i["fixed_ips"]
                        )
                        if near and self.shows(router, port["network_id"], dst.version):
                            return router
        for router in able:
            rows = [row for row in self.table(router, dst.version) if dst in row[0]]
            if rows:
                longest = max(row[0].prefixlen for row in rows)
                row = next(row for row in rows if row[0].prefixlen == longest)
                if row[1] != "out" and row[2] is not None and self.shows(router, row[2]["network_id"], dst.version):
                    return router
        return None

    def from_outside(self, packet):
        dst = packet["dst"]
        for floating in self.raw["floatingips"]:
            if address_of(floating["floating_ip_address"]) == dst:
                if self.floating_router(floating) is None:
                    raise Stop("lost")
                self.router(self.floating_router(floating), None, packet)
                return
        router = self.gateway_router(dst)
        if router is not None:
            self.router(router, None, packet)
            return
        for port in self.raw["ports"]:
            if self.outer(port["network_id"]) and any(address_of(f["ip_address"]) == dst for f in port["fixed_ips"]):
                self.arrive(port["network_id"], packet, link=self.sender is not None and not self.seen)
                return
        router = self.open_way(dst)
        if router is not None:
            self.router(router, None, packet)
            return
        for network in self.raw["networks"]:
            if self.outer(network["id"]):
                if any(p["network_id"] == network["id"] and self.in_pairs(p, dst, False) for p in self.raw["ports"]):
                    self.arrive(network["id"], packet, link=self.sender is not None and not self.seen)
                    return
        raise Stop("lost")
