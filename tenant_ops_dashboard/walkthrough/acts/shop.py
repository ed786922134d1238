"""The one environment that all scenarios are shown on: whoever needs it first launches it."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch, reconcile, watch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Details, Request
from tenant_ops_dashboard.sentences import join, say, whole
from tenant_ops_dashboard.walkthrough.errors import InTheWay, NotFound
from tenant_ops_dashboard.walkthrough.model import Checked, Did, Step
from tenant_ops_dashboard.walkthrough.play import Act, Context

NAME = "demo-shop"
#: On its stack: what carries it the walkthrough made, and nothing else is used or taken away.
MARK = "tenant-ops-walkthrough"
BLUEPRINT = "tomcat-oracle"
ROWS = 50
ANSWERS = {"database_size": "1", "sample_rows": str(ROWS)}
#: Seconds that a launch may take.
PATIENCE = 600.0
LOOKS = say("Heat is done, the firewall group is in force, and both application servers are up.")


def request() -> Request:
    """What is launched."""
    return Request(NAME, BLUEPRINT, ANSWERS)


def ours(one: stack.Stack) -> bool:
    """Whether the walkthrough made it; no call."""
    return stack.TAG in one.tags and MARK in one.tags


def usable(cloud: Cloud) -> stack.Stack | None:
    """The one to show it on, None where it is still to be launched: one call.

    Raises InTheWay where something of that name is not the walkthrough's, goes, or never came up; a CloudError.
    """
    found = stack.named(cloud, NAME)
    if found is None:
        return None
    if found.going:
        raise InTheWay(_going())
    if not ours(found):
        raise InTheWay(
            say(
                "The project has a stack {name} that the walkthrough did not make, so it is left alone. Whoever has it"
                " deletes it, or you show another project.",
                name=NAME,
            )
        )
    if not (found.meaning.stands or found.meaning.moving):
        told = say("The environment {name} is broken. Reset all scenarios, then do this again.", name=NAME)
        raise InTheWay(join(" ", (told, found.reason)))
    return found


def _going() -> str:
    return say("The environment {name} is being taken away: once it is gone, do this again.", name=NAME)


def begin(context: Context) -> Did:
    """Launch it, unless it is there."""
    found = usable(context.cloud)
    if found is None:
        # No token: whoever asks for the same while it is built gets the same.
        id_ = launch.launch(context.cloud, request(), tags=(MARK,)).id
        did = say("Asked Heat for the environment {name}, as the launch page does.", name=NAME)
    else:
        id_, did = found.id, say("The environment {name} is there already and is used.", name=NAME)
    return Did(did, {"environment_id": id_}, idle=found is not None)


def up(context: Context) -> Checked:
    """Whether it stands; what comes after the stack is done on the way."""
    cloud, id_ = context.cloud, context.fact("environment_id")
    found = stack.by_id(cloud, id_)
    if found is None:
        raise NotFound(say("The environment {name} is gone: do this step again.", name=NAME))
    if found.going:
        raise InTheWay(_going())
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
