"""Says what is being done and how long it took."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

BEGIN = time.monotonic()


@contextlib.contextmanager
def step(title: str, times: dict[str, float] | None = None) -> Iterator[None]:
    """Prints the title at once where somebody watches, and its seconds when it is done."""
    watched = sys.stdout.isatty()
    if watched:
        print(f"  ....   {title}", end="", flush=True)
    began = time.monotonic()
    yield
    seconds = time.monotonic() - began
    print(f"{chr(13) if watched else ''}  {seconds:5.1f}s {title}", flush=True)
    if times is not None:
        times[title] = round(seconds, 1)


def say(sentence: str) -> None:
    print(sentence, flush=True)


def total() -> float:
    """Seconds since this command began."""
    return time.monotonic() - BEGIN


def record(path: Path, figures: dict[str, object]) -> None:
    """Keeps the figures of a start for `bench`."""
    old = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**old, **figures}, indent=1))
