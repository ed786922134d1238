"""Random ordered policies: addresses of every prefix length, ports and ranges, some fields open.

`policy` is hard for everybody; `towards` has few destinations and half of its sources open: reading weighs more.
"""

import ipaddress
import random
from typing import Any


def policy(count: int, seed: int) -> list[dict[str, Any]]:
    """`count` rules as Neutron lists them."""
    rng = random.Random(seed)
    return [_rule(rng, index) for index in range(count)]


def towards(count: int, seed: int) -> list[dict[str, Any]]:
    """`count` rules as Neutron lists them, towards one /16 from anywhere."""
    rng = random.Random(seed)
    return [_toward(rng, index) for index in range(count)]


def _toward(rng: random.Random, index: int) -> dict[str, Any]:
    protocol = rng.choice(["tcp", "tcp", "udp", "icmp"])
    source = f"10.{rng.randrange(256)}.{rng.randrange(256)}.0/{rng.choice([16, 24, 32])}"
    target = ipaddress.ip_network((10 << 24 | rng.getrandbits(16), rng.choice([24, 26, 28, 32])), strict=False)
    return {
        "id": f"r{index}", "action": rng.choice(["allow", "deny"]), "enabled": True, "ip_version": 4,
        "protocol": protocol,
        "source_ip_address": source if rng.random() < 0.5 else None, "destination_ip_address": str(target),
        "source_port": None, "destination_port": _ports(rng) if protocol != "icmp" and rng.random() < 0.8 else None,
    }  # fmt: skip


def _rule(rng: random.Random, index: int) -> dict[str, Any]:
    protocol = rng.choice(["tcp", "tcp", "tcp", "udp", "udp", "icmp"])
    ported = protocol != "icmp"
    return {
        "id": f"r{index}", "action": rng.choice(["allow", "deny"]), "enabled": True, "ip_version": 4,
        "protocol": protocol,
        "source_ip_address": _network(rng), "destination_ip_address": _network(rng),
        "source_port": _ports(rng) if ported and rng.random() < 0.15 else None,
        "destination_port": _ports(rng) if ported and rng.random() < 0.85 else None,
    }  # fmt: skip


def _network(rng: random.Random) -> str | None:
    if rng.random() < 0.1:
        return None
    length = rng.choice([16, 20, 24, 24, 24, 26, 28, 32, 32])
    return str(ipaddress.ip_network((10 << 24 | rng.getrandbits(24), length), strict=False))


def _ports(rng: random.Random) -> str:
    low = rng.choice([22, 53, 80, 443, 1521, rng.randrange(65536), rng.randrange(65536)])
    return str(low) if rng.random() < 0.5 else f"{low}:{min(65535, low + rng.randrange(4000))}"
