"""Findings as lines of a table, and the first line of the page in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenant_ops_dashboard.doctor.model import Finding

WORDS = {
    "failed": gettext_lazy("problem"), "warning": gettext_lazy("warning"), "skipped": gettext_lazy("not looked at"),
    "good": gettext_lazy("good"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One finding, as the table of findings has it; `mark` is its shape, `only` is for others' tables."""

    key: str
    what: str
    state: str
    found: str
    fix: str
    only: str = ""

    @property
    def mark(self) -> str:
        return "gone" if self.state == "skipped" else self.state

    @property
    def word(self) -> str:
        return str(WORDS[self.state])


def lines(findings: Sequence[Finding]) -> list[Line]:
    """In the order of the findings; each has a key of its own."""
    return [Line(f"{at} {one.check}", one.check, one.state, one.found, one.fix) for at, one in enumerate(findings)]


def answer(findings: Sequence[Finding]) -> str:
    """Whether everything is there that the dashboard needs."""
    failed, warned = (sum(one.state == state for one in findings) for state in ("failed", "warning"))
    if failed:
        said = ngettext(
            "%d thing is in the way; it stands first.", "%d things are in the way; they stand first.", failed
        )
        return said % failed
    if warned:
        return ngettext("Everything works, with %d warning.", "Everything works, with %d warnings.", warned) % warned
    return _("Everything that was looked at is as it should be.")
