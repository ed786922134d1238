"""The filters of the naive cloud: security groups, and firewall groups under each back end."""

import functools
import ipaddress

from .naive_policy import NUMBERS, in_ports

PORTED = {6, 17, 33, 132, 136}
ANSWERS = {1: {8: 0, 13: 14, 15: 16, 17: 18}, 58: {128: 129}}
ROUTER_OWNERS = {
    "network:router_interface", "network:router_interface_distributed", "network:ha_router_replicated_interface",
}  # fmt: skip


# Parsing costs more than the simulation itself; addresses are immutable, so a cache changes nothing.
address_of = functools.cache(ipaddress.ip_address)
network_of = functools.cache(functools.partial(ipaddress.ip_network, strict=False))


class Filters:
    """What each device lets through; `check` takes the outcome, `untracked` and `seen` are the cloud's memory."""

    @staticmethod
    def secured(port):
        return port.get("port_security_enabled", True) and not port["device_owner"].startswith("network:")

    @staticmethod
    def own_link_local(port):
        """The link-local address of a port's MAC address (RFC 4291, appendix A)."""
        parts = [int(part, 16) for part in (port.get("mac_address") or "").split(":") if part]
        if len(parts) != 6:
            return None
        parts[0] ^= 2
        return ipaddress.IPv6Address(bytes([0xFE, 0x80, *[0] * 6, *parts[:3], 0xFF, 0xFE, *parts[3:]]))

    def owns(self, port, address):
        if address == self.own_link_local(port):
            known = [f["ip_address"] for f in port["fixed_ips"]] + [
                p["ip_address"] for p in port.get("allowed_address_pairs") or []
            ]
            return self.profile != "ovn" or not known or any(":" in text for text in known)
        return any(address_of(f["ip_address"]) == address for f in port["fixed_ips"]) or Filters.in_pairs(
            port, address, False
        )

    def group_rules(self, port, packet, direction, link):
        """The group rules that match: [(rule id, stateful)]."""
        remote = packet["src"] if direction == "ingress" else packet["dst"]
        found = []
        for group_id in port["security_groups"]:
            group = self.find["security_groups"][group_id]
            for rule in group["security_group_rules"]:
                if rule["direction"] != direction or int(rule["ethertype"][-1]) != remote.version:
                    continue
                if self.remote(rule, remote) and self.service(rule, packet):
                    found.append((rule["id"], group.get("stateful", True)))
        silent = (
            (130, 135, 136) if direction == "ingress" and self.profile != "ovn" else (130, 131, 132, 133, 135, 136, 143)
        )
        if self.profile == "l2-agent" and direction == "egress":
            silent = (130, 133, 135, 136)
        if link and packet["protocol"] == 58 and packet["type"] in silent:
            found.append((None, True))
        if (
            link
            and packet["protocol"] == 58
            and packet["type"] == 134
            and (self.profile == "ovn" or direction == "ingress")
        ):
            found.append((None, True))
        if self.profile == "ovn" and direction == "egress" and packet["protocol"] == 17:
            asked = (str(packet["dst"]), packet["src_port"], packet["dst_port"])
            if asked in (("255.255.255.255", 68, 67), ("ff02::1:2", 546, 547)):
                found.append((None, True))
        if link and self.profile != "ovn" and packet["protocol"] == 17:
            client, server = (68, 67) if remote.version == 4 else (546, 547)
            wanted = (client, server) if direction == "egress" else (server, client)
            if (packet["src_port"], packet["dst_port"]) == wanted:
                found.append((None, True))
        return found

    def remote(self, rule, address):
        if rule.get("remote_ip_prefix"):
            return address in network_of(rule["remote_ip_prefix"])
        if rule.get("remote_address_group_id"):
            texts = self.find["address_groups"][rule["remote_address_group_id"]]["addresses"]
            nets = [network_of(text) for text in texts]
            return any(address in net for net in nets if net.version == address.version)
        if rule.get("remote_group_id"):
            for port in self.raw["ports"]:
                if rule["remote_group_id"] in port["security_groups"]:
                    if any(address_of(f["ip_address"]) == address for f in port["fixed_ips"]):
                        return True
                    if self.profile != "ovn" and self.in_pairs(port, address, False):
                        return True
            return False
        return True

    def service(self, rule, packet):
        if rule.get("protocol") is None:
            return True
        text = str(rule["protocol"])
        number = NUMBERS[text] if text in NUMBERS else int(text)
        version = int(rule["ethertype"][-1])
        if number == 1 and version == 6:
            number = 58
        if number == 0 and self.profile == "l3-agent":
            return True
        if number != packet["protocol"]:
            return False
        low, high = rule.get("port_range_min"), rule.get("port_range_max")
        if number in ANSWERS:
            return (low is None or packet["type"] == low) and (high is None or packet["code"] == high)
        if number in (PORTED if self.profile == "l3-agent" else (6, 17, 132)):
            return (low is None or packet["dst_port"] >= low) and (high is None or packet["dst_port"] <= high)
        return True

    def group(self, port, packet, direction, link):
        if not self.secured(port):
            return
        if direction == "egress" and self.profile != "ovn" and self.posing(packet):
            self.check(False)
            return
        rules = self.group_rules(port, packet, direction, link)
        if not packet["reply"]:
            self.check(bool(rules))
            if any(not stateful for _, stateful in rules):
                self.untracked.add(port["id"])
            return
        if any(not stateful for _, stateful in rules) or port["id"] not in self.untracked:
            return
        self.check(bool(rules) and packet["protocol"] not in (6, 132, 1, 58))

    @staticmethod
    def posing(packet):
        """Whether a server answers for DHCP or for a router: the agents drop that before any rule."""
        ports = (67, 68) if packet["src"].version == 4 else (547, 546)
        if packet["protocol"] == 17:
            return (packet["src_port"], packet["dst_port"]) == ports
        return packet["protocol"] == 58 and packet["type"] == 134

    def firewall_group(self, port):
        for group in self.raw["firewall_groups"]:
            if port is not None and port["id"] in group["ports"]:
                return group
        return None

    def policy(self, policy_id, packet):
        """'allow', 'deny' or None (no match) by a policy under this back end."""
        if policy_id is None:
            return None
        for place, rule_id in enumerate(self.find["firewall_policies"][policy_id]["firewall_rules"]):
            rule = self.find["firewall_rules"][rule_id]
            if self.profile == "ovn" and place >= 999:
                break
            if not rule.get("enabled", True) and self.profile != "l2-agent":
                continue
            if self.rule(rule, packet):
                return "allow" if rule["action"] == "allow" else "deny"
        return None

    def rule(self, rule, packet):
        if rule.get("ip_version", 4) != packet["src"].version:
            return False
        if self.profile != "l2-agent":
            for key, end in (("source_ip_address", "src"), ("destination_ip_address", "dst")):
                if rule.get(key) and packet[end] not in network_of(rule[key]):
                    return False
        name = rule.get("protocol")
        if name is None:
            return True
        if self.profile == "ovn" and name not in ("tcp", "udp", "sctp", "icmp", "ipv6-icmp"):
            return True
        number = NUMBERS[name] if name in NUMBERS else int(name)
        if number == 58 and packet["src"].version == 4 and self.profile == "ovn":
            number = 1
        if number == 1 and packet["src"].version == 6:
            if self.profile == "l2-agent" and name == "icmp":
                return False
            number = 58
        if number != packet["protocol"]:
            return False
        if number not in PORTED:
            return True
        return in_ports(rule.get("source_port"), packet["src_port"]) and in_ports(
            rule.get("destination_port"), packet["dst_port"]
        )

    def ovn(self, port, packet, direction, first):
        group = self.firewall_group(port)
        if group is None:
            return
        if packet["reply"] and direction == "egress" and first is not None and self.marked(first, packet):
            return
        self.check(self.policy(group[f"{direction}_firewall_policy_id"], packet) == "allow")

    def marked(self, port, packet):
        """Whether the answering server's switch still has connection state on the reply."""
        stateful = any(
            self.secured(other) and any(
                self.find["security_groups"][g].get("stateful", True) and self.find["security_groups"][g]["security_group_rules"]
                for g in other["security_groups"]
            )
            for other in self.raw["ports"] if other["network_id"] == port["network_id"]
        )  # fmt: skip
        if not stateful or port["id"] in self.untracked:
            return False
        return not self.secured(port) or all(s for _, s in self.group_rules(port, packet, "egress", False))

    def l2(self, port, packet, direction):
        group = self.firewall_group(port)
        if group is None or port["device_owner"].startswith("network:") or not self.secured(port):
            return
        if not (group["ingress_firewall_policy_id"] or group["egress_firewall_policy_id"]) or packet["reply"]:
            return
        self.check(self.policy(group[f"{direction}_firewall_policy_id"], packet) == "allow")

    def forward_chain(self, router, entry, out, packet):
        """FORWARD of the router's namespace as the L3 agent's driver fills it, group after group."""
        if router.get("distributed") and entry is not None and out is not None:
            return
        here = {port["id"] for port in self.interfaces(router)}
        sent = [
            g for g in self.raw["firewall_groups"]
            if here & set(g["ports"]) and (g["ingress_firewall_policy_id"] or g["egress_firewall_policy_id"])
        ]  # fmt: skip
        sent.sort(key=lambda group: group.get("updated_at") or "")
        if not any(p is not None and p["id"] in g["ports"] for g in sent for p in (entry, out)):
            return
        chain = []
        for group in sent:
            chain = [jump for jump in chain if jump[2] != "default"]
            ports = [port for port in group["ports"] if port in here]
            if group.get("admin_state_up", True):
                chain += [("-o", port, group["ingress_firewall_policy_id"]) for port in ports]
                chain += [("-i", port, group["egress_firewall_policy_id"]) for port in ports]
            chain += [(flag, port, "default") for flag in ("-o", "-i") for port in ports]
        known = packet["reply"] and router["id"] in self.forward_routers
        for flag, port, target in chain:
            if port != ((out or {}).get("id") if flag == "-o" else (entry or {}).get("id")):
                continue
            if target == "default":
                self.check(False)
                return
            if known:
                return
            if packet["reply"] and packet["protocol"] == 6:
                self.check(False)
                return
            decided = self.policy(target, packet)
            if decided is not None:
                self.check(decided == "allow")
                return

    @staticmethod
    def in_pairs(port, address, exact):
        nets = [network_of(pair["ip_address"]) for pair in port.get("allowed_address_pairs") or []]
        return any(
            address in net and (not exact or net.num_addresses == 1) for net in nets if net.version == address.version
        )
