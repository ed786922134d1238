"""A stamp says that a step was finished with exactly these inputs; anything else means: do it again."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

from sandbox.settings import Settings


@contextlib.contextmanager
def needed(s: Settings, step: str, *inputs: str) -> Iterator[bool]:
    """Yields whether the step has to be done; stamps it when the block ends without an exception."""
    folder = s.state / "stamps"
    folder.mkdir(parents=True, exist_ok=True)
    stamp, want = folder / step, hashlib.sha256("\0".join(inputs).encode()).hexdigest()
    due = not stamp.exists() or stamp.read_text() != want
    yield due
    if due:
        stamp.write_text(want)
