"""One after another: what is asked for twice at one moment is done by the first request and found by the second."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator

from tenant_ops_dashboard.panels import store

# Seconds: a turn ends by itself, should its process die; nobody waits longer for one, and how often he looks.
LONGEST = 20
PATIENCE = 5.0
PAUSE = 0.1


@contextlib.contextmanager
def of(place: str) -> Iterator[bool]:
    """While it lasts, the others that ask for this place of the shared cache wait, as long as they have patience.

    What it gives says whether somebody was waited for.

    Without a cache nobody waits, also where it only keeps silent: it makes things quick and certain nothing, so what is
    done must bear being done twice.
    """
    mine, end, waited = uuid.uuid4().hex, time.monotonic() + PATIENCE, False
    while not store.shared.add(place, mine, LONGEST) and store.shared.holds(place) and time.monotonic() < end:
        waited = True
        time.sleep(PAUSE)
    try:
        yield waited
    finally:
        if store.shared.holds(place) == mine:
            store.shared.delete(place)
