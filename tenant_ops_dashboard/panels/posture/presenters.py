"""Findings, numbers and drift in words; no calls here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenant_ops_dashboard import escape as harmless
from tenant_ops_dashboard.panels.words import and_more
from tenant_ops_dashboard.panels.words import told as in_language
from tenant_ops_dashboard.posture.internet import what
from tenant_ops_dashboard.posture.model import Acknowledged, Box, Finding, Posture
from tenant_ops_dashboard.posture.words import line
from tenant_ops_dashboard.reachability.lint import LEVELS
from tenant_ops_dashboard.records.posture import Counts
from tenant_ops_dashboard.sentences import clause

Words = str | Promise
LEVEL_WORDS: dict[str, Words] = {
    "critical": gettext_lazy("critical"),
    "high": gettext_lazy("high"),
    "medium": gettext_lazy("medium"),
    "low": gettext_lazy("low"),
    "info": gettext_lazy("info"),
}
# The shape and colour of each.
MARKS = {"critical": "failed", "high": "failed", "medium": "warning", "low": "warning", "info": "planned"}
ACKNOWLEDGED: dict[str, Words] = {
    "": gettext_lazy("whether or not"), "no": gettext_lazy("not acknowledged"), "yes": gettext_lazy("acknowledged"),
}  # fmt: skip
UNFILTERED = "nothing-filters"
LONGEST = 120
#: So many lines of a list that has no end are shown.
MOST = 200
URGENT = ("critical", "high")


@dataclass(frozen=True)
class Wanted:
    """Which findings somebody asks for; '' asks for all."""

    text: str = ""
    severity: str = ""
    kind: str = ""
    acknowledged: str = ""
    project: str = ""

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Wanted:
        """From an address."""
        return cls(**{one.name: words.get(one.name, "").strip()[:LONGEST] for one in fields(cls)})

    def words(self) -> dict[str, str]:
        """For an address, without what asks for nothing."""
        return {one.name: told for one in fields(self) if (told := getattr(self, one.name))}

    def among(self, posture: Posture) -> list[Finding]:
        """Those that are asked for, what nobody acknowledged first, each part worst first."""
        found = [one for one in posture.findings if self._fits(one, posture)]
        return sorted(found, key=lambda one: one.acknowledged is not None)

    def _fits(self, one: Finding, posture: Posture) -> bool:
        if self.severity not in ("", one.severity) or self.kind not in ("", one.kind):
            return False
        if self.acknowledged and (one.acknowledged is not None) != (self.acknowledged == "yes"):
            return False
        project = posture.projects.get(one.project, "")
        if self.project and self.project not in (one.project, project):
            return False
        if not self.text:
            return True
        told = (one.id, one.kind, one.object, one.name, one.environment, project, one.why, one.fix, *one.rules)
        return self.text.casefold() in "\n".join(told).casefold()


@dataclass(frozen=True)
class Row:
    """One finding in words. `rules` are the first of those that prove it, `more` says how many there are beside."""

    id: str
    mark: str
    level: Words
    kind: str
    name: str
    object: str
    project: str
    project_id: str
    environment: str
    why: str
    fix: str
    rules: tuple[str, ...]
    more: str
    exposed: str
    acknowledged: Acknowledged | None


def row(one: Finding, posture: Posture, most: int = 2) -> Row:
    """One finding in words."""
    left = len(one.rules) - most
    return Row(
        one.id, MARKS.get(one.severity, "warning"), LEVEL_WORDS.get(one.severity, one.severity),
        one.kind.replace("-", " "), one.name or one.object or _("without a name"), one.object,
        posture.projects.get(one.project, one.project), one.project, one.environment, one.said or one.why, one.fix,
        one.rules[:most], and_more(left) if left > 0 else "", what(one.exposed), one.acknowledged,
    )  # fmt: skip


def answer(posture: Posture, counts: Counts) -> str:
    """The first line: what is exposed that should not be."""
    urgent = [one for one in posture.findings if one.acknowledged is None and one.severity in URGENT]
    if not urgent:
        others = sum(counts.levels.values())
        if not others and posture.unknown:
            return _("There is no finding that nobody has acknowledged, but not everything could be told.")
        if not posture.ports and not others and not counts.acknowledged:
            return _("Nothing is exposed: there is no port yet.")
        if not others and not counts.acknowledged:
            return _("Nothing is exposed that should not be: no finding at all.")
        if not others:
            return _("Nothing is exposed that nobody has acknowledged.")
        lesser = ngettext("%s lesser finding is open.", "%s lesser findings are open.", others) % f"{others:,}"
        nothing = _("Nothing critical or high is exposed that nobody has acknowledged.")
        return f"{nothing} {lesser}"
    worst = urgent[0]
    why = in_language(clause(worst.said or worst.why))
    told = _("%(name)s: %(why)s.") % {"name": harmless.line(worst.name or worst.object), "why": why}
    more = len(urgent) - 1
    if not more:
        return told
    also = ngettext("And %s more that is critical or high.", "And %s more that are critical or high.", more)
    return f"{told} {also % f'{more:,}'}"


@dataclass(frozen=True)
class Number:
    """One of the page's numbers, which leads to what it counts; `number` is a text, also 'none' or a dash."""

    id: str
    number: str
    words: Words
    link: str
    mark: str


def numbers(counts: Counts, also: Mapping[str, str]) -> list[Number]:
    """How many are critical, high, and how many ports nothing filters; `also` stays in the links."""

    def link(**words: str) -> str:
        return f"?{urlencode({**words, **also})}"

    found = [
        Number(
            level, f"{counts.levels[level]:,}", LEVEL_WORDS[level], link(severity=level, acknowledged="no"),
            MARKS[level] if counts.levels[level] else "good",
        )
        for level in URGENT
    ]  # fmt: skip
    bare = counts.unfiltered
    words = ngettext("port that nothing filters", "ports that nothing filters", bare)
    return [*found, Number("unfiltered", f"{bare:,}", words, link(kind=UNFILTERED), "warning" if bare else "good")]


def boxes(found: Sequence[Box]) -> tuple[list[str], str]:
    """Traffic in lines, each once, and how many more there are."""
    told = list(dict.fromkeys(map(line, found)))
    return told[:MOST], and_more(len(told) - MOST) if len(told) > MOST else ""


def rows(found: Sequence[Finding], posture: Posture) -> tuple[list[Row], str]:
    """Findings in words, and how many more there are."""
    return [row(one, posture) for one in found[:MOST]], and_more(len(found) - MOST) if len(found) > MOST else ""


def levels(counts: Counts) -> list[tuple[Words, int]]:
    """How many of each level, worst first."""
    return [(LEVEL_WORDS[level], counts.levels[level]) for level in reversed(LEVELS)]
