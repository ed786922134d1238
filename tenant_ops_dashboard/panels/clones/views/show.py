"""The page of one clone: all that is known of it, where it comes from, how many seconds each step took."""

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

from tenant_ops_dashboard.clones import build, served
from tenant_ops_dashboard.clones.terms import words as span
from tenant_ops_dashboard.panels import access, boundary, cared, poll
from tenant_ops_dashboard.panels.audit.permissions import SEE
from tenant_ops_dashboard.panels.clones import permissions, picture, presenters
from tenant_ops_dashboard.panels.clones import state as page_state
from tenant_ops_dashboard.panels.clones.state import One


@require_GET
@permissions.guarded()
def show(request: HttpRequest, clone: str) -> HttpResponse:
    """The whole page."""
    return render(request, "tenant_ops/clones/show.html", _context(request, page_state.one(request, clone)))


@require_GET
@permissions.guarded()
@boundary.poll
def state(request: HttpRequest, clone: str) -> HttpResponse:
    """The part that changes, for the page's poller."""
    snapshot = page_state.one(request, clone)
    context = _context(request, snapshot)
    every: float = context["every"]
    page = "tenant_ops/clones/_show.html"
    return poll.answer(request, snapshot, context["etag"], lambda: poll.part(request, page, context), every=every)


def _context(request: HttpRequest, snapshot: poll.Snapshot[One]) -> dict[str, Any]:
    one, now = snapshot.value.clone, timezone.now()
    project = permissions.project(request)
    row = presenters.row(
        one, project, permissions.may(request), now, snapshot.value.ahead, snapshot.value.usual,
        snapshot.value.beat,
    )  # fmt: skip
    silent = page_state.silent((one,), snapshot.value.beat, now)
    beat = snapshot.value.beat
    away = cared.Cared("clones", beat, beat, now, page_state.SILENT) if silent else None
    drawn = picture.picture(one, now)
    told = (
        replace(snapshot.value, beat=None), row.timing, row.data, row.soon, row.overdue, away and away.title, drawn,
    )  # fmt: skip
    version = hashlib.sha256(repr(told).encode()).hexdigest()
    audit = reverse("horizon:tenant_ops:audit:index") if access.allowed(request, SEE) and _audited() else ""
    return {
        "cared": away, "page_title": one.name, "snapshot": snapshot, "one": row, "clone": one,
        "owns": one.offer.project_id == project, "holds": one.project_id == project, "lease": span(one.lease),
        "longest": span(one.offer.terms.longest), "stages": presenters.lineage(one, project),
        "picture": drawn,
        "keeps": not one.served or one.offer.project_id == project, "network": served.called(one),
        "made": project == (one.offer.project_id if one.served else one.project_id),
        "what": presenters.BOOTED if build.boots(one) else presenters.BUILT.get(one.get, ""),
        "keeps_volume": presenters.keeps() if build.boots(one) else "",
        "audit": f"{audit}?{urlencode({'target': one.id})}" if audit else "",
        "live_url": reverse("horizon:tenant_ops:clones:show_state", args=[one.id]), "every": page_state.every(one),
        "etag": poll.etag(request, snapshot, version),
    }  # fmt: skip


def _audited() -> bool:
    """Whether the panel with the audit trail is switched on."""
    import horizon

    return any(panel.slug == "audit" for panel in horizon.get_dashboard("tenant_ops").get_panels())
