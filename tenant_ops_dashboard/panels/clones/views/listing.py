"""The list: what copies exist, how old is their data, when do they go? The owner's inbox stands on top of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.panels import boundary, cared, poll, settings
from tenant_ops_dashboard.panels.clones import paging, permissions, presenters
from tenant_ops_dashboard.panels.clones import state as page_state
from tenant_ops_dashboard.panels.clones.state import Shown
from tenant_ops_dashboard.records.clone_figures import Usage

#: So many offers are shown.
MOST = 200
#: Behind which clone the page of the list, and that of the inbox, begins: in the address.
LISTED, INBOX = MARKERS = ("marker", "inbox")


@require_GET
@permissions.guarded()
def index(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "tenant_ops/clones/index.html", _context(request, page_state.listing(request)))


@require_GET
@permissions.guarded()
@boundary.poll
def state(request: HttpRequest) -> HttpResponse:
    """The part that changes, for the page's poller."""
    snapshot = page_state.listing(request)
    context = _context(request, snapshot)
    every: float = context["every"]
    page = "tenant_ops/clones/_index.html"
    return poll.answer(request, snapshot, context["etag"], lambda: poll.part(request, page, context), every=every)


def _context(request: HttpRequest, snapshot: poll.Snapshot[Shown]) -> dict[str, Any]:
    shown, now = snapshot.value, timezone.now()
    project, may = permissions.project(request), permissions.may(request)
    rows = [
        presenters.row(one, project, may, now, shown.ahead.get(one.id, 0), shown.usual.get(one.id), shown.beat)
        for one in shown.clones
    ]
    inbox = [one for one in rows if one.clone.state == "requested" and one.clone.offer.project_id == project]
    rows = sorted((one for one in rows if one not in inbox), key=lambda one: one.clone.ended)
    asked = {name: request.GET[name] for name in MARKERS if request.GET.get(name)}
    waiting, listed = paging.part(inbox, INBOX, asked), paging.part(rows, LISTED, asked)
    answer, silent = presenters.answer(shown, project, now), shown.silent(now)
    away = cared.Cared("clones", shown.beat, shown.beat, now, page_state.SILENT) if silent else None
    lines = [(one.timing, one.data, one.soon, one.overdue) for one in listed.rows]
    # When somebody last made clones is told in minutes, and only where he is away.
    told = (replace(shown, beat=None), answer, lines, away and away.title)
    return {
        "page_title": permissions.TITLE, "snapshot": snapshot, "answer": answer, "project": project, "may": may,
        "inbox": waiting.rows, "rows": listed.rows, "waiting": waiting, "listed": listed,
        "cared": away,
        "offers": [
            presenters.own(one, shown.usage.get(one.id, Usage()), shown.goldens.get(one.id, ()), now)
            for one in shown.offers[:MOST]
        ],
        "more_offers": max(0, len(shown.offers) - MOST),
        "offered": [presenters.offered(one) for one in shown.offered[:MOST]],
        "more_offered": max(0, len(shown.offered) - MOST),
        "trusts": [one for one in shown.trusts if one.until > now], "service": bool(settings.read().service_user),
        "live_url": reverse("horizon:tenant_ops:clones:state") + (f"?{urlencode(asked)}" if asked else ""),
        "every": page_state.every(*shown.clones),
        "etag": poll.etag(request, snapshot, hashlib.sha256(repr(told).encode()).hexdigest()),
    }  # fmt: skip
