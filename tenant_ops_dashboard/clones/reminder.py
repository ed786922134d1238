"""When a clone's end is near: a tenth of its lease before it, an hour at most and a minute at least."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard.clones.model import Clone

LONGEST, SHORTEST = datetime.timedelta(hours=1), datetime.timedelta(minutes=1)


def near(clone: Clone, now: datetime.datetime) -> bool:
    """Whether it ends soon: one that is ready and not over."""
    since = _since(clone)
    return clone.state == "ready" and since is not None and since <= now < (clone.expires_at or now)


def wanted(clone: Clone, now: datetime.datetime) -> bool:
    """Whether it is to be told now: once for each end, which may have been a later one."""
    since = _since(clone)
    told = clone.reminded_at is not None and since is not None and clone.reminded_at >= since
    return near(clone, now) and not told


def _since(clone: Clone) -> datetime.datetime | None:
    if clone.expires_at is None:
        return None
    tenth = datetime.timedelta(seconds=clone.lease / 10)
    return clone.expires_at - max(SHORTEST, min(LONGEST, tenth))
