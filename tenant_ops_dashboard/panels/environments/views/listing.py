"""The list: what do I run, and is it well?"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.panels import boundary, poll, settings, words
from tenant_ops_dashboard.panels.environments import intents, permissions
from tenant_ops_dashboard.panels.environments import state as page_state

TITLE = _("Environments")


@require_GET
@permissions.guarded(permissions.READ, TITLE)
def index(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    context = _context(request, page_state.listing(request))
    gone = request.GET.get("gone", "")
    context["gone"] = (
        page_state.name_of(request, gone) if gone not in {one.id for one in context["snapshot"].value} else ""
    )
    return render(request, "tenant_ops/environments/index.html", context)


@require_GET
@permissions.guarded(permissions.READ, TITLE)
@boundary.poll
def state(request: HttpRequest) -> HttpResponse:
    """The part that changes, for the page's poller."""
    snapshot = page_state.listing(request)
    context = _context(request, snapshot)
    page = "tenant_ops/environments/_index.html"
    every: float = context["every"]
    return poll.answer(request, snapshot, context["etag"], lambda: poll.part(request, page, context), every=every)


def _context(request: HttpRequest, snapshot: poll.Snapshot[tuple[Environment, ...]]) -> dict[str, Any]:
    may = permissions.may(request)
    bad = intents.broken(poll.connect(request).project_id) if may["firewall"] and snapshot.value else ()
    environments = tuple(intents.warned(one, bad) for one in snapshot.value)
    chosen, query = request.GET.get("status", ""), request.GET.get("q", "").strip()[:80]
    chosen = chosen if chosen in words.ORDER else ""
    busy = any(environment.status in page_state.BUSY for environment in environments)
    wait = settings.read()
    asked = urlencode({name: value for name, value in (("status", chosen), ("q", query)) if value})
    # Ages are words of the page, not of the state: a minute is precise enough to be told anew.
    version = hashlib.sha256(f"{environments!r}{int(snapshot.as_of.timestamp() / 60)}".encode()).hexdigest()
    return {
        "page_title": TITLE,
        "snapshot": snapshot,
        "rows": sorted((e for e in environments if chosen in ("", e.status) and _matches(e, query)), key=_urgency),
        "total": len(environments),
        "counts": words.counts(e.status for e in environments),
        "chosen": chosen,
        "query": query,
        "may": may,
        "why_not": policy.why_not(permissions.LAUNCH),
        "live_url": reverse("horizon:tenant_ops:environments:state") + (f"?{asked}" if asked else ""),
        "every": wait.poll_busy_seconds if busy else wait.poll_idle_seconds,
        "etag": poll.etag(request, snapshot, version),
    }


def _urgency(environment: Environment) -> tuple[int, str]:
    """What needs somebody stands first, then what is happening, then what is well; each by name."""
    order = ("failed", "warning", "building", "deleting", "good")
    return order.index(environment.status), environment.name


def _matches(environment: Environment, query: str) -> bool:
    return query.lower() in f"{environment.name} {environment.address}".lower()
