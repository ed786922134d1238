"""The list: each scenario as a card, what pre-flight found as lines, and the first line in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.walkthrough import step_presenters
from tenant_ops_dashboard.panels.walkthrough.permissions import address
from tenant_ops_dashboard.sentences import join
from tenant_ops_dashboard.walkthrough.model import Problem, Progress, Scenario

#: Worst first, as lines of the pre-flight stand.
ORDER = ("failed", "warning", "good")
WORDS = {"failed": gettext_lazy("problem"), "warning": gettext_lazy("warning"), "good": gettext_lazy("good")}


@dataclass(frozen=True)
class Card:
    """One scenario: `light` is how it stands while it is under way, after a step that failed and once it is through;
    else the worst that its pre-flight found, 'building' until that looked.

    `done` of `total` steps are over, `usual` are the seconds of a whole past run, None where one step never ran; `next`
    says that it is the one to go on with.
    """

    scenario: Scenario
    light: str
    light_words: str
    done: int
    total: int
    usual: float | None
    next: bool
    href: str
    present: str

    @property
    def percent(self) -> int:
        """Of its steps, those that are over."""
        return 100 * self.done // max(1, self.total)

    @property
    def words(self) -> str:
        """How far it has come."""
        return _("%(done)d of %(total)d steps done") % {"done": self.done, "total": self.total}


@dataclass(frozen=True)
class Line:
    """One finding of the pre-flight; `only` names the scenarios that it is about, '' where it is about all."""

    what: str
    state: str
    found: str
    fix: str
    only: str

    @property
    def word(self) -> str:
        return str(WORDS[self.state])

    @property
    def mark(self) -> str:
        """Its shape."""
        return self.state

    @property
    def key(self) -> str:
        """Tells it from the other lines."""
        return f"{self.what} {self.only}"


def cards(
    known: Sequence[Scenario], progress: Mapping[str, Progress], found: Mapping[str, Sequence[Problem]] | None
) -> list[Card]:
    """In the order in which they are told. `found` is None while pre-flight has not looked yet."""
    first = next((one.id for one in known if not step_presenters.through(one, progress[one.id])), "")
    return [_card(one, progress[one.id], None if found is None else found[one.id], one.id == first) for one in known]


def lines(known: Sequence[Scenario], found: Mapping[str, Sequence[Problem]]) -> list[Line]:
    """All that pre-flight found, worst first, each finding once, though some seconds passed between two looks."""
    told: dict[tuple[str, ...], tuple[Problem, list[str]]] = {}
    for scenario in known:
        for one in found[scenario.id]:
            like = (one.what, one.state, re.sub(r"\d+", "", one.found))
            told.setdefault(like, (one, []))[1].append(scenario.title)
    made = [
        Line(one.what, one.state, one.found, one.fix, "" if len(titles) == len(known) else join(", ", titles))
        for one, titles in told.values()
    ]
    return sorted(made, key=lambda one: ORDER.index(one.state))


def worst(problems: Sequence[Problem]) -> str:
    """The worst of these states."""
    return next((state for state in ORDER if any(one.state == state for one in problems)), "good")


def answer(known: Sequence[Scenario], progress: Mapping[str, Progress]) -> str:
    """What is shown next, and did it work."""
    rest = [one for one in known if not step_presenters.through(one, progress[one.id])]
    if not rest:
        return _("All scenarios are through. Reset all of them before the next time.")
    begun = [one for one in rest if any(it.state != "open" for it in progress[one.id].steps)]
    chosen = (begun or rest)[0]
    if not begun and len(rest) == len(known):
        return _("Nothing was shown yet. Begin with '%s'.") % words.told(chosen.title)
    said = f"{words.told(chosen.title)}: {step_presenters.answer(chosen, progress[chosen.id])}"
    done = len(known) - len(rest)
    if not done:
        return said
    through = ngettext("%(done)d of %(all)d scenarios is through.", "%(done)d of %(all)d scenarios are through.", done)
    return f"{through % {'done': done, 'all': len(known)}} {said}"


def _card(scenario: Scenario, progress: Progress, found: Sequence[Problem] | None, following: bool) -> Card:
    light, said = _stands(scenario, progress) or _light(found)
    usual = [progress.taken(one.id).usually for one in scenario.steps]
    known = [one for one in usual if one is not None]
    step = step_presenters.current(scenario, progress)
    return Card(
        scenario, light, said, step_presenters.over(scenario, progress), len(scenario.steps),
        sum(known) if usual and len(known) == len(usual) else None, following, address("show", scenario.id),
        address("present", scenario.id, step.id),
    )  # fmt: skip


def _stands(scenario: Scenario, progress: Progress) -> tuple[str, str] | None:
    """What its own steps say, which counts more than what was found before them; None where they say nothing."""
    states = [progress.taken(one.id).state for one in scenario.steps]
    if "failed" in states:
        return "failed", _("step %(number)d did not work") % {"number": states.index("failed") + 1}
    if "waiting" in states:
        return "building", _("step %(number)d is under way") % {"number": states.index("waiting") + 1}
    return ("good", _("all steps are through")) if step_presenters.through(scenario, progress) else None


def _light(found: Sequence[Problem] | None) -> tuple[str, str]:
    if found is None:
        return "building", _("being looked at")
    light = worst(found)
    number = sum(1 for one in found if one.state == light)
    if light == "failed":
        return light, ngettext("%d problem", "%d problems", number) % number
    if light == "warning":
        return light, ngettext("ready, with %d warning", "ready, with %d warnings", number) % number
    return light, _("ready")
