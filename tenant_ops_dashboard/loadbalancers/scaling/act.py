"""Scale now, and change when it happens by itself. Heat does it; the stack's template remembers it."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import quota
from tenant_ops_dashboard.environments.model import QuotaLine
from tenant_ops_dashboard.loadbalancers import access
from tenant_ops_dashboard.loadbalancers.errors import BadInput, StillBusy
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.model import METRICS, Group, Rules

Json = dict[str, Any]
LARGEST = 100


def now(cloud: Cloud, group: Group, direction: str) -> None:
    """Signal the policy that adds ('out') or takes ('in') a step of servers. Heat goes on with it.

    Raises NotAllowed, BadInput at a limit, StillBusy while Heat is at work, or a CloudError.
    """
    access.require(cloud, access.SCALE)
    if group.busy:
        raise StillBusy(f"Heat is at work on {group.environment}.")
    if direction == "out" and group.size >= group.maximum:
        raise BadInput(f"{group.environment} has {group.size} servers already, its maximum.")
    if direction == "in" and group.size <= group.minimum:
        raise BadInput(f"{group.environment} has {group.size} servers, its minimum.")
    policy = group.out_policy if direction == "out" else group.in_policy
    try:
        cloud.post("orchestration", f"{group.path}/resources/{policy}/signal", {})
    except CloudError as error:
        _record(cloud, group, "failure", error)
        raise
    _record(cloud, group, "pending")


def change(cloud: Cloud, group: Group, rules: Rules, minimum: int, maximum: int, step: int) -> None:
    """Keep the rules and the limits in the stack's own template: one update, no server is replaced by it.

    Raises NotAllowed, BadInput, StillBusy while Heat is at work, or a CloudError.
    """
    access.require(cloud, access.SCALE)
    problems = check(rules, minimum, maximum, step)
    if problems:
        raise BadInput(" ".join(problems.values()))
    if group.busy:
        raise StillBusy(f"Heat is at work on {group.environment}.")
    template = cloud.get("orchestration", f"{group.path}/template")
    body = {
        "template": changed(template, group, rules, minimum, maximum, step),
        "files": cloud.get("orchestration", f"{group.path}/files"),
        "existing": True,
    }
    try:
        cloud.patch("orchestration", group.path, body)
    except CloudError as error:
        _record(cloud, group, "failure", error)
        raise
    _record(cloud, group, "pending")


def changed(template: Json, group: Group, rules: Rules, minimum: int, maximum: int, step: int) -> Json:
    """The template with the rules and limits in it. Pure.

    The wanted size becomes the size it has, within the limits: Heat would go back to the launch's size otherwise.
    """
    made = copy.deepcopy(template)
    resource = made["resources"][group.name]
    resource.setdefault("metadata", {}).setdefault("tenant_ops", {})[reading.KEY] = dataclasses.asdict(rules)
    resource["properties"].update(
        min_size=minimum, max_size=maximum, desired_capacity=min(maximum, max(minimum, group.size))
    )
    for policy, sign in ((group.out_policy, 1), (group.in_policy, -1)):
        made["resources"][policy]["properties"]["scaling_adjustment"] = sign * step
    return made


def check(rules: Rules, minimum: int, maximum: int, step: int) -> dict[str, str]:
    """What is wrong, by field."""
    found: dict[str, str] = {}
    if not 1 <= minimum <= LARGEST:
        found["minimum"] = f"The minimum is a number from 1 to {LARGEST}."
    if not minimum <= maximum <= LARGEST:
        found["maximum"] = f"The maximum is a number from the minimum to {LARGEST}."
    if not 1 <= step <= max(1, maximum - minimum):
        found["step"] = "A step is at least one server, and no more than lie between minimum and maximum."
    if rules.metric not in METRICS:
        found["metric"] = f"The metric is one of {', '.join(METRICS)}."
    if not rules.threshold > 0:
        found["threshold"] = "The threshold is above 0."
    for name, low, high in (("window", 60, 3600), ("ahead", 0, 1800), ("calm", 60, 86400), ("cooldown", 30, 86400)):
        if not low <= getattr(rules, name) <= high:
            found[name] = f"This is a time from {low} to {high} seconds."
    if not found and rules.calm < rules.window:
        found["calm"] = "The calm is at least as long as the forecast looks back, or servers would come and go."
    return found


def room(cloud: Cloud, servers: int) -> tuple[QuotaLine, ...]:
    """What so many servers more take of the quota, as far as their number tells. Raises a CloudError."""
    needed = {("compute", "instances"): servers, ("network", "port"): servers, ("load-balancer", "member"): servers}
    return quota.lines(cloud, needed) if servers > 0 else ()


def _record(cloud: Cloud, group: Group, outcome: audit.Outcome, error: CloudError | None = None) -> None:
    audit.record(
        cloud, "update", "environment-scaling", group.environment_id, group.environment, outcome,
        request_id=error.request_id if error else "", reason=error.sentence if error else "",
    )  # fmt: skip
