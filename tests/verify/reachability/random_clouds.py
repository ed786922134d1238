"""Small random clouds full of corner cases, and packets aimed at their edges.

`python -m tests.verify.reachability.random_clouds --seed 7 > cloud.json` writes one as a snapshot.
"""

import argparse
import ipaddress as ip
import json
import random
import sys

from .naive_filters import ANSWERS, PORTED, Filters

OUTSIDE = ["198.51.100.7", "198.51.100.255", "8.8.8.8", "192.168.77.1", "2001:db8:ffff::7", "2a00::1"]
PROFILES = ("ovn", "l3-agent", "l2-agent")


def make(seed):
    """A random snapshot as Neutron would list it."""
    rng = random.Random(seed)
    raw = {
        "networks": [{"id": "ext", "router:external": True}], "routers": [], "ports": [], "floatingips": [],
        "subnets": [_subnet("ext-4", "ext", "203.0.113.0/24", "203.0.113.1")], "security_groups": [],
        "address_groups": [{"id": "ag", "addresses": ["10.0.0.8/29", "198.51.100.7/32", "10.0.1.11/24", "2001:db8:1::/64"]}],
        "firewall_groups": [], "firewall_policies": [], "firewall_rules": [],
    }  # fmt: skip
    if rng.random() < 0.3:
        raw["subnets"].append(_subnet("ext-6", "ext", "2001:db8:e::/64", "2001:db8:e::1"))
    for index in range(rng.randint(2, 4)):
        _network(raw, rng, index)
    if rng.random() < 0.25:
        for network in raw["networks"]:
            network |= {f"ipv{version}_address_scope": rng.choice(["s", "s", None]) for version in (4, 6)}
    _groups(raw, rng)
    _routers(raw, rng)
    _servers(raw, rng)
    _floating(raw, rng)
    _firewalls(raw, rng)
    return raw


def _subnet(identity, network, cidr, gateway, routes=()):
    return {"id": identity, "network_id": network, "cidr": cidr, "gateway_ip": gateway, "host_routes": list(routes)}


def _network(raw, rng, index):
    name = f"n{index}"
    physical = {"provider:physical_network": "physnet"} if rng.random() < 0.15 else {}
    raw["networks"].append({"id": name, **physical})
    gateway = rng.choice([f"10.0.{index}.1"] * 6 + [None, f"10.0.{index}.254"])
    routes = [{"destination": "10.0.3.0/24", "nexthop": f"10.0.{index}.2"}] if rng.random() < 0.15 else []
    raw["subnets"].append(_subnet(f"{name}-4", name, f"10.0.{index}.0/24", gateway, routes))
    if rng.random() < 0.4:
        raw["subnets"].append(_subnet(f"{name}-6", name, f"2001:db8:{index}::/64", f"2001:db8:{index}::1"))
    if rng.random() < 0.15:
        raw["subnets"].append(_subnet(f"{name}-b", name, f"10.1.{index}.0/24", f"10.1.{index}.1"))


def _groups(raw, rng):
    for index in range(rng.randint(2, 4)):
        rules = [_group_rule(rng, f"g{index}-{number}") for number in range(rng.randint(0, 6))]
        if rng.random() < 0.6:
            rules += [{"id": f"g{index}-out{v}", "direction": "egress", "ethertype": f"IPv{v}"} for v in (4, 6)]
        raw["security_groups"].append(
            {"id": f"g{index}", "name": f"g{index}", "stateful": rng.random() < 0.75, "security_group_rules": rules}
        )
    open_rules = [
        {"id": f"open-{direction}-{v}", "direction": direction, "ethertype": f"IPv{v}"}
        for direction in ("ingress", "egress") for v in (4, 6)
    ]  # fmt: skip
    raw["security_groups"].append(
        {"id": "open", "name": "open", "stateful": rng.random() < 0.8, "security_group_rules": open_rules}
    )


def _group_rule(rng, identity):
    version = rng.choice([4, 4, 4, 6])
    protocol = rng.choice(["tcp", "tcp", "udp", "icmp", None, "sctp", "dccp", "6", "gre", "0"])
    rule = {
        "id": identity,
        "direction": rng.choice(["ingress", "ingress", "egress"]),
        "ethertype": f"IPv{version}",
        "protocol": protocol,
    }
    if protocol in ("tcp", "udp", "sctp", "dccp", "6") and rng.random() < 0.7:
        low = rng.choice([1, 22, 80, 443, 1024])
        rule |= {"port_range_min": low, "port_range_max": rng.choice([low, low + 10, 65535])}
    if protocol == "icmp" and rng.random() < 0.5:
        rule["port_range_min"] = rng.choice([0, 3, 8, 128, 129])
        if rng.random() < 0.5:
            rule["port_range_max"] = rng.choice([0, 4])
    kind = rng.random()
    if kind < 0.3:
        four = ["0.0.0.0/0", "10.0.0.0/24", "10.0.1.0/25", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.10/32"]
        four += ["10.0.1.77/25", "224.0.0.0/4"]
        six = ["::/0", "2001:db8:1::/64", "2001:db8::10/128", "2001:db8:1::7/64", "fe80::/10"]
        rule["remote_ip_prefix"] = rng.choice(four if version == 4 else six)
    elif kind < 0.5:
        rule["remote_group_id"] = "g0" if rng.random() < 0.5 else "g1"
    elif kind < 0.6:
        rule["remote_address_group_id"] = "ag"
    return rule


def _routers(raw, rng):
    tiers = [net["id"] for net in raw["networks"][1:]]
    for index in range(rng.randint(1, 3)):
        name = f"r{index}"
        info = None
        if rng.random() < 0.75:
            fixed = [{"subnet_id": "ext-4", "ip_address": f"203.0.113.{index + 2}"}]
            if any(subnet["id"] == "ext-6" for subnet in raw["subnets"]):
                fixed.append({"subnet_id": "ext-6", "ip_address": f"2001:db8:e::{index + 2}"})
            info = {"network_id": "ext", "enable_snat": rng.random() < 0.8, "external_fixed_ips": fixed}
        router = {"id": name, "external_gateway_info": info, "admin_state_up": rng.random() < 0.97, "routes": []}
        router["distributed"] = rng.random() < 0.05
        raw["routers"].append(router)
        for subnet in raw["subnets"]:
            if subnet["network_id"] == "ext" or rng.random() > (0.8 if index == 0 else 0.4):
                continue
            last = "1" if index == 0 else str(index + 1)
            base = subnet["cidr"].split("/")[0]
            address = base + last if ":" in base else base.rsplit(".", 1)[0] + "." + last
            raw["ports"].append(
                {"id": f"{name}-{subnet['id']}", "network_id": subnet["network_id"], "device_id": name, "security_groups": [],
                 "device_owner": "network:router_interface", "fixed_ips": [{"subnet_id": subnet["id"], "ip_address": address}]}
            )  # fmt: skip
        for _ in range(rng.choice([0, 0, 1, 2])):
            network = rng.choice(tiers)[1:]
            near = f"10.0.{rng.choice(tiers)[1:]}.{rng.choice([1, 2, 3, 10, 11, 12, 13, 200])}"
            hop = rng.choice([near, near, "203.0.113.1", "203.0.113.2"])
            destination = rng.choice([f"10.0.{network}.0/24", f"10.0.{network}.0/25", "10.9.0.0/16", "0.0.0.0/0"])
            router["routes"].append({"destination": destination, "nexthop": hop})


def _servers(raw, rng):
    inner = list(raw["subnets"])
    groups = [group["id"] for group in raw["security_groups"]]
    for index in range(rng.randint(4, 8)):
        subnet = rng.choice(inner)
        same = [s for s in raw["subnets"] if s["network_id"] == subnet["network_id"]]
        fixed = []
        for one in same if rng.random() < 0.4 else [subnet]:
            base = one["cidr"].split("/")[0]
            host = 10 + index
            address = f"{base}{host}" if ":" in base else base.rsplit(".", 1)[0] + f".{host}"
            fixed.append({"subnet_id": one["id"], "ip_address": address})
        stateless = {g["id"] for g in raw["security_groups"] if not g["stateful"]}
        chosen = rng.sample(groups, rng.choice([0, 1, 1, 1, 2]))
        if stateless & set(chosen) and set(chosen) - stateless and rng.random() < 0.7:
            chosen = chosen[:1]
        pairs = (
            [{"ip_address": rng.choice(["10.0.0.200", "10.0.1.200", "10.9.0.0/24", "2001:db8:1::200"])}]
            if rng.random() < 0.2
            else []
        )
        secured = rng.random() < 0.9
        raw["ports"].append(
            {"id": f"p{index}", "network_id": subnet["network_id"], "fixed_ips": fixed, "allowed_address_pairs": pairs,
             "security_groups": chosen if secured else [], "port_security_enabled": secured, "device_id": f"vm{index}",
             "device_owner": "compute:nova", "admin_state_up": rng.random() < 0.97, "mac_address": f"fa:16:3e:00:00:{index:02x}"}
        )  # fmt: skip
    if rng.random() < 0.3:
        raw["ports"].append(
            {"id": "vip", "network_id": "n0", "fixed_ips": [{"subnet_id": "n0-4", "ip_address": "10.0.0.200"}], "device_owner": "",
             "security_groups": rng.sample(groups, 1), "device_id": ""}
        )  # fmt: skip


def _floating(raw, rng):
    """Floating addresses at routers that have both a gateway and an interface beside the port."""
    count = 100
    for port in list(raw["ports"]):
        if port["device_owner"] == "network:router_interface":
            continue
        for fixed in port["fixed_ips"]:
            attached = [
                r["id"] for r in raw["routers"] if r["external_gateway_info"]
                for p in raw["ports"] if p["device_id"] == r["id"] and p["fixed_ips"][0]["subnet_id"] == fixed["subnet_id"]
            ]  # fmt: skip
            if not attached or ":" in fixed["ip_address"] or rng.random() < 0.4:
                continue
            count += 1
            one = {"id": f"f{count}", "floating_ip_address": f"203.0.113.{count}", "floating_network_id": "ext",
                   "router_id": rng.choice(attached), "port_id": port["id"], "fixed_ip_address": fixed["ip_address"]}  # fmt: skip
            if rng.random() < 0.3:
                one |= {"port_id": None, "fixed_ip_address": None, "port_forwardings": [
                    {"id": f"pf{count}", "protocol": rng.choice(["tcp", "udp"]), "external_port": rng.choice([80, 2222]),
                     "internal_port": rng.choice([22, 80, 443]), "internal_port_id": port["id"],
                     "internal_ip_address": fixed["ip_address"]}
                ]}  # fmt: skip
            raw["floatingips"].append(one)
    if rng.random() < 0.3:
        raw["floatingips"].append({"id": "f-free", "floating_ip_address": "203.0.113.99", "floating_network_id": "ext"})


def _firewalls(raw, rng):
    free = [port["id"] for port in raw["ports"]]
    rng.shuffle(free)
    for index in range(rng.choice([0, 1, 1, 2, 3])):
        ports = [free.pop() for _ in range(min(len(free), rng.randint(1, 4)))]
        routers = [p for p in free if p.startswith("r")]
        if routers and rng.random() < 0.8:
            ports.append(routers[0])
            free.remove(routers[0])
        sides = {}
        for side in ("ingress", "egress"):
            policy = None
            if rng.random() < 0.85:
                policy = f"fw{index}-{side}"
                ids = [f"{policy}-{number}" for number in range(rng.randint(0, 6))]
                raw["firewall_rules"] += [_firewall_rule(rng, identity) for identity in ids]
                raw["firewall_policies"].append({"id": policy, "firewall_rules": ids})
            sides[f"{side}_firewall_policy_id"] = policy
        group = {"id": f"fw{index}", "ports": ports, "admin_state_up": rng.random() < 0.9, "status": "ACTIVE", **sides}
        if rng.random() < 0.5:
            group["updated_at"] = f"2026-11-{rng.randint(10, 20)}T00:00:00Z"
        raw["firewall_groups"].append(group)


def _firewall_rule(rng, identity):
    version = rng.choice([4, 4, 4, 6])
    protocol = rng.choice(["tcp", "tcp", "tcp", "udp", "icmp", None, None, "dccp", "gre", "icmp", "ipv6-icmp"])
    addresses = [None, None, None] + (
        ["10.0.0.0/24", "10.0.1.0/24", "10.0.0.10", "10.0.0.0/8", "198.51.100.0/24", "10.0.2.12/30"]
        if version == 4 else ["2001:db8:0::/64", "2001:db8:1::/64", "2001:db8::/32"]
    )  # fmt: skip
    rule = {"id": identity, "ip_version": version, "protocol": protocol, "enabled": rng.random() < 0.85,
            "action": rng.choice(["allow", "allow", "allow", "deny", "reject"]),
            "source_ip_address": rng.choice(addresses), "destination_ip_address": rng.choice(addresses)}  # fmt: skip
    if protocol in ("tcp", "udp"):
        ports = [None, None, "22", "80", "80:90", "443", "1024:65535", "1:1023", "0:21" if rng.random() < 0.5 else "0"]
        rule |= {"source_port": rng.choice([None, None, None, *ports]), "destination_port": rng.choice(ports)}
    return rule


class Aim:
    """Packets for one cloud: ends that exist (and some that do not), ports at and beside the edges of its rules."""

    def __init__(self, raw, seed):
        self.rng = random.Random(seed)
        self.servers = [port for port in raw["ports"] if port["device_owner"] != "network:router_interface"]
        routers = {
            ip.ip_address(f["ip_address"]) for p in raw["ports"] if p not in self.servers for f in p["fixed_ips"]
        }
        for router in raw["routers"]:
            fixed = (router["external_gateway_info"] or {}).get("external_fixed_ips", [])
            routers |= {ip.ip_address(f["ip_address"]) for f in fixed}
        known = [f["ip_address"] for p in self.servers for f in p["fixed_ips"]] * 2
        known += [f["floating_ip_address"] for f in raw["floatingips"]] * 2
        known += [
            p["ip_address"]
            for s in self.servers
            for p in s.get("allowed_address_pairs", [])
            if "/" not in p["ip_address"]
        ]
        self.targets = [ip.ip_address(a) for a in [*known, *OUTSIDE, "10.0.0.77", "10.9.0.5", "203.0.113.77"]]
        self.targets = [a for a in self.targets if a not in routers]
        ports = {0, 1, 68, 67, 49152, 65535, 2222, 80, 22}
        for rule in raw["firewall_rules"]:
            for key in ("source_port", "destination_port"):
                for text in (rule.get(key) or "").split(":"):
                    if text:
                        ports |= {int(text) - 1, int(text), int(text) + 1}
        for group in raw["security_groups"]:
            for rule in group["security_group_rules"]:
                if rule.get("port_range_min") is not None and rule["protocol"] != "icmp":
                    ports |= {e + d for e in (rule["port_range_min"], rule["port_range_max"]) for d in (-1, 0, 1)}
        self.ports = sorted(port for port in ports if 0 <= port <= 65535)

    @staticmethod
    def addresses(port):
        """A port's fixed addresses and the single ones among its pairs."""
        pairs = [p["ip_address"] for p in port.get("allowed_address_pairs", []) if "/" not in p["ip_address"]]
        return [ip.ip_address(text) for text in [*(f["ip_address"] for f in port["fixed_ips"]), *pairs]]

    def _on_link(self, version, sender):
        """An address that means something on the link only, and the port that is asked about where all hear it."""
        others = [one for one in self.servers if one is not sender]
        macs = [one for one in others if Filters.own_link_local(one) is not None]
        if version == 6 and macs and self.rng.random() < 0.4:
            return Filters.own_link_local(self.rng.choice(macs)), None
        service = ["169.254.169.254"] if version == 4 else ["fe80::a9fe:a9fe"]
        everyone = (
            ["224.0.0.18", "239.1.2.3", "255.255.255.255"] if version == 4 else ["ff02::1", "ff02::1:2", "ff05::2"]
        )
        chosen = self.rng.choice(service + everyone)
        return ip.ip_address(chosen), None if chosen in service else self.rng.choice(
            [one for one in self.servers if one is not sender]
        )["id"]

    def packet(self):
        """One packet for the naive cloud, and the same in the probe's form; None where the ends do not fit."""
        rng = self.rng
        dst = rng.choice(self.targets)
        sender = rng.choice([*self.servers, None])
        if sender is None:
            src = ip.ip_address(rng.choice([a for a in OUTSIDE if (":" in a) == (dst.version == 6)]))
        else:
            own = [f["ip_address"] for f in sender["fixed_ips"] if (":" in f["ip_address"]) == (dst.version == 6)]
            own += [
                p["ip_address"].split("/")[0] for p in sender.get("allowed_address_pairs", []) if rng.random() < 0.2
            ]
            own = [a for a in own if (":" in a) == (dst.version == 6)]
            if not own:
                return None
            src = (
                ip.ip_address(rng.choice(own))
                if rng.random() < 0.97
                else ip.ip_address("10.0.0.99" if dst.version == 4 else "2001:db8::99")
            )
            if any(ip.ip_address(f["ip_address"]) == dst for f in sender["fixed_ips"]):
                return None
        to, meant = None, None
        if sender is not None and rng.random() < 0.08:
            dst, to = self._on_link(dst.version, sender)
            own_link = Filters.own_link_local(sender)
            src = own_link if own_link is not None and dst.version == 6 and rng.random() < 0.5 else src
        elif rng.random() < 0.25:
            meant = rng.choice(self.servers)
            choice = [a for a in self.addresses(meant) if a.version == dst.version] + [dst] * (rng.random() < 0.2)
            if not choice or (sender is not None and any(a in self.addresses(sender) for a in choice)):
                return None
            dst, meant = rng.choice(choice), meant["id"]
        icmp = 1 if dst.version == 4 else 58
        protocol = rng.choice([6, 6, 6, 17, 17, icmp, icmp, 132, 33, 47])
        packet = {"sender": sender["id"] if sender else None, "src": src, "dst": dst, "protocol": protocol,
                  "src_port": 0, "dst_port": 0, "type": None, "code": None, "to": to, "port": meant}  # fmt: skip
        asked = {
            "src": {"port": sender["id"], "ip": str(src)} if sender else {"ip": str(src)},
            "dst": {"ip": str(dst), **({"port": to or meant} if to or meant else {})},
            "protocol": protocol,
        }
        if protocol in PORTED:
            packet |= {
                "src_port": rng.choice([49152, 49152, rng.choice(self.ports)]),
                "dst_port": rng.choice(self.ports),
            }
            asked |= {"src_port": packet["src_port"], "dst_port": packet["dst_port"]}
        if protocol in ANSWERS:
            packet |= {"type": rng.choice([0, 3, 8, 13, 128, 129, 134, 135]), "code": rng.choice([0, 0, 4])}
            asked |= {"icmp_type": packet["type"], "icmp_code": packet["code"]}
        return packet, asked


def main():
    """Write one random cloud to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    json.dump(make(parser.parse_args().seed), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
