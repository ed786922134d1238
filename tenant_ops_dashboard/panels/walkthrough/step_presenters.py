"""One step at a time: what it says, its buttons, how its check stands, and where Back and Next lead."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.walkthrough.permissions import HOME, address
from tenant_ops_dashboard.walkthrough.model import Progress, Scenario, Step, Taken

MARKS = {"open": "planned", "waiting": "building", "passed": "good", "failed": "failed", "skipped": "gone"}
WORDS = {
    "open": gettext_lazy("to do"), "waiting": gettext_lazy("under way"), "passed": gettext_lazy("passed"),
    "failed": gettext_lazy("failed"), "skipped": gettext_lazy("skipped"),
}  # fmt: skip
OVER = ("passed", "skipped")
#: By the place that a step names: the view, and what follows its address; '' where the fact is part of that.
PLACES = {
    "environment": ("environments:show", ""), "firewall": ("firewall:group", ""), "clone": ("clones:show", ""),
    "balancer": ("loadbalancers:index", "?open=%s"), "offers": ("clones:index", "#clones-offers"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A step in the list of all steps; `here` is its page in the view at hand, `took` how long its proof took."""

    step: Step
    taken: Taken
    here: str

    @property
    def mark(self) -> str:
        return MARKS[self.taken.state]

    @property
    def word(self) -> str:
        return str(WORDS[self.taken.state])

    @property
    def took(self) -> str:
        """The seconds in words, short ones with a tenth; '' where there are none."""
        seconds = self.taken.seconds if self.taken.state == "passed" else None
        if seconds is None:
            return ""
        return words.duration(seconds) if seconds >= 10 else _("%.1f s") % seconds


@dataclass(frozen=True)
class Button:
    """`keys` press it in the presenter's view, and the first is told on it; `auto` says that the page presses it."""

    verb: str
    words: str
    href: str
    keys: str = ""
    main: bool = False
    auto: str = ""

    @property
    def key(self) -> str:
        return self.keys.partition(" ")[0]


@dataclass(frozen=True)
class Row:
    """The step at hand. `missing` are steps that it needs first, `since` the seconds that it has been under way.

    `seen` says how it stood when the page was made: a button pressed twice on one page does its work once. `href` and
    `present` are its pages; `back`, `next` and `skip` are '' where they lead nowhere; `link` shows it in its panel.
    """

    line: Line
    number: int
    total: int
    missing: tuple[Line, ...]
    since: float | None
    buttons: tuple[Button, ...]
    back: str
    next: str
    next_words: str
    skip: str
    href: str
    present: str
    link: str

    @property
    def seen(self) -> str:
        return seen(self.line.taken)

    @property
    def over(self) -> bool:
        return self.line.taken.state in OVER


def seen(taken: Taken) -> str:
    """How a step stands, as far as its buttons go."""
    return f"{taken.state} {taken.tries}"


def over(scenario: Scenario, progress: Progress) -> int:
    """How many of its steps passed or were left out."""
    return sum(1 for one in scenario.steps if progress.taken(one.id).state in OVER)


def through(scenario: Scenario, progress: Progress) -> bool:
    """Whether all of them did."""
    return over(scenario, progress) == len(scenario.steps)


def current(scenario: Scenario, progress: Progress) -> Step:
    """The step to go on with: the first that is not over, else the last."""
    return next((one for one in scenario.steps if progress.taken(one.id).state not in OVER), scenario.steps[-1])


def answer(scenario: Scenario, progress: Progress) -> str:
    """How far it has come, in words."""
    if through(scenario, progress):
        return _("All steps are through.")
    step = current(scenario, progress)
    told = {"number": scenario.steps.index(step) + 1, "total": len(scenario.steps), "title": words.told(step.title)}
    told_by = {
        "open": _("Next is step %(number)d of %(total)d, '%(title)s'."),
        "waiting": _("Step %(number)d of %(total)d, '%(title)s', is under way."),
        "failed": _("Step %(number)d of %(total)d, '%(title)s', did not work."),
    }
    return told_by[progress.taken(step.id).state] % told


def lines(scenario: Scenario, progress: Progress, view: str) -> list[Line]:
    """All of its steps; `view` is the view that they lead to."""
    return [Line(one, progress.taken(one.id), address(view, scenario.id, one.id)) for one in scenario.steps]


def row(
    known: Sequence[Scenario], scenario: Scenario, step: Step, progress: Progress, view: str, now: datetime.datetime
) -> Row:
    """The step, in one of the views 'step' and 'present'."""
    every, at = lines(scenario, progress, view), scenario.steps.index(step)
    line = every[at]
    waits = line.taken.state == "waiting" and line.taken.started_at is not None
    missing = tuple(one for one in every if one.step.id in step.needs and one.taken.state not in OVER)
    place = (scenario.id, step.id)
    back, following, called = _ways(known, scenario, at, view)
    return Row(
        line, at + 1, len(every), missing,
        max(0.0, (now - line.taken.started_at).total_seconds()) if waits and line.taken.started_at else None,
        () if missing and line.taken.state in ("open", "skipped") else tuple(_buttons(line, place, view)),
        back, following, called, "" if line.taken.state in OVER else _act(view, *place, "skip"),
        address("step", *place), address("present", *place), _link(step, progress.facts),
    )  # fmt: skip


def _buttons(line: Line, place: tuple[str, str], view: str) -> list[Button]:
    def button(verb: str, label: str, keys: str, main: bool = False, auto: str = "") -> Button:
        return Button(verb, label, _act(view, *place, verb), keys, main, auto)

    if line.taken.state == "waiting":
        return [button("check", _("Check now"), "c", auto="again")]
    if line.taken.state == "passed":
        return [button("again", _("Again"), "a")]
    if line.taken.state == "failed":
        return [button("again", _("Again"), "a d Enter", main=True), button("check", _("Check once more"), "c")]
    return [button("do", line.step.button, "d Enter", main=True)]


def _ways(known: Sequence[Scenario], scenario: Scenario, at: int, view: str) -> tuple[str, str, str]:
    """Where Back and Next lead, and what Next is called: the presenter goes on from one scenario to the other."""
    stories = [one.id for one in known]
    number = stories.index(scenario.id)
    before = known[number - 1] if number and view == "present" else None
    after = known[number + 1] if number + 1 < len(known) else None
    back = following = ""
    if at:
        back = address(view, scenario.id, scenario.steps[at - 1].id)
    elif before:
        back = address(view, before.id, before.steps[-1].id)
    if at + 1 < len(scenario.steps):
        return back, address(view, scenario.id, scenario.steps[at + 1].id), _("Next")
    if after:
        following = address(view, after.id, after.steps[0].id)
        return back, following, _("Next: %s") % words.told(after.title)
    return back, reverse(HOME), _("To the list")


def _act(view: str, scenario: str, step: str, verb: str) -> str:
    return address("act" if view == "step" else "present_act", scenario, step, verb)


def _link(step: Step, facts: Mapping[str, str]) -> str:
    """The page that shows it, once what that takes is known; '' where its panel is switched off."""
    if step.link is None or not facts.get(step.link[1]):
        return ""
    name, behind = PLACES[step.link[0]]
    fact = facts[step.link[1]]
    try:
        where = reverse(f"horizon:tenant_ops:{name}", args=[] if behind else [fact])
    except NoReverseMatch:
        return ""
    return where + (behind % quote(fact) if "%" in behind else behind)
