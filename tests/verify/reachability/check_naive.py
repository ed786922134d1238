"""The engine against the naive cloud: `python -m tests.verify.reachability.check_naive --packets 1000000`.

Random clouds under all three back ends, packets aimed at rule edges; every hundredth packet is also looked up in the
exposure's boxes. Prints one JSON line; exit code 1 where anything differs.
"""

import argparse
import ipaddress as ip
import itertools
import json
import sys
import time

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.exposure import exposure
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.snapshot import build_snapshot

from .naive import Cloud
from .random_clouds import OUTSIDE, PROFILES, Aim, make


def run(packets, seed=0, per_cloud=200, seconds=None, boxes=100):
    """Compare until `packets` were compared or `seconds` are over; returns counts and the first differences.

    Every `boxes`th packet is also looked up in the exposure's boxes.
    """
    told = {"packets": 0, "clouds": 0, "allow": 0, "deny": 0, "no-route": 0, "boxes": 0, "mismatches": []}
    started = time.monotonic()
    for number in itertools.count(seed):
        raw = make(number)
        snapshot = build_snapshot(raw)
        for profile in PROFILES:
            _one(raw, snapshot, profile, number, per_cloud, told, boxes)
        told["clouds"] += 1
        late = seconds is not None and time.monotonic() - started > seconds
        if told["packets"] >= packets or late or len(told["mismatches"]) >= 5:
            told["seconds"] = round(time.monotonic() - started, 1)
            return told
    return None


def _one(raw, snapshot, profile, number, per_cloud, told, boxes):
    engine, naive, aim = Engine(snapshot, profile), Cloud(raw, profile), Aim(raw, number)
    for count in range(per_cloud):
        made = aim.packet()
        if made is None:
            continue
        packet, asked = made
        try:
            expected = naive.ask(packet)
        except LookupError as error:
            if str(error) != "router itself":
                raise
            continue
        answer = probe(engine, asked)
        found = (answer["verdict"], answer["forward"], answer["reply"])
        told["packets"] += 1
        told[expected[0]] += 1
        if found != expected:
            told["mismatches"].append(
                {"seed": number, "profile": profile, "packet": asked, "naive": expected, "engine": found}
            )
            return
        if boxes and not count % boxes and (packet["sender"] is None or count < 100):
            told["boxes"] += 1
            if not _in_boxes(engine, packet, answer):
                told["mismatches"].append({"seed": number, "profile": profile, "packet": asked, "boxes": found})
                return


def _in_boxes(engine, packet, answer):
    """Whether the exposure says the same of a packet as the probe."""
    version = packet["dst"].version
    if packet["sender"] is None:
        source = f"{packet['src']}/{32 if version == 4 else 128}"
    else:
        source = f"port:{packet['sender']}"
        port = engine.snapshot.ports[packet["sender"]]
        singles = {p.span[0] for p in port.pairs if p.span[0] == p.span[1]}
        if int(packet["src"]) not in {a.number for a in port.addresses} | singles:
            return True
    there = [step for step in answer["steps"] if not step.get("reply")]
    ends_at_port = any(s["layer"] == "security-group" and s["direction"] == "ingress" for s in there)
    if (
        answer["forward"] == "allow"
        and not ends_at_port
        and (packet["sender"] is None or str(packet["dst"]) not in OUTSIDE)
    ):
        return True
    floating = engine.world.floating.get((version, int(packet["dst"])))
    if floating is not None and packet["sender"] in (floating.port_id, *(one.port_id for one in floating.forwardings)):
        return True
    own = engine.snapshot.ports[packet["sender"]].pairs if packet["sender"] is not None else ()
    if any(pair.version == version and pair.span[0] == int(packet["dst"]) for pair in own):
        return True
    wide = [pair for port in engine.snapshot.ports.values() for pair in port.pairs if pair.span[0] != pair.span[1]]
    if any(pair.version == version and pair.span[0] <= int(packet["dst"]) <= pair.span[1] for pair in wide):
        return True
    known = any(low <= int(packet["dst"]) <= high for low, high in engine.world.inside[version])
    side_roads = any(router.routes for router in engine.snapshot.routers.values())
    side_roads = side_roads or any(subnet.host_routes for subnet in engine.snapshot.subnets.values())
    if not known and (side_roads or str(packet["dst"]) not in OUTSIDE):
        return True
    target = f"port:{packet['port']}" if packet["port"] else None if known else "internet"
    entries = exposure(engine, source, target)
    if packet["port"] is None:
        entries = _where_it_ends(entries, there)
    found = [box for entry in entries for box in entry["boxes"] if holds(box, packet, packet["sender"] is None)]
    arrives = answer["forward"] == "allow"
    if len(found) > 1:
        return False
    if not found:
        return not arrives
    return arrives and found[0]["reply"] == answer["reply"]


def _where_it_ends(entries, there):
    """Of several servers that share an address by their pairs each is told of; a packet ends at one."""
    ends = {step["port_id"] for step in there if step["layer"] == "security-group" and step["direction"] == "ingress"}
    mine = [entry for entry in entries if entry["port"] in ends]
    return mine or entries


def holds(box, packet, outside=True):
    """Whether a written box holds a packet."""
    kind = box["protocol"]
    names = {"tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58, "sctp": 132}
    if kind != "any":
        low, _, high = str(names.get(kind, kind)).partition("-")
        if not int(low) <= packet["protocol"] <= int(high or low):
            return False
    if not any(_in(text, packet["src"]) for text in box["src"]) or not any(
        _in(text, packet["dst"]) for text in box["dst"]
    ):
        return False
    pairs = [("icmp_type", "type"), ("icmp_code", "code")]
    if packet["protocol"] in (6, 17, 33, 132, 136):
        pairs = [("dst_port", "dst_port"), ("src_port", "src_port")]
    for key, field in pairs:
        if key in box and packet[field] is not None:
            low, _, high = box[key].partition("-")
            if not int(low) <= packet[field] <= int(high):
                return False
    return True


def _in(text, address):
    low, dash, high = text.partition("-")
    if dash:
        first, last = ip.ip_address(low), ip.ip_address(high)
        return first.version == address.version and first <= address <= last
    return address in ip.ip_network(text)


def main():
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--boxes", type=int, default=100, help="look up every so many packets in the exposure")
    asked = parser.parse_args()
    told = run(asked.packets, asked.seed, seconds=asked.seconds, boxes=asked.boxes)
    sys.stdout.write(json.dumps(told, default=str) + "\n")
    return 1 if told["mismatches"] else 0


if __name__ == "__main__":
    sys.exit(main())
