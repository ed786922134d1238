"""The audit trail in the database: kept as it is written, read by project, newest first, forgotten after a while.

Who reads says which projects' events he may see; nothing of any other is ever found.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, transaction
from django.db.models import Count, Q

from tenant_ops_dashboard.audit import Event
from tenant_ops_dashboard.audit.wanted import Wanted
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import BadInput, NotFound, TenantOpsError
from tenant_ops_dashboard.records.models import AuditEvent
from tenant_ops_dashboard.sentences import about, say

_LOG = logging.getLogger(__name__)
# Rows a delete takes at once: SQLite is locked no longer, and MariaDB's log stays small.
BATCH = 5000
MOST_VERBS = 100


class NotRead(TenantOpsError):
    """The trail stands in a database that is not there, or does not answer."""

    answer = 503
    todo = say(
        "Ask your operator to run 'manage.py migrate', or to look at the database. The log has every event meanwhile."
    )


@contextlib.contextmanager
def reading(what: str = say("The audit trail")) -> Iterator[None]:
    """What the database raises while it is read or written is a NotRead of `what`."""
    try:
        yield
    except (Error, ImproperlyConfigured) as error:
        _LOG.warning("%s: %s", what, error)
        raise NotRead(say("{what} cannot be read: the dashboard's database does not answer.", what=what)) from error


@dataclass(frozen=True)
class Page:
    """Events, newest first, and the id of the last one where older ones follow, else ''."""

    events: tuple[Event, ...]
    marker: str


@dataclass(frozen=True)
class Summary:
    """How many events ended how, and the verbs there are among all of these projects'."""

    outcomes: dict[str, int]
    verbs: tuple[str, ...]

    @property
    def total(self) -> int:
        return sum(self.outcomes.values())


def _text(event: Event) -> str:
    """An event as JSON that every reader can write again, whatever a cloud's names have in them."""
    told = json.dumps(event, sort_keys=True, default=str, ensure_ascii=False)
    return told.encode("utf-8", "replace").decode()


def keep(event: Event, tell: bool = False) -> None:
    """Write an event of the project of who asked, where it does not stand already.

    `tell` says that it goes to a message bus, too. Raises Django's DatabaseError.
    """
    initiator, target = event["initiator"], event["target"]
    attached = (one["content"] for one in event.get("attachments", ()) if one.get("name") == "change")
    content: dict[str, Any] = next(attached, {})
    action = str(event["action"])
    row = AuditEvent(
        project_id=_fits("project_id", initiator["project_id"]), event_id=_fits("event_id", event["id"]),
        at=datetime.datetime.fromisoformat(event["eventTime"]), user_id=_fits("user_id", initiator["id"]),
        user_name=_fits("user_name", initiator.get("name", "")), action=_fits("action", action),
        verb=_fits("verb", content.get("verb", "")), kind=_fits("kind", action.partition("/")[2]),
        target_id=_fits("target_id", target["id"]), target_name=_fits("target_name", target.get("name", "")),
        outcome=_fits("outcome", event["outcome"]), request_id=_fits("request_id", event.get("requestId", "")),
        told=not tell, event=_text(event),
    )  # fmt: skip
    # A savepoint: where it cannot be kept, whoever is in the middle of something goes on.
    with transaction.atomic():
        # No look before: SQLite refuses at once who read first and writes then, while another writes.
        AuditEvent.objects.bulk_create([row], ignore_conflicts=True)


def sink(cloud: Cloud, event: Event) -> None:
    """For `audit.also`: keeps every event, and has the message bus told where there is one.

    Raises Django's DatabaseError.
    """
    keep(event, tell=bool(getattr(settings, "TENANT_OPS_AUDIT_NOTIFY_URL", "")))


def page(projects: Sequence[str], wanted: Wanted, limit: int, marker: str = "") -> Page:
    """At most `limit` events behind the one whose id is `marker`. Raises BadInput where that is none of theirs.

    Raises Django's DatabaseError.
    """
    rows = _rows(projects, wanted).order_by("-at", "-id")
    if marker:
        last = _rows(projects, Wanted()).filter(event_id=marker[:64]).first()
        if last is None:
            raise BadInput(
                about("marker", say("no event that you may see has this id; begin the list anew.")), field="marker"
            )
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.pk))
    found = list(rows[: limit + 1])
    events = tuple(json.loads(row.event) for row in found[:limit])
    return Page(events, found[limit - 1].event_id if len(found) > limit else "")


def every(projects: Sequence[str], wanted: Wanted, size: int = 500) -> Iterator[Event]:
    """All of them, newest first, so many read at once."""
    marker = ""
    while True:
        part = page(projects, wanted, size, marker)
        yield from part.events
        if not (marker := part.marker):
            return


def find(projects: Sequence[str], event_id: str) -> Event | None:
    """One event, or None."""
    row = _rows(projects, Wanted()).filter(event_id=event_id).first()
    found: Event | None = json.loads(row.event) if row else None
    return found


def one(projects: Sequence[str], event_id: str) -> Event:
    """One event. Raises NotFound."""
    found = find(projects, event_id)
    if found is None:
        raise NotFound(
            say("The audit trail has no such event that you may see here; it may be older than what is kept.")
        )
    return found


def summary(projects: Sequence[str], wanted: Wanted) -> Summary:
    """How many there are, by outcome, whatever outcome is wanted: two queries."""
    counted = _rows(projects, Wanted(wanted.since, wanted.until, wanted.target, wanted.user, "", wanted.verb))
    found = counted.values("outcome").annotate(number=Count("id")).order_by()
    verbs = _rows(projects, Wanted()).exclude(verb="").values_list("verb", flat=True)
    named = tuple(verbs.distinct().order_by("verb")[:MOST_VERBS])
    return Summary({row["outcome"]: row["number"] for row in found}, named)


def prune(now: datetime.datetime, days: int) -> int:
    """Forget what is older than so many days (0: nothing); how many went."""
    if days <= 0:
        return 0
    old = AuditEvent.objects.filter(at__lt=now - datetime.timedelta(days=days)).order_by("at")
    gone = 0
    while ids := list(old.values_list("id", flat=True)[:BATCH]):
        gone += int(AuditEvent.objects.filter(id__in=ids).delete()[0])
    return gone


def untold(most: int) -> list[tuple[int, Event]]:
    """The oldest events that the message bus has not heard of."""
    rows = AuditEvent.objects.filter(told=False).order_by("id")[:most]
    return [(row.pk, json.loads(row.event)) for row in rows]


def is_told(ids: Sequence[int]) -> None:
    """The message bus has heard of them."""
    AuditEvent.objects.filter(id__in=list(ids)).update(told=True)


def _rows(projects: Sequence[str], wanted: Wanted) -> Any:
    rows = AuditEvent.objects.filter(project_id__in=list(projects))
    if wanted.since:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(at__lt=wanted.until)
    if target := _plain(wanted.target):
        rows = rows.filter(Q(target_id=target) | Q(target_name__icontains=target))
    if user := _plain(wanted.user):
        rows = rows.filter(Q(user_id=user) | Q(user_name__iexact=user))
    if verb := _plain(wanted.verb):
        rows = rows.filter(Q(verb=verb) | Q(action=verb) | Q(action__startswith=f"{verb}/"))
    return rows.filter(outcome=wanted.outcome) if wanted.outcome else rows


def _fits(field: str, value: Any) -> str:
    """A text that its column takes; the whole one stands in the event itself."""
    length: int = AuditEvent._meta.get_field(field).max_length  # type: ignore[assignment,union-attr]
    return _plain(str(value or ""))[:length]


def _plain(text: str) -> str:
    """Without what PostgreSQL and UTF-8 have no place for."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
