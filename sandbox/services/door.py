"""The door: a loopback HTTP proxy into the outside namespace."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services.base import Service
from sandbox.services.ovn import OUTSIDE
from sandbox.settings import PORTS, PROJECT, Settings


def processes(s: Settings) -> list[Process]:
    if not s.data_plane:
        return []
    environment = {"PYTHONPATH": str(PROJECT)}
    return [Process("door", ["/usr/bin/python3", "-m", "sandbox.door", OUTSIDE], PORTS["door"], environment)]


SERVICE = Service("door", lambda s: None, processes)
