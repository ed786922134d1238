"""The list: what is shown next, did it work, and is all there that the scenarios need?"""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels import boundary, cared, failures, poll
from tenant_ops_dashboard.panels.walkthrough import permissions, presenters
from tenant_ops_dashboard.panels.walkthrough import state as page_state
from tenant_ops_dashboard.panels.walkthrough.state import Checked, Shown
from tenant_ops_dashboard.walkthrough import scenarios

#: What scenarios wait for that nobody does who looks at a page.
PROMISES = ("care", "scale", "clones")
#: Seconds until the page asks for what pre-flight finds, where nothing is known of it yet, or what was a while ago.
SOON = 0.5


@require_GET
@permissions.guarded()
def index(request: HttpRequest) -> HttpResponse:
    """The whole page; it waits for no pre-flight."""
    context = _context(request, page_state.shown(request), page_state.looked(request))
    return render(request, "tenant_ops/walkthrough/index.html", context)


@require_GET
@permissions.guarded()
@boundary.poll
def state(request: HttpRequest) -> HttpResponse:
    """The part that changes, for the page's poller, which has pre-flight look."""
    found = failure = None
    try:
        found = page_state.checked(request)
    except TenantOpsError as error:
        failure = failures.of(error)
    snapshot = page_state.shown(request)
    context = _context(request, snapshot, found, failure)
    every: float = context["every"]
    part = "tenant_ops/walkthrough/_index.html"
    return poll.answer(request, snapshot, context["etag"], lambda: poll.part(request, part, context), every=every)


@require_POST
@permissions.guarded(changes=False)
def look(request: HttpRequest) -> HttpResponse:
    """Have pre-flight look anew; a browser without scripts waits for it here."""
    page_state.forget_checked(request)
    page_state.checked(request)
    return redirect(permissions.HOME)


def _context(
    request: HttpRequest, snapshot: poll.Snapshot[Shown], found: poll.Snapshot[Checked] | None,
    failure: failures.Failure | None = None,
) -> dict[str, Any]:  # fmt: skip
    known, progress, now = scenarios.scenarios(), snapshot.value.progress, timezone.now()
    problems = found.value.problems if found else None
    cards = presenters.cards(known, progress, problems)
    lines = presenters.lines(known, problems) if problems is not None else []
    user: Any = request.user
    kept = [cared.of(one, user.project_id, user.services_region or "", now) for one in PROMISES]
    late = [one for one in kept if one and one.late]
    resetting = page_state.resetting(request, *progress)
    answer = _("A reset goes on: once it is done, begin anew.") if resetting else presenters.answer(known, progress)
    looked = found.as_of.replace(microsecond=0) if found else None
    told = (cards, lines, answer, looked, failure, [one.version for one in late])
    every = page_state.every(snapshot.value.moving or resetting)
    # One that is older for a reason is asked for in its time.
    fresh = found and (found.problem or (now - found.as_of).total_seconds() < page_state.SERVES)
    return {
        "page_title": permissions.TITLE, "snapshot": snapshot, "answer": answer, "cards": cards, "lines": lines,
        "helps": any(one.fix for one in lines),
        "checked": looked, "failure": failure, "cares": late, "may": permissions.may(request),
        "live_url": permissions.address("state"), "every": every if fresh or failure else SOON,
        "etag": poll.etag(request, snapshot, hashlib.sha256(repr(told).encode()).hexdigest()),
    }  # fmt: skip
