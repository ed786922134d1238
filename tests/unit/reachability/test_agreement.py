"""Probe and exposure say the same of every packet: of the published cases' and of generated clouds'."""

import ipaddress
import json
import random

import pytest

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.exposure import exposure
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.snapshot import build_snapshot

from .cloudmaker import OUTSIDE, Cloud, allow
from .test_cases import CASES, expected

PROFILES = ("ovn", "l3-agent", "l2-agent")
NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58, "sctp": 132}
PORTED = (6, 17, 33, 132, 136)


def header(packet, version):
    """A packet's protocol and ports as numbers, with what the probe takes where they are left out."""
    protocol = packet["protocol"]
    number = NUMBERS.get(protocol, protocol)
    number = 58 if number == 1 and version == 6 else int(number)
    found = {"protocol": number}
    if number in (1, 58):
        echo = 8 if version == 4 else 128
        found |= {"icmp_type": packet.get("icmp_type", echo), "icmp_code": packet.get("icmp_code", 0)}
    elif number in PORTED:
        found |= {"src_port": packet.get("src_port", 49152), "dst_port": packet["dst_port"]}
    return found


def addresses(raw, packet):
    """The two addresses of a packet; from outside a port is asked for by its floating address."""
    ports = {port["id"]: port for port in raw["ports"]}
    ends = [packet["src"], packet["dst"]]
    named = [ipaddress.ip_address(end["ip"]) for end in ends if "ip" in end]
    fixed = [
        [ipaddress.ip_address(f["ip_address"]) for f in ports[end["port"]]["fixed_ips"]] if "port" in end else []
        for end in ends
    ]
    both = [{a.version for a in some} for some in fixed if some]
    version = named[0].version if named else min(set.intersection(*both))
    found = []
    for end, some in zip(ends, fixed, strict=True):
        found.append(ipaddress.ip_address(end["ip"]) if "ip" in end else next(a for a in some if a.version == version))
    known = [f["ip_address"] for port in raw["ports"] for f in port["fixed_ips"]]
    if "port" not in packet["src"] and packet["src"]["ip"] not in known and "ip" not in packet["dst"]:
        for floating in raw.get("floatingips", []):
            if floating.get("port_id") == packet["dst"]["port"] and floating.get("fixed_ip_address") == str(found[1]):
                found[1] = ipaddress.ip_address(floating["floating_ip_address"])
    return found


def among(address, part):
    low, dash, high = part.partition("-")
    if dash:
        first, last = ipaddress.ip_address(low), ipaddress.ip_address(high)
        return first.version == address.version and first <= address <= last
    return address in ipaddress.ip_network(part)


def holds(box, src, dst, told):
    """Whether a written box holds a packet."""
    if box["protocol"] != "any":
        low, _, high = str(NUMBERS.get(box["protocol"], box["protocol"])).partition("-")
        if not int(low) <= told["protocol"] <= int(high or low):
            return False
    if not any(among(src, part) for part in box["src"]) or not any(among(dst, part) for part in box["dst"]):
        return False
    for key in ("dst_port", "src_port", "icmp_type", "icmp_code"):
        if key in box and key in told:
            low, _, high = box[key].partition("-")
            if not int(low) <= told[key] <= int(high):
                return False
    return True


def told_by_exposure(engine, raw, packet):
    """Entry by entry, the replies of the exposure's boxes that hold a packet."""
    src, dst = addresses(raw, packet)
    told = header(packet, dst.version)
    source = f"port:{packet['src']['port']}" if "port" in packet["src"] else f"{src}/{src.max_prefixlen}"
    entries = exposure(engine, source, f"{dst}/{dst.max_prefixlen}")
    if "port" in packet["dst"]:
        entries = [entry for entry in entries if entry["port"] == packet["dst"]["port"]]
    elif any(entry["port"] is None and entry["boxes"] for entry in entries) and (
        dst.is_multicast or str(dst).endswith("255")
    ):
        entries = [entry for entry in entries if entry["port"] is None]
    return [[box["reply"] for box in entry["boxes"] if holds(box, src, dst, told)] for entry in entries]


def unlisted(engine, raw, packet):
    """Whether the packet belongs to an address pair that is a range, which exposure says that it does not list."""
    src, dst = addresses(raw, packet)
    ports = {port["id"]: port for port in raw["ports"]}
    for end, address, way in (("src", src, "from"), ("dst", dst, "to")):
        for pair in ports.get(packet[end].get("port"), {}).get("allowed_address_pairs", []):
            net = ipaddress.ip_network(pair["ip_address"], strict=False)
            if net.num_addresses > 1 and address in net:
                source = f"port:{packet['src']['port']}" if "port" in packet["src"] else f"{src}/{src.max_prefixlen}"
                told = [line for entry in exposure(engine, source, "0.0.0.0/0") for line in entry["unknown"]]
                assert f"traffic {way} the address pair {net} is not listed" in told
                return True
    return False


def disagreement(engine, raw, packet):
    """What probe and exposure say, where they differ (boxes of one port are disjoint)."""
    answer = probe(engine, packet)
    replies = told_by_exposure(engine, raw, packet)
    good = any(reply != "deny" for entry in replies for reply in entry)
    if (answer["verdict"] == "allow") == good and all(len(entry) < 2 for entry in replies):
        return None
    if not any(replies) and unlisted(engine, raw, packet):
        return None
    return {"packet": packet, "profile": engine.profile, "verdict": answer["verdict"], "boxes": replies}


ASKED = [
    pytest.param(case, profile, id=f"{case.name}-{profile}") for case in CASES for profile in expected(case)["profiles"]
]


@pytest.mark.parametrize(("case", "profile"), ASKED)
def test_exposure_lists_exactly_the_packets_of_a_case_that_the_probe_lets_through(case, profile):
    raw = json.loads((case / "snapshot.json").read_text())
    engine = Engine(build_snapshot(raw), profile)
    packets = [json.loads(line) for line in (case / "packets.jsonl").read_text().splitlines()]
    assert [told for packet in packets if (told := disagreement(engine, raw, packet))] == []


# Generated clouds

REMOTES = {
    4: [
        "10.0.0.0/24",
        "10.0.1.7/25",
        "0.0.0.0/0",
        "224.0.0.0/4",
        "198.51.100.0/24",
        "255.255.255.255/32",
        "10.0.0.11/32",
    ],
    6: ["::/0", "2001:db8:1::9/64", "fe80::/10", "ff02::/16", "2001:db8::/32"],
}


def a_rule(rng):
    version = rng.choice([4, 4, 6])
    protocol = rng.choice([None, None, "tcp", "tcp", "udp", "icmp", "112", "0", "dccp", "6"])
    rule = {"direction": rng.choice(["ingress", "egress"]), "ethertype": f"IPv{version}", "protocol": protocol}
    if protocol in ("tcp", "udp", "dccp", "6") and rng.random() < 0.6:
        rule |= {"port_range_min": (low := rng.choice([22, 67, 80, 5353])), "port_range_max": rng.choice([low, 6000])}
    kind = rng.random()
    if kind < 0.4:
        rule["remote_ip_prefix"] = rng.choice(REMOTES[version])
    elif kind < 0.6:
        rule["remote_group_id"] = rng.choice(["g0", "g1"])
    elif kind < 0.7:
        rule["remote_address_group_id"] = "few"
    return rule


def a_cloud(rng):
    """Two networks of both versions behind a router (and one behind another router), with what is easily forgotten."""
    cloud = Cloud()
    scopes = [None, None, "one", "two"]
    for name, external in (("ext", True), ("n0", False), ("n1", False), ("n2", False)):
        four, six = rng.choice(scopes), rng.choice(scopes)
        cloud.network(
            name, "203.0.113.0/24" if external else f"10.0.{name[1]}.0/24", external=external,
            ipv4_address_scope=four, ipv6_address_scope=six,
        )  # fmt: skip
        if not external or rng.random() < 0.7:
            prefix = "2001:db8:e::/64" if external else f"2001:db8:{name[1]}::/64"
            cloud.network(name, prefix, subnet=f"{name}-6")
    cloud.router(
        "r1", ("n0", "10.0.0.1"), ("n0", "2001:db8:0::1", "n0-6"), ("n1", "10.0.1.1"), ("n1", "2001:db8:1::1", "n1-6"),
        external="ext", address="203.0.113.2", snat=rng.random() < 0.6,
        routes=[{"destination": "10.0.2.0/24", "nexthop": "10.0.1.2"}],
    )  # fmt: skip
    six = [s for s in cloud.raw["subnets"] if s["id"] == "ext-6"]
    if six and rng.random() < 0.7:
        gateway = cloud.raw["routers"][0]["external_gateway_info"]["external_fixed_ips"]
        gateway.append({"subnet_id": "ext-6", "ip_address": "2001:db8:e::2"})
    cloud.router(
        "r2",
        ("n1", "10.0.1.2", "n1-net"),
        ("n2", "10.0.2.1"),
        routes=[{"destination": "0.0.0.0/0", "nexthop": "10.0.1.1"}],
    )
    cloud.add("address_groups", id="few", name="few", addresses=["10.0.0.9/29", "2001:db8:1::12/128", "224.0.0.18/32"])
    for name in ("g0", "g1", "g2"):
        rules = [a_rule(rng) for _ in range(rng.randint(1, 5))]
        cloud.group(
            name,
            *rules,
            *([allow("egress"), allow("egress", version=6)] if rng.random() < 0.5 else []),
            stateful=rng.random() < 0.8,
        )
    for number in range(6):
        network = rng.choice(["n0", "n0", "n1", "n1", "n2"])
        tier = network[1]
        ips = [f"10.0.{tier}.{10 + number}", *([f"2001:db8:{tier}::{10 + number}"] if rng.random() < 0.6 else [])]
        pairs = [f"10.0.{tier}.{100 + number}"] if rng.random() < 0.2 else []
        secured = rng.random() < 0.85
        cloud.port(
            f"p{number}",
            network,
            *ips,
            groups=rng.sample(["g0", "g1", "g2"], rng.randint(1, 2)) if secured else (),
            pairs=pairs,
            port_security_enabled=secured,
        )
        if network != "n2" and rng.random() < 0.4:
            cloud.floating(f"203.0.113.{100 + number}", f"p{number}", router="r1")
    return cloud.raw


def a_packet(rng, raw):
    """One packet from a server or from outside to any kind of address."""
    servers = [port for port in raw["ports"] if port["id"].startswith("p")]
    sender = rng.choice([*servers, None])
    version = rng.choice([4, 4, 6])
    target = rng.choice(servers)
    fixed = [f["ip_address"] for f in target["fixed_ips"] if (":" in f["ip_address"]) == (version == 6)]
    link = link_local(target["mac_address"])
    others = {
        4: ["169.254.169.254", "224.0.0.18", "224.0.0.251", "239.1.2.3", "255.255.255.255", "10.0.0.255", "8.8.8.8"],
        6: ["fe80::a9fe:a9fe", "ff02::1", "ff02::1:2", "ff05::2", link, link, "2001:4860::8"],
    }[version]
    known = fixed * 3 + [f["floating_ip_address"] for f in raw["floatingips"] if version == 4]
    dst = rng.choice([*known, *others])
    own = [f["floating_ip_address"] for f in raw["floatingips"] if sender and f["port_id"] == sender["id"]]
    if sender is target or dst in own or (sender is None and dst in others):
        return None
    if sender is None:
        src = {"ip": OUTSIDE if version == 4 else "2001:db8:ffff::7"}
    else:
        own = [f["ip_address"] for f in sender["fixed_ips"] if (":" in f["ip_address"]) == (version == 6)]
        own += [link_local(sender["mac_address"])] if version == 6 else []
        spare = ["0.0.0.0"] if version == 4 else ["::"]
        src = {"port": sender["id"], "ip": rng.choice([*own, *own, *(spare if dst in others else own)])}
    end = {"ip": dst}
    if rng.random() < 0.5 and (dst in fixed or dst == link or ipaddress.ip_address(dst).is_multicast):
        end["port"] = target["id"]
    protocol = rng.choice(["tcp", "udp", "icmp", 112, 0, 33, 47])
    packet = {"src": src, "dst": end, "protocol": protocol}
    if protocol in ("tcp", "udp", 33):
        packet |= {"dst_port": rng.choice([22, 67, 68, 80, 547, 5353]), "src_port": rng.choice([49152, 68, 67, 546])}
    if protocol == "icmp":
        packet |= {"icmp_type": rng.choice([8, 128, 133, 134, 135, 143, 0]), "icmp_code": 0}
    return packet


def link_local(mac):
    """The IPv6 link-local address of a MAC address, by RFC 4291's appendix A."""
    parts = [int(part, 16) for part in mac.split(":")]
    parts[0] ^= 2
    parts[3:3] = [0xFF, 0xFE]
    pairs = [f"{parts[i]:02x}{parts[i + 1]:02x}" for i in range(0, 8, 2)]
    return str(ipaddress.ip_address("fe80::" + ":".join(pairs)))


@pytest.mark.parametrize("profile", PROFILES)
def test_exposure_lists_exactly_the_packets_of_generated_clouds_that_the_probe_lets_through(profile):
    counts = {"allow": 0, "deny": 0, "no-route": 0}
    for seed in range(40):
        rng = random.Random(seed)
        raw = a_cloud(rng)
        engine = Engine(build_snapshot(raw), profile)
        packets = [packet for _ in range(30) if (packet := a_packet(rng, raw))]
        for packet in packets:
            assert disagreement(engine, raw, packet) is None, seed
            counts[probe(engine, packet)["verdict"]] += 1
    assert min(counts.values()) > 50, counts
