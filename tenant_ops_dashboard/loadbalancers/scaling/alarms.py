"""Alarms (aodh) that call an environment's policies, where the cloud has alarming."""

from __future__ import annotations

from dataclasses import dataclass

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.loadbalancers.scaling.model import Group

SERVICE = "alarming"


@dataclass(frozen=True)
class Alarm:
    """`state` is aodh's: 'ok', 'alarm' or 'insufficient data'."""

    id: str
    name: str
    state: str
    enabled: bool
    policy: str


def read(cloud: Cloud, group: Group) -> tuple[Alarm, ...]:
    """The alarms that call one of the group's policies: one call, none without alarming. Raises a CloudError."""
    if not cloud.has(SERVICE):
        return ()
    found = []
    rows = cloud.get(SERVICE, "/v2/alarms")
    for row in rows.get("", []):
        for policy in (group.out_policy, group.in_policy):
            if any(f"{group.environment_id}/resources/{policy}" in address for address in row["alarm_actions"]):
                found.append(Alarm(row["alarm_id"], row["name"], row["state"], bool(row["enabled"]), policy))
    return tuple(found)


def drive(cloud: Cloud, group: Group) -> bool:
    """Whether an enabled alarm scales this group out: then nobody else does. False where aodh is silent."""
    try:
        return any(one.enabled and one.policy == group.out_policy for one in read(cloud, group))
    except CloudError:
        return False
