"""A guest's record: one JSON file, changed under a lock, replaced as a whole.

{"name": "app-1", "running": true,
 "tier": {"listen": ["http:8080"], "database": "10.0.2.10:1521" or null, "volume": "/dev/vdb" or null,
          "sample": 1000, where an empty volume gets first rows,
          "mask": {"script": base64, "nonce": …}, where it masks its volume,
          "user_data": base64, where it is a whole system (machine.py)},
 "volumes": {"/dev/vdb": "/path/of/raw/file"},
 "fault": {"slow": 0.0, "fail": false, "dead": false},
 "ports": {PORT_ID: {"dev": "eth0", "tap": "tap…", "mac": …, "vips": [], …}}}
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox_drivers import places
from sandbox_drivers.places import GuestError

Record = dict[str, Any]
PATIENCE = 90
MASKED = "masked"  # a file beside the record: the guest's mask has ended, well or not
NO_FAULT = {"slow": 0.0, "fail": False, "dead": False}


def empty() -> Record:
    return {"name": "", "running": False, "tier": {}, "volumes": {}, "fault": dict(NO_FAULT), "ports": {}}


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds an exclusive lock on a file that may be removed meanwhile.

    It never waits inside the kernel: a green thread that did would stop all others of its process.
    Raises GuestError after 90 seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + PATIENCE
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
                break
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)
        if time.monotonic() > end:
            raise GuestError(f"Another process holds {path} for more than {PATIENCE} seconds.")
        time.sleep(0.02)
    try:
        yield
    finally:
        os.close(descriptor)


def lock_of(uuid: str) -> Path:
    return places.guests() / f"{uuid}.lock"


def read(uuid: str) -> Record | None:
    """The record, None where there is none. A record that cannot be read counts as none: the driver writes it again."""
    try:
        return {**empty(), **json.loads((places.folder(uuid) / "guest.json").read_text())}
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def write(uuid: str, record: Record) -> None:
    """Replaces the file in one step, so that whoever reads it sees the old or the new one, never half of one."""
    folder = places.folder(uuid)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = folder / "guest.json.new"
    new.write_text(json.dumps(record, indent=1))
    new.replace(folder / "guest.json")


@contextlib.contextmanager
def changed(uuid: str) -> Iterator[Record]:
    """The record under its lock; written when the block ends, also by an exception: it then tells what is left."""
    with locked(lock_of(uuid)):
        record = read(uuid) or empty()
        try:
            yield record
        finally:
            write(uuid, record)


def mask_ended(uuid: str) -> bool:
    return (places.folder(uuid) / MASKED).exists()


def mask_waits(uuid: str, record: Record) -> bool:
    """Whether the guest has a mask that it has not tried yet: once in its life, as cloud-init's commands."""
    return "mask" in record["tier"] and not mask_ended(uuid)


def uuids() -> list[str]:
    """All guests with a record, running or not."""
    top = places.guests()
    return sorted(p.parent.name for p in top.glob("*/guest.json")) if top.exists() else []
