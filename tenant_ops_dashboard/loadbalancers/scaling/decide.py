"""Out, in or hold: pure, so that it can be tried on any load curve.

Scaling out may be early: a straight line through the last minutes says when the threshold will be crossed. Scaling in
is late on purpose: the load must have been low for a while, stay low on fewer servers with room, and not rise.
Between the two lies a wide band in which nothing happens (hysteresis), and after each change a time in which nothing
does (cooldown): together they keep a load that swings from making the number of servers swing.
"""

from __future__ import annotations

import datetime
import itertools
import statistics
from collections.abc import Sequence

from tenant_ops_dashboard.loadbalancers.scaling.model import Decision, Group, Last, Metric
from tenant_ops_dashboard.loadbalancers.stats import Rate
from tenant_ops_dashboard.sentences import say

# A load is known where the newest rate is younger than this many seconds and at least so many rates are at hand.
YOUNG = 120.0
LEAST = 3
# A forecast needs a line that explains this share of what was seen.
FIT = 0.5
# After scaling in, the load per server must stay below this share of the threshold.
ROOM = 0.7


def decide(group: Group, up: int, rates: Sequence[Rate | None], now: datetime.datetime, last: Last) -> Decision:
    """What to do now. `up` members are in service (-1: unknown), `rates` oldest first with None for a gap."""
    rules, size = group.rules, group.size
    if group.unreadable:
        return Decision("hold", group.unreadable)
    load = [(one.at, value(one, rules.metric)) for one in rates if one is not None]
    recent = [(at, amount) for at, amount in load if 0 <= (now - at).total_seconds() <= rules.window]
    if size < group.minimum:
        return Decision(
            "out", say("the minimum is {minimum}, and there are only {size}", minimum=group.minimum, size=size)
        )
    if len(recent) < LEAST or (now - recent[-1][0]).total_seconds() > YOUNG:
        return Decision("hold", say("not enough is known about the load of the last minutes"))
    serving = max(1, min(up, size)) if up > 0 else max(1, size)
    # The middle of the last three: one sample alone moves nothing.
    total = statistics.median(amount for _, amount in recent[-3:])
    current, ahead = total / serving, _forecast(recent, now, rules.ahead, rules.window)
    forecast = None if ahead is None else ahead / max(1, size)
    said = _Said(rules.metric, current, forecast)
    if current > rules.threshold or (forecast is not None and forecast > rules.threshold):
        return _out(group, said, now, last)
    return _in(group, up, load, said, now, last)


class _Said:
    """A decision with the figures it was made from."""

    def __init__(self, metric: Metric, current: float, forecast: float | None) -> None:
        self.metric, self.current, self.forecast = metric, current, forecast

    def hold(self, reason: str, after: float | None = None) -> Decision:
        return Decision("hold", reason, self.current, self.forecast, after)


def _out(group: Group, said: _Said, now: datetime.datetime, last: Last) -> Decision:
    threshold = group.rules.threshold
    if group.size >= group.maximum:
        return said.hold(say("more is wanted, but {maximum} servers are the maximum", maximum=group.maximum))
    if wait := _cooling(group, last, now):
        return said.hold(wait)
    if said.current > threshold:
        why = say("{current:.1f} a server is above {threshold:g}", current=said.current, threshold=threshold)
    else:
        why = say(
            "{forecast:.1f} a server is forecast in {ahead:.0f} s, above {threshold:g}",
            forecast=said.forecast,
            ahead=group.rules.ahead,
            threshold=threshold,
        )
    return Decision("out", why, said.current, said.forecast)


def _in(
    group: Group, up: int, load: Sequence[tuple[datetime.datetime, float]], said: _Said, now: datetime.datetime,
    last: Last,
) -> Decision:  # fmt: skip
    rules, fewer = group.rules, group.size - group.step
    if fewer < max(1, group.minimum):
        return said.hold(say("the load fits"))
    quiet = [(at, amount) for at, amount in load if (now - at).total_seconds() <= rules.calm]
    most = max((amount for _, amount in quiet), default=0.0)
    if most / fewer > rules.threshold * ROOM:
        return said.hold(say("the load fits"))
    if (said.forecast or 0.0) * group.size / fewer > rules.threshold * ROOM:
        return said.hold(say("the load is low, but rising"))
    if not _covered(quiet, now, rules.calm):
        return said.hold(say("the load is low, but not known for {calm:.0f} s", calm=rules.calm))
    if 0 <= up < group.size:
        return said.hold(say("the load is low, but not every server is up"))
    after = most / fewer
    if wait := _cooling(group, last, now):
        return said.hold(wait, after)
    why = say(
        "at most {after:.1f} a server for {calm:.0f} s would fit on {fewer}", after=after, calm=rules.calm, fewer=fewer
    )
    return Decision("in", why, said.current, said.forecast, after)


def value(rate: Rate, metric: Metric) -> float:
    """The load of the whole load balancer in the metric's unit."""
    if metric == "traffic":
        return (rate.bytes_in + rate.bytes_out) / 1000
    return rate.active if metric == "active" else rate.connections


def _forecast(
    recent: Sequence[tuple[datetime.datetime, float]], now: datetime.datetime, ahead: float, window: float
) -> float | None:  # fmt: skip
    """Least squares through the window, read `ahead` seconds from now; None where a line does not tell the story."""
    times = [(at - now).total_seconds() for at, _ in recent]
    if len(recent) < LEAST + 1 or times[-1] - times[0] < window / 2:
        return None
    amounts = [amount for _, amount in recent]
    try:
        slope, base = statistics.linear_regression(times, amounts)
        explained = statistics.correlation(times, amounts) ** 2
    except statistics.StatisticsError:
        return amounts[-1]
    # No further than scaling in would undo: whatever brings a server by forecast keeps it by its own peak.
    return min(max(amounts) / ROOM, max(0.0, base + slope * ahead)) if explained >= FIT else None


def _covered(quiet: Sequence[tuple[datetime.datetime, float]], now: datetime.datetime, calm: float) -> bool:
    """Whether the load was known all the time: what nobody saw may have been a rush."""
    if not quiet:
        return False
    moments = [now - datetime.timedelta(seconds=calm), *(at for at, _ in quiet), now]
    return all((two - one).total_seconds() <= YOUNG for one, two in itertools.pairwise(moments))


def _cooling(group: Group, last: Last, now: datetime.datetime) -> str:
    if last.at is None:
        return ""
    left = group.rules.cooldown - (now - last.at).total_seconds()
    return say("cooling down for {left:.0f} s more after the last change", left=left) if left > 0 else ""
