"""Statistics over time: counters read now and then become rates, and what was not read stays a gap. Pure but `read`."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from tenant_ops_dashboard.cloud import Cloud, NotFound
from tenant_ops_dashboard.cloud.values import mapping, number

# Seconds between two samples that are kept; Octavia's own heartbeats come every ten.
SLOT = 15
# Two samples further apart than this many seconds have a gap between them; old ones are thinned to one in five minutes.
GAP = 90.0
THIN = 300
_COUNTERS = ("active_connections", "total_connections", "bytes_in", "bytes_out", "request_errors")


@dataclass(frozen=True)
class Sample:
    """Octavia's counters of one load balancer at a moment; `up` members were in service then (-1: unknown)."""

    at: datetime.datetime
    active: int
    total: int
    bytes_in: int
    bytes_out: int
    errors: int
    up: int = -1


@dataclass(frozen=True)
class Rate:
    """What happened between two samples, a second: connections, bytes, failed requests; `active` is a count."""

    at: datetime.datetime
    connections: float
    bytes_in: float
    bytes_out: float
    errors: float
    active: float
    up: int = -1


def read(cloud: Cloud, balancer_id: str, up: int = -1) -> Sample | None:
    """The counters now: one call; None where the load balancer is gone. Raises a CloudError."""
    try:
        found = mapping(cloud.balancers("load_balancer_stats_show", balancer_id).get("stats"))
    except NotFound:
        return None
    active, total, inward, outward, failed = (number(found.get(name), high=2**62) for name in _COUNTERS)
    return Sample(datetime.datetime.now(datetime.UTC), active, total, inward, outward, failed, up)


def rates(samples: Sequence[Sample], gap: float = GAP) -> list[Rate | None]:
    """One rate for each pair of neighbours, oldest first; None where nothing is known in between.

    Nothing is known where the samples are too far apart (more than `gap` seconds, or the wider grid of thinned ones),
    and where a counter went back: the load balancer was rebuilt, its counters began anew.
    """
    found: list[Rate | None] = []
    for one, two in itertools.pairwise(samples):
        seconds = (two.at - one.at).total_seconds()
        if seconds <= 0:
            continue
        back = two.total < one.total or two.bytes_in < one.bytes_in or two.bytes_out < one.bytes_out
        if seconds > gap or back:
            found.append(None)
            continue
        found.append(
            Rate(
                two.at,
                (two.total - one.total) / seconds,
                (two.bytes_in - one.bytes_in) / seconds,
                (two.bytes_out - one.bytes_out) / seconds,
                max(0, two.errors - one.errors) / seconds,
                (one.active + two.active) / 2,
                two.up,
            )
        )
    return found


def grid(
    samples: Sequence[Sample], begin: datetime.datetime, end: datetime.datetime, cells: int
) -> list[Rate | None]:  # fmt: skip
    """The mean rate of each of `cells` equal spans from `begin` to `end`; None where no rate fell into one.

    A span narrower than the samples' distance takes the rate that covers it, so that a slow sampler draws no comb.
    """
    width = max(1.0, (end - begin).total_seconds() / cells)
    sums: list[list[Rate]] = [[] for _ in range(cells)]
    allowed = max(GAP, 2.5 * THIN if width > THIN / 2 else GAP)
    for one, two in itertools.pairwise(samples):
        for rate in rates((one, two), allowed):
            if rate is None:
                continue
            first = int((one.at - begin).total_seconds() // width)
            last = int((two.at - begin).total_seconds() // width)
            for cell in range(max(0, first), min(cells - 1, last) + 1):
                sums[cell].append(rate)
    return [_mean(found) if found else None for found in sums]


def _mean(rates_: Sequence[Rate]) -> Rate:
    count = len(rates_)
    return Rate(
        rates_[-1].at,
        sum(one.connections for one in rates_) / count,
        sum(one.bytes_in for one in rates_) / count,
        sum(one.bytes_out for one in rates_) / count,
        sum(one.errors for one in rates_) / count,
        sum(one.active for one in rates_) / count,
        rates_[-1].up,
    )
