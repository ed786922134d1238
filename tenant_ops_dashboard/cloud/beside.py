"""Questions that do not wait for each other's answers are asked at the same time."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from tenant_ops_dashboard.cloud.handle import Cloud

T = TypeVar("T")


class Begin(Protocol):
    """Takes a question and gives the way to its answer, which raises what the question raised."""

    def __call__(self, make: Callable[[], T], /) -> Callable[[], T]: ...


@contextlib.contextmanager
def beside(cloud: Cloud) -> Iterator[Begin]:
    """While it lasts questions begin here, as many at once as `options.at_once` says; none outlives it.

    Where that is one each is asked when its answer is wanted first, in the caller's own thread. They read only: what
    changes something is refused in a thread that no change speaks for.
    """
    if cloud.options.at_once < 2:
        yield functools.cache
        return
    pool = ThreadPoolExecutor(cloud.options.at_once)
    try:
        yield lambda make: pool.submit(make).result
    finally:
        pool.shutdown(cancel_futures=True)
