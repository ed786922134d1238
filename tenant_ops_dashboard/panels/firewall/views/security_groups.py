"""The page: every security group of the project, with what it lets in and who is in it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.panels import boundary, poll, settings
from tenant_ops_dashboard.panels.firewall import permissions, security_group_state
from tenant_ops_dashboard.panels.firewall import state as page_state


@require_GET
@permissions.guarded(permissions.READ)
def index(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "tenant_ops/firewall/security_groups.html", _context(request))


@require_GET
@permissions.guarded(permissions.READ)
@boundary.poll
def state(request: HttpRequest) -> HttpResponse:
    """The part that changes, for the page's poller."""
    context = _context(request)
    page = "tenant_ops/firewall/_security_groups.html"
    return poll.answer(
        request, context["snapshot"], context["etag"], lambda: poll.part(request, page, context), every=context["every"]
    )


def _context(request: HttpRequest) -> dict[str, Any]:
    snapshot = page_state.state(request)
    found = snapshot.value
    drafts = page_state.drafted(request)
    version = hashlib.sha256(f"{found.version}{sorted(drafts)}".encode()).hexdigest()
    return {
        "page_title": _("Security groups"),
        "snapshot": snapshot,
        "since": page_state.older(snapshot),
        "rows": [(row, row.id in drafts) for row in security_group_state.rows(request, found)],
        "live_url": reverse("horizon:tenant_ops:firewall:security_groups_state"),
        "every": settings.read().poll_idle_seconds,
        "etag": page_state.etag(request, snapshot, version),
    }
