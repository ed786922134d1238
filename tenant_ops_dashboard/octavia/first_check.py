"""How long a member may take to pass its first health checks: as long as its own monitor takes to see it up. Pure.

Octavia calls a member ONLINE after `max_retries` good answers in a row, one every `delay` seconds. Until then it is
OFFLINE, or ERROR as soon as a check came before its server was ready: that is no trouble yet.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.sentences import say, say_many

# Seconds that a service's clock may be ahead; what is said to have been later tells nothing.
SKEW = 60.0


@dataclass(frozen=True)
class FirstCheck:
    """It could be asked `since`, must be up by `until`; `over` says that this time has passed."""

    since: datetime.datetime
    until: datetime.datetime
    over: bool


def seconds(monitor: Mapping[str, Any]) -> float:
    """The monitor's own time, from Octavia's row of it: `delay` x `max_retries` + `timeout`."""
    return float(monitor["delay"] * monitor["max_retries"] + monitor["timeout"])


def of(
    monitor: Mapping[str, Any], began: Iterable[datetime.datetime | None], now: datetime.datetime
) -> FirstCheck | None:  # fmt: skip
    """The time for a member whose parts `began` then (made itself, its server active); `now` is the cloud's clock.

    None where the monitor is switched off or nothing is known of when it began.
    """
    latest = now + datetime.timedelta(seconds=SKEW)
    known = [one for one in began if one is not None and one <= latest]
    if not known or not monitor["admin_state_up"]:
        return None
    since = max(known)
    until = since + datetime.timedelta(seconds=seconds(monitor))
    return FirstCheck(since, until, over=now >= until)


def words(checks: Collection[FirstCheck], of_all: int) -> str:
    """What is waited for, and since when: '1 of 2 members is waiting for its first health check since 14:03:22 UTC'."""
    since = clock(min(one.since for one in checks))
    if len(checks) == of_all:
        return say("waiting for the first health check since {since}", since=since)
    return say_many(
        "{n} of {all} members is waiting for its first health check since {since}",
        "{n} of {all} members are waiting for their first health check since {since}",
        len(checks), all=of_all, since=since,
    )  # fmt: skip


def clock(moment: datetime.datetime) -> str:
    """A time of day for where no reader's time zone is known."""
    return f"{moment.astimezone(datetime.UTC):%H:%M:%S} UTC"
