"""The one environment that all scenarios are shown on: whoever needs it first launches it."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch, reconcile, watch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Details, Request
from tenant_ops_dashboard.sentences import join, say, whole
from tenant_ops_dashboard.walkthrough.model import Checked, Did, Step
from tenant_ops_dashboard.walkthrough.play import Act, Context

NAME = "demo-shop"
BLUEPRINT = "tomcat-oracle"
ROWS = 50
ANSWERS = {"database_size": "1", "sample_rows": str(ROWS)}
#: Seconds that a launch may take.
PATIENCE = 600.0
LOOKS = say("Heat is done, the firewall group is in force, and both application servers are up.")


def request() -> Request:
    """What is launched."""
    return Request(NAME, BLUEPRINT, ANSWERS)


def standing(cloud: Cloud) -> stack.Stack | None:
    """Heat's stack of that name that is not going, None where there is none: one call. Raises a CloudError."""
    found = stack.named(cloud, NAME)
    return None if found is None or found.going else found


def begin(context: Context) -> Did:
    """Launch it, unless it is there."""
    found = standing(context.cloud)
    if found is not None and stack.TAG in found.tags:
        return Did(say("The environment {name} is there already and is used.", name=NAME), {"environment_id": found.id})
    # No token: whoever asks for the same while it is built gets the same.
    made = launch.launch(context.cloud, request())
    return Did(
        say("Asked Heat for the environment {name}, as the launch page does.", name=NAME), {"environment_id": made.id}
    )


def up(context: Context) -> Checked:
    """Whether it stands; what comes after the stack is done on the way."""
    cloud, id_ = context.cloud, context.fact("environment_id")
    found = stack.by_id(cloud, id_)
    if found is None:
        return Checked(False, say("The environment {name} is gone: do this step again.", name=NAME))
    if found.meaning.stands and not found.meaning.moving:
        reconcile.by_id(cloud, id_, asked=True)
    details = watch.details(cloud, id_)
    told = say("{done} of {total} resources stand", done=details.progress.done, total=details.progress.total)
    if details.environment.status == "failed":
        return Checked(
            False, join(" ", (details.environment.status_reason or say("Heat could not make it."), whole(told)))
        )
    if details.environment.status != "good" or details.changing:
        return Checked(None, "", join(" ", (whole(told), details.environment.status_reason)))
    facts = known(details)
    if not facts["address"]:
        return Checked(None, "", say("No floating IP leads to it yet."))
    return Checked(
        True, say("{told}; its address is http://{address}/.", told=told, address=facts["address"]), facts=facts
    )


def known(details: Details) -> dict[str, str]:
    """What later steps need of it."""
    boxes = {one.kind: one.resource_id for one in details.picture.boxes if one.resource_id}
    return {
        "environment_id": details.environment.id, "environment": details.environment.name,
        "address": next(iter(details.targets.application), ""), "balancer_id": boxes.get("load_balancer", ""),
    }  # fmt: skip


def ready(spoken: str, notes: str = "") -> Act:
    """The first step of a scenario that uses it."""
    step = Step(
        "ready", say("An application to show it on"), spoken, say("Get the application ready"),
        ("environment", "environment_id"),
        notes=notes
        or say("Uses {name} where it is there; otherwise launches it, which takes about a minute.", name=NAME),
        patience=PATIENCE,
    )  # fmt: skip
    return Act(step, LOOKS, begin, up)
