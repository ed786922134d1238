"""The clones that a project sees, a page at a time: requests that wait for it, then what is there, then what ended."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Value, When

from tenant_ops_dashboard.clones.errors import BadInput
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clone_rows as rows
from tenant_ops_dashboard.records import clones
from tenant_ops_dashboard.sentences import about, say

#: Clones of a page where nobody says how many, and at most.
SIZE, MOST = 50, 500


@dataclass(frozen=True)
class Page:
    """`marker` is the id of the clone behind which the next page begins, '' on the last one."""

    clones: tuple[Clone, ...]
    marker: str = ""


def page(cloud: Cloud, ended_since: datetime.datetime | None, limit: int = SIZE, marker: str = "") -> Page:
    """At most `limit` clones behind the one whose id is `marker`, each kind newest first: two questions at most.

    Those that ended only since then (None: none). Raises BadInput where this project sees no such clone, Django's
    DatabaseError.
    """
    inbox = When(state="requested", offer__project_id=cloud.project_id, then=Value(0))
    rank = Case(When(current__isnull=True, then=Value(2)), inbox, default=Value(1), output_field=IntegerField())
    seen = clones.seen(cloud).annotate(rank=rank)
    known = clones.shown(seen, ended_since).order_by("rank", "-asked_at", "-id")
    if marker:
        last = seen.filter(id=marker[:64]).first()
        if last is None:
            raise BadInput(
                about("marker", say("this project sees no clone with this id; begin the list anew.")), field="marker"
            )
        older = Q(asked_at__lt=last.asked_at) | Q(asked_at=last.asked_at, id__lt=last.id)
        known = known.filter(Q(rank__gt=last.rank) | (Q(rank=last.rank) & older))
    found = tuple(map(rows.clone, known[: limit + 1]))
    return Page(found[:limit], found[limit - 1].id if len(found) > limit else "")
