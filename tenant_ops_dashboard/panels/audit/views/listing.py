"""The page: a project's changes, newest first. It is read, not watched: nothing moves under who reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.audit.wanted import Wanted
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.panels.audit import permissions, presenters, scope
from tenant_ops_dashboard.panels.audit.forms import FilterForm
from tenant_ops_dashboard.panels.words import told
from tenant_ops_dashboard.records import audit
from tenant_ops_dashboard.sentences import bare

SIZE = 50
NAMES = tuple(one.name for one in fields(Wanted))


@require_GET
@permissions.guarded()
def index(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    context = _context(request)
    return render(request, "tenant_ops/audit/index.html", context, status=422 if context["form"].errors else 200)


def asked(request: HttpRequest) -> dict[str, str]:
    """What stands in the address, without what asks for nothing."""
    typed = {name: request.GET.get(name, "").strip() for name in NAMES}
    scope_ = {scope.ALL: "true"} if scope.everywhere(request) else {}
    return {**{name: value for name, value in typed.items() if value}, **scope_}


def _context(request: HttpRequest) -> dict[str, Any]:
    seen = scope.seen(request)
    words, form = asked(request), FilterForm(data=request.GET)
    try:
        wanted = Wanted.of(words, zone=timezone.get_current_timezone())
    except BadInput as error:
        wanted = None
        form.refuse(BadInput(bare(error.sentence), field=error.field))
    with audit.reading():
        summary = audit.summary(seen.ids, wanted or Wanted())
        try:
            page = audit.page(seen.ids, wanted, SIZE, request.GET.get("marker", "")) if wanted else None
        except BadInput as error:
            page = None
            form.add_error(None, _("What this page began behind is not kept any more. %s") % told(error.todo))
    form.offer(summary.verbs)
    older = f"?{urlencode({**words, 'marker': page.marker})}" if page and page.marker else ""
    return {
        "page_title": permissions.TITLE,
        "form": form,
        "rows": [presenters.row(one, seen.projects) for one in page.events] if page else [],
        "counts": [(*one, _link(words, outcome=one[0])) for one in presenters.counts(summary.outcomes)],
        "total": summary.total,
        "seen": seen,
        "everywhere": scope.everywhere(request),
        "chosen": words.get("outcome", ""),
        "filtered": bool(words),
        "older": older,
        "newest": _link(words) if request.GET.get("marker") else "",
        "query": f"?{urlencode(words)}" if words else "",
        "days": settings.read().audit_days,
        "now": timezone.now(),
        "zone": timezone.get_current_timezone_name(),
    }


def _link(words: Mapping[str, str], **more: str) -> str:
    return f"?{urlencode({**words, **more})}"
