"""How often a project may ask: counted by the minute in the cache that all of Horizon's processes share."""

from __future__ import annotations

import hashlib
import time

from tenant_ops_dashboard.api import failures
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.panels.store import shared
from tenant_ops_dashboard.sentences import say

WINDOW = 60


def spend(project_id: str) -> None:
    """One request of this project. Raises TooMany; a cache that is down counts nothing and lets all through."""
    rate, now = settings.read().api_rate, time.time()
    if rate <= 0:
        return
    name = hashlib.sha256(project_id.encode()).hexdigest()[:32]
    if shared.count(f"tenant_ops.api.{name}.{int(now // WINDOW)}", WINDOW + 1) <= rate:
        return
    error = failures.TooMany(say("This project asked more than {rate} times within a minute.", rate=rate))
    error.wait = max(1, int(WINDOW - now % WINDOW) + 1)
    raise error
