"""Open vSwitch and OVN from Debian 13, run below the state folder by their own loader and C library.

Debian 12's own OVS 3.1 aborts now and then in its userspace connection tracking.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

from sandbox import process
from sandbox.errors import SandboxError
from sandbox.install import debian, stamps
from sandbox.settings import OVN_SUITE, Settings

PACKAGES = [
    "ovn-central", "ovn-host", "ovn-common", "openvswitch-switch", "openvswitch-common",
    "libc6", "libssl3t64", "libunbound8", "libcap-ng0", "libxdp1", "libbpf1", "libelf1t64", "zlib1g", "libnuma1",
    "libevent-2.1-7t64", "libnettle8t64", "libhogweed6t64", "libgmp10", "libzstd1", "liblzma5", "libngtcp2-16",
    "libnghttp2-14", "libudev1", "libcap2",
]  # fmt: skip
PROGRAMS = [
    "usr/sbin/ovsdb-server", "usr/lib/openvswitch-switch/ovs-vswitchd", "usr/bin/ovs-vsctl", "usr/bin/ovs-ofctl",
    "usr/bin/ovs-appctl", "usr/bin/ovsdb-client", "usr/bin/ovsdb-tool", "usr/bin/ovn-northd", "usr/bin/ovn-controller",
    "usr/bin/ovn-nbctl", "usr/bin/ovn-sbctl", "usr/bin/ovn-trace", "usr/bin/ovn-appctl",
]  # fmt: skip


def root(s: Settings) -> Path:
    return s.state / "ovn" / "root"


def install(s: Settings) -> None:
    """Unpacks the packages and writes one small starter a program into `ovs_bin`."""
    with stamps.needed(s, "ovn", OVN_SUITE, *PACKAGES, *PROGRAMS) as due:
        if not due:
            return
        options = _isolated(s)
        process.run(s, "apt", ["apt-get", *options, "update", "-q"])
        debian.unpack(s, PACKAGES, root(s), *options)
        loaders = sorted(root(s).glob("usr/lib/*/ld-linux-*.so.*"))
        if not loaders:
            raise SandboxError(
                "Debian's libc6 package brought no loader.",
                "Remove the folder ovn below the state folder and try again.",
            )
        s.ovs_bin.mkdir(parents=True, exist_ok=True)
        for program in PROGRAMS:
            path = root(s) / program
            starter = s.ovs_bin / path.name
            words = [str(loaders[0]), "--library-path", str(loaders[0].parent), "--argv0", str(path), str(path)]
            starter.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
            starter.chmod(0o755)


def _isolated(s: Settings) -> list[str]:
    """apt options for a package list of its own: this machine's mirror, another suite, no effect on the machine."""
    folder = s.state / "ovn" / "apt"
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("lists/partial", "cache/archives/partial", "etc"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    (folder / "etc" / "suite.sources").write_text(
        f"Types: deb\nURIs: {mirror()}\nSuites: {OVN_SUITE}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )
    places = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": folder / "etc",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
    }
    return [word for key, value in places.items() for word in ("-o", f"{key}={value}")]


def mirror() -> str:
    """The first Debian mirror this machine's own apt uses."""
    etc = Path("/etc/apt")
    for path in [
        *sorted(etc.glob("sources.list.d/*.sources")),
        etc / "sources.list",
        *sorted(etc.glob("sources.list.d/*.list")),
    ]:
        text = path.read_text() if path.exists() else ""
        found = re.search(r"^(?:URIs:|deb(?:\s+\[[^]]*\])?)\s+(\S+/debian/?)(?:\s|$)", text, re.MULTILINE)
        if found:
            return found[1]
    raise SandboxError(
        "No Debian mirror stands in /etc/apt.", "Add Debian's main archive to /etc/apt/sources.list and try again."
    )
