"""What proc(5) tells of processes: whether they live, when they began, and who belongs together."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def _stat(pid: int) -> list[str] | None:
    """The fields of a living process from its state (field 3) on; None where it is gone.

    A zombie whose other threads still run is alive: it holds its sockets until the last of them has ended.
    """
    try:
        fields = (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] in "ZX" and int(fields[17]) <= 1 else fields


def start_time(pid: int) -> str | None:
    """The kernel's start time of a process (field 22), in ticks since the machine started; None where it is gone."""
    fields = _stat(pid)
    return fields[19] if fields else None


def boot() -> str:
    """A name for this run of the machine: process ids and start times mean nothing beyond it."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def groups() -> dict[int, list[int]]:
    """The living processes of every process group (field 5), by the group's id."""
    found: dict[int, list[int]] = {}
    for folder in PROC.glob("[0-9]*"):
        pid = int(folder.name)
        if fields := _stat(pid):
            found.setdefault(int(fields[2]), []).append(pid)
    return found


def folder(pid: int) -> str:
    """The working folder of a process; empty where it is gone or somebody else's."""
    try:
        return os.readlink(PROC / str(pid) / "cwd")
    except OSError:
        return ""
