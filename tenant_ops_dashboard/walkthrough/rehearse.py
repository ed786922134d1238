"""Scenarios unattended, step after step: for the command line, pipelines and tests; never for a page."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tenant_ops_dashboard.cloud import CloudError, NotAllowed, Unreachable
from tenant_ops_dashboard.walkthrough.errors import BadInput, InTheWay
from tenant_ops_dashboard.walkthrough.model import Left, Progress, Scenario, Step, Taken

#: Seconds between two looks, and those that a reset may take.
EVERY, RESET_PATIENCE = 1.5, 300.0
#: Seconds after which a reset of which nothing moves is begun anew: that is safe.
STILL = 30.0
#: How often a button is pressed once more where nobody answered.
TRIES = 2
Tell = Callable[[str], None]


class Desk(Protocol):
    """Where a scenario is taken: the service layer itself, or the dashboard's API."""

    def scenarios(self) -> tuple[Scenario, ...]: ...
    def progress(self, scenario: str) -> Progress: ...
    def do(self, scenario: str, step: str) -> Progress: ...
    def check(self, scenario: str, step: str) -> Progress: ...
    def reset(self, scenario: str | None) -> Left: ...
    def left(self, scenario: str | None) -> Left: ...


@dataclass(frozen=True)
class Row:
    """What became of one step. `seconds` are from the button to the proof, or until it was given up."""

    scenario: str
    step: str
    said: str
    did: str
    check: str
    passed: bool
    evidence: str
    seconds: float


def run(desk: Desk, scenario: str, first: str = "", last: str = "", tell: Tell = lambda words: None) -> list[Row]:
    """The steps of one scenario, from `first` to `last`, up to the first that fails; those that passed are told only.

    Raises NotFound, BadInput, NotAllowed, NotMarked, or a CloudError.
    """
    rows = []
    for step in chosen(desk, scenario, first, last):
        row = _taken(desk, scenario, step, tell)
        rows.append(row)
        if not row.passed:
            break
    return rows


def rehearse(desk: Desk, tell: Tell = lambda words: None) -> list[Row]:
    """Reset, all scenarios one after the other up to the first step that fails, and reset again. Raises as `run`."""
    rows = [begin_anew(desk, None, "before", tell)]
    for scenario in desk.scenarios():
        if rows[-1].passed:
            rows += run(desk, scenario.id, tell=tell)
    return [*rows, begin_anew(desk, None, "after", tell)]


def begin_anew(desk: Desk, scenario: str | None, name: str = "reset", tell: Tell = lambda words: None) -> Row:
    """Take away what was made, and look until it is gone. Raises as `run`."""
    began, told = time.monotonic(), ""
    found, moved = desk.reset(scenario), began
    while not found.done and time.monotonic() - began < RESET_PATIENCE:
        if told != (told := " ".join(found.left)):
            tell(told)
            moved = time.monotonic()
        time.sleep(EVERY)
        still = time.monotonic() - moved >= STILL
        moved = time.monotonic() if still else moved
        try:
            found = desk.reset(scenario) if still else desk.left(scenario)
        except NotAllowed:
            raise
        except CloudError as error:
            found = Left((error.line,))
    seconds = round(time.monotonic() - began, 1)
    evidence = "Nothing of it is left." if found.done else " ".join(found.left)
    tell(f"reset: {evidence} ({seconds:g} s)")
    return Row(
        "reset", name, "Back to how it was.", "Took away what the walkthrough made.", "Nothing of it is left.",
        found.done, evidence, seconds,
    )  # fmt: skip


def chosen(desk: Desk, scenario: str, first: str, last: str) -> Sequence[Step]:
    """The steps from `first` to `last`, '' for the scenario's own ends. Raises NotFound, BadInput."""
    known = {one.id: one for one in desk.scenarios()}
    if scenario not in known:
        raise BadInput(f"scenario: there is no {scenario[:40]}; there are: {', '.join(known)}.", field="scenario")
    steps = known[scenario].steps
    names = [one.id for one in steps]
    for field, wanted in (("from", first), ("to", last)):
        if wanted and wanted not in names:
            told = f"{field}: {scenario} has no step {wanted[:40]}; it has: {', '.join(names)}."
            raise BadInput(told, field=field)
    begin, end = names.index(first) if first else 0, names.index(last) if last else len(names) - 1
    if begin > end:
        raise BadInput(f"from: {first} comes after {last}.", field="from")
    return steps[begin : end + 1]


def _taken(desk: Desk, scenario: str, step: Step, tell: Tell) -> Row:
    began, told = time.monotonic(), ""
    tell(f"{scenario}/{step.id}: {step.say}")
    try:
        taken = _done(desk, scenario, step)
        while taken.state == "waiting":
            if time.monotonic() - began > 2 * step.patience:
                break
            time.sleep(EVERY if taken.evidence else 0.0)
            taken = _looked(desk, scenario, step, taken)
            if taken.evidence != told:
                told = taken.evidence
                tell(f"  {told}")
    except NotAllowed:
        raise
    except (CloudError, InTheWay) as error:
        taken = Taken(step.id, "failed", evidence=error.line)
    seconds = taken.seconds if taken.seconds is not None else round(time.monotonic() - began, 1)
    passed = taken.state in ("passed", "skipped")
    tell(f"  {'passed' if passed else 'FAILED'} ({seconds:g} s)")
    return Row(scenario, step.id, step.say, taken.did, taken.check, passed, taken.evidence, seconds)


def _done(desk: Desk, scenario: str, step: Step) -> Taken:
    """Press the button; once more where nobody answered: that is safe."""
    for _ in range(TRIES):
        with contextlib.suppress(Unreachable):
            return desk.do(scenario, step.id).taken(step.id)
        time.sleep(EVERY)
    return desk.do(scenario, step.id).taken(step.id)


def _looked(desk: Desk, scenario: str, step: Step, before: Taken) -> Taken:
    try:
        return desk.check(scenario, step.id).taken(step.id)
    except Unreachable:
        return before

