"""One round of scaling by itself: look, decide, do; stop where it failed, and go on once something changed."""

from __future__ import annotations

import datetime
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace

from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain, Unreachable
from tenant_ops_dashboard.environments.planning import quota
from tenant_ops_dashboard.loadbalancers.scaling import actions, alarms, decide
from tenant_ops_dashboard.loadbalancers.scaling.model import Decision, Group, Last
from tenant_ops_dashboard.loadbalancers.stats import Rate
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)
# Whatever of these grew or was freed, a server that did not fit may fit now.
_NEEDED = {
    ("compute", "instances"): 1, ("compute", "cores"): 1, ("compute", "ram"): 1, ("network", "port"): 1,
    ("load-balancer", "member"): 1, ("block-storage", "gigabytes"): 1,
}  # fmt: skip


def consider(
    cloud: Cloud, group: Group, up: int, rates: Sequence[Rate | None], now: datetime.datetime, last: Last
) -> tuple[Decision, Last]:  # fmt: skip
    """Decide for one environment and do it; what was decided and what to remember for the next round.

    Raises a CloudError where not even that can be known, or where the cloud does not answer: nothing is stopped then.
    """
    driven = group.rules.on and (group.metrics is not None or alarms.drive(cloud, group))
    if group.unreadable:
        return Decision("hold", group.unreadable), last
    if not group.rules.on:
        return Decision("hold", say("scaling by itself is switched off")), last
    if driven and group.metrics is None:
        return Decision("hold", say("alarms drive it")), last
    if group.stall:
        # After that Heat's own times are new: it is not asked again before they are as old as this once more.
        actions.repair(cloud, group)
        return Decision("hold", say("Heat stood still and is asked to go on")), last
    if group.busy:
        return Decision("hold", say("Heat is at work")), last
    before, last = last, replace(last, size=group.size)
    if last.stopped:
        here, room = _standing(cloud, group)
        if not last.stamp:
            return Decision("stopped", last.stopped), replace(last, stamp=here, room=room)
        if here == last.stamp and not _more(last.room, room):
            return Decision("stopped", last.stopped), last
        if group.stuck:
            actions.repair(cloud, group)
            return Decision("hold", say("what failed is tried again")), _going(last)
    elif group.state == "failed":
        return _stop(cloud, group, group.reason or say("Heat could not change the number of servers."), last)
    found = decide.decide(group, up, rates, now, last)
    if driven:
        return _fed(cloud, group, found, now, before), _going(last)
    if found.action not in ("out", "in") or group.rests(now):
        return found if not group.rests(now) else Decision("hold", say("Heat rests after the last change")), _going(
            last
        )
    try:
        found = replace(found, asked=actions.now(cloud, group, found.action))
    except (Unreachable, Uncertain):
        raise
    except CloudError as error:
        return _stop(cloud, group, error.sentence, last)
    return found, Last(found.action, now, size=group.size)


def _stop(cloud: Cloud, group: Group, reason: str, last: Last) -> tuple[Decision, Last]:
    """Say why and stop. What Heat could not make is taken away: its pool member would be down for ever."""
    if any(not one.lost for one in group.broken):
        try:
            actions.repair(cloud, replace(group, broken=tuple(one for one in group.broken if not one.lost)))
        except CloudError as error:
            _LOG.warning("What failed of %s stays: %s", group.environment, error)
    # How things stand is noted in the next round, when what failed is gone again.
    # A change that did not come about needs no pause after it.
    return Decision("stopped", reason), Last(stopped=reason, size=last.size)


def _going(last: Last) -> Last:
    return replace(last, stopped="", stamp="", room=())


def _fed(cloud: Cloud, group: Group, found: Decision, now: datetime.datetime, before: Last) -> Decision:
    """Alarms decide: they are told the figures, and what they did since the last round is told."""
    alarms.feed(cloud, group, found, now)
    if before.size not in (-1, group.size):
        words = say("from {before} to {now} servers", before=before.size, now=group.size)
        return replace(found, action="out" if group.size > before.size else "in", reason=words)
    return replace(found, action="hold", reason=say("alarms drive it; {reason}", reason=found.reason))


def _standing(cloud: Cloud, group: Group) -> tuple[str, tuple[int, ...]]:
    """What may let a failed scaling succeed once it is different: the stack, its size, limits; and room in quotas."""
    try:
        lines = quota.lines(cloud, _NEEDED)
    except CloudError:
        lines = ()
    parts = (group.stamp, group.size, [(line.resource, line.limit) for line in lines])
    room = tuple((line.limit or 0) - line.used for line in lines)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16], room


def _more(before: tuple[int, ...], now: tuple[int, ...]) -> bool:
    return len(before) == len(now) and any(one < two for one, two in zip(before, now, strict=True))
