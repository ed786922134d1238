"""A DMZ with two servers and a database network behind one router, made for these tests and taken away again."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openstack
import pytest

PROJECT = Path(__file__).resolve().parents[3]
PATIENCE = 90


def sandbox(*words: str, timeout: float = 60) -> str:
    """Runs `python -m sandbox …` and gives what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", *words], cwd=PROJECT, capture_output=True, text=True, timeout=timeout
    )
    return done.stdout.strip()


def until(test: Any, what: str) -> None:
    """Waits for a state; a slow machine only takes longer."""
    end = time.monotonic() + PATIENCE
    while not test():
        assert time.monotonic() < end, f"{what} did not happen within {PATIENCE} s"
        time.sleep(0.3)


def get(place: list[str], url: str) -> str:
    """What a curl from there prints, or 'nothing' when no answer comes within three seconds."""
    return sandbox(*place, "--", "curl", "-s", "-m", "3", url) or "nothing"


def tcp(place: list[str], address: str, port: int) -> bool:
    """Whether a TCP connection from there is taken."""
    script = f"import socket; socket.create_connection(('{address}', {port}), 3); print('open')"
    return sandbox(*place, "--", "/usr/bin/python3", "-c", script) == "open"


OUTSIDE = ["outside"]


def inside(name: str) -> list[str]:
    return ["inside", name]


@dataclass
class Lab:
    """The servers' fixed addresses by name, their groups, the router and its ports."""

    cloud: Any
    prefix: str
    address: dict[str, str] = field(default_factory=dict)
    port: dict[str, Any] = field(default_factory=dict)
    group: dict[str, Any] = field(default_factory=dict)
    server: dict[str, Any] = field(default_factory=dict)
    subnet: dict[str, Any] = field(default_factory=dict)
    router: Any = None

    def name(self, word: str) -> str:
        return f"{self.prefix}-{word}"

    def router_ports(self) -> list[str]:
        found = self.cloud.network.ports(device_id=self.router.id, device_owner="network:router_interface")
        return [p.id for p in found]


@pytest.fixture(scope="session")
def cloud():
    return openstack.connect(cloud="owner", api_timeout=60)


@pytest.fixture(scope="session")
def lab(cloud):
    made = Lab(cloud, f"packets-{time.monotonic_ns() % 10**6}")
    try:
        build(made)
        yield made
    finally:
        clear(made)


def build(lab: Lab) -> None:
    n, c = lab.cloud.network, lab.cloud.compute
    external = n.find_network("EXT-NET")
    lab.router = n.create_router(name=lab.name("router"), external_gateway_info={"network_id": external.id})
    for word, cidr in (("dmz", "10.77.1.0/24"), ("db", "10.77.2.0/24")):
        network = n.create_network(name=lab.name(word))
        lab.subnet[word] = n.create_subnet(name=lab.name(word), network_id=network.id, cidr=cidr, ip_version=4)
        n.add_interface_to_router(lab.router, subnet=lab.subnet[word].id)
    for word in ("app", "database"):
        lab.group[word] = n.create_security_group(name=lab.name(word))
    n.create_security_group_rule(
        security_group_id=lab.group["app"].id,
        direction="ingress",
        protocol="tcp",
        port_range_min=8080,
        port_range_max=8080,
    )
    n.create_security_group_rule(
        security_group_id=lab.group["database"].id, direction="ingress", protocol="tcp",
        port_range_min=1521, port_range_max=1521, remote_group_id=lab.group["app"].id,
    )  # fmt: skip
    image, flavor = lab.cloud.image.find_image("debian-12"), c.find_flavor("small")
    plan = [
        ("app-1", "dmz", "app", "http:8080"),
        ("app-2", "dmz", "app", "http:8080"),
        ("db-1", "db", "database", "tcp:1521"),
        ("other", "dmz", None, "tcp:22"),
    ]
    for word, network, group, listen in plan:
        groups = [lab.group[group].id] if group else []
        port = n.create_port(name=lab.name(word), network_id=lab.subnet[network].network_id, security_group_ids=groups)
        if not groups:
            port = n.update_port(port, security_group_ids=[n.create_security_group(name=lab.name(word)).id])
        lab.port[word], lab.address[word] = port, port.fixed_ips[0]["ip_address"]
        lab.server[word] = c.create_server(
            name=lab.name(word), image_id=image.id, flavor_id=flavor.id, networks=[{"port": port.id}],
            metadata={"sandbox:listen": listen},
        )  # fmt: skip
    for server in lab.server.values():
        c.wait_for_server(server, wait=PATIENCE, interval=0.5)


def clear_firewall(lab: Lab) -> None:
    """Ports first: a group that has some cannot be deleted."""
    n = lab.cloud.network
    for group in [g for g in n.firewall_groups() if g.name.startswith(lab.prefix)]:
        n.update_firewall_group(group, ports=[])
        until(lambda g=group: n.get_firewall_group(g).status != "PENDING_UPDATE", "the firewall group's update")
        n.delete_firewall_group(group)
    for policy in [p for p in n.firewall_policies() if p.name.startswith(lab.prefix)]:
        n.delete_firewall_policy(policy)
    for rule in [r for r in n.firewall_rules() if (r.name or "").startswith(lab.prefix)]:
        n.delete_firewall_rule(rule)


def clear(lab: Lab) -> None:
    """Takes away whatever was made, also after a build that broke off."""
    n, c, o = lab.cloud.network, lab.cloud.compute, lab.cloud.load_balancer
    clear_firewall(lab)
    for balancer in [b for b in o.load_balancers() if b.name.startswith(lab.prefix)]:
        o.delete_load_balancer(balancer.id, cascade=True)
        until(lambda b=balancer: o.find_load_balancer(b.id) is None, "the load balancer's end")
    for ip in list(n.ips(description=lab.prefix)):
        n.delete_ip(ip)
    for server in lab.server.values():
        c.delete_server(server)
    for server in lab.server.values():
        c.wait_for_delete(server, interval=0.5, wait=PATIENCE)
    for port in lab.port.values():
        n.delete_port(port)
    if lab.router:
        for subnet in lab.subnet.values():
            n.remove_interface_from_router(lab.router, subnet=subnet.id)
        n.delete_router(lab.router)
    for subnet in lab.subnet.values():
        n.delete_network(subnet.network_id)
    for group in [g for g in n.security_groups() if g.name.startswith(lab.prefix)]:
        n.delete_security_group(group)
