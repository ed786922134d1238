"""Scenarios, their steps, and how far a presenter has come. Times are in UTC, spans in seconds."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tenant_ops_dashboard.doctor import model as doctor

#: A page of the dashboard that shows a step's effect.
Place = Literal["environment", "balancer", "firewall", "clone", "offers"]
#: A page and the fact that it takes, such as ("environment", "environment_id").
Link = tuple[Place, str]
#: Of a step: nobody did it; it was done and its effect is not seen yet; it is; it will not be; the presenter left it.
State = Literal["open", "waiting", "passed", "failed", "skipped"]


@dataclass(frozen=True)
class Step:
    """One thing to show. `say` is spoken, `notes` are for the presenter alone, `button` names what is done.

    `link` is the page that shows it and the fact that this page takes, None where there is none.
    `needs` are ids of earlier steps of the scenario. `patience` is for how many seconds its check is asked again
    before it counts as failed.
    """

    id: str
    title: str
    say: str
    button: str
    link: Link | None = None
    needs: tuple[str, ...] = ()
    notes: str = ""
    patience: float = 60.0


@dataclass(frozen=True)
class Scenario:
    """A story that is told in steps."""

    id: str
    title: str
    summary: str
    steps: tuple[Step, ...]

    def step(self, id_: str) -> Step | None:
        """The step with this id."""
        return next((one for one in self.steps if one.id == id_), None)


@dataclass(frozen=True)
class Taken:
    """How one step stands. `did` says what was done, `evidence` what its check saw or waits for.

    `check` says what is looked at. `seconds` are those from the button to the proof, None until there is one. `tries`
    counts how often it was done. `usually` are the seconds that it took on past runs, None where there was none. `idle`
    says that what it makes stood already, so that its seconds tell nothing of how long that takes.
    """

    step: str
    state: State = "open"
    did: str = ""
    check: str = ""
    evidence: str = ""
    started_at: datetime.datetime | None = None
    ended_at: datetime.datetime | None = None
    seconds: float | None = None
    tries: int = 0
    usually: float | None = None
    idle: bool = False


@dataclass(frozen=True)
class Progress:
    """How far a scenario has come in one project of one region.

    `facts` are what steps found for later ones, such as 'environment_id' or 'address'. `revision` counts what was kept:
    it is compared when this is kept, so that of two presenters neither loses a step.
    """

    scenario: str
    steps: tuple[Taken, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0

    def taken(self, step: str) -> Taken:
        """How the step with this id stands."""
        return next((one for one in self.steps if one.step == step), Taken(step))


@dataclass(frozen=True)
class Did:
    """What a step's function did: a sentence, and facts for later steps; `idle` says that it stood already."""

    did: str
    facts: Mapping[str, str] = field(default_factory=dict)
    idle: bool = False


@dataclass(frozen=True)
class Checked:
    """What one look found: whether the effect is there (None: not yet), the evidence, and what is waited for.

    `facts` are for the next look and for later steps.
    """

    passed: bool | None
    evidence: str = ""
    waits_for: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """One finding of a pre-flight, good ones too: what was looked at, what was found, and the fix ('' where good)."""

    what: str
    state: doctor.State
    found: str
    fix: str = ""


@dataclass(frozen=True)
class Left:
    """What a reset has still to take away, a sentence each; nothing is left once it is done and was looked at."""

    left: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        return not self.left
