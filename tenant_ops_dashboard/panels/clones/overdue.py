"""A clone that ought to go while nobody takes it away: what is said of it, and who may take it back at once."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.utils.translation import gettext as _

from tenant_ops_dashboard.care import clone_now
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.panels import words


def overdue(one: Clone, beat: datetime.datetime | None, now: datetime.datetime) -> bool:
    """Whether its time is over, or it was released, and the job that takes clones away is not there."""
    return clone_now.late(one, now) and (beat is None or now - beat > clone_now.QUIET)


def may(one: Clone, project: str, rights: Mapping[str, bool]) -> bool:
    """Whether somebody in this project may take it back now: what is left of it is in this project."""
    holds = one.project_id == project
    return clone_now.here(one, project) and (rights["request"] if holds else rights["decide"])


def sentence(since: str, beat: datetime.datetime | None, now: datetime.datetime) -> str:
    """What is said of one that is overdue; `since` tells when its time ended, '' of one that was released before."""
    what = _("Its time ended %s.") % since if since else _("It was given back, or taken back.")
    if beat is None:
        why = _("Nothing takes it away, since the job that does has never run.")
    else:
        why = _("Nothing takes it away, since the job that does has not run for %s.") % words.age(beat, now)
    return f"{what} {why}"
