"""Namespaces, veth pairs and their ports in the integration bridge. Every call may be repeated."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from typing import Any

from sandbox_drivers import places
from sandbox_drivers.places import CHASSIS, IP, NAMESPACES, GuestError

ETHTOOL = "/usr/sbin/ethtool"
SECONDS = 60
KERNEL = {
    # addresses and routes are Neutron's, as it told Nova; router advertisements would add others
    "ipv6/conf/default/accept_ra": "0",
    # an amphora's PING monitor uses the ICMP sockets that need no privilege
    "ipv4/ping_group_range": "0 2147483647",
}
Port = dict[str, Any]


def run(*command: str, check: bool = True, stdin: str | None = None) -> str:
    """Runs a program to its end and returns what it printed.

    Raises GuestError with its own words where it fails (unless `check` is false) or takes more than a minute.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, input=stdin, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise GuestError(f"{' '.join(command)}: {e}") from e
    if check and done.returncode:
        raise GuestError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def vsctl(*arguments: str, check: bool = True, seconds: int = 20) -> str:
    database = f"--db=unix:{places.run_folder()}/ovs.sock"
    return run(places.ovs("ovs-vsctl"), database, f"--timeout={seconds}", *arguments, check=check)


def exists(name: str) -> bool:
    """Whether a living namespace has that name; what a restart of the machine left of one is a plain file."""
    try:
        return (NAMESPACES / name).stat().st_dev != NAMESPACES.stat().st_dev
    except OSError:
        return False


def create(name: str) -> None:
    """A new namespace that carries its owner's mark. Raises GuestError."""
    with contextlib.suppress(FileNotFoundError):
        if not exists(name):
            (NAMESPACES / name).unlink()
    run(IP, "netns", "add", name)
    run(IP, "-n", name, "link", "set", "lo", "alias", places.owner(), "up")
    for setting, value in KERNEL.items():
        run(IP, "netns", "exec", name, "/bin/sh", "-c", f"echo '{value}' > /proc/sys/net/{setting}", check=False)


def ours(name: str) -> bool:
    """Whether the namespace was made by the sandbox of this state folder."""
    shown = run(IP, "-j", "-n", name, "link", "show", "lo", check=False)
    try:
        return bool(json.loads(shown)[0].get("ifalias") == places.owner())
    except (ValueError, IndexError):
        return False


def namespaces() -> list[str]:
    """The living guest namespaces of this sandbox."""
    if not NAMESPACES.exists():
        return []
    names = sorted(p.name for p in NAMESPACES.glob(f"{places.PREFIX}*"))
    return [n for n in names if n not in (CHASSIS, places.OUTSIDE) and exists(n) and ours(n)]


def pids(name: str) -> list[int]:
    """Every process in the namespace."""
    return [int(p) for p in run(IP, "netns", "pids", name, check=False).split()] if exists(name) else []


def kill(name: str, sig: int = signal.SIGKILL) -> None:
    for pid in pids(name):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sig)


def delete(name: str) -> None:
    """Ends every process of the namespace, then the namespace. Raises GuestError where a process stays."""
    end = time.monotonic() + 10
    while pids(name):
        kill(name)
        if time.monotonic() > end:
            raise GuestError(f"A process in the namespace {name} does not end.")
        time.sleep(0.01)
    if exists(name):
        run(IP, "netns", "del", name)
    with contextlib.suppress(FileNotFoundError):
        (NAMESPACES / name).unlink()


def plug(name: str, uuid: str, port: Port) -> None:
    """Makes the veth pair of a port anew: one end in the namespace with its addresses, the other in br-int.

    `port`: {id, tap, dev, mac, mtu, addresses: ["ip/length"], vips: [ip], gateways: [ip], routes: [[cidr, ip]],
    metric}. Raises GuestError; nothing of the pair is left then.
    """
    unplug(port["tap"])
    try:
        run(IP, "-n", CHASSIS, "link", "add", port["tap"], "type", "veth", "peer", "name", port["dev"], "netns", name)
        run(IP, "-n", name, "-batch", "-", stdin="\n".join(_addressing(port)))
        # a gateway outside its subnet is Neutron's to allow, and the kernel's to refuse
        run(IP, "-n", name, "-force", "-batch", "-", stdin="\n".join(_routing(port)), check=False)
        # the userspace data path does not complete the partial checksums of a veth
        run(IP, "netns", "exec", name, ETHTOOL, "-K", port["dev"], "tx", "off")
        run(IP, "-n", CHASSIS, "link", "set", port["tap"], "up")
        vsctl(*_add_port(uuid, port))
    except GuestError:
        with contextlib.suppress(GuestError):
            unplug(port["tap"])
        raise


def _addressing(port: Port) -> list[str]:
    dev = port["dev"]
    lines = [f"link set {dev} address {port['mac']} mtu {port.get('mtu') or 1500} up"]
    lines += [f"addr add {a} dev {dev}{' nodad' if ':' in a else ''}" for a in port["addresses"]]
    return lines + [f"addr add {host(a)} dev {dev}{' nodad' if ':' in a else ''}" for a in port.get("vips", [])]


def _routing(port: Port) -> list[str]:
    dev, metric = port["dev"], port.get("metric", 100)
    lines = [f"route add {cidr} via {ip} dev {dev}" for cidr, ip in port.get("routes", [])]
    return lines + [f"route add default via {ip} dev {dev} metric {metric}" for ip in port.get("gateways", [])]


def _add_port(uuid: str, port: Port) -> list[str]:
    ids = {"iface-id": port["id"], "attached-mac": f'"{port["mac"]}"', "vm-uuid": uuid, "iface-status": "active"}
    settings = [f"external_ids:{key}={value}" for key, value in ids.items()]
    return ["--may-exist", "add-port", "br-int", port["tap"], "--", "set", "interface", port["tap"], *settings]


def host(address: str) -> str:
    return f"{address}/{128 if ':' in address else 32}"


def unplug(tap: str) -> None:
    """Removes the pair, then its port in br-int; no complaint where they are gone. Raises GuestError."""
    run(IP, "-n", CHASSIS, "link", "del", tap, check=False)
    vsctl("--if-exists", "del-port", "br-int", tap)


def rejoin(ports: Iterable[tuple[str, Port]]) -> None:
    """Puts existing pairs, given with their guests' ids, back into br-int in one transaction."""
    words: list[str] = []
    for uuid, port in ports:
        words += [*(["--"] if words else []), *_add_port(uuid, port)]
    if words:
        vsctl(*words)


def wait_for_bridge() -> None:
    """Until ovn-controller has made br-int. Raises GuestError after twenty seconds."""
    vsctl("wait-until", "bridge", "br-int")


def taps() -> set[str]:
    """The guests' ends that stand in the chassis' namespace."""
    shown = run(IP, "-j", "-n", CHASSIS, "link", "show", check=False)
    return {link["ifname"] for link in json.loads(shown or "[]") if link["ifname"].startswith("tap")}


def bridged() -> set[str]:
    """The ports of br-int."""
    return set(vsctl("list-ports", "br-int", check=False).split())


def forget(taps_: Sequence[str]) -> None:
    """Takes ports out of br-int without waiting for the switch, which may have ended already."""
    words: list[str] = []
    for tap in taps_:
        words += [*(["--"] if words else []), "--if-exists", "del-port", "br-int", tap]
    if words and (places.run_folder() / "ovs.sock").exists():
        vsctl("--no-wait", *words, check=False, seconds=5)
