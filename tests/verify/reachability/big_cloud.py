"""A large cloud as a snapshot, for measuring: `python -m tests.verify.reachability.big_cloud --ports 10000 > big.json`."""

import argparse
import json
import random
import sys

PORTS = [22, 53, 80, 443, 1521, 3306, 5432, 8080, 8443]


def make(ports=10_000, groups=300, routers=50, firewalls=100, rules=100, seed=1):
    """A snapshot of `ports` servers behind `routers`, a floating address for every tenth, IPv6 for every eighth subnet."""
    rng = random.Random(seed)
    cloud = {key: [] for key in ("networks", "subnets", "routers", "ports", "floatingips", "security_groups")}
    cloud |= {"firewall_groups": [], "firewall_policies": [], "firewall_rules": [], "meta": {"profile": "ovn"}}
    cloud["networks"].append({"id": "ext", "name": "ext", "router:external": True})
    cloud["subnets"].append(subnet("ext-net", "ext", "203.0.0.0/16", "203.0.0.1"))
    cloud["security_groups"] = [security_group(rng, index, groups) for index in range(groups)]
    subnets = []
    for index in range(routers):
        name = f"router{index}"
        gateway = {
            "network_id": "ext",
            "enable_snat": True,
            "external_fixed_ips": [fixed("ext-net", f"203.0.255.{index + 1}")],
        }
        cloud["routers"].append({"id": name, "name": name, "external_gateway_info": gateway, "routes": []})
        for part in range(4):
            subnets.append(tier(cloud, index, part))
    for index in range(firewalls):
        firewall(
            cloud,
            rng,
            index,
            rules,
            [f"if-{index % routers}-{part}" for part in (index // routers * 2, index // routers * 2 + 1)],
        )
    for index in range(ports):
        network, prefix = subnets[index % len(subnets)]
        host = index // len(subnets) + 10
        address = f"{prefix}.{host // 256}.{host % 256}"
        chosen = rng.sample(range(groups), rng.choice([1, 1, 2]))
        cloud["ports"].append(
            port(f"port{index}", network, [fixed(f"{network}-net", address)], [f"sg{g}" for g in chosen])
        )
        if index % 10 == 0:
            public = f"203.0.{1 + index // 10 // 250}.{index // 10 % 250 + 1}"
            cloud["floatingips"].append(
                {"id": f"fip{index}", "floating_ip_address": public, "floating_network_id": "ext", "port_id": f"port{index}",
                 "fixed_ip_address": address, "router_id": f"router{index % len(subnets) // 4}", "port_forwardings": []}
            )  # fmt: skip
    return cloud


def fixed(subnet_id, address):
    return {"subnet_id": subnet_id, "ip_address": address}


def subnet(identity, network, cidr, gateway):
    return {
        "id": identity,
        "network_id": network,
        "cidr": cidr,
        "ip_version": 4,
        "gateway_ip": gateway,
        "host_routes": [],
    }


def port(identity, network, addresses, groups, owner="compute:nova", device="vm"):
    return {
        "id": identity, "name": identity, "network_id": network, "fixed_ips": addresses, "security_groups": groups,
        "device_owner": owner, "device_id": device if owner != "compute:nova" else f"vm-{identity}", "mac_address": "fa:16:3e:00:00:01",
        "port_security_enabled": owner == "compute:nova", "admin_state_up": True, "allowed_address_pairs": [],
    }  # fmt: skip


def tier(cloud, router, part):
    """One network with its subnet on a router."""
    name, prefix = f"net-{router}-{part}", f"10.{router * 4 + part}"
    cloud["networks"].append({"id": name, "name": name, "router:external": False})
    cloud["subnets"].append(subnet(f"{name}-net", name, f"{prefix}.0.0/16", f"{prefix}.0.1"))
    inner = [fixed(f"{name}-net", f"{prefix}.0.1")]
    cloud["ports"].append(port(f"if-{router}-{part}", name, inner, [], "network:router_interface", f"router{router}"))
    return name, prefix


def security_group(rng, index, groups):
    rules = [{"id": f"sg{index}-out", "direction": "egress", "ethertype": "IPv4"}]
    for number in range(rng.randint(2, 8)):
        low = rng.choice(PORTS)
        rule = {"id": f"sg{index}-{number}", "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp",
                "port_range_min": low, "port_range_max": low + rng.choice([0, 0, 0, 10])}  # fmt: skip
        remote = rng.random()
        if remote < 0.3:
            rule["remote_group_id"] = f"sg{rng.randrange(groups)}"
        elif remote < 0.8:
            rule["remote_ip_prefix"] = rng.choice(["0.0.0.0/0", "198.51.100.0/24", "10.0.0.0/8"])
        rules.append(rule)
    return {"id": f"sg{index}", "name": f"sg{index}", "stateful": True, "security_group_rules": rules}


def firewall(cloud, rng, index, rules, ports):
    sides = {}
    for side in ("ingress", "egress"):
        ids = []
        for number in range(rng.randint(rules // 2, rules)):
            ids.append(f"fw{index}-{side}-{number}")
            low = rng.choice(PORTS)
            cloud["firewall_rules"].append(
                {"id": ids[-1], "action": rng.choice(["allow", "allow", "deny"]), "protocol": rng.choice(["tcp", "tcp", "udp"]),
                 "ip_version": 4, "enabled": True, "destination_port": f"{low}:{low + rng.choice([0, 0, 5])}", "source_port": None,
                 "source_ip_address": rng.choice([None, None, f"198.51.{rng.randrange(256)}.0/24", f"10.{rng.randrange(200)}.0.0/16"]),
                 "destination_ip_address": rng.choice([None, None, f"10.{rng.randrange(200)}.0.0/16"])}
            )  # fmt: skip
        cloud["firewall_policies"].append({"id": f"fw{index}-{side}", "name": side, "firewall_rules": ids})
        sides[f"{side}_firewall_policy_id"] = f"fw{index}-{side}"
    cloud["firewall_groups"].append({"id": f"fw{index}", "name": f"fw{index}", "ports": ports, **sides})


def main():
    """Write the snapshot to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ports", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    json.dump(make(asked.ports, seed=asked.seed), sys.stdout)


if __name__ == "__main__":
    main()
