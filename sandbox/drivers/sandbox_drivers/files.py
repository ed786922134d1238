"""Raw files that hold volumes: made, copied and resized so that a name stands for a whole file or for none."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

PART = ".part"
GIB = 1 << 30


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends, and is removed where it fails."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        yield part
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def create(path: Path, size_gb: int) -> None:
    with whole(path) as part:
        part.touch(mode=0o600)
        os.truncate(part, size_gb * GIB)


def copy(source: Path, target: Path, size_gb: int) -> None:
    """A copy of the bytes, holes kept, grown to `size_gb` where that is more.

    Raises subprocess.CalledProcessError, with cp's words, where it fails (a full disk, say); the target is as before.
    """
    with whole(target) as part:
        subprocess.run(
            ["cp", "--sparse=always", "--reflink=auto", source, part], check=True, capture_output=True, text=True
        )
        grow(part, size_gb)


def grow(path: Path, size_gb: int) -> None:
    """Never makes a file smaller."""
    if path.stat().st_size < size_gb * GIB:
        os.truncate(path, size_gb * GIB)


def clean(folder: Path) -> None:
    """Removes what an interrupted copy left."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)


def provisioned_gb(folder: Path) -> float:
    """The sum of the sizes of all volumes and snapshots, whatever they take on the disk."""
    return sum(p.stat().st_size for p in folder.iterdir() if not p.name.endswith(PART)) / GIB
