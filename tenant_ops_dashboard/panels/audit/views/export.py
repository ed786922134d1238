"""What is looked at, as a file: all of it, however many pages it has."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tenant_ops_dashboard import escape
from tenant_ops_dashboard.audit import Event
from tenant_ops_dashboard.audit.wanted import Wanted
from tenant_ops_dashboard.panels.audit import permissions, presenters, scope
from tenant_ops_dashboard.panels.audit.views.listing import asked
from tenant_ops_dashboard.records import audit

COLUMNS = (
    "time", "outcome", "action", "verb", "target id", "target", "user id", "user", "from", "reason", "policy rule",
    "request id", "observer", "project id", "event id",
)  # fmt: skip


@require_GET
@permissions.guarded()
def export(request: HttpRequest, form: str) -> HttpResponse:
    """A file of events, newest first, sent as it is read."""
    if form not in FORMS:
        raise Http404
    user: Any = request.user
    write, kind = FORMS[form]
    wanted = Wanted.of(asked(request), zone=timezone.get_current_timezone())
    events = audit.every(scope.seen(request).ids, wanted)
    with audit.reading():
        # What cannot be read at all is told on a page, before a file has begun.
        first = list(itertools.islice(events, 1))
    response = StreamingHttpResponse(write(itertools.chain(first, events)), content_type=kind)
    name = "".join(one if one.isalnum() and one.isascii() else "-" for one in str(user.project_name or "project"))[:60]
    response["Content-Disposition"] = f'attachment; filename="audit-{name}-{timezone.now():%Y%m%d-%H%M%S}.{form}"'
    response["Cache-Control"] = "no-store"
    # Streamed files are HttpResponses but for their content, which nobody here reads.
    answer: Any = response
    made: HttpResponse = answer
    return made


def _csv(events: Iterator[Event]) -> Iterator[str]:
    """Times are UTC. Nothing in it is a formula."""
    yield _line(COLUMNS)
    for event in events:
        one = presenters.row(event)
        yield _line((
            event["eventTime"], event["outcome"], event["action"], one.what, one.target_id, one.target, one.user_id,
            one.user, one.address, one.reason, one.rule, one.request_id, event["observer"]["id"],
            event["initiator"]["project_id"], one.id,
        ))  # fmt: skip


def _line(values: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow([escape.cell(escape.line(str(one))) for one in values])
    return text.getvalue()


def _json(events: Iterator[Event]) -> Iterator[str]:
    """Exact, an event a line."""
    yield "["
    for number, event in enumerate(events):
        yield (",\n" if number else "\n") + json.dumps(event, sort_keys=True)
    yield "\n]\n"


FORMS: dict[str, tuple[Callable[[Iterator[Event]], Iterator[str]], str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "json": (_json, "application/json"),
}
