"""Where a capability keeps for a while what no OpenStack service keeps."""

from __future__ import annotations

import time
from typing import Any, Protocol


class Store(Protocol):
    """Values by key for so many whole seconds; any of them may be lost at any time. Django's caches are such stores."""

    def get(self, key: str) -> Any:
        """The value, or None."""

    def set(self, key: str, value: Any, timeout: int) -> object:
        """Keep a value that can be pickled."""

    def delete(self, key: str) -> object:
        """Forget it."""


class Kept:
    """A store that lives as long as the handle: enough for a command that waits."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[float, Any]] = {}

    def get(self, key: str) -> Any:
        end, value = self._values.get(key, (0.0, None))
        return value if time.monotonic() < end else None

    def set(self, key: str, value: Any, timeout: int) -> None:
        self._values[key] = (time.monotonic() + timeout, value)

    def delete(self, key: str) -> None:
        self._values.pop(key, None)
