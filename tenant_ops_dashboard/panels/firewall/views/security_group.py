"""The page of one security group: its rules in words, who is in it, and a draft of how it would be otherwise."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.firewall.security_groups import words
from tenant_ops_dashboard.firewall.security_groups.listing import members
from tenant_ops_dashboard.panels import boundary, poll, settings
from tenant_ops_dashboard.panels.firewall import permissions
from tenant_ops_dashboard.panels.firewall import security_group_presenters as presenters
from tenant_ops_dashboard.panels.firewall import security_group_state as group_state
from tenant_ops_dashboard.panels.firewall import state as page_state

PART = "tenant_ops/firewall/_security_group.html"


@require_GET
@permissions.guarded(permissions.READ)
def show(request: HttpRequest, security_group: str) -> HttpResponse:
    """The whole page."""
    return render(request, "tenant_ops/firewall/security_group.html", _context(request, security_group))


@require_GET
@permissions.guarded(permissions.READ)
@boundary.poll
def state(request: HttpRequest, security_group: str) -> HttpResponse:
    """The part that changes, for the page's poller: a port that came shows with all that protects it."""
    context = _context(request, security_group)
    return poll.answer(
        request, context["snapshot"], context["etag"], lambda: poll.part(request, PART, context), every=context["every"]
    )


def _context(request: HttpRequest, group: str) -> dict[str, Any]:
    snapshot = page_state.state(request)
    found = snapshot.value
    mine = group_state.edited(request, found, group)
    rows = group_state.rows(request, found)
    may = permissions.may(request)
    back = group_state.last(request, found, group) if may["edit"] else None
    undo = group_state.token(back) if back else ""
    intents = group_state.intended(request, found, mine)
    version = hashlib.sha256(f"{found.version}{mine}{undo}{intents}".encode()).hexdigest()
    known = words.names(found.seen)
    return {
        "page_title": mine.draft.state.name or group,
        "snapshot": snapshot,
        "since": page_state.older(snapshot),
        "group": mine.draft.state,
        "row": next(one for one in rows if one.id == group),
        "version": mine.token,
        "unreadable": mine.unreadable,
        "others": mine.others,
        "undo": undo,
        "changes": presenters.changes(mine.draft),
        "ways": presenters.ways(
            mine.draft, known, group_state.findings(request, found), {one.id for one in rows if not one.ports}
        ),
        "members": members(found.ends, group),
        "preview": group_state.shown(request, found, mine),
        "intents": intents,
        "review_url": reverse("horizon:tenant_ops:firewall:security_group_apply", args=[group]),
        "edit_url": reverse("horizon:tenant_ops:firewall:security_group_edit", args=[group]),
        "may": may,
        "live_url": reverse("horizon:tenant_ops:firewall:security_group_state", args=[group]),
        "every": settings.read().poll_idle_seconds,
        "etag": page_state.etag(request, snapshot, version),
    }
