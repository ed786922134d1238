"""The engine against the L3 agent's own iptables driver, with real TCP and UDP in network namespaces.

Needs root, iptables, and Python with neutron and neutron-fwaas:
`python -m tests.verify.reachability.check_l3_agent --configurations 200`. Makes and removes namespaces `tosv-…`.
Configurations have one to three firewall groups on one router: several ports a group, groups administratively down,
disabled rules, empty and missing policies. Prints one JSON line; exit code 1 where anything differs.
"""

import argparse
import contextlib
import ctypes
import errno
import json
import os
import random
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from neutron import privileged
from neutron.agent.linux import iptables_manager
from neutron_fwaas.services.firewall.service_drivers.agents.drivers import conntrack_base
from neutron_fwaas.services.firewall.service_drivers.agents.drivers.linux import iptables_fwaas_v2
from oslo_concurrency import lockutils

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.snapshot import build_snapshot

from .stored import stored

ROUTER = "tosv-r"
NETS = ("a", "b", "c")
PORTS = (22, 80, 443, 1521)
WAIT = 0.4


def port_id(net):
    """The router port of a network: its interface is qr- and the first eleven characters."""
    return f"{net * 8}-{net * 4}-4000-8000-{net * 12}"


def address(net, host=10):
    return f"10.77.{NETS.index(net)}.{host}"


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def namespaces():
    """The router's namespace and one of a server for each network."""
    names = [ROUTER, *(f"tosv-{net}" for net in NETS)]
    try:
        for name in names:
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "netns", "exec", ROUTER, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for net in NETS:
            device = f"qr-{port_id(net)}"[:14]
            run(
                "ip",
                "-n",
                ROUTER,
                "link",
                "add",
                device,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                f"tosv-{net}",
            )
            run("ip", "-n", ROUTER, "addr", "add", f"{address(net, 1)}/24", "dev", device)
            run("ip", "-n", ROUTER, "link", "set", device, "up")
            run("ip", "-n", f"tosv-{net}", "addr", "add", f"{address(net)}/24", "dev", "eth0")
            run("ip", "-n", f"tosv-{net}", "link", "set", "eth0", "up")
            run("ip", "-n", f"tosv-{net}", "route", "add", "default", "via", address(net, 1))
        yield
    finally:
        for name in names:
            subprocess.run(("ip", "netns", "del", name), check=False, capture_output=True)


@contextlib.contextmanager
def inside(name):
    """Make sockets in a namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/var/run/netns", name).open() as there, Path("/proc/self/ns/net").open() as here:
        if libc.setns(there.fileno(), 0):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        try:
            yield
        finally:
            libc.setns(here.fileno(), 0)


class Servers:
    """Answers TCP and UDP on every port of every network."""

    def __init__(self):
        self.select = selectors.DefaultSelector()
        for net in NETS:
            with inside(f"tosv-{net}"):
                for port in PORTS:
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        one = socket.socket(socket.AF_INET, kind)
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                        one.bind((address(net), port))
                        one.setblocking(False)
                        if kind == socket.SOCK_STREAM:
                            one.listen(64)
                        self.select.register(one, selectors.EVENT_READ, kind)

    def serve(self, seconds):
        """Answer for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in self.select.select(min(left, 0.05)):
                if key.data == socket.SOCK_STREAM:
                    key.fileobj.accept()[0].close()
                else:
                    text, who = key.fileobj.recvfrom(64)
                    with contextlib.suppress(OSError):
                        key.fileobj.sendto(text, who)


def send(packets, servers):
    """Send all packets at once; returns which of them were answered."""
    waiting, answered = {}, [False] * len(packets)
    for index, packet in enumerate(packets):
        kind = socket.SOCK_STREAM if packet["protocol"] == "tcp" else socket.SOCK_DGRAM
        with inside(f"tosv-{packet['from']}"):
            one = socket.socket(socket.AF_INET, kind)
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((address(packet["from"]), packet["src_port"]))
        target = (address(packet["to"]), packet["dst_port"])
        if kind == socket.SOCK_STREAM:
            one.connect_ex(target)
        else:
            with contextlib.suppress(OSError):
                one.sendto(b"?", target)
        waiting[index] = one
    servers.serve(WAIT)
    for index, one in waiting.items():
        if packets[index]["protocol"] == "tcp":
            state = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            connected = state == 0
            if connected:
                try:
                    one.getpeername()
                except OSError as error:
                    connected = error.errno != errno.ENOTCONN
            answered[index] = connected
        else:
            with contextlib.suppress(OSError):
                answered[index] = one.recv(64) == b"?"
        one.close()
    return answered


def rule(rng, identity):
    """A random IPv4 rule as the API gives it."""
    protocol = rng.choice(["tcp", "tcp", "tcp", "udp", None])
    ported = protocol is not None
    networks = [None, None, None, "10.77.0.0/24", "10.77.1.0/24", "10.77.2.10", "10.77.0.0/16"]
    return {
        "id": identity, "ip_version": 4, "protocol": protocol, "enabled": rng.random() < 0.85,
        "action": rng.choice(["allow", "allow", "allow", "deny", "reject"]),
        "source_ip_address": rng.choice(networks), "destination_ip_address": rng.choice(networks),
        "source_port": rng.choice([None, None, None, "1024:30000", "30001:65535"]) if ported else None,
        "destination_port": rng.choice([None, "22", "80", "80:443", "1521", "0:21"]) if ported else None,
    }  # fmt: skip


def configuration(rng):
    """Groups in the order they are applied, as driver and snapshot see them."""
    nets = list(NETS)
    rng.shuffle(nets)
    groups = []
    for index in range(rng.choice([1, 1, 2, 2, 3])):
        mine = [nets.pop() for _ in range(min(len(nets), rng.choice([1, 1, 2])))]
        if not mine:
            break
        sides = {
            side: [rule(rng, f"g{index}-{side}-{n}") for n in range(rng.randint(0, 4))] if rng.random() < 0.85 else None
            for side in ("ingress", "egress")
        }
        groups.append({"id": f"{index}" * 8 + "-feed", "nets": mine, "up": rng.random() < 0.85, **sides})
    return groups


def snapshot(groups):
    """The snapshot of a configuration, without security groups."""
    raw = {"networks": [], "subnets": [], "ports": [], "routers": [{"id": "r"}]}
    raw |= {"firewall_groups": [], "firewall_policies": [], "firewall_rules": [], "meta": {"profile": "l3-agent"}}
    for net in NETS:
        raw["networks"].append({"id": net})
        raw["subnets"].append(
            {"id": f"{net}4", "network_id": net, "cidr": f"{address(net, 0)}/24", "gateway_ip": address(net, 1)}
        )
        for identity, host, owner in ((port_id(net), 1, "network:router_interface"), (net, 10, "compute:nova")):
            raw["ports"].append(
                {"id": identity, "network_id": net, "device_owner": owner, "device_id": "r" if host == 1 else net,
                 "port_security_enabled": False, "fixed_ips": [{"subnet_id": f"{net}4", "ip_address": address(net, host)}]}
            )  # fmt: skip
    for place, group in enumerate(groups):
        sides = {}
        for side in ("ingress", "egress"):
            sides[f"{side}_firewall_policy_id"] = None
            if group[side] is not None:
                policy = f"{group['id']}-{side}"
                raw["firewall_rules"] += group[side]
                raw["firewall_policies"].append({"id": policy, "firewall_rules": [one["id"] for one in group[side]]})
                sides[f"{side}_firewall_policy_id"] = policy
        ports = [port_id(net) for net in group["nets"]]
        raw["firewall_groups"].append(
            {
                "id": group["id"],
                "ports": ports,
                "admin_state_up": group["up"],
                "updated_at": f"2026-01-0{place + 1}",
                **sides,
            }
        )
    return build_snapshot(raw)


class Conntrack:
    """Every packet of a run has ports of its own, so that no old connection needs to be forgotten."""

    def flush_entries(self, _namespace):
        """Nothing to forget."""

    def delete_entries(self, _rules, _namespace):
        """Nothing to forget."""


class RouterInfo:
    """What the driver asks of a router."""

    def __init__(self):
        self.router = {"id": "r", "distributed": False}
        self.iptables_manager = iptables_manager.IptablesManager(namespace=ROUTER, use_ipv6=False)


def apply(groups):
    """Let the driver apply the groups one after another, as the agent does; one without policy is never sent."""
    for flag in ("-F", "-X"):
        run("ip", "netns", "exec", ROUTER, "iptables", flag)
    conntrack_base.load_and_init_conntrack_driver = Conntrack
    router, driver = RouterInfo(), iptables_fwaas_v2.IptablesFwaasDriver()
    for group in groups:
        if group["ingress"] is None and group["egress"] is None:
            continue
        firewall = {
            "id": group["id"], "project_id": "p", "tenant_id": "p", "admin_state_up": group["up"],
            "ingress_rule_list": [stored(rule) for rule in group["ingress"] or []],
            "egress_rule_list": [stored(rule) for rule in group["egress"] or []],
        }  # fmt: skip
        driver.create_firewall_group("legacy", [(router, [port_id(net) for net in group["nets"]])], firewall)


def compare(seed, servers, told):
    """One configuration: every pair of networks, some ports."""
    rng = random.Random(seed)
    groups = configuration(rng)
    apply(groups)
    engine = Engine(snapshot(groups), "l3-agent")
    packets = []
    for source in NETS:
        for target in NETS:
            if source != target:
                for protocol, dst_port in (
                    ("tcp", rng.choice(PORTS)),
                    ("tcp", rng.choice(PORTS)),
                    ("udp", rng.choice(PORTS)),
                ):
                    src_port = told["port"] = (told["port"] + 7919) % 50_000
                    packets.append(
                        {
                            "from": source,
                            "to": target,
                            "protocol": protocol,
                            "dst_port": dst_port,
                            "src_port": src_port + 2000,
                        }
                    )
    seen = send(packets, servers)
    for packet, answered in zip(packets, seen, strict=True):
        ends = {"src": {"port": packet["from"]}, "dst": {"port": packet["to"]}}
        answer = probe(engine, {**ends, **{key: packet[key] for key in ("protocol", "src_port", "dst_port")}})
        told["packets"] += 1
        told["answered"] += answered
        if answered != (answer["verdict"] == "allow"):
            told["mismatches"].append(
                {"seed": seed, "packet": packet, "answered": answered, "engine": answer["verdict"]}
            )


def main():
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configurations", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    told = {"configurations": 0, "packets": 0, "answered": 0, "port": 1, "mismatches": []}
    privileged.default.set_client_mode(False)
    with tempfile.TemporaryDirectory() as locks, namespaces():
        lockutils.set_defaults(locks)
        servers = Servers()
        for seed in range(asked.seed, asked.seed + asked.configurations):
            compare(seed, servers, told)
            told["configurations"] += 1
    del told["port"]
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if told["mismatches"] else 0


if __name__ == "__main__":
    sys.exit(main())
