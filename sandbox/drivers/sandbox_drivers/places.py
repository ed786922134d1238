"""Names and places of the guests, all derived from the environment at the moment they are asked for."""

from __future__ import annotations

import os
from pathlib import Path

CHASSIS = "tos-chassis"
OUTSIDE = "tos-outside"
PREFIX = "tos-"
NAMESPACES = Path("/run/netns")
IP = "/usr/sbin/ip"
PYTHON = "/usr/bin/python3"


class GuestError(Exception):
    """A guest could not be made, changed or found; the text says why."""


def _variable(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise GuestError(f"The environment variable {name} is not set.")
    return value


def state() -> Path:
    return Path(_variable("SANDBOX_STATE"))


def run_folder() -> Path:
    """The folder of sockets; short, because a Unix socket's path may have 107 characters."""
    return Path(_variable("SANDBOX_RUN"))


def guests() -> Path:
    return state() / "data" / "guests"


def folder(uuid: str) -> Path:
    return guests() / uuid


def owner() -> str:
    """What a namespace of this sandbox carries as the alias of its loopback device (at most 255 characters)."""
    return f"sandbox {state()}"[:250]


def namespace(uuid: str) -> str:
    """`tos-` and the first twelve hexadecimal digits of the server's id."""
    return PREFIX + uuid.replace("-", "")[:12]


def data_plane() -> bool:
    return os.environ.get("SANDBOX_DATA_PLANE", "1") == "1"


def ovs(program: str) -> str:
    """Path of an Open vSwitch or OVN program: the sandbox's own, or the machine's."""
    folder_ = os.environ.get("SANDBOX_OVS_BIN", "")
    return str(Path(folder_) / program) if folder_ else program


def haproxy() -> str:
    return os.environ.get("SANDBOX_HAPROXY") or "/usr/sbin/haproxy"


def keepalived() -> str:
    return os.environ.get("SANDBOX_KEEPALIVED") or "/usr/sbin/keepalived"
