"""Back to the seeded state, of one scenario or of all: what goes is told before, what is left until nothing is."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tenant_ops_dashboard.panels import boundary, poll, settings, words
from tenant_ops_dashboard.panels.walkthrough import permissions
from tenant_ops_dashboard.panels.walkthrough import state as page_state
from tenant_ops_dashboard.panels.walkthrough.views.act import SECONDS
from tenant_ops_dashboard.walkthrough import reset, scenarios
from tenant_ops_dashboard.walkthrough.model import Left


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.RESET)
def view(request: HttpRequest, scenario: str = "") -> HttpResponse:
    """Ask; begin by POST, and go on by POST as long as something is left."""
    cloud, store = poll.connect(request, SECONDS), page_state.store()
    if request.method == "POST":
        verb = reset.left if request.POST.get("do") == "look" else reset.reset
        page_state.keep_left(request, scenario, verb(cloud, store, scenario or None))
        page_state.forget(request)
        page_state.forget_checked(request)
        return HttpResponse(status=204) if boundary.is_script(request) else redirect(request.path)
    found = page_state.left(request, scenario)
    means = reset.means(cloud, store, scenario or None) if found is None else ()
    return render(request, "tenant_ops/walkthrough/reset.html", {**_context(request, scenario, found), "means": means})


@require_GET
@permissions.guarded(permissions.RESET)
@boundary.poll
def state(request: HttpRequest, scenario: str = "") -> HttpResponse:
    """What is left of it, for the page's poller."""
    found = page_state.left(request, scenario)
    if found is None:
        return poll.elsewhere(permissions.page({}))
    context = _context(request, scenario, found)
    part = "tenant_ops/walkthrough/_reset.html"
    every: float = context["every"]
    return poll.answer(request, found, context["etag"], lambda: poll.part(request, part, context), every=every)


def _context(request: HttpRequest, scenario: str, found: poll.Snapshot[Left] | None) -> dict[str, Any]:
    title = scenarios.find(scenario).scenario.title if scenario else ""
    parts = (scenario,) if scenario else ()
    name = "reset" if scenario else "reset_all"
    version = hashlib.sha256(repr(found and found.value).encode()).hexdigest()
    return {
        "page_title": _("Reset %s") % words.told(title) if title else _("Reset all scenarios"), "snapshot": found,
        "left": found.value.left if found else (), "done": found is not None and found.value.done,
        "action": permissions.address(name, *parts), "live_url": permissions.address(f"{name}_state", *parts),
        "back": permissions.page({"scenario": scenario} if scenario else {}),
        "every": settings.read().poll_busy_seconds, "etag": poll.etag(request, found, version) if found else "",
    }  # fmt: skip
