"""The walkthrough: its scenarios, how far each has come, its buttons, its pre-flight and its reset."""

from __future__ import annotations

from collections.abc import Callable, Collection

from tenant_ops_dashboard.api.operation import Asked, Json, Operation, resource, text
from tenant_ops_dashboard.care.walkthrough import Desk
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.sentences import about, say
from tenant_ops_dashboard.walkthrough import anew, preflight, reset, scenarios, steps, written
from tenant_ops_dashboard.walkthrough.access import GET, RESET, RUN
from tenant_ops_dashboard.walkthrough.model import Progress
from tenant_ops_dashboard.walkthrough.store import Store

#: Seconds: a step asks several services before it answers, a reset all of them.
PATIENCE = 90.0
#: What may be done with a step.
DEEDS = ("do", "check", "skip", "again")


def listing(asked: Asked) -> Json:
    """All scenarios with their steps, and how far each has come."""
    gone = anew.gone(asked.cloud, Desk())
    return {"scenarios": [
        {**written.scenario(one), "progress": written.progress(_progress(asked.cloud, one.id, gone))}
        for one in scenarios.scenarios()
    ]}  # fmt: skip


def one(asked: Asked) -> Json:
    """How far one scenario has come."""
    return written.progress(_progress(asked.cloud, asked.parts["scenario"], anew.gone(asked.cloud, Desk())))


def ready(asked: Asked) -> Json:
    """What a show needs, looked at; good findings too."""
    wanted = asked.words.get("scenario") or None
    return {"findings": [written.problem(one) for one in preflight.preflight(asked.cloud, Desk(), wanted)]}


def take_away(asked: Asked) -> Json:
    """Begin to take away what scenarios made."""
    return written.left(reset.reset(asked.cloud, Desk(), _scenario(asked)))


def left(asked: Asked) -> Json:
    """Go on with it, and tell what is left."""
    return written.left(reset.left(asked.cloud, Desk(), _scenario(asked)))


def _deed(do: Callable[[Cloud, Store, str, str], Progress]) -> Callable[[Asked], Json]:
    def run(asked: Asked) -> Json:
        _only(asked)
        return written.progress(do(asked.cloud, Desk(), asked.parts["scenario"], asked.parts["step"]))

    return run


def _progress(cloud: Cloud, id_: str, gone: Collection[str]) -> Progress:
    """What was told of an environment that is gone is told as open."""
    return anew.opened(steps.progress(cloud, Desk(), id_), gone)


def _scenario(asked: Asked) -> str | None:
    _only(asked, "scenario")
    if "scenario" not in asked.body:
        return None
    if not (found := text(asked.body, "scenario", 32)):
        raise BadInput(about("scenario", say("this is no scenario; for all of them leave it out.")), field="scenario")
    return found


def _only(asked: Asked, *known: str) -> None:
    for name in asked.body:
        if name not in known:
            raise BadInput(about(name[:60], say("this is unknown here.")), field=name[:60])


all_scenarios = resource(get=Operation(listing, GET))
one_scenario = resource(get=Operation(one, GET))
findings = resource(get=Operation(ready, GET, frozenset({"scenario"}), PATIENCE))
begin_reset = resource(post=Operation(take_away, RESET, seconds=PATIENCE))
go_on_with_reset = resource(post=Operation(left, RESET, seconds=PATIENCE))
STEPS = {
    name: resource(post=Operation(_deed(getattr(steps, name)), RUN, seconds=PATIENCE)) for name in DEEDS
}  # fmt: skip
