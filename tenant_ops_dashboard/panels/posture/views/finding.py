"""The page of one finding: what it is, what proves it, what helps, and what people said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.panels.posture import permissions, presenters, state
from tenant_ops_dashboard.panels.posture.views.listing import scope
from tenant_ops_dashboard.posture.model import Finding
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records.posture import Word
from tenant_ops_dashboard.records.posture_changes import find
from tenant_ops_dashboard.records.unkept import NotKept

RULES = 50


def page(arguments: Mapping[str, Any]) -> str:
    """The page of a finding, from the arguments in an address."""
    return reverse("horizon:tenant_ops:posture:finding", args=[arguments["finding"]])


@require_GET
@permissions.guarded()
def show(request: HttpRequest, finding: str) -> HttpResponse:
    """Its page."""
    return render(request, "tenant_ops/posture/finding.html", context(request, finding))


def context(request: HttpRequest, id_: str) -> dict[str, Any]:
    """What the page and the form that acknowledges it show. Raises NotFound."""
    shown = state.shown(request)
    find(shown.posture, id_)
    found = find(state.whole(request, shown.reading), id_)
    row = presenters.row(found, shown.posture, RULES)
    lines, more = presenters.boxes([{**one, "name": one.get("name") or found.name} for one in found.exposed])
    also = scope(request)
    return {
        "page_title": _("%(level)s: %(name)s") % {"level": str(row.level).capitalize(), "name": row.name},
        "snapshot": shown.snapshot, "one": row, "exposed": lines, "more_exposed": more,
        "said": _said(found), "unkept": shown.unkept, "also": f"?{urlencode(also)}" if also else "",
        "may_say": may_say(request, found),
    }  # fmt: skip


def may_say(request: HttpRequest, found: Finding) -> bool:
    """Whether this user may acknowledge it; the change checks for itself."""
    user: Any = request.user
    may = permissions.may(request)
    return may["acknowledge"] and (found.project == user.project_id or may["change_all"])


def _said(found: Finding) -> tuple[Word, ...]:
    try:
        with records.kept():
            return records.history(found.project, found.id)
    except NotKept:
        return ()
