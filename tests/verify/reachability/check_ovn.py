"""The engine against ovn-trace, switch by switch, with the ACLs Neutron's own drivers write.

Needs OVN's programs and Python with neutron and neutron-fwaas:
`python -m tests.verify.reachability.check_ovn --configurations 500 [--schemas FOLDER]`. Starts a private OVN in a
temporary folder. Prints one JSON line; exit code 1 where anything differs.
"""

import argparse
import json
import random
import sys

from neutron.common.ovn import acl as group_acl
from neutron.common.ovn import utils
from neutron_fwaas.services.firewall.service_drivers.ovn import acl as firewall_acl

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.snapshot import build_snapshot

from .ovn_lab import ADDRESSES, GATEWAYS, MACS, SCHEMAS, SWITCH, Lab
from .stored import stored

NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "sctp": 132}
PORTS = (22, 80, 443, 1521)


def configuration(rng):
    """Security groups on four ports and firewall groups on the two router ports, as the API lists them."""
    groups = {f"sg-{index}": _group(rng, index) for index in range(rng.randint(1, 3))}
    on = {}
    for name in SWITCH:
        secured = rng.random() < 0.9
        on[name] = rng.sample(sorted(groups), 1) if secured else None
        if secured and rng.random() < 0.3:
            same = [g for g in groups if groups[g]["stateful"] == groups[on[name][0]]["stateful"]]
            on[name] = rng.sample(same, min(len(same), 2))
    firewalls = []
    free = ["if-swa", "if-swb"]
    rng.shuffle(free)
    for index in range(rng.choice([0, 1, 1, 2])):
        if free:
            ports = [free.pop()] if rng.random() < 0.6 else [free.pop(), *([free.pop()] if free else [])]
            sides = {side: _policy(rng, f"fw-{index}-{side}") for side in ("ingress", "egress")}
            firewalls.append({"id": f"fw-{index}", "ports": ports, "admin_state_up": rng.random() < 0.8, **sides})
    return groups, on, firewalls


def _group(rng, index):
    rules = []
    for number in range(rng.randint(1, 5)):
        protocol = rng.choice(["tcp", "tcp", "udp", "icmp", None, "sctp", "6"])
        rule = {
            "id": f"sg-{index}-{number}", "direction": rng.choice(["ingress", "egress"]), "ethertype": "IPv4",
            "protocol": protocol, "port_range_min": None, "port_range_max": None, "remote_ip_prefix": None,
            "remote_group_id": None, "remote_address_group_id": None, "normalized_cidr": None,
        }  # fmt: skip
        if protocol in ("tcp", "udp", "sctp", "6") and rng.random() < 0.6:
            low = rng.choice(PORTS)
            rule |= {"port_range_min": low, "port_range_max": rng.choice([low, 1600])}
        if protocol == "icmp" and rng.random() < 0.4:
            rule |= {"port_range_min": rng.choice([0, 8]), "port_range_max": rng.choice([None, 0])}
        kind = rng.random()
        if kind < 0.3:
            prefix = rng.choice(["10.78.0.0/24", "10.78.1.10/32", "0.0.0.0/0", "10.78.0.0/16"])
            rule |= {"remote_ip_prefix": prefix, "normalized_cidr": prefix}
        elif kind < 0.5:
            rule["remote_group_id"] = "sg-0"
        elif kind < 0.6:
            rule["remote_address_group_id"] = "ag-0"
        rules.append(rule)
    if rng.random() < 0.6:
        for direction in ("ingress", "egress"):
            rules.append({**rules[0], "id": f"sg-{index}-{direction}", "direction": direction, "protocol": None,
                          "port_range_min": None, "port_range_max": None, "remote_ip_prefix": None, "normalized_cidr": None,
                          "remote_group_id": None, "remote_address_group_id": None})  # fmt: skip
    return {"id": f"sg-{index}", "stateful": rng.random() < 0.7, "security_group_rules": rules}


def _policy(rng, name):
    if rng.random() < 0.1:
        return None
    rules = []
    for number in range(rng.randint(0, 4)):
        protocol = rng.choice(["tcp", "tcp", "udp", "icmp", None, "dccp", "ipv6-icmp"])
        ported = protocol in ("tcp", "udp")
        networks = [None, None, None, "10.78.0.0/24", "10.78.1.0/24", "10.78.0.10", "10.78.0.0/16"]
        rules.append({
            "id": f"{name}-{number}", "ip_version": 4, "protocol": protocol, "enabled": rng.random() < 0.85,
            "action": rng.choice(["allow", "allow", "allow", "deny", "reject"]),
            "source_ip_address": rng.choice(networks), "destination_ip_address": rng.choice(networks),
            "source_port": rng.choice([None, None, "1024:65535", "22:1521", "0"]) if ported else None,
            "destination_port": rng.choice([None, "80", "22:443", "1521", "1024:65535", "0:10"]) if ported else None,
        })  # fmt: skip
    return rules


def push(lab, groups, on, firewalls):
    """Write the configuration as Neutron's ML2/OVN and neutron-fwaas' OVN driver do."""
    port_groups = {"neutron_pg_drop": [name for name in on if on[name] is not None]}
    acls = list(group_acl.add_acls_for_drop_port_group("neutron_pg_drop"))
    for identity, group in groups.items():
        name = f"pg_{identity.replace('-', '_')}"
        port_groups[name] = [port for port in on if identity in (on[port] or [])]
        for rule in group["security_group_rules"]:
            acls.append(group_acl._add_sg_rule_acl_for_port_group(name, group["stateful"], rule))
    for firewall in firewalls:
        name = f"pg_{firewall['id'].replace('-', '_')}"
        port_groups[name] = firewall["ports"]
        for direction in ("ingress", "egress"):
            acls.append(firewall_acl.get_rule_acl_for_port_group(
                name, {"action": "deny", "ip_version": 4, "id": "default_rule", "is_default": True}, direction))  # fmt: skip
            for place, rule in enumerate(firewall[direction] or []):
                if rule["enabled"]:
                    acls.append(
                        firewall_acl.get_rule_acl_for_port_group(name, {**stored(rule), "position": place}, direction)
                    )
    lab.configure(port_groups, acls, {utils.ovn_ag_addrset_name("ag-0", "ip4"): ["10.78.1.0/25"]})


def snapshot(groups, on, firewalls):
    """The same as a snapshot."""
    raw = {"networks": [{"id": s} for s in GATEWAYS], "routers": [{"id": "r"}], "security_groups": list(groups.values()),
           "address_groups": [{"id": "ag-0", "addresses": ["10.78.1.0/25"]}], "firewall_rules": [], "firewall_policies": [],
           "firewall_groups": [], "subnets": [], "ports": [], "meta": {"profile": "ovn"}}  # fmt: skip
    for switch, (_, gateway) in GATEWAYS.items():
        raw["subnets"].append(
            {"id": switch, "network_id": switch, "cidr": f"{gateway}/24".replace(".1/", ".0/"), "gateway_ip": gateway}
        )
        raw["ports"].append({"id": f"if-{switch}", "network_id": switch, "device_id": "r", "security_groups": [],
                             "device_owner": "network:router_interface", "fixed_ips": [{"subnet_id": switch, "ip_address": gateway}]})  # fmt: skip
    for name, switch in SWITCH.items():
        raw["ports"].append({"id": name, "network_id": switch, "device_owner": "compute:nova", "device_id": name,
                             "security_groups": on[name] or [], "port_security_enabled": on[name] is not None,
                             "fixed_ips": [{"subnet_id": switch, "ip_address": ADDRESSES[name]}]})  # fmt: skip
    for firewall in firewalls:
        sides = {}
        for side in ("ingress", "egress"):
            sides[f"{side}_firewall_policy_id"] = None
            if firewall[side] is not None:
                sides[f"{side}_firewall_policy_id"] = f"{firewall['id']}-{side}"
                raw["firewall_rules"] += firewall[side]
                raw["firewall_policies"].append(
                    {"id": f"{firewall['id']}-{side}", "firewall_rules": [r["id"] for r in firewall[side]]}
                )
        raw["firewall_groups"].append({key: firewall[key] for key in ("id", "ports", "admin_state_up")} | sides)
    return build_snapshot(raw)


def flow(packet, source_mac, target_mac):
    """The packet for ovn-trace."""
    head = f"eth.src == {source_mac} && eth.dst == {target_mac} && ip.ttl == 64 && ip4.src == {packet['src']} && ip4.dst == {packet['dst']}"
    if packet["protocol"] == "icmp":
        return f"{head} && icmp4 && icmp4.type == {packet['type']} && icmp4.code == 0"
    name = packet["protocol"]
    return f"{head} && {name} && {name}.src == {packet['src_port']} && {name}.dst == {packet['dst_port']}"


def trace(lab, sender, receiver, packet):
    """(forward, reply) by tracing every switch on the way there and back; a reply's state is what tracking there saw."""
    near, far = SWITCH[sender], SWITCH[receiver]
    mac = {**MACS, **{f"if-{switch}": GATEWAYS[switch][0] for switch in GATEWAYS}}
    hops = [(near, sender, receiver)] if near == far else [(near, sender, f"if-{near}"), (far, f"if-{far}", receiver)]
    seen = {}
    for switch, inport, outport in hops:
        passed, tracked = lab.arrives(switch, inport, outport, flow(packet, mac[inport], mac[outport]), "new")
        if not passed:
            return "deny", "n/a"
        seen[inport], seen[outport] = tracked["ingress"], tracked["egress"]
    answer = {
        **packet,
        "src": packet["dst"],
        "dst": packet["src"],
        "src_port": packet["dst_port"],
        "dst_port": packet["src_port"],
        "type": 0,
    }
    unknown = "new" if packet["protocol"] == "udp" else "inv,trk"
    for switch, outport, inport in reversed(hops):
        ends = [name for name in (inport, outport) if name in SWITCH]
        states = {"est,rpl,trk" if seen[name] else unknown for name in ends}
        if len(states) > 1:
            return "allow", None
        passed, _ = lab.arrives(switch, inport, outport, flow(answer, mac[inport], mac[outport]), states.pop())
        if not passed:
            return "allow", "deny"
    return "allow", "allow"


def compare(lab, seed, told):
    """One configuration, a few packets."""
    rng = random.Random(seed)
    groups, on, firewalls = configuration(rng)
    push(lab, groups, on, firewalls)
    engine = Engine(snapshot(groups, on, firewalls), "ovn")
    for _ in range(6):
        sender, receiver = rng.sample(sorted(SWITCH), 2)
        protocol = rng.choice(["tcp", "tcp", "udp", "icmp"])
        packet = {"src": ADDRESSES[sender], "dst": ADDRESSES[receiver], "protocol": protocol, "type": 8,
                  "src_port": rng.choice([1030, 50_000]), "dst_port": rng.choice([*PORTS, 81, 1600])}  # fmt: skip
        found = trace(lab, sender, receiver, packet)
        asked = {"src": {"port": sender}, "dst": {"port": receiver}, "protocol": protocol}
        if protocol != "icmp":
            asked |= {"src_port": packet["src_port"], "dst_port": packet["dst_port"]}
        answer = probe(engine, asked)
        told["packets"] += 1
        told[answer["verdict"]] += 1
        if found[1] is None:
            told["untraceable"] += 1
        elif found != (answer["forward"], answer["reply"]):
            told["mismatches"].append(
                {"seed": seed, "packet": asked, "trace": found, "engine": (answer["forward"], answer["reply"])}
            )


def main():
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configurations", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--schemas", default=SCHEMAS[0], help="folder of ovn-nb.ovsschema and ovn-sb.ovsschema")
    asked = parser.parse_args()
    told = {"configurations": 0, "packets": 0, "allow": 0, "deny": 0, "no-route": 0, "untraceable": 0, "mismatches": []}
    with Lab(asked.schemas) as lab:
        for seed in range(asked.seed, asked.seed + asked.configurations):
            compare(lab, seed, told)
            told["configurations"] += 1
            if len(told["mismatches"]) >= 10:
                break
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if told["mismatches"] else 0


if __name__ == "__main__":
    sys.exit(main())
