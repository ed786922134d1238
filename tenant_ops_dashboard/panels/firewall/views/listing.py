"""The page: every firewall group, with what it lets through."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.panels import boundary, poll, settings
from tenant_ops_dashboard.panels.firewall import permissions, previews
from tenant_ops_dashboard.panels.firewall import state as page_state


@require_GET
@permissions.guarded(permissions.READ)
def index(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "tenant_ops/firewall/index.html", _context(request))


@require_GET
@permissions.guarded(permissions.READ)
@boundary.poll
def state(request: HttpRequest) -> HttpResponse:
    """The part that changes, for the page's poller."""
    context = _context(request)
    page = "tenant_ops/firewall/_index.html"
    return poll.answer(
        request, context["snapshot"], context["etag"], lambda: poll.part(request, page, context), every=context["every"]
    )


def _context(request: HttpRequest) -> dict[str, Any]:
    snapshot = page_state.state(request)
    found = snapshot.value
    drafts = page_state.drafted(request)
    version = hashlib.sha256(f"{found.version}{sorted(drafts)}".encode()).hexdigest()
    return {
        "page_title": permissions.TITLE,
        "snapshot": snapshot,
        "since": page_state.older(snapshot),
        "rows": [(row, row.id in drafts) for row in previews.rows(request, found)],
        "idle": not any(one.get("ports") for one in found.seen.rows("firewall_groups")),
        "may": permissions.may(request),
        "live_url": reverse("horizon:tenant_ops:firewall:state"),
        "every": settings.read().poll_idle_seconds,
        "etag": page_state.etag(request, snapshot, version),
    }
