"""The page of one firewall group: what gets through, which rule says so, and a draft of how it would be otherwise."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.firewall import matrix
from tenant_ops_dashboard.panels import boundary, poll, settings
from tenant_ops_dashboard.panels.firewall import permissions, presenters, previews
from tenant_ops_dashboard.panels.firewall import state as page_state

LAYERS = (
    ("both", _("Both layers")), ("firewall", _("Firewall alone")), ("groups", _("Security groups alone")),
)  # fmt: skip
PART = "tenant_ops/firewall/_group.html"


@require_GET
@permissions.guarded(permissions.READ)
def show(request: HttpRequest, group: str) -> HttpResponse:
    """The whole page."""
    return render(request, "tenant_ops/firewall/group.html", _context(request, group))


@require_GET
@permissions.guarded(permissions.READ)
@boundary.poll
def state(request: HttpRequest, group: str) -> HttpResponse:
    """The part that changes, for the page's poller."""
    context = _context(request, group)
    return poll.answer(
        request, context["snapshot"], context["etag"], lambda: poll.part(request, PART, context), every=context["every"]
    )


def part(request: HttpRequest, group: str) -> HttpResponse:
    """The part after an edit."""
    context = _context(request, group)
    response = HttpResponse(poll.part(request, PART, context))
    response["ETag"] = context["etag"]
    return response


def _context(request: HttpRequest, group: str) -> dict[str, Any]:
    snapshot = page_state.state(request)
    found = snapshot.value
    edited = page_state.edited(request, found, group)
    layer = request.GET.get("layer", "")
    layer = layer if layer in matrix.LAYERS else matrix.LAYERS[0]
    shown = previews.shown(request, found, edited, layer)
    version = hashlib.sha256(f"{found.version}{edited}".encode()).hexdigest()
    keep = "" if layer == matrix.LAYERS[0] else f"?layer={layer}"
    return {
        "page_title": edited.draft.state.group.name or group,
        "snapshot": snapshot,
        "group": edited.draft.state.group,
        "version": edited.token,
        "unreadable": edited.unreadable,
        "others": edited.others,
        "undo": page_state.newest(found, group),
        "changes": presenters.changes(edited.draft),
        "ways": presenters.ways(edited.draft, shown["badges"]),
        "row": shown["row"],
        "profile": found.seen.engine.profile,
        "layers": LAYERS,
        "chosen": layer,
        "columns": shown["columns"],
        "matrix": shown["matrix"],
        "unknown": shown["unknown"],
        "preview": shown["preview"],
        "may": permissions.may(request),
        "live_url": reverse("horizon:tenant_ops:firewall:group_state", args=[group]) + keep,
        "every": settings.read().poll_idle_seconds,
        "etag": poll.etag(request, snapshot, version),
    }
