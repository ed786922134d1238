"""A stamp says that a step was finished with exactly these inputs; anything else means: do it again."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

from sandbox.settings import Settings


def due(s: Settings, step: str, *inputs: str) -> bool:
    """Whether the step was never finished with exactly these inputs."""
    stamp = s.state / "stamps" / step
    return not stamp.exists() or stamp.read_text() != _digest(inputs)


def _digest(inputs: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(inputs).encode()).hexdigest()


@contextlib.contextmanager
def needed(s: Settings, step: str, *inputs: str) -> Iterator[bool]:
    """Yields whether the step has to be done; stamps it when the block ends without an exception."""
    wanted = due(s, step, *inputs)
    yield wanted
    if wanted:
        (s.state / "stamps").mkdir(parents=True, exist_ok=True)
        (s.state / "stamps" / step).write_text(_digest(inputs))
