"""Wait until Heat is done with a group."""

from __future__ import annotations

import datetime
import time

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.standstill import stall
from tenant_ops_dashboard.loadbalancers.errors import StillBusy
from tenant_ops_dashboard.loadbalancers.scaling import actions
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.model import Group
from tenant_ops_dashboard.sentences import say

# Seconds between two looks, how long Heat may take to begin, and how long to end.
PAUSE, BEGIN, PATIENCE = 1.0, 15.0, 1800.0


def free(cloud: Cloud, group: Group, patience: float = PATIENCE) -> Group:
    """The group as soon as Heat takes an order for it; where Heat stands still it is made to go on, once.

    Raises StillBusy where Heat is at work for longer than `patience` seconds, or a CloudError.
    """
    began, repaired = time.monotonic(), False
    while group.busy or group.rests(datetime.datetime.now(datetime.UTC)):
        if time.monotonic() - began > patience:
            raise StillBusy(
                say(
                    "Heat is still at work on {environment} after {patience:.0f} seconds.",
                    environment=group.environment,
                    patience=patience,
                )
            )
        repaired = _gone_on(cloud, group, repaired)
        time.sleep(PAUSE)
        group = reading.read(cloud, group.environment_id)
    return group


def done(cloud: Cloud, before: Group, patience: float = PATIENCE) -> Group:
    """The group after the change ordered when it was `before`; a Heat that stands still is made to go on, once.

    Raises StillBusy where Heat is at work for longer than `patience` seconds or does not begin, or a CloudError.
    """
    began, repaired = time.monotonic(), False
    while True:
        group = reading.read(cloud, before.environment_id)
        repaired = _gone_on(cloud, group, repaired)
        moved = (group.size, group.stamp, group.broken) != (before.size, before.stamp, before.broken)
        if not group.busy and moved:
            return group
        waited = time.monotonic() - began
        if not group.busy and waited > BEGIN:
            raise StillBusy(
                say("Heat took the order for {environment}, and nothing came of it.", environment=group.environment)
            )
        if waited > patience:
            raise StillBusy(
                say(
                    "Heat is still at work on {environment} after {patience:.0f} seconds.",
                    environment=group.environment,
                    patience=patience,
                )
            )
        time.sleep(PAUSE)


def _gone_on(cloud: Cloud, group: Group, before: bool) -> bool:
    """Whether Heat was made to go on, now or `before`. Raises StillBusy where it stands still once more."""
    if group.stall is None:
        return before
    if before:
        raise StillBusy(stall.utc(group.stall))
    actions.repair(cloud, group)
    return True
