"""Scale now, repair, and change when it happens by itself. Heat does it; the stack's template remembers it."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import datetime
import logging
from collections.abc import Iterator
from typing import Any

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain
from tenant_ops_dashboard.environments import quota, stack
from tenant_ops_dashboard.environments.model import QuotaLine
from tenant_ops_dashboard.loadbalancers import access
from tenant_ops_dashboard.loadbalancers.errors import BadInput, ScalingFailed, StillBusy
from tenant_ops_dashboard.loadbalancers.scaling import alarms, members
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.model import METRICS, Group, Rules

Json = dict[str, Any]
LARGEST = 100
# Seconds that Heat's policies rest after a change where no alarm calls them, as in our blueprints.
REST = 30
_LOG = logging.getLogger(__name__)


def now(cloud: Cloud, group: Group, direction: str, seen: int | None = None) -> None:
    """Signal the policy that adds ('out') or takes ('in') a step of servers. Heat goes on with it.

    `seen` is how many servers the person saw who asks: the order of one who saw another number, such as the second
    click of two, is told and not carried out. Raises NotAllowed, BadInput, a CloudError, or as `ready`.
    """
    access.require(cloud, access.SCALE, verb=f"scale {direction}", target_id=group.environment_id,
                   target_name=group.environment)  # fmt: skip
    ready(group, direction)
    if seen not in (None, group.size):
        raise BadInput(f"{group.environment} had {seen} servers when this was asked and has {group.size} now: "
                       "nothing was changed.")  # fmt: skip
    policy = group.out_policy if direction == "out" else group.in_policy
    with _told(cloud, group, f"scale {direction}", {"servers": group.size}, {"step": group.step}):
        cloud.post("orchestration", f"{group.path}/resources/{policy}/signal", {})


def ready(group: Group, direction: str) -> None:
    """Heat takes a signal and does nothing where it is at work, rests or is stuck: that is told before. Asks nothing.

    Raises BadInput at a limit, StillBusy, or ScalingFailed where a repair must come first.
    """
    _free(group)
    if direction == "out" and group.size >= group.maximum:
        raise BadInput(f"{group.environment} has {group.size} servers already, its maximum.")
    if direction == "in" and group.size <= group.minimum:
        raise BadInput(f"{group.environment} has {group.size} servers, its minimum.")
    if left := group.rests(datetime.datetime.now(datetime.UTC)):
        raise StillBusy(f"Heat rests after the last change of {group.environment}, for {left} s more.")
    if group.stuck:
        raise ScalingFailed(f"The last change of {group.environment} failed, and Heat takes no other before a repair.")


def change(cloud: Cloud, group: Group, rules: Rules, minimum: int, maximum: int, step: int) -> None:
    """Keep the rules and the limits in the stack's own template: one update, no server is replaced by it.

    Where the cloud has alarming, alarms that drive the policies come and go with `rules.on`.
    Raises NotAllowed, BadInput, StillBusy while Heat is at work, or a CloudError.
    """
    access.require(cloud, access.SCALE, verb="rules", target_id=group.environment_id, target_name=group.environment)
    problems = check(rules, minimum, maximum, step)
    if problems:
        raise BadInput(" ".join(problems.values()))
    _free(group)
    before = {**dataclasses.asdict(group.rules), "minimum": group.minimum, "maximum": group.maximum, "step": group.step}
    after = {**dataclasses.asdict(rules), "minimum": minimum, "maximum": maximum, "step": step}
    changes = [name for name, value in after.items() if value != before[name]]
    with _told(cloud, group, "rules", {key: before[key] for key in changes}, {key: after[key] for key in changes}):
        driven = alarms.declared(group, rules, alarms.prepare(cloud, group)) if _alarming(cloud, rules) else {}
        template = cloud.get("orchestration", f"{group.path}/template")
        _update(cloud, group, changed(template, group, rules, minimum, maximum, step, driven))
    if alarms.offered(cloud):
        _tidy(cloud)


def changed(
    template: Json, group: Group, rules: Rules, minimum: int, maximum: int, step: int, driven: Json | None = None
) -> Json:
    """The template with the rules, the limits and the alarms (`driven`) in it. Pure.

    The wanted size becomes the size it has, within the limits: Heat would go back to the launch's size otherwise.
    """
    made = copy.deepcopy(template)
    resources = made["resources"]
    resource = resources[group.name]
    resource.setdefault("metadata", {}).setdefault("tenant_ops", {})[reading.KEY] = dataclasses.asdict(rules)
    resource["properties"].update(
        min_size=minimum, max_size=maximum, desired_capacity=min(maximum, max(minimum, group.size))
    )
    # Alarms call until the load is met: then the pause between two changes is Heat's to keep.
    rest = {"cooldown": int(rules.cooldown)} if driven else {"cooldown": REST} if alarms.OUT in resources else {}
    for policy, sign in ((group.out_policy, 1), (group.in_policy, -1)):
        resources[policy]["properties"].update(scaling_adjustment=sign * step, **rest)
    for name in (alarms.OUT, alarms.IN):
        resources.pop(name, None)
    resources.update(driven or {})
    return made


def repair(cloud: Cloud, group: Group) -> None:
    """Replace servers that were deleted and take away what Heat could not make: one update of the stack.

    Raises NotAllowed, BadInput where nothing is broken, StillBusy while Heat is at work, or a CloudError.
    """
    access.require(cloud, access.SCALE, verb="repair", target_id=group.environment_id, target_name=group.environment)
    _free(group)
    if not group.repairable:
        raise BadInput(f"Nothing of {group.environment} is broken.")
    with _told(cloud, group, "repair", {"broken": [one.key for one in group.broken]}, {}):
        for one in group.lost:
            # By id alone Heat answers with a redirect, which a change must not follow.
            home = next(iter(stack.asked(cloud, id=one.place[0], show_nested=True)), None)
            if home is None:
                continue
            path = f"/stacks/{home['stack_name']}/{one.place[0]}/resources/{one.place[1]}"
            cloud.patch("orchestration", path, {"mark_unhealthy": True, "resource_status_reason": members.LOST})
        template = copy.deepcopy(cloud.get("orchestration", f"{group.path}/template"))
        wanted = min(group.maximum, max(group.minimum, group.size))
        template["resources"][group.name]["properties"]["desired_capacity"] = wanted
        _update(cloud, group, template)


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


def room(cloud: Cloud, group: Group, servers: int) -> tuple[QuotaLine, ...]:
    """What so many servers more take of the quota. Raises a CloudError."""
    if servers <= 0:
        return ()
    needed = {("compute", "instances"): servers, ("network", "port"): servers, ("load-balancer", "member"): servers}
    for one in cloud.pages("compute", "/flavors/detail", "flavors"):
        if group.flavor in (one["id"], one["name"]):
            needed[("compute", "cores")] = servers * int(one["vcpus"])
            needed[("compute", "ram")] = servers * int(one["ram"])
    return quota.lines(cloud, needed)


def _free(group: Group) -> None:
    if group.busy:
        raise StillBusy(f"Heat is at work on {group.environment}.")


def _alarming(cloud: Cloud, rules: Rules) -> bool:
    return rules.on and alarms.offered(cloud)


def _update(cloud: Cloud, group: Group, template: Json) -> None:
    files = cloud.get("orchestration", f"{group.path}/files")
    cloud.patch("orchestration", group.path, {"template": template, "files": files, "existing": True})


def _tidy(cloud: Cloud) -> None:
    """Metrics of environments that were deleted since: nobody else would ever take them away."""
    try:
        alarms.forget(cloud, {one.id for one in stack.environments(cloud)})
    except CloudError as error:
        _LOG.info("Metrics of deleted environments stay: %s", error)


@contextlib.contextmanager
def _told(cloud: Cloud, group: Group, verb: str, before: Json, after: Json) -> Iterator[None]:
    """Write what is done into the audit trail: as begun, as failed, or as nobody knows."""
    outcome: audit.Outcome = "pending"
    request_id, reason = "", verb
    try:
        yield
        request_id = cloud.accepted
    except CloudError as error:
        outcome = "unknown" if isinstance(error, Uncertain) else "failure"
        request_id, reason = error.request_id, error.sentence
        raise
    finally:
        audit.record(
            cloud, "update", "environment-scaling", group.environment_id, group.environment, outcome,
            request_id=request_id, reason=reason, verb=verb, before=before, after=after,
        )  # fmt: skip
