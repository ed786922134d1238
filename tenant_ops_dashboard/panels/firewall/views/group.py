"""The page of one firewall group: what gets through, which rule says so, and a draft of how it would be otherwise."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.firewall import checks, matrix
from tenant_ops_dashboard.panels import boundary, poll, settings
from tenant_ops_dashboard.panels.firewall import effects, permissions, presenters, previews
from tenant_ops_dashboard.panels.firewall import state as page_state
from tenant_ops_dashboard.panels.firewall.state import Edited, State
from tenant_ops_dashboard.panels.firewall.views import policy
from tenant_ops_dashboard.panels.firewall.windows import Window

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


def part(request: HttpRequest, found: poll.Snapshot[State], before: Edited, now: Edited) -> HttpResponse:
    """What an edit changes of the page: the rows that are not as they were drawn, and the draft bar with its preview.

    All else is marked `data-to-same`, and said to be worked out: the page asks for it at once.
    """
    id_, window = now.draft.state.group.id, Window.of(request)
    flags = policy.standing(found.value, id_)
    drawn = presenters.ways(before.draft, {}, window)
    context = {
        **_common(request, found, id_, now, window), **previews.after_edit(request, found.value, now), "etag": "",
        "working": True,
        "ways": presenters.since(drawn, presenters.ways(now.draft, {}, window, flags)),
    }  # fmt: skip
    return HttpResponse(poll.part(request, PART, context))


def _context(request: HttpRequest, group: str) -> dict[str, Any]:
    snapshot = page_state.state(request)
    found, window = snapshot.value, Window.of(request)
    edited = page_state.edited(request, found, group)
    shown = previews.shown(request, found, edited, _layer(window))
    version = f"{found.version}{edited.token}{edited.others}{edited.unreadable}{shown['intents']}"
    return {
        **_common(request, snapshot, group, edited, window),
        "ways": presenters.ways(edited.draft, shown["badges"], window, policy.standing(found, group)),
        "row": shown["row"],
        "picture": shown["picture"],
        "columns": shown["columns"],
        "matrix": shown["matrix"],
        "drafted": shown["drafted"],
        "unknown": shown["unknown"],
        "preview": shown["preview"],
        "intents": shown["intents"],
        "etag": page_state.etag(request, snapshot, hashlib.sha256(version.encode()).hexdigest()),
    }


def _common(
    request: HttpRequest, snapshot: poll.Snapshot[State], group: str, edited: Edited, window: Window
) -> dict[str, Any]:  # fmt: skip
    found, layer = snapshot.value, _layer(window)
    return {
        "page_title": edited.draft.state.group.name or group,
        "snapshot": snapshot,
        "group": edited.draft.state.group,
        "version": edited.token,
        "unreadable": edited.unreadable,
        "since": page_state.older(snapshot),
        "others": edited.others,
        "undo": page_state.newest(request, found, group),
        "changes": presenters.changes(edited.draft),
        "off": checks.down(found.seen.engine.told),
        "stands": effects.stands(found, edited.draft.state.group.ports),
        "profile": found.seen.engine.told or _("back end not known"),
        "layers": [(one, words, replace(window, layer="" if one == "both" else one).query) for one, words in LAYERS],
        "chosen": layer,
        "window": window,
        "review_url": reverse("horizon:tenant_ops:firewall:apply", args=[group]),
        "edit_url": reverse("horizon:tenant_ops:firewall:edit", args=[group]) + window.query,
        "may": permissions.may(request),
        "live_url": reverse("horizon:tenant_ops:firewall:group_state", args=[group]) + window.query,
        "every": settings.read().poll_idle_seconds,
    }


def _layer(window: Window) -> matrix.Layer:
    return next((one for one in matrix.LAYERS if one == window.layer), matrix.LAYERS[0])
