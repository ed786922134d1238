"""Random intents on random clouds: a witness shows what it says, and no probe contradicts a promise that holds."""

import ipaddress
import random

import pytest

from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.intents import check, parse
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tests.unit.firewall.test_preview_random import OUTSIDE, cloud, worth

PORTS = {"app": "10.0.1.10", "web": "10.0.1.11", "data": "10.0.2.10", "test": "10.0.3.10"}
PUBLIC = {"app": "203.0.113.10", "test": "203.0.113.11"}
ENDS = {
    "internet": [], "198.51.100.0/25": [], "port:app": ["app"], "port:data": ["data"], "network:dmz": ["app", "web"],
    "network:lab": ["test"], "10.0.1.0/24": ["app", "web"], "10.0.0.0/16": list(PORTS),
}  # fmt: skip


def senders(text):
    """Ends of packets as a probe takes them."""
    found = [{"port": one, "ip": PORTS[one]} for one in ENDS[text]]
    outside = {"internet": OUTSIDE, "198.51.100.0/25": OUTSIDE[:1]}.get(text, [])
    return [*found, *({"ip": one} for one in outside)]


def places(text):
    """Of each target the addresses by which it can be asked for."""
    found = [[{"port": one, "ip": ip} for ip in (PORTS[one], PUBLIC.get(one)) if ip] for one in ENDS[text]]
    return [*found, *([end] for end in senders(text) if "port" not in end)]


def packets(rng, wish):
    """Packets of the set of an intent: (all that ask one target for one thing)."""
    protocols = [wish["protocol"]] if wish["protocol"] else ["tcp", "udp", 47]
    for src in senders(wish["from"]):
        for target in places(wish["to"]):
            if any(src.get("port") == one.get("port", "") for one in target) or (
                "port" not in src and "port" not in target[0]
            ):
                continue
            for protocol in protocols:
                header = {"src": src, "protocol": protocol}
                if protocol in ("tcp", "udp"):
                    ports = [80] if wish["dst_port"] == "80" else [80, 1521]
                    header |= {"dst_port": rng.choice(ports), "src_port": rng.choice([1024, 49152])}
                elif protocol == "icmp":
                    header["icmp_type"] = rng.choice([8, 3])
                yield [{**header, "dst": one} for one in target]


@pytest.mark.parametrize("seed", range(12))
def test_no_probe_contradicts_an_intent(seed):
    rng = random.Random(seed)
    ends = Ends(Seen(cloud(rng)), Names(None))
    for _ in range(12):
        protocol = rng.choice(["tcp", "udp", "icmp", None])
        wish = {
            "expect": rng.choice(["deny", "allow"]), "from": rng.choice(list(ENDS)), "to": rng.choice(list(ENDS)),
            "protocol": protocol, "dst_port": rng.choice([None, "80"]) if protocol in ("tcp", "udp") else None,
        }  # fmt: skip
        (judged,) = check(ends.engine, parse([wish]), ends)
        found = judged.found
        if found.because.startswith("Both ends are outside"):
            assert found.holds is None and {wish["from"], wish["to"]} <= {"internet", "198.51.100.0/25"}, (wish, found)
            continue
        assert found.holds is not None, (wish, found)
        if found.holds:
            for asked in packets(rng, wish):
                fates = [worth(ends.engine, one) for one in asked]
                assert (max(fates) == 0) if wish["expect"] == "deny" else (max(fates) == 2), (wish, asked)
        elif found.witness is not None:
            assert ipaddress.ip_address(found.witness["src"]["ip"])
            fate = worth(ends.engine, found.witness)
            assert fate > 0 if wish["expect"] == "deny" else fate < 2, (wish, found)
