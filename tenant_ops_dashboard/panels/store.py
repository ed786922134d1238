"""What Horizon's processes share, over Django's cache: one class with one contract, true on memcached.

A value may have any size (it is compressed, and cut into parts below memcached's 1 MiB), times may be fractions of a
second (the value knows its own end; the cache is told whole seconds), and a cache that is down, full, or holds what
another release wrote has nothing: that is a miss, never an error.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import math
import pickle
import time
import uuid
import zlib
from typing import Any

from django.core.cache import cache

_LOG = logging.getLogger(__name__)
# Bytes of one part: below memcached's usual limit of 1 MiB for key, value and its own header together.
PART = 900_000
# More than this is not kept at all: a cache has 64 MB where nobody said otherwise.
MOST = 16 * PART


class Shared:
    """Values by key, for a while. Any of them may be lost at any time."""

    def get(self, key: str, kind: type | tuple[type, ...] = object) -> Any:
        """The value, or None where there is none any more, or none of this kind."""
        try:
            head = cache.get(key)
            if not isinstance(head, tuple) or len(head) != 4 or head[0] <= time.time():
                return None
            _until, name, parts, packed = head
            if parts:
                places = [f"{key}.{name}.{number}" for number in range(parts)]
                found = cache.get_many(places)
                packed = b"".join(found[place] for place in places)
            value = pickle.loads(zlib.decompress(packed))  # noqa: S301 (written by this plugin, as Django's own are)
            return value if isinstance(value, kind) and _whole(value) else None
        except Exception as error:  # noqa: BLE001 (every backend and every pickle has errors of its own)
            _LOG.info("The cache has nothing to say of a state: %s", error)
            return None

    def set(self, key: str, value: Any, timeout: float) -> None:
        """Keep `value`, which can be pickled, for so many seconds."""
        try:
            packed = zlib.compress(pickle.dumps(value), 1)
            if len(packed) > MOST:
                _LOG.warning("A state of %d bytes is not shared: it is too large.", len(packed))
                return
            until, seconds, name = time.time() + timeout, math.ceil(timeout) + 1, ""
            pieces = [packed[at : at + PART] for at in range(0, len(packed), PART)] if len(packed) > PART else []
            if pieces:
                name = uuid.uuid4().hex
                for number, piece in enumerate(pieces):
                    cache.set(f"{key}.{name}.{number}", piece, seconds + 1)
            cache.set(key, (until, name, len(pieces), b"" if pieces else packed), seconds)
        except Exception as error:  # noqa: BLE001 (every backend raises its own)
            _LOG.warning("The cache keeps nothing: %s", error)

    def add(self, key: str, value: str, timeout: int) -> bool:
        """Keep a short text where there is none, for so many seconds: whether it was kept, or nobody can tell."""
        try:
            return bool(cache.add(key, value, max(1, timeout)))
        except Exception as error:  # noqa: BLE001 (every backend raises its own)
            _LOG.warning("The cache does not answer: %s", error)
            return True

    def holds(self, key: str) -> str:
        """The text that `add` kept, or ''."""
        try:
            return str(cache.get(key) or "")
        except Exception:  # noqa: BLE001 (every backend raises its own)
            return ""

    def count(self, key: str, seconds: int) -> int:
        """One more of something, counted for so many seconds; how many. 0 where nobody can tell."""
        try:
            cache.add(key, 0, max(1, seconds))
            return int(cache.incr(key))
        except Exception as error:  # noqa: BLE001 (every backend raises its own)
            _LOG.warning("The cache counts nothing: %s", error)
            return 0

    def delete(self, *keys: str) -> None:
        """Forget them."""
        try:
            cache.delete_many(list(keys))
        except Exception as error:  # noqa: BLE001 (every backend raises its own)
            _LOG.warning("The cache forgets nothing: %s", error)


def _whole(value: Any) -> bool:
    """Whether it has every field that its class has in this release; another one may have written it.

    Of many alike the first two tell.
    """
    if isinstance(value, dict):
        return all(map(_whole, itertools.islice(value.values(), 2)))
    if isinstance(value, tuple | list | set | frozenset):
        return all(map(_whole, itertools.islice(value, 2)))
    if not dataclasses.is_dataclass(value):
        return True
    names = [one.name for one in dataclasses.fields(value)]
    return all(hasattr(value, name) and _whole(getattr(value, name)) for name in names)


shared = Shared()
