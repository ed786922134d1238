"""memcached: what Horizon's processes share, sessions among it, as in Horizon's own default settings."""

from __future__ import annotations

import os

from sandbox.process import Process
from sandbox.services.base import Service
from sandbox.settings import HOST, PORTS, Settings

MEBIBYTES = 64  # beyond it the oldest goes; a single value may have 1 MiB, memcached's own default
PROGRAM = "usr/bin/memcached"


def configure(s: Settings) -> None:
    """Its command line says everything."""


def processes(s: Settings) -> list[Process]:
    # It refuses to run as root unless it is told whom to become.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [
        str(s.unpacked / PROGRAM), "-l", HOST, "-p", str(PORTS["memcached"]), "-U", "0", "-m", str(MEBIBYTES),
        "-t", "2", *user,
    ]  # fmt: skip
    return [Process("memcached", command, PORTS["memcached"], http=False)]


SERVICE = Service("memcached", configure, processes)
