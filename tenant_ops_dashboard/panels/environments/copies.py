"""What an environment's page says of clones: which one it stands on, and the copies of its data."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tenant_ops_dashboard.clones.access import READ
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.environments.model import Details
from tenant_ops_dashboard.panels import access, poll
from tenant_ops_dashboard.panels.clones import presenters
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_touching import touching
from tenant_ops_dashboard.records.unkept import NotKept

#: So many copies are told on the page.
SHOWN = 5


@dataclass(frozen=True)
class Line:
    """One clone: its name, the address of its page, its mark and a sentence."""

    name: str
    url: str
    mark: str
    words: str


@dataclass(frozen=True)
class Lines:
    """`stands` are the clones that it runs on, `copies` those of its data, `more` how many copies are left out."""

    stands: tuple[Line, ...] = ()
    copies: tuple[Line, ...] = ()
    more: int = 0


def of(request: HttpRequest, details: Details) -> Lines:
    """For the page; empty where this user sees no clones, or the database does not answer. One question to that."""
    if not access.allowed(request, READ):
        return Lines()
    cloud, id_ = poll.connect(request), details.environment.id
    volumes = {box.resource_id for box in details.picture.boxes if box.kind == "volume" and box.resource_id}
    try:
        with records.kept():
            known = touching(cloud, id_, sorted(volumes))
    except NotKept:
        return Lines()
    now, made = timezone.now(), [one for one in known if one.offer.source_id in volumes]
    stands = [one for one in known if one.project_id == cloud.project_id and one not in made]
    return Lines(
        tuple(_line(one, _stands(one, now), now) for one in stands),
        tuple(_line(one, _made(one, now), now) for one in made[:SHOWN]), max(0, len(made) - SHOWN),
    )  # fmt: skip


def _line(one: Clone, words: str, now: datetime.datetime) -> Line:
    try:
        url = reverse("horizon:tenant_ops:clones:show", args=[one.id])
    except NoReverseMatch:
        # That panel is switched off.
        url = ""
    return Line(one.name, url, presenters.MARKS.get(one.state, "building"), words)


def _stands(one: Clone, now: datetime.datetime) -> str:
    told = {"source": one.offer.source_name, "project": one.offer.project_name}
    words = _("a clone of %(source)s of %(project)s") % told
    if one.data_at:
        words += " " + _("as of %s") % presenters.day(one.data_at, now)
    return f"{words}; {_end(one, now)}"


def _made(one: Clone, now: datetime.datetime) -> str:
    return _("for %(project)s, %(state)s; %(end)s") % {
        "project": one.project_name, "state": presenters.STATES.get(one.state, one.state), "end": _end(one, now),
    }  # fmt: skip


def _end(one: Clone, now: datetime.datetime) -> str:
    if one.pinned_by:
        return _("pinned by %s") % one.pinned_by
    return _("lease until %s") % presenters.day(one.expires_at, now) if one.expires_at else _("no end yet")
