"""The capabilities' store over Django's cache: shared by all of Horizon's processes, and never in the way."""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache import cache

_LOG = logging.getLogger(__name__)


class Shared:
    """A cache that is down or full has nothing and keeps nothing. Times are whole seconds, as memcached takes them."""

    def get(self, key: str) -> Any:
        try:
            return cache.get(key)
        except Exception as error:  # noqa: BLE001 (every backend raises its own)
            _LOG.warning("The cache does not answer: %s", error)
            return None

    def set(self, key: str, value: Any, timeout: int) -> None:
        try:
            cache.set(key, value, timeout)
        except Exception as error:  # noqa: BLE001 (every backend raises its own)
            _LOG.warning("The cache keeps nothing: %s", error)

    def delete(self, key: str) -> None:
        try:
            cache.delete(key)
        except Exception as error:  # noqa: BLE001 (every backend raises its own)
            _LOG.warning("The cache forgets nothing: %s", error)
