"""Debian packages. Those that would start a service of their own are only unpacked below the state folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sandbox import process
from sandbox.errors import SandboxError
from sandbox.settings import Settings

PYTHON = ["python3-venv", "git"]
CLOUD = [
    "mariadb-server-core", "mariadb-client", "qemu-utils", "iproute2", "ethtool", "procps", "curl",
    "python3-dev", "gcc", "libc6-dev",
]  # fmt: skip
TESTS = ["chromium", "chromium-driver", "iptables"]
UNPACKED = {  # and by which file one knows that they are
    "rabbitmq-server": "usr/lib/rabbitmq/bin/rabbitmq-server",
    "haproxy": "usr/sbin/haproxy",
    "memcached": "usr/bin/memcached",
    "keepalived": "usr/sbin/keepalived",
}
DATABASE = "postgresql"  # of the tests; Debian's metapackage names the version


def install(s: Settings, tests: bool = False, cloud: bool = True) -> None:
    """Installs what is missing, with sudo where the user is not root; starts no service."""
    missing = _missing(PYTHON + (CLOUD if cloud else []) + (TESTS if tests else []))
    folded = [package for package, file in UNPACKED.items() if cloud and not (s.unpacked / file).exists()]
    if not folded and not missing:
        return
    if not shutil.which("apt-get"):
        raise SandboxError("This machine has no apt-get.", "The sandbox installs itself on Debian 12 or 13 only.")
    _apt(s, "update", "-q")
    if folded:
        missing += _dependencies(s, folded)
    if missing:
        _apt(s, "install", "-q", "-y", "--no-install-recommends", *missing)
    if folded:
        unpack(s, folded, s.unpacked)


def install_database(s: Settings) -> None:
    """PostgreSQL's server beside the others, unpacked: installed, it would start a cluster of its own."""
    if list(s.unpacked.glob("usr/lib/postgresql/*/bin/postgres")):
        return
    _apt(s, "update", "-q")
    package = _depends(s, DATABASE)[0]
    _libraries(s, package)
    unpack(s, [package], s.unpacked)


def install_tools(s: Settings, packages: list[str]) -> None:
    """Packages that would start services: unpacked, with the libraries that they need beside themselves."""
    _apt(s, "update", "-q")
    for one in packages:
        _libraries(s, one)
    unpack(s, packages, s.unpacked)


def _libraries(s: Settings, package: str) -> None:
    # The just-in-time compiler of PostgreSQL alone needs LLVM, which is larger than all else together.
    needed = [one for one in _depends(s, package) if one.startswith(("lib", "tzdata")) and "llvm" not in one]
    if missing := _missing(needed):
        _apt(s, "install", "-q", "-y", "--no-install-recommends", *missing)


def _depends(s: Settings, package: str) -> list[str]:
    """What a package needs at once; of alternatives the first."""
    shown = process.run(s, "apt", ["apt-cache", "depends", package])
    return [line.split()[1] for line in shown.splitlines() if line.split()[:1] == ["Depends:"]]


def _missing(packages: list[str]) -> list[str]:
    """Of these, what dpkg does not call installed."""
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *packages], capture_output=True, text=True
    )
    installed = {line.split()[0] for line in shown.stdout.splitlines() if " ii" in line}
    return [p for p in packages if p not in installed]


def _dependencies(s: Settings, packages: list[str]) -> list[str]:
    """What packages that are only unpacked need beside themselves, as apt resolves it on this release."""
    simulated = process.run(s, "apt", ["apt-get", "install", "-s", "--no-install-recommends", *packages])
    names = [line.split()[1] for line in simulated.splitlines() if line.startswith("Inst ")]
    return [n for n in names if n not in UNPACKED]


def unpack(s: Settings, packages: list[str], root: Path, *options: str) -> None:
    """Downloads packages and lays their files below `root`; nothing is registered, enabled or started."""
    debs = s.state / "debs" / root.name
    shutil.rmtree(debs, ignore_errors=True)
    debs.mkdir(parents=True)
    process.run(s, "apt", ["apt-get", *options, "download", *packages], cwd=debs)
    for deb in sorted(debs.glob("*.deb")):
        process.run(s, "apt", ["dpkg", "-x", str(deb), str(root)])
    shutil.rmtree(debs)


def _apt(s: Settings, *arguments: str) -> None:
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if sudo and not shutil.which("sudo"):
        raise SandboxError(
            "Debian packages are missing and you are neither root nor have sudo.",
            f"As root, run: apt-get {' '.join(arguments)}",
        )
    process.run(
        s,
        "apt",
        [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments],
    )
