"""Random drafts on random clouds: what a preview says is gained and lost is what probes say before and after."""

import ipaddress
import json
import random
from dataclasses import replace

import pytest

from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.model import Draft, Policy, Rule
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.preview import preview
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.substitute import substitute
from tenant_ops_dashboard.reachability.diff import diff
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.probe import probe
from tests.unit.reachability.cloudmaker import EVERYTHING, Cloud, allow
from tests.verify.reachability import random_clouds

PREFIXES = [None, None, "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.2.10", "198.51.100.0/25", "203.0.113.0/24"]
PORTS = [None, "80", "1521", "1024:65535", "443:1521"]
HOLDS = {"ovn": ["r1-dmz", "r1-db"], "l3-agent": ["r1-dmz", "r1-db"], "l2-agent": ["app", "data"]}
OUTSIDE = ["198.51.100.7", "198.51.100.200", "192.0.2.1"]


def cloud(rng):
    """Two routers: r1 with dmz and db, r2 with lab; a floating address on either side; one stateless or narrow group."""
    made = Cloud()
    made.group("open", *EVERYTHING)
    made.group("narrow", allow("ingress", "tcp", 80), allow("egress"), stateful=rng.random() < 0.6)
    made.network("ext", "203.0.113.0/24", external=True)
    for name, number in (("dmz", 1), ("db", 2), ("lab", 3)):
        made.network(name, f"10.0.{number}.0/24")
    made.router("r1", ("dmz", "10.0.1.1"), ("db", "10.0.2.1"), external="ext", address="203.0.113.2")
    made.router("r2", ("lab", "10.0.3.1"), external="ext", address="203.0.113.3")
    for name, network, address in (
        ("app", "dmz", "10.0.1.10"), ("web", "dmz", "10.0.1.11"), ("data", "db", "10.0.2.10"), ("test", "lab", "10.0.3.10"),
    ):  # fmt: skip
        made.port(name, network, address, groups=[rng.choice(["open", "open", "narrow"])])
    made.floating("203.0.113.10", "app", "10.0.1.10", router_id="r1")
    made.floating("203.0.113.11", "test", "10.0.3.10", router_id="r2")
    sides = {side: [rule(rng) for _ in range(rng.randrange(7))] for side in ("ingress", "egress")}
    profile = rng.choice(["ovn", "ovn", "l3-agent", "l2-agent"])
    made.firewall("fw", rng.choice([list(HOLDS[profile]), [HOLDS[profile][1]]]), **sides)
    if rng.random() < 0.3:
        made.firewall("other", ["r2-lab"], ingress=[rule(rng)], egress=[{"action": "allow"}])
    made.raw["meta"] = {"profile": profile}
    return made.raw


def rule(rng):
    protocol = rng.choice(["tcp", "tcp", "udp", "icmp", None])
    ports = [rng.choice(PORTS) if protocol in ("tcp", "udp") else None for _ in range(2)]
    return {
        "action": rng.choice(["allow", "allow", "deny"]), "protocol": protocol, "enabled": rng.random() < 0.9,
        "source_ip_address": rng.choice(PREFIXES), "destination_ip_address": rng.choice(PREFIXES),
        "source_port": rng.choice([None, None, ports[0]]), "destination_port": ports[1],
    }  # fmt: skip


def edited(rng, draft, profile):
    """The draft with one to three changes."""
    state = draft.state
    for _ in range(rng.choice([1, 1, 2, 3])):
        side = rng.choice(["ingress", "egress"])
        policy = state.policy(side) or Policy(None, side, ())
        rules = list(policy.rules)
        place = rng.randrange(len(rules)) if rules else 0
        match rng.choice(["add", "add", "remove", "move", "edit", "policy", "ports"]):
            case "remove" if rules:
                rules.pop(place)
            case "move" if rules:
                rules.insert(rng.randrange(len(rules)), rules.pop(place))
            case "edit" if rules:
                rules[place] = replace(Rule(**rule(rng)), id=rules[place].id)
            case "policy" if rng.random() < 0.4:
                state = replace(state, **{side: None})
                continue
            case "ports" if rng.random() < 0.6:
                ports = tuple(rng.sample(HOLDS[profile], rng.randrange(3)))
                state = replace(state, group=replace(state.group, ports=ports))
                continue
            case _:
                rules.insert(place, Rule(**rule(rng)))
        state = replace(state, **{side: replace(policy, rules=tuple(rules))})
    return Draft(state, draft.base)


def packets(rng, count):
    """Packets between ports and from and to the outside, at ports that rules name and beside them."""
    ends = {
        "app": ["10.0.1.10", "203.0.113.10"],
        "web": ["10.0.1.11"],
        "data": ["10.0.2.10"],
        "test": ["10.0.3.10", "203.0.113.11"],
    }
    for _ in range(count):
        sender, target = rng.sample([*ends, None], 2)
        src = {"ip": rng.choice(OUTSIDE)} if sender is None else {"port": sender, "ip": ends[sender][0]}
        dst = {"ip": rng.choice(OUTSIDE)} if target is None else {"port": target, "ip": rng.choice(ends[target])}
        protocol = rng.choice(["tcp", "tcp", "udp", "icmp", 47])
        packet = {"src": src, "dst": dst, "protocol": protocol}
        if protocol == "icmp":
            packet |= {"icmp_type": rng.choice([8, 0, 3]), "icmp_code": 0}
        elif protocol != 47:
            packet |= {
                "dst_port": rng.choice([80, 1521, 443, 22, 5000]),
                "src_port": rng.choice([49152, 80, 1521, 1000]),
            }
        yield packet


def all_of(found):
    """What a preview says, as the comparison of whole snapshots would."""
    return {side: sorted(bare(one["port"], one) for one in getattr(found.traffic, side)) for side in ("gained", "lost")}


def whole(before, after):
    """Everything compared with everything."""
    entries = diff(before, after)
    return {
        side: sorted(bare(entry["port"], box) for entry in entries for box in entry[side])
        for side in ("gained", "lost")
    }


def bare(port, box):
    return json.dumps([port, {key: value for key, value in box.items() if key not in ("from", "port", "name")}])


def worth(engine, packet):
    """0: it does not arrive; 1: it arrives and no answer comes back; 2: all is well."""
    answer = probe(engine, packet)
    if answer["forward"] != "allow" or any("ends at port" in one for one in answer["unknown"]):
        return 0
    return 1 if answer["reply"] == "deny" else 2


def inside(box, packet):
    if (box["port"], box["from"]) != (packet["dst"].get("port"), packet["src"].get("port")):
        return False
    protocol = {"tcp": 6, "udp": 17, "icmp": 1}.get(packet["protocol"], packet["protocol"])
    if not holds_protocol(box["protocol"], protocol):
        return False
    if not all(any(holds(span, packet[end]["ip"]) for span in box[end]) for end in ("src", "dst")):
        return False
    fields = ("icmp_type", "icmp_code") if "icmp_type" in box else ("dst_port", "src_port")
    return all(between(box[name], packet.get(name, 0)) for name in fields)


def holds_protocol(text, number):
    if text == "any":
        return True
    if text in ("tcp", "udp", "icmp", "sctp", "ipv6-icmp"):
        return {"tcp": 6, "udp": 17, "icmp": 1, "sctp": 132, "ipv6-icmp": 58}[text] == number
    return between(text, number)


def between(text, number):
    low, _, high = text.partition("-")
    return int(low) <= number <= int(high or low)


def holds(text, address):
    number = int(ipaddress.ip_address(address))
    if "-" in text:
        low, high = (int(ipaddress.ip_address(one)) for one in text.split("-"))
        return low <= number <= high
    network = ipaddress.ip_network(text)
    return int(network.network_address) <= number <= int(network.broadcast_address)


@pytest.mark.parametrize("seed", range(24))
def test_gained_and_lost_are_what_probes_say(seed):
    rng = random.Random(seed)
    seen = Seen(cloud(rng))
    draft = edited(rng, read.draft(seen, "fw"), seen.engine.profile)
    found = preview(Ends(seen, Names(None)), draft, read.find(seen, "fw"), findings=False)
    after = Engine(substitute(seen, draft.state, read.find(seen, "fw")).after)
    assert not any("too complex" in one for one in found.traffic.unknown)
    assert all_of(found) == whole(seen.engine, after)
    for packet in packets(rng, 80):
        was, now = worth(seen.engine, packet), worth(after, packet)
        told = {
            name: any(inside(box, packet) for box in getattr(found.traffic, name))
            for name in ("gained", "lost", "breaks_replies")
        }
        assert told == {"gained": now > was, "lost": now < was, "breaks_replies": (was, now) == (2, 1)}, packet


def varied(seed):
    """A random cloud with all that Neutron has, one of its groups, and a draft of it; None where it has no group."""
    rng = random.Random(seed)
    seen = Seen({**random_clouds.make(seed), "meta": {"profile": random_clouds.PROFILES[seed % 3]}})
    if not seen.rows("firewall_groups"):
        return None
    group = rng.choice(seen.rows("firewall_groups"))
    draft = read.draft(seen, group["id"])
    side = rng.choice(["ingress", "egress"])
    policy = draft.state.policy(side)
    rules = list(policy.rules if policy else ())
    more = [replace(one, id=None, action=rng.choice(["allow", "deny"])) for one in seen.rules.values()]
    place = rng.randrange(len(rules) + 1)
    rules[place : place + rng.randrange(2)] = rng.sample(more, min(len(more), rng.randrange(3)))
    state = replace(draft.state, **{side: Policy(None, side, tuple(rules))})
    return seen, group, Draft(state, draft.base)


def test_only_what_can_differ_is_compared_and_that_is_all_that_differs():
    changes = 0
    for seed in range(40):
        made = varied(seed)
        if made is None:
            continue
        seen, group, draft = made
        found = all_of(preview(Ends(seen, Names(None)), draft, group, findings=False))
        wanted = whole(seen.engine, Engine(substitute(seen, draft.state, group).after))
        assert found == wanted, seed
        changes += bool(wanted["gained"] or wanted["lost"])
    assert changes > 2
