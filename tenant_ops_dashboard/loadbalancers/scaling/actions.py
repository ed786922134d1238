"""Scale now, repair, and change when it happens by itself. Heat does it; the stack's template remembers it."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import logging
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.cloud.values import mapping, number
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import QuotaLine
from tenant_ops_dashboard.environments.planning import quota
from tenant_ops_dashboard.environments.standstill import stall
from tenant_ops_dashboard.loadbalancers import access
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.errors import BadInput, ScalingFailed, StillBusy
from tenant_ops_dashboard.loadbalancers.scaling import alarms, asked, members
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.model import HIGHEST, METRICS, TIMES, Group, Rules
from tenant_ops_dashboard.sentences import join, say

Json = dict[str, Any]
LARGEST = 100
# Seconds that Heat's policies rest after a change where no alarm calls them, as in our blueprints.
REST = 30
_LOG = logging.getLogger(__name__)


def now(cloud: Cloud, group: Group, direction: str, seen: int | None = None) -> Asked:
    """Signal the policy that adds ('out') or takes ('in') a step of servers; what a later look is to show of it.

    `seen` is how many servers the person saw who asks: the order of one who saw another number, such as the second
    click of two, is told and not carried out. Raises NotAllowed, BadInput, a CloudError, or as `ready`.
    """
    return perform(Now(cloud, group, direction, seen))


def ready(group: Group, direction: str) -> None:
    """Heat takes a signal and does nothing where it is at work, rests or is stuck: that is told before. Asks nothing.

    Raises BadInput at a limit, StillBusy, or ScalingFailed where a repair must come first.
    """
    _free(group)
    if direction == "out" and group.size >= group.maximum:
        raise BadInput(
            say(
                "{environment} has {size} servers already, its maximum.", environment=group.environment, size=group.size
            )
        )
    if direction == "in" and group.size <= group.minimum:
        raise BadInput(
            say("{environment} has {size} servers, its minimum.", environment=group.environment, size=group.size)
        )
    if left := group.rests(datetime.datetime.now(datetime.UTC)):
        raise StillBusy(
            say(
                "Heat rests after the last change of {environment}, for {left} s more.",
                environment=group.environment,
                left=left,
            )
        )
    if group.stuck:
        raise ScalingFailed(
            say(
                "The last change of {environment} failed, and Heat takes no other before a repair.",
                environment=group.environment,
            )
        )


def change(cloud: Cloud, group: Group, rules: Rules, minimum: int, maximum: int, step: int) -> Asked:
    """Keep the rules and the limits in the stack's own template: one update, no server is replaced by it.

    What a later look is to show of it.

    Where the cloud has alarming, alarms that drive the policies come and go with `rules.on`.
    Raises NotAllowed, BadInput, StillBusy while Heat is at work, or a CloudError.
    """
    made = perform(NewRules(cloud, group, rules, minimum, maximum, step))
    if alarms.offered(cloud):
        _tidy(cloud)
    return made


def takes(group: Group, rules: Rules, minimum: int, maximum: int, step: int) -> None:
    """Raises BadInput where these rules cannot be kept, StillBusy where Heat would not take them now. Asks nothing."""
    if problems := check(rules, minimum, maximum, step):
        raise BadInput(join(" ", problems.values()))
    _free(group)


def changed(
    template: Json, group: Group, rules: Rules, minimum: int, maximum: int, step: int, driven: Json | None = None
) -> Json:
    """The template with the rules, the limits and the alarms (`driven`) in it. Pure.

    The wanted size becomes the size it has, within the limits: Heat would go back to the launch's size otherwise.
    """
    made = copy.deepcopy(template)
    resources = made["resources"]
    resource = resources[group.name]
    # Whatever stood there that is no mapping said nothing.
    resource["metadata"] = mapping(resource.get("metadata"))
    resource["metadata"]["tenant_ops"] = mapping(resource["metadata"].get("tenant_ops"))
    resource["metadata"]["tenant_ops"][reading.KEY] = dataclasses.asdict(rules)
    resource["properties"] = mapping(resource.get("properties"))
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


def repair(cloud: Cloud, group: Group) -> Asked:
    """Replace servers that were deleted and take away what Heat could not make: one update of the stack.

    What a later look is to show of it.

    Raises NotAllowed, BadInput where nothing is broken, StillBusy while Heat is at work, or a CloudError.
    """
    return perform(Repair(cloud, group))


class GroupChange(Change[Asked]):
    """A change of an environment's group of servers; what it gives is how a look knows that it is done."""

    rule = access.SCALE
    action = "update"
    kind = "environment-scaling"

    def __init__(self, cloud: Cloud, group: Group) -> None:
        super().__init__(cloud)
        self.group = group
        self.target = Target(group.environment_id, group.environment)
        self.says = self.verb


class Now(GroupChange):
    """One step of servers more or fewer, at once."""

    name = "scaling.now"

    def __init__(self, cloud: Cloud, group: Group, direction: str, seen: int | None) -> None:
        self.direction, self.seen = direction, seen
        super().__init__(cloud, group)

    @property
    def verb(self) -> str:
        return f"scale {self.direction}"

    def prepare(self) -> None:
        group = self.group
        ready(group, self.direction)
        if self.seen not in (None, group.size):
            raise BadInput(say("{environment} had {seen} servers when this was asked and has {size} now: nothing was "
"changed.", environment=group.environment, seen=self.seen, size=group.size))  # fmt: skip
        step = group.step if self.direction == "out" else -group.step
        wanted = min(group.maximum, max(group.minimum, group.size + step))
        self.wanted = wanted
        self.before, self.after = {"servers": group.size}, {"servers": wanted}

    def send(self) -> Asked:
        policy = self.group.out_policy if self.direction == "out" else self.group.in_policy
        self.cloud.post("orchestration", f"{self.group.path}/resources/{policy}/signal", {})
        return asked.scaled(self.group, self.wanted)


class NewRules(GroupChange):
    """When it scales by itself, and within which limits."""

    name = "scaling.rules"

    def __init__(self, cloud: Cloud, group: Group, rules: Rules, minimum: int, maximum: int, step: int) -> None:
        super().__init__(cloud, group)
        self.rules, self.limits = rules, (minimum, maximum, step)

    def prepare(self) -> None:
        takes(self.group, self.rules, *self.limits)
        names = ("minimum", "maximum", "step")
        before = {**dataclasses.asdict(self.group.rules), **{name: getattr(self.group, name) for name in names}}
        after = {**dataclasses.asdict(self.rules), **dict(zip(names, self.limits, strict=True))}
        changes = [name for name, value in after.items() if value != before[name]]
        self.before, self.after = ({name: one[name] for name in changes} for one in (before, after))

    def send(self) -> Asked:
        cloud, group = self.cloud, self.group
        driving = _alarming(cloud, self.rules)
        driven = alarms.declared(group, self.rules, alarms.prepare(cloud, group)) if driving else {}
        template = cloud.get("orchestration", f"{group.path}/template")
        _update(cloud, group, changed(template, group, self.rules, *self.limits, driven))
        return asked.ruled(group, self.after or {})


class Repair(GroupChange):
    """New servers for those that were deleted, and what Heat could not make goes."""

    name = "scaling.repair"

    def prepare(self) -> None:
        if not self.group.free:
            _free(self.group)
        if not self.group.repairable:
            raise BadInput(say("Nothing of {environment} is broken.", environment=self.group.environment))
        self.before, self.after = {"broken": [one.key for one in self.group.broken]}, {}

    def send(self) -> Asked:
        cloud, group = self.cloud, self.group
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
        return asked.repaired(group)


def check(rules: Rules, minimum: int, maximum: int, step: int) -> dict[str, str]:
    """What is wrong, by field."""
    found: dict[str, str] = {}
    if not 1 <= minimum <= LARGEST:
        found["minimum"] = say("The minimum is a number from 1 to {most}.", most=LARGEST)
    if not minimum <= maximum <= LARGEST:
        found["maximum"] = say("The maximum is a number from the minimum to {most}.", most=LARGEST)
    if not 1 <= step <= max(1, maximum - minimum):
        found["step"] = say("A step is at least one server, and no more than lie between minimum and maximum.")
    if rules.metric not in METRICS:
        found["metric"] = say("The metric is one of {known}.", known=", ".join(METRICS))
    if not 0 < rules.threshold <= HIGHEST:
        found["threshold"] = say("The threshold is above 0, and at most {most:g}.", most=HIGHEST)
    for name, (low, high) in TIMES.items():
        if not low <= getattr(rules, name) <= high:
            found[name] = say("This is a time from {low} to {high} seconds.", low=low, high=high)
    if not found and rules.calm < rules.window:
        found["calm"] = say("The calm is at least as long as the forecast looks back, or servers would come and go.")
    return found


def room(cloud: Cloud, group: Group, servers: int) -> tuple[QuotaLine, ...]:
    """What so many servers more take of the quota. Raises a CloudError."""
    if servers <= 0:
        return ()
    needed = {("compute", "instances"): servers, ("network", "port"): servers, ("load-balancer", "member"): servers}
    for one in cloud.pages("compute", "/flavors/detail", "flavors"):
        if group.flavor in (one["id"], one["name"]):
            needed[("compute", "cores")] = servers * number(one.get("vcpus"))
            needed[("compute", "ram")] = servers * number(one.get("ram"))
    return quota.lines(cloud, needed)


def _free(group: Group) -> None:
    if group.stall:
        raise StillBusy(
            say(
                "{stalled} A repair of {environment} lets Heat go on.",
                stalled=stall.utc(group.stall),
                environment=group.environment,
            )
        )
    if group.busy:
        raise StillBusy(say("Heat is at work on {environment}.", environment=group.environment))


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
