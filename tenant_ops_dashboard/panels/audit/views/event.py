"""One event, whole."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.panels.audit import permissions, presenters, scope
from tenant_ops_dashboard.records import audit


@require_GET
@permissions.guarded()
def show(request: HttpRequest, event: uuid.UUID) -> HttpResponse:
    """Its page."""
    seen = scope.seen(request)
    with audit.reading():
        found = audit.one(seen.ids, str(event))
    row = presenters.row(found, seen.projects)
    context = {
        "page_title": _("%(what)s: %(target)s") % {"what": row.what, "target": row.target},
        "event": row,
        "also": f"&{scope.ALL}=true" if scope.everywhere(request) else "",
        "fields": presenters.fields(found),
        "whole": presenters.whole(found),
    }
    return render(request, "tenant_ops/audit/event.html", context)
