"""A guest that is a whole system: Debian with systemd and cloud-init in a container, in the guest's own namespace.

Its root is an overlay over one image, its user data a seed for cloud-init (NoCloud), its volumes loop devices under the
names that virtio disks have. Servers of an image with the property sandbox_system=debian-12 are such guests where that
image was made, and with `make demo REAL=1` all servers of blueprints. Standard library only.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox_drivers import links, places
from sandbox_drivers.places import GuestError

# A property of the image that a server was made of, as Nova keeps it, and a server of a blueprint's.
PROPERTY, SYSTEM, TIER = "image_sandbox_system", "debian-12", "tenant_ops_tier"
BOOT_SECONDS, OFF_SECONDS = 20, 30
HIERARCHIES = ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")
SERIAL = 20  # characters of a volume's id that a virtio disk's serial number holds
DATABASE = "tenant-ops-database.service"
# A mount namespace of its own: the overlay goes with the container.
START = """
set -e
[ -z "$4" ] || { mkdir -p "$4" && echo $$ > "$4/cgroup.procs"; }
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
exec "$5" --quiet --register=no --keep-unit --machine="$3" --directory="$2/root" --boot --console=read-only \
  --network-namespace-path="/run/netns/$3" --link-journal=no --resolv-conf=off --timezone=off
"""
Record = dict[str, Any]


def image() -> Path | None:
    """The folder of the image; None where it was not made: a small program plays all servers."""
    named = os.environ.get("SANDBOX_IMAGE", "")
    return Path(named) if named and Path(named, "sbin/init").exists() else None


def asked(system_metadata: Mapping[str, str], metadata: Mapping[str, str]) -> bool:
    """Whether a server should be one: its image says so, or it is a blueprint's and all of those are (REAL=1)."""
    return system_metadata.get(PROPERTY) == SYSTEM or (os.environ.get("SANDBOX_REAL") == "1" and TIER in metadata)


def wanted(record: Record) -> bool:
    """Whether this guest is one: the driver gave it the user data of a tier."""
    return bool(record["tier"].get("user_data")) and image() is not None


def leader(uuid: str) -> int | None:
    """The process that is the container's first one, as the machine numbers it."""
    for pid in links.pids(places.namespace(uuid)):
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{pid}/status").read_text()
            ids = next(line for line in told.splitlines() if line.startswith("NSpid:")).split()[1:]
            if len(ids) > 1 and ids[-1] == "1":
                return pid
    return None


def boot(uuid: str, record: Record) -> None:
    """Switches it on unless it is; returns when its first process runs. Raises GuestError."""
    if leader(uuid) is not None:
        return
    name, system = places.namespace(uuid), places.folder(uuid) / "system"
    for part in ("upper", "work", "root"):
        (system / part).mkdir(mode=0o755, parents=True, exist_ok=True)
    _seed(system / "upper", uuid, record)
    with (places.folder(uuid) / "console.log").open("ab") as out:
        subprocess.run(
            ["/usr/bin/setsid", "-f", "/usr/bin/unshare", "--mount", "/bin/sh", "-c", START, "sh",
             str(image()), str(system), name, _group(name), _nspawn()],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=True, timeout=BOOT_SECONDS,
        )  # fmt: skip
    end = time.monotonic() + BOOT_SECONDS
    while leader(uuid) is None:
        if time.monotonic() > end:
            raise GuestError(f"The container of {record['name']} did not start; its console says why.")
        time.sleep(0.05)
    volumes(uuid, record)


def volumes(uuid: str, record: Record) -> None:
    """Gives the container the disks of the record, and takes those away that are not there any more."""
    first = leader(uuid)
    if first is None:
        return
    devices = Path(f"/proc/{first}/root/dev")
    names = devices / "disk/by-id"
    names.mkdir(parents=True, exist_ok=True)
    known = {link.name: link for link in names.glob("virtio-*")}
    there = {_disk(path): (device, path) for device, path in record["volumes"].items()}
    for gone in set(known) - set(there):
        _take_away(first, devices / known[gone].readlink().name)
        known[gone].unlink()
    for new in sorted(set(there) - set(known)):
        device, path = there[new]
        node = devices / Path(device).name
        node.unlink(missing_ok=True)
        os.mknod(node, stat.S_IFBLK | 0o660, os.stat(_loop(path)).st_rdev)
        (names / new).symlink_to(f"../../{node.name}")
        # udev does that in a server of its own.
        inside(first, "systemctl", "--no-block", "start", DATABASE)


def off(uuid: str) -> None:
    """Pulls its plug: with the first process the kernel ends all others. Raises GuestError where it stays."""
    first = leader(uuid)
    if first is None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, signal.SIGKILL)
    end = time.monotonic() + OFF_SECONDS
    while leader(uuid) is not None:
        if time.monotonic() > end:
            raise GuestError(f"The container {places.namespace(uuid)} does not end.")
        time.sleep(0.05)


def release(uuid: str, record: Record) -> None:
    """Lets go of what a container that is off had of the machine: loop devices and its control group."""
    for path in record["volumes"].values():
        for device in _loops(path):
            links.run("/usr/sbin/losetup", "-d", device, check=False)
    for folder, _inner, _files in os.walk(_group(places.namespace(uuid)) or "/nowhere", topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def enter(first: int) -> list[str]:
    """What a command begins with that runs in the container whose first process that is."""
    return ["/usr/bin/nsenter", "-t", str(first), "-m", "-u", "-i", "-n", "-p"]


def inside(first: int, *command: str) -> None:
    """Runs a command in that container; what becomes of it is not asked."""
    links.run(*enter(first), *command, check=False)


def _seed(upper: Path, uuid: str, record: Record) -> None:
    """What a metadata service would tell: cloud-init acts once for an instance's id."""
    seed = upper / "var/lib/cloud/seed/nocloud"
    seed.mkdir(mode=0o755, parents=True, exist_ok=True)
    data = base64.b64decode(record["tier"]["user_data"])
    told = {"instance-id": uuid, "local-hostname": record["name"]}
    for file, content in (("user-data", data), ("meta-data", json.dumps(told).encode())):
        (seed / file).write_bytes(content)
        (seed / file).chmod(0o600)


def _take_away(first: int, node: Path) -> None:
    """Unplugs a disk: whatever uses it is told first, as the machine's kernel would go on writing to it."""
    inside(first, "systemctl", "stop", "postgresql@*")
    inside(first, "umount", f"/dev/{node.name}")
    with contextlib.suppress(OSError):
        links.run("/usr/sbin/losetup", "-d", f"/dev/loop{os.minor(node.stat().st_rdev)}", check=False)
        node.unlink()


def _disk(path: str) -> str:
    """The name in /dev/disk/by-id of the volume whose raw file that is (Cinder's volume_name_template)."""
    return f"virtio-{Path(path).name.removeprefix('volume-')[:SERIAL]}"


def _loops(path: str) -> list[str]:
    return links.run("/usr/sbin/losetup", "-n", "-O", "NAME", "-j", path).split()


def _loop(path: str) -> str:
    """The loop device of a raw file, made where there is none. Raises GuestError."""
    return next(iter(_loops(path)), "") or links.run("/usr/sbin/losetup", "-f", "--show", path).strip()


def _group(name: str) -> str:
    """A control group of its own: two containers in one would share systemd's."""
    found = next((one for one in HIERARCHIES if Path(one, "cgroup.procs").exists()), "")
    return f"{found}/{name}" if found else ""


def _nspawn() -> str:
    return os.environ.get("SANDBOX_NSPAWN") or "/usr/bin/systemd-nspawn"
