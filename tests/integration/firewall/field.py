"""Two servers on two networks behind one router with a firewall group of its own, and who sends packets between them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openstack

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.firewall.neutron import GROUPS, POLICIES, RULES
from tests.integration.by_hand import Hand
from tests.integration.firewall.conftest import log_in

PROJECT = Path(__file__).resolve().parents[3]
STATION = Path(__file__).with_name("station.py")
PATIENCE = 90.0
NETS = {"left": "10.88.1.0/24", "right": "10.88.2.0/24"}
#: The outside's own address, see docs/sandbox.md.
OUTSIDE = "203.0.113.1"

Json = dict[str, Any]


class Station:
    """A running station.py; `place` is words of `python -m sandbox`."""

    def __init__(self, place: Sequence[str]) -> None:
        words = [sys.executable, "-m", "sandbox", *place, "--", "/usr/bin/python3", str(STATION)]
        self.process = subprocess.Popen(
            words, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self._line() == "ready"

    def say(self, *words: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def report(self) -> dict[str, dict[int, list[float]]]:
        self.say("report")
        told = json.loads(self._line())
        return {what: {int(key): value for key, value in rows.items()} for what, rows in told.items()}

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@dataclass
class Field:
    """`address` of both servers, `floating` of the left one; `port` ids; `group` is the firewall group's name."""

    owner: Cloud
    prefix: str
    group: str = ""
    router: str = ""
    address: dict[str, str] = field(default_factory=dict)
    port: dict[str, str] = field(default_factory=dict)
    floating: str = ""
    stations: dict[str, Station] = field(default_factory=dict)


@contextmanager
def field_of(prefix: str) -> Iterator[Field]:
    """It stands, and everything of it goes again, also after a build that broke off."""
    sdk, made = openstack.connect(cloud="owner", api_timeout=60), Field(log_in(), prefix)
    with ExitStack() as last:
        last.callback(_clear, sdk, prefix)
        _build(sdk, made)
        for name, place in (("left", ["inside", f"{prefix}-left"]), ("right", ["inside", f"{prefix}-right"])):
            made.stations[name] = Station(place)
            last.callback(made.stations[name].close)
        made.stations["outside"] = Station(["outside"])
        last.callback(made.stations["outside"].close)
        yield made


def _build(sdk: Any, made: Field) -> None:
    n, c, prefix = sdk.network, sdk.compute, made.prefix
    external = n.find_network("EXT-NET")
    router = n.create_router(name=f"{prefix}-router", external_gateway_info={"network_id": external.id})
    made.router = router.id
    groups = {}
    for name in NETS:
        groups[name] = n.create_security_group(name=f"{prefix}-{name}").id
    n.create_security_group_rule(security_group_id=groups["left"], direction="ingress")
    # The other layer has a say, too: nothing but these two enters the right server.
    for protocol in ("tcp", "udp"):
        n.create_security_group_rule(
            security_group_id=groups["right"], direction="ingress", protocol=protocol, port_range_min=1,
            port_range_max=1600,
        )  # fmt: skip
    servers = []
    for name, cidr in NETS.items():
        network = n.create_network(name=f"{prefix}-{name}")
        subnet = n.create_subnet(name=f"{prefix}-{name}", network_id=network.id, cidr=cidr, ip_version=4)
        n.add_interface_to_router(router, subnet_id=subnet.id)
        port = n.create_port(name=f"{prefix}-{name}", network_id=network.id, security_group_ids=[groups[name]])
        made.port[name], made.address[name] = port.id, port.fixed_ips[0]["ip_address"]
        image, flavor = sdk.image.find_image("debian-12"), c.find_flavor("small")
        servers.append(
            c.create_server(
                name=f"{prefix}-{name}", image_id=image.id, flavor_id=flavor.id, networks=[{"port": port.id}]
            )
        )
    made.floating = n.create_ip(
        floating_network_id=external.id, port_id=made.port["left"], description=prefix
    ).floating_ip_address
    for server in servers:
        c.wait_for_server(server, wait=int(PATIENCE), interval=0.5)
    ports = [one.id for one in n.ports(device_id=router.id, device_owner="network:router_interface")]
    made.group = f"{prefix}-fw"
    Hand(made.owner).post("network", GROUPS, {"firewall_group": {"name": made.group, "ports": ports}})


def _clear(sdk: Any, prefix: str) -> None:
    n, c, hand = sdk.network, sdk.compute, Hand(log_in())
    for group in [one for one in n.firewall_groups() if one.name == f"{prefix}-fw"]:
        hand.put("network", f"{GROUPS}/{group.id}", {"firewall_group": {"ports": []}})
        hand.delete("network", f"{GROUPS}/{group.id}")
    for policy in [one for one in n.firewall_policies() if one.name.startswith(prefix)]:
        hand.delete("network", f"{POLICIES}/{policy.id}")
    for rule in [one for one in n.firewall_rules() if (one.name or "").startswith(prefix)]:
        hand.delete("network", f"{RULES}/{rule.id}")
    for ip in list(n.ips(description=prefix)):
        n.delete_ip(ip)
    servers = [one for one in c.servers() if one.name.startswith(f"{prefix}-")]
    for server in servers:
        c.delete_server(server)
    for server in servers:
        c.wait_for_delete(server, wait=int(PATIENCE), interval=0.5)
    for port in [one for one in n.ports() if one.name.startswith(f"{prefix}-")]:
        n.delete_port(port)
    for router in [one for one in n.routers() if one.name == f"{prefix}-router"]:
        for port in list(n.ports(device_id=router.id, device_owner="network:router_interface")):
            n.remove_interface_from_router(router, port_id=port.id)
        n.delete_router(router)
    for network in [one for one in n.networks() if one.name.startswith(f"{prefix}-")]:
        n.delete_network(network)
    for security in [one for one in n.security_groups() if one.name.startswith(f"{prefix}-")]:
        n.delete_security_group(security)


def settle() -> None:
    """Long enough for an answer that is on its way; no state tells of a packet that was dropped."""
    time.sleep(0.5)
