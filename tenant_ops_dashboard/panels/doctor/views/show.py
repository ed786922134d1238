"""The page: what was found, the worst first, each with what helps."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tenant_ops_dashboard.panels import boundary, poll, settings
from tenant_ops_dashboard.panels.doctor import permissions, presenters
from tenant_ops_dashboard.panels.doctor import state as page_state
from tenant_ops_dashboard.panels.doctor.state import Looked

#: Seconds until the page asks for what is found, where nothing is known of it yet.
SOON = 0.5


@require_GET
@permissions.guarded()
def index(request: HttpRequest) -> HttpResponse:
    """The whole page; it waits for no look."""
    return render(request, "tenant_ops/doctor/index.html", _context(request, page_state.known(request)))


@require_GET
@permissions.guarded()
@boundary.poll
def state(request: HttpRequest) -> HttpResponse:
    """The part that changes, for the page's poller, which has all of it looked at."""
    snapshot = page_state.looked(request)
    context = _context(request, snapshot)
    every: float = context["every"]
    part = "tenant_ops/doctor/_index.html"
    return poll.answer(request, snapshot, context["etag"], lambda: poll.part(request, part, context), every=every)


@require_POST
@permissions.guarded(changes=False)
def look(request: HttpRequest) -> HttpResponse:
    """Look anew; a browser without scripts waits for it here."""
    page_state.forget(request)
    page_state.looked(request)
    return redirect(permissions.HOME)


def _context(request: HttpRequest, snapshot: poll.Snapshot[Looked] | None) -> dict[str, Any]:
    findings = snapshot.value.findings if snapshot else ()
    at = snapshot.as_of.replace(microsecond=0) if snapshot else None
    version = hashlib.sha256(repr((findings, at)).encode()).hexdigest()
    return {
        "page_title": permissions.TITLE, "snapshot": snapshot, "lines": presenters.lines(findings),
        "helps": any(one.fix for one in findings), "checked": at,
        "answer": presenters.answer(findings) if snapshot else "",
        "live_url": reverse("horizon:tenant_ops:doctor:state"),
        "every": settings.read().poll_idle_seconds if snapshot else SOON,
        "etag": poll.etag(request, snapshot, version) if snapshot else "",
    }  # fmt: skip
