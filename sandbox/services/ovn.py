"""OVN: the two databases, northd, and one chassis whose data path runs in user space inside a namespace of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sandbox import process
from sandbox.errors import SandboxError
from sandbox.install import ovn as packages
from sandbox.process import Process
from sandbox.services.base import Service
from sandbox.settings import EXTERNAL_GATEWAY, HOST, PORTS, PROJECT, Settings

CHASSIS = "tos-chassis"
OUTSIDE = "tos-outside"
TAP = "tos-outside"
NAMESPACES = Path("/run/netns")


def _database(s: Settings, name: str, schema: str) -> str:
    path = s.data / "ovn" / f"{name}.db"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        share = packages.root(s) / "usr/share"
        process.run(s, "ovn", [str(s.ovs_bin / "ovsdb-tool"), "create", str(path), str(share / schema)])
    return str(path)


def _daemon(s: Settings, name: str, program: str, *arguments: str, port: int | None = None) -> Process:
    common = [f"--unixctl={s.run}/{name}.ctl", "-vconsole:warn", "-vsyslog:off"]
    return Process(name, [str(s.ovs_bin / program), *common, *arguments], port, http=False)


def _inside(name: str, process_: Process) -> Process:
    return Process(process_.name, ["ip", "netns", "exec", name, *process_.command], process_.port)


def central(s: Settings) -> list[Process]:
    """Two database servers: ovn-octavia-provider takes a lock of one name in each, and would wait for ever in one."""
    north, south = PORTS["ovn-northbound"], PORTS["ovn-southbound"]
    return [
        _daemon(
            s, "ovn-northbound", "ovsdb-server", f"--remote=ptcp:{north}:{HOST}", f"--remote=punix:{s.run}/ovn-nb.sock",
            _database(s, "northbound", "ovn/ovn-nb.ovsschema"), port=north,
        ),
        _daemon(
            s, "ovn-southbound", "ovsdb-server", f"--remote=ptcp:{south}:{HOST}", f"--remote=punix:{s.run}/ovn-sb.sock",
            _database(s, "southbound", "ovn/ovn-sb.ovsschema"), port=south,
        ),
        _daemon(
            s, "ovn-northd", "ovn-northd",
            f"--ovnnb-db=unix:{s.run}/ovn-nb.sock", f"--ovnsb-db=unix:{s.run}/ovn-sb.sock",
        ),
    ]  # fmt: skip


def chassis(s: Settings) -> list[Process]:
    """The chassis, or, without a data plane, what keeps Neutron believing in one."""
    if not s.data_plane:
        return [Process("ovn-chassis", [sys.executable, str(PROJECT / "sandbox/chassis.py")])]
    ovs = f"unix:{s.run}/ovs.sock"
    return [
        _daemon(
            s,
            "ovs-database",
            "ovsdb-server",
            f"--remote=p{ovs}",
            _database(s, "chassis", "openvswitch/vswitch.ovsschema"),
        ),
        _inside(
            CHASSIS, _daemon(s, "ovs-vswitchd", "ovs-vswitchd", ovs, f"--pidfile={s.run}/ovs-vswitchd.pid", "--monitor")
        ),
        _inside(CHASSIS, _daemon(s, "ovn-controller", "ovn-controller", ovs)),
    ]


def processes(s: Settings) -> list[Process]:
    return [*central(s), *chassis(s)]


def start(s: Settings) -> None:
    """Central, then the chassis; the chassis' own database holds nothing that is not made again here."""
    for p in central(s):
        process.start(s, p)
        process.wait_up(s, p)
    if not s.data_plane:
        process.start(s, chassis(s)[0])
        return
    if process.pid_of(s, "ovs-database") is None:
        for name in ("ovs-vswitchd", "ovn-controller"):
            process.stop(s, name)
        (s.data / "ovn/chassis.db").unlink(missing_ok=True)
    for name in (CHASSIS, OUTSIDE):
        _namespace(name)
    database, switch, controller = chassis(s)
    process.start(s, database)
    process.wait((s.run / "ovs.sock").exists, 10)
    # the socket of a server that was killed is still there: what counts is an answer
    _vsctl(s, "--retry", "--timeout=20", "--no-wait", "init")
    _vsctl(
        s, "--no-wait", "set", "open", ".",
        "external-ids:system-id=sandbox", "external-ids:hostname=sandbox",
        f"external-ids:ovn-remote=unix:{s.run}/ovn-sb.sock",
        "external-ids:ovn-encap-type=geneve", f"external-ids:ovn-encap-ip={HOST}",
        "external-ids:ovn-bridge-datapath-type=netdev", "external-ids:ovn-bridge-mappings=public:br-ex",
        "external-ids:ovn-cms-options=enable-chassis-as-gw",
    )  # fmt: skip
    process.start(s, switch)
    _vsctl(s, "--timeout=30", "--may-exist", "add-br", "br-ex", "--", "set", "bridge", "br-ex", "datapath_type=netdev")
    process.start(s, controller)
    _outside(s)


def _namespace(name: str) -> None:
    """Makes the namespace unless it is there; what a restart of the machine left of one is a plain file."""
    path = NAMESPACES / name
    if path.exists() and path.stat().st_dev != NAMESPACES.stat().st_dev:
        return
    path.unlink(missing_ok=True)
    _ip("netns", "add", name)
    _ip("-n", name, "link", "set", "lo", "up")


def _outside(s: Settings) -> None:
    """The outside stands for the internet: one address on the external network, at its gateway."""
    if not _ip("-n", CHASSIS, "link", "show", TAP, check=False):
        _ip("-n", CHASSIS, "link", "add", TAP, "type", "veth", "peer", "name", "eth0", "netns", OUTSIDE)
        _ip("-n", OUTSIDE, "addr", "add", f"{EXTERNAL_GATEWAY}/24", "dev", "eth0")
        _ip("-n", OUTSIDE, "link", "set", "eth0", "up")
        # the userspace data path does not complete the partial checksums of a veth
        _ip("netns", "exec", OUTSIDE, "ethtool", "-K", "eth0", "tx", "off")
        _ip("-n", CHASSIS, "link", "set", TAP, "up")
    _vsctl(s, "--timeout=30", "--may-exist", "add-port", "br-ex", TAP)


def stop(s: Settings) -> None:
    """`exit --restart` lets the chassis keep its row and its ports in the southbound database."""
    for name, options in (("ovn-controller", ["--restart"]), ("ovs-vswitchd", [])):
        if process.pid_of(s, name):
            process.succeeds(s, [str(s.ovs_bin / "ovs-appctl"), "-t", f"{s.run}/{name}.ctl", "exit", *options])
    process.stop_all(s, ["ovn-chassis", "ovn-controller", "ovs-vswitchd", "ovn-northd"])
    process.stop_all(s, ["ovs-database", "ovn-northbound", "ovn-southbound"])
    if s.data_plane:
        for name in (CHASSIS, OUTSIDE):
            _ip("netns", "del", name, check=False)


def _vsctl(s: Settings, *arguments: str) -> str:
    return process.run(s, "ovn", [str(s.ovs_bin / "ovs-vsctl"), f"--db=unix:{s.run}/ovs.sock", *arguments])


def _ip(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if check and done.returncode:
        raise SandboxError(
            f"'ip {' '.join(arguments)}' failed: {done.stderr.strip() or 'it said nothing'}.",
            "SANDBOX_DATA_PLANE=0 runs the control plane alone, without network namespaces.",
        )
    return done.stdout


SERVICE = Service("ovn", lambda s: None, processes)
