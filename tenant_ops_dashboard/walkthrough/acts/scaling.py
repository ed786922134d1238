"""Scaling ahead of the load is switched on: rules that tell their story within a minute."""

from __future__ import annotations

from tenant_ops_dashboard.loadbalancers.scaling import actions
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.model import Group, Rules
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.model import Checked, Did
from tenant_ops_dashboard.walkthrough.play import Context

#: Connections a second and server; how many seconds the forecast looks forward.
THRESHOLD, AHEAD = 1.5, 60.0
#: A forecast looks back no shorter than a minute, see TIMES of scaling's model.
RULES = Rules(on=True, metric="connections", threshold=THRESHOLD, window=60.0, ahead=AHEAD, calm=600.0, cooldown=60.0)


def switch_on(context: Context) -> Did:
    """Keep the rules in the stack, unless they are there; room for one server more."""
    group = read(context)
    if _is_on(group):
        return Did(say("The rules are in force already."))
    most = max(group.maximum, group.size + 1)
    actions.change(context.cloud, group, RULES, group.minimum, most, 1)
    return Did(
        say(
            "Asked Heat to keep the rules: scale out where more than {threshold:g} connections a second and server are"
            " forecast in {ahead:.0f} s.",
            threshold=THRESHOLD,
            ahead=AHEAD,
        )
    )


def is_on(context: Context) -> Checked:
    """Whether Heat is done with it; a look measures the load, so that the forecast has something to go by."""
    context.store.scale(context.cloud, context.fact("environment_id"))
    group = read(context)
    if group.update_failed and not group.busy:
        return Checked(False, group.reason or say("Heat could not keep the rules; its page says why."))
    if not _is_on(group) or group.busy:
        return Checked(None, "", say("Heat is at work on the stack."))
    told = say(
        "On: {threshold:g} connections a second and server, {ahead:.0f} s ahead, {size} servers now, {most} at most.",
        threshold=THRESHOLD, ahead=AHEAD, size=group.size, most=group.maximum,
    )  # fmt: skip
    return Checked(True, told, facts={"servers": str(group.size)})


def read(context: Context) -> Group:
    """The environment's group of servers. Raises NotFound, NoScaling, a CloudError."""
    return reading.read(context.cloud, context.fact("environment_id"))


def _is_on(group: Group) -> bool:
    return group.rules == RULES and group.maximum > group.size
