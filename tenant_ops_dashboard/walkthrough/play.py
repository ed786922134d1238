"""What each step of a scenario consists of, beside its words: what it does, and how its effect is looked at."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.errors import InTheWay
from tenant_ops_dashboard.walkthrough.model import Checked, Did, Scenario, Step
from tenant_ops_dashboard.walkthrough.store import Store


@dataclass(frozen=True)
class Context:
    """What a step's functions are given. `began` is when the step was done.

    `left_out` is the title of the step to do where a fact is missing.
    """

    cloud: Cloud
    store: Store
    facts: Mapping[str, str]
    began: datetime.datetime
    left_out: str = ""

    def fact(self, name: str) -> str:
        """What an earlier step found. Raises InTheWay where that step was left out."""
        found = self.facts.get(name, "")
        if not found:
            raise InTheWay(
                say(
                    "An earlier step was left out, and what it finds is missing: do the step '{title}' first.",
                    title=self.left_out,
                )
            )
        return found


@dataclass(frozen=True)
class Act:
    """A step with its functions. `do` takes a few seconds at most: what it asks for need not be done when it returns.

    `check` looks once; `looks` says at what. Both raise a TenantOpsError. `before` gives facts that are kept before a
    check that sends something looks: of two who look at once one does.
    """

    step: Step
    looks: str
    do: Callable[[Context], Did]
    check: Callable[[Context], Checked]
    before: Callable[[Context], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Play:
    """A scenario with the functions of its steps, in their order."""

    scenario: Scenario
    acts: tuple[Act, ...]

    def act(self, step: str) -> Act | None:
        """The act of the step with this id."""
        return next((one for one in self.acts if one.step.id == step), None)


def play(id_: str, title: str, summary: str, acts: tuple[Act, ...]) -> Play:
    """A scenario made of its acts."""
    return Play(Scenario(id_, title, summary, tuple(one.step for one in acts)), acts)
