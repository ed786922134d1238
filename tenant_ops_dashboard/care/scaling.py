"""One round of scaling for one environment: its samples, its lease, its notes on the time line."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard.care import collect
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import stats, watch
from tenant_ops_dashboard.loadbalancers.errors import NoScaling, NotFound
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling import rounds
from tenant_ops_dashboard.loadbalancers.scaling.model import Action, Decision, Group, Last
from tenant_ops_dashboard.loadbalancers.stats import Rate
from tenant_ops_dashboard.records import notes, samples
from tenant_ops_dashboard.sentences import say

# One host decides at a time; a host that dies is replaced after so many seconds.
LEASE = 90.0


def lease(environment_id: str) -> str:
    """The lease's name."""
    return f"scale {environment_id}"


def round_(cloud: Cloud, environment_id: str, host: str, now: datetime.datetime) -> Decision | None:
    """Look, decide, do and note; None where another host is at it. Raises a CloudError."""
    memory = notes.take(cloud.project_id, lease(environment_id), host, now, LEASE)
    if memory is None:
        return None
    try:
        group = reading.read(cloud, environment_id)
        notes.complete_group(cloud, group, now)
        balancer = find(cloud, group)
        collect.sample(cloud, balancer)
        up = sum(one.state == "good" for one in balancer.members())
        last = Last.of(memory)
        decision, after = rounds.consider(cloud, group, up, recent(cloud, balancer.id, group, now), now, last)
        if decision.action in ("out", "in") or (decision.action == "stopped" and after.stopped != last.stopped):
            _note(cloud, balancer, decision, now)
        memory = after.memory()
    finally:
        notes.leave(cloud.project_id, lease(environment_id), host, now, memory)
    return decision


def _note(cloud: Cloud, balancer: Balancer, decision: Decision, now: datetime.datetime) -> None:
    state = "planned" if decision.asked else "failed" if decision.action == "stopped" else "good"
    notes.note(
        cloud.project_id, balancer.id, said(decision.action, decision.reason, decision.asked is not None), kind="scale",
        at=now, state=state, asked=decision.asked,
    )  # fmt: skip


def said(action: Action, reason: str, asked: bool) -> str:
    """What the time line tells of a decision to do something; what Heat accepted (`asked`) is not done yet."""
    if action == "stopped":
        return say("Scaling stopped: {reason}", reason=reason)
    if asked and action == "out":
        return say("Asked for: one step of servers more, {reason}.", reason=reason)
    if asked:
        return say("Asked for: one step of servers fewer, {reason}.", reason=reason)
    if action == "out":
        return say("Scaled out: {reason}.", reason=reason)
    return say("Scaled in: {reason}.", reason=reason)


def find(cloud: Cloud, group: Group) -> Balancer:
    """The load balancer in front of a group. Raises NoScaling, a CloudError."""
    for row in cloud.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers", project_id=cloud.project_id):
        if group.environment_id in (row.get("description") or ""):
            try:
                return watch.find(cloud, row["id"])
            except NotFound:
                break
    raise NoScaling(
        say(
            "The environment {environment} has no load balancer whose load could be measured.",
            environment=group.environment,
        )
    )


def recent(cloud: Cloud, balancer_id: str, group: Group, now: datetime.datetime) -> list[Rate | None]:
    """The rates that a decision looks at."""
    back = datetime.timedelta(seconds=max(group.rules.window, group.rules.calm) + stats.GAP)
    return stats.rates(samples.since(cloud.project_id, balancer_id, now - back))
