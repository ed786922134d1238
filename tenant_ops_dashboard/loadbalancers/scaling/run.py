"""One round of scaling by itself: look, decide, do; stop where it failed, and go on once something changed."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import quota
from tenant_ops_dashboard.loadbalancers.scaling import act, alarms, decide
from tenant_ops_dashboard.loadbalancers.scaling.model import Decision, Group, Last
from tenant_ops_dashboard.loadbalancers.stats import Rate

# Whatever of these grew or was freed, a server that did not fit may fit now.
_NEEDED = {
    ("compute", "instances"): 1, ("compute", "cores"): 1, ("compute", "ram"): 1, ("network", "port"): 1,
    ("load-balancer", "member"): 1, ("block-storage", "gigabytes"): 1,
}  # fmt: skip


def consider(
    cloud: Cloud, group: Group, up: int, rates: Sequence[Rate | None], now: datetime.datetime, last: Last
) -> tuple[Decision, Last]:  # fmt: skip
    """Decide for one environment and do it; what was decided and what to remember for the next round.

    Raises a CloudError where not even that can be known.
    """
    if not group.rules.on:
        return Decision("hold", "scaling by itself is switched off"), last
    if alarms.drive(cloud, group):
        return Decision("hold", "alarms drive it"), last
    if group.busy:
        return Decision("hold", "Heat is at work"), last
    if last.stopped and last.stamp == _stamp(cloud, group):
        return Decision("stopped", last.stopped), last
    if group.state == "failed" and not last.stopped:
        stopped = group.reason or "Heat could not change the number of servers."
        return Decision("stopped", stopped), Last(last.action, last.at, stopped, _stamp(cloud, group))
    found = decide.decide(group, up, rates, now, last)
    if found.action not in ("out", "in"):
        return found, Last(last.action, last.at)
    try:
        act.now(cloud, group, found.action)
    except CloudError as error:
        return Decision("stopped", error.sentence), Last(last.action, last.at, error.sentence, _stamp(cloud, group))
    return found, Last(found.action, now)


def _stamp(cloud: Cloud, group: Group) -> str:
    """Changes when something did that may let a failed scaling succeed: quota, use, the stack itself."""
    try:
        limits = [(line.resource, line.limit, line.used) for line in quota.lines(cloud, _NEEDED)]
    except CloudError:
        limits = []
    return hashlib.sha256(repr((group.stamp, limits)).encode()).hexdigest()[:16]
