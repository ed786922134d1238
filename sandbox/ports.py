"""Whose port is it? A port somebody else holds is told before anything is started."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox import catalogue, process
from sandbox.errors import SandboxError
from sandbox.settings import Settings

LISTEN = "0A"  # include/net/tcp_states.h


def listeners() -> dict[int, str]:
    """Listening TCP ports and the inode of their socket, from /proc/net/tcp and tcp6."""
    found: dict[int, str] = {}
    for name in ("tcp", "tcp6"):
        try:
            lines = Path(f"/proc/net/{name}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == LISTEN:
                found[int(fields[1].rsplit(":", 1)[1], 16)] = fields[9]
    return found


def holder(inode: str) -> str:
    """The command that holds a socket, as far as this user may see it."""
    for fd in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(fd) == f"socket:[{inode}]":
                process_folder = fd.parent.parent
                command = (
                    (process_folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                )
                return f"process {process_folder.name} ({command[:120]})"
        except OSError:
            continue
    return "another user's process"


def check(s: Settings) -> None:
    """Raises SandboxError where a port of a process that is not running is taken."""
    open_ports = listeners()
    for _, p in catalogue.processes(s):
        if p.port in open_ports and not process.pid_of(s, p.name):
            raise SandboxError(
                f"Port {p.port}, which {p.name} needs, is held by {holder(open_ports[p.port])}.",
                "End that program, or change the port in sandbox/settings.py, and run 'make demo' again.",
            )
