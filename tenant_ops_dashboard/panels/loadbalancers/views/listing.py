"""The page: every load balancer, one level, live."""

from __future__ import annotations

import hashlib
from typing import Any, get_args
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.loadbalancers import watch
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.octavia.status import State
from tenant_ops_dashboard.panels import boundary, poll, settings, words
from tenant_ops_dashboard.panels.loadbalancers import permissions, presenters
from tenant_ops_dashboard.panels.loadbalancers import state as page_state

LONGEST = 64
STATES = get_args(State)
# In an address: the load balancers are read before the page is answered.
WHOLE = "whole"


@require_GET
@permissions.guarded(permissions.READ)
def index(request: HttpRequest) -> HttpResponse:
    """The page, at once: as it was a moment ago, else without load balancers. It then asks by itself.

    After a change made here, and for a browser without scripts (`whole`), they are read before the answer.
    """
    known = None if WHOLE in request.GET else page_state.at_once(request)
    if known is None and WHOLE not in request.GET and not poll.changed(request, page_state.NAME):
        return render(request, "tenant_ops/loadbalancers/index.html", _opening(request))
    at_once = known is not None
    context = _context(request, known or page_state.state(request, _ids(request, "open")), at_once)
    return render(request, "tenant_ops/loadbalancers/index.html", {**context, "asks_at_once": at_once})


@require_GET
@permissions.guarded(permissions.READ)
@boundary.poll
def state(request: HttpRequest) -> HttpResponse:
    """The part that changes, for the page's poller."""
    context = _context(request, page_state.state(request, _ids(request, "open")))
    page = "tenant_ops/loadbalancers/_index.html"
    return poll.answer(
        request, context["snapshot"], context["etag"], lambda: poll.part(request, page, context),
        every=context["every"], shared=context["shared"],
    )  # fmt: skip


def _opening(request: HttpRequest) -> dict[str, Any]:
    """Nothing is known yet: what was asked for travels on."""
    query = request.GET.copy()
    whole = query.copy()
    whole[WHOLE] = "1"
    return {
        "page_title": permissions.TITLE,
        "opening": True,
        "may": permissions.may(request),
        "why_not": policy.why_not(permissions.CHANGE),
        "live_url": _live(query.urlencode()),
        "whole_url": f"?{whole.urlencode()}",
        "every": settings.read().balancers_busy_seconds,
    }


def _live(kept: str) -> str:
    return reverse("horizon:tenant_ops:loadbalancers:state") + (f"?{kept}" if kept else "")


def _context(
    request: HttpRequest, snapshot: poll.Snapshot[page_state.State], at_once: bool = False
) -> dict[str, Any]:  # fmt: skip
    found, chosen = snapshot.value, request.GET.get("status", "")
    chosen = chosen if chosen in STATES else ""
    typed = request.GET.get("q", "").strip()[:80]
    query = typed.lower()
    # Nothing of an address counts but what is there: who invents ids opens nothing and fills no cache.
    there = {one.id for one in found.balancers}
    asked, closed = ([id_ for id_ in _ids(request, name) if id_ in there] for name in ("open", "closed"))
    shown_ = [one for one in found.balancers if chosen in ("", one.state) and query in _text(one)]
    now = timezone.now()
    # What this page's reader opened or closed counts for this page alone.
    opened = [id_ for id_ in watch.opened(shown_, asked, closed) if id_ not in closed]
    mine = page_state.entrusting_of(request, found, opened, at_once)
    told = [one.version for one in mine.values()]
    version = hashlib.sha256(f"{found.version}{int(now.timestamp() // 60)}{opened}{told}".encode()).hexdigest()
    values = {"open": ",".join(asked), "closed": ",".join(closed), "status": chosen, "q": typed}
    kept = urlencode({name: value for name, value in values.items() if value})
    wait, may = settings.read(), permissions.may(request)
    every = wait.balancers_calm_seconds if page_state.calm(found, now) else wait.balancers_busy_seconds
    return {
        "page_title": permissions.TITLE,
        "snapshot": snapshot,
        "cards": presenters.cards(found, shown_, opened, now, mine),
        "total": len(found.balancers),
        "counts": words.counts(one.state for one in found.balancers),
        "answer": presenters.answer(found.balancers),
        "problem": found.history.problem and _(found.history.problem),
        "cared": found.cared.get("") if found.balancers else None,
        "chosen": chosen,
        "query": typed,
        "may": may,
        "why_not": policy.why_not(permissions.CHANGE),
        "live_url": _live(kept),
        "every": every,
        "shared": "" if typed else f"{version} {may} {every} {kept}",
        "etag": poll.etag(request, snapshot, version),
    }


def _ids(request: HttpRequest, name: str) -> list[str]:
    return [one for one in request.GET.get(name, "").split(",") if 0 < len(one) <= LONGEST][: page_state.MOST_OPEN]


def _text(one: Balancer) -> str:
    return f"{one.name} {one.address} {one.vip}".lower()
