"""The four scenarios, in the order in which they are told."""

from __future__ import annotations

from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.errors import NotFound
from tenant_ops_dashboard.walkthrough.model import Scenario
from tenant_ops_dashboard.walkthrough.play import Act, Play
from tenant_ops_dashboard.walkthrough.scenarios.balancing import BALANCING
from tenant_ops_dashboard.walkthrough.scenarios.cloning import CLONING
from tenant_ops_dashboard.walkthrough.scenarios.firewall import FIREWALL
from tenant_ops_dashboard.walkthrough.scenarios.orchestration import ORCHESTRATION

PLAYS: tuple[Play, ...] = (ORCHESTRATION, BALANCING, FIREWALL, CLONING)


def scenarios() -> tuple[Scenario, ...]:
    """All scenarios; no call."""
    return tuple(one.scenario for one in PLAYS)


def find(id_: str) -> Play:
    """The scenario with this id. Raises NotFound."""
    for one in PLAYS:
        if one.scenario.id == id_:
            return one
    known = ", ".join(one.scenario.id for one in PLAYS)
    raise NotFound(say("There is no scenario {id}; there are: {known}.", id=id_[:40], known=known), field="scenario")


def act(id_: str, step: str) -> Act:
    """A step of a scenario. Raises NotFound."""
    play = find(id_)
    found = play.act(step)
    if found is None:
        known = ", ".join(one.step.id for one in play.acts)
        raise NotFound(
            say("The scenario {id} has no step {step}; it has: {known}.", id=id_, step=step[:40], known=known),
            field="step",
        )
    return found
