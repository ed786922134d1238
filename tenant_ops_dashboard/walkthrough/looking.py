"""What became of a step: one look of its check, its patience, and what is told of it."""

from __future__ import annotations

import datetime
from dataclasses import replace

from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.errors import NotFound, TenantOpsError
from tenant_ops_dashboard.sentences import join, say
from tenant_ops_dashboard.walkthrough import anew
from tenant_ops_dashboard.walkthrough.errors import InTheWay
from tenant_ops_dashboard.walkthrough.model import Checked, Progress, Taken
from tenant_ops_dashboard.walkthrough.play import Act, Context

LONGEST = 600
GONE = say("A part of what this is shown on is gone: reset all scenarios, then begin anew.")


def look(act: Act, context: Context, kept: Progress) -> Checked:
    """Look once. What is gone has failed, with the way out."""
    try:
        found = act.check(context)
        doubtful = found.passed is False
    except NotFound as error:
        found, doubtful = Checked(False, join(" ", (GONE, error.line))), True
    except TenantOpsError as error:
        # Whoever does not answer now, or is in the way now, may not be at the next look.
        found, doubtful = Checked(None, "", error.line), isinstance(error, InTheWay | cloud_errors.NotFound)
    told = anew.lost(context.cloud, context.store, kept, (kept.scenario, act.step.id)) if doubtful else ""
    return Checked(False, told) if told else found


def after(act: Act, taken: Taken, found: Checked, at: datetime.datetime) -> Taken:
    """How the step stands after a look that ended then."""
    seconds = round((at - (taken.started_at or at)).total_seconds(), 1)
    if found.passed:
        return replace(taken, state="passed", evidence=short(found.evidence), ended_at=at, seconds=seconds)
    if found.passed is False:
        return replace(taken, state="failed", evidence=short(found.evidence), ended_at=at)
    told = found.waits_for or found.evidence
    if seconds > act.step.patience:
        late = join(" ", (say("Not seen within {patience:.0f} s.", patience=act.step.patience), told))
        return replace(taken, state="failed", evidence=short(late), ended_at=at)
    return replace(taken, state="waiting", evidence=short(told), ended_at=None)


def short(words: str) -> str:
    """As much of it as is kept."""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
