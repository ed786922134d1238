"""A plan for people: the verdict in one sentence, quota bars, the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenant_ops_dashboard.environments.model import Plan, QuotaLine
from tenant_ops_dashboard.environments.planning import roles
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.picture import draw


@dataclass(frozen=True)
class Verdict:
    """Whether it can be launched, and why not."""

    state: str
    words: str


@dataclass(frozen=True)
class Bar:
    """One quota as two shares of its whole, in percent."""

    resource: str
    label: str
    words: str
    used_share: int
    adds_share: int
    fits: bool


def context(plan: Plan) -> dict[str, Any]:
    """What the plan's template shows."""
    return {
        "plan": plan,
        "verdict": verdict(plan),
        "quotas": [bar(line, least=bool(plan.unknown)) for line in plan.quotas if line.limit is not None],
        "unlimited": [f"{words.told(line.title)} +{line.words['adds']}" for line in plan.quotas if line.limit is None],
        "unknown": plan.unknown,
        "own": _own(plan),
        "notes": plan.notes,
        "drawings": [draw(plan.picture), draw(plan.picture, narrow=True)],
        "boxes": [(box, ()) for box in plan.picture.boxes],
        "launch_words": launch_words(plan),
    }


def _own(plan: Plan) -> dict[str, Any] | None:
    """Of a template alone: what is proven of it, what it does not tell, and what stands in for what it names."""
    if plan.blueprint is None or not plan.blueprint.bare:
        return None
    return {"proven": plan.proven, "silent": (*plan.unknown, *plan.unproven), "changed": plan.changed}


def launch_words(plan: Plan | None) -> str:
    """The words of the one button."""
    if plan is None or not plan.resources or plan.unknown:
        return _("Launch")
    number = plan.total
    return ngettext("Launch (creates %d resource)", "Launch (creates %d resources)", number) % number


def verdict(plan: Plan) -> Verdict:
    """The first line of the plan."""
    number = words.resources(plan.total)
    short = [line for line in plan.quotas if not line.fits]
    at_fields = {name: said for name, said in plan.problems.items() if name}
    if plan.problems.get(roles.FIELD):
        return Verdict("failed", words.told(plan.problems[roles.FIELD]))
    if short:
        return Verdict("failed", _("It does not fit: %s") % words.told(plan.problems.get("", short[0].title)))
    if plan.problems.get(""):
        return Verdict("failed", plan.problems[""])
    if plan.unknown and not set(at_fields) - {"name"}:
        return Verdict("warning", _("Creates at least %s. Whether all of it fits cannot be told.") % number)
    if set(at_fields) == {"name"} and not plan.request.name:
        return Verdict("planned", _("Creates %s. All of it fits; only the name is missing.") % number)
    if at_fields:
        many = ngettext("%d answer needs another look.", "%d answers need another look.", len(at_fields))
        return Verdict("warning", many % len(at_fields))
    return Verdict("good", _("Creates %s. All of it fits into your quota.") % number)


def bar(line: QuotaLine, least: bool = False) -> Bar:
    """Shares of the limit, or of what there would be where that is more; `least`: more may come on top."""
    after = line.used + line.adds
    whole = max(line.limit or 0, after, 1)
    used = round(100 * line.used / whole)
    adds = max(1 if line.adds else 0, round(100 * after / whole) - used)
    return Bar(line.resource, line.title, _left(line, least), used, adds, line.fits)


def _left(line: QuotaLine, least: bool) -> str:
    if line.left is None:
        return ""
    if line.left < 0:
        return (_("at least %(short)s too many") if least else _("%(short)s too many")) % line.words
    return (_("at most %(left)s of %(limit)s left") if least else _("%(left)s of %(limit)s left")) % line.words
