"""What came and went since a review: traffic and findings, and how many there were over time."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.panels.posture import permissions, presenters, state
from tenant_ops_dashboard.panels.posture.views.listing import scope
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records.posture_scope import NotReviewed

REVIEWS, DAYS = 20, 30


@require_GET
@permissions.guarded()
def show(request: HttpRequest) -> HttpResponse:
    """The page; '?since=' is the number of an older review."""
    return render(request, "tenant_ops/posture/drift.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    shown, also = state.shown(request), scope(request)
    reading, asked = shown.reading, request.GET.get("since", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else 0
    found: dict[str, Any] = {}
    try:
        drift, since = state.drift(request, reading, number)
    except NotReviewed:
        since = None
    else:
        found["gained"], found["more_gained"] = presenters.boxes(drift.gained)
        found["lost"], found["more_lost"] = presenters.boxes(drift.lost)
        found["new"], found["more_new"] = presenters.rows(drift.new, shown.posture)
        found["gone"], found["more_gone"] = presenters.rows(drift.gone, shown.posture)
        found["unknown"] = drift.unknown[: presenters.MOST]
        found["came"] = len(drift.gained) + len(drift.new)
        found["went"] = len(drift.lost) + len(drift.gone)
    with records.kept():
        reviews = records.reviews(reading.region, reading.scope, REVIEWS)
        days = records.days(reading.region, reading.scope, DAYS)
    return {
        "page_title": _("Drift"), "snapshot": shown.snapshot, "since": since, "drift": found, "reviews": reviews,
        "days": days, "also": f"?{urlencode(also)}" if also else "", "more": f"&{urlencode(also)}" if also else "",
        "everywhere": bool(also),
    }  # fmt: skip
