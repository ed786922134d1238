"""What is looked at, as a file, or as a report to print: all of it, however many pages it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.panels.posture import permissions, state
from tenant_ops_dashboard.panels.posture.presenters import Wanted
from tenant_ops_dashboard.posture import export
from tenant_ops_dashboard.posture.model import Posture

FORMS: dict[str, tuple[Callable[[Posture, str], str], str]] = {
    "csv": (lambda posture, _asked: export.csv(posture), "text/csv; charset=utf-8"),
    "json": (lambda posture, _asked: export.json(posture), "application/json"),
    "html": (export.html, "text/html; charset=utf-8"),
}


@require_GET
@permissions.guarded()
def view(request: HttpRequest, form: str) -> HttpResponse:
    """A file of the findings that the address asks for."""
    if form not in FORMS:
        raise Http404
    user: Any = request.user
    write, kind = FORMS[form]
    shown = state.shown(request)
    posture = state.whole(request, shown.reading)
    wanted = Wanted.of(request.GET.dict())
    asked = ", ".join(f"{name} {told}" for name, told in wanted.words().items())
    found = replace(posture, findings=tuple(wanted.among(posture)))
    response = HttpResponse(write(found, asked), content_type=kind)
    whose = "all-projects" if state.everywhere(request) else str(user.project_name or "project")
    name = "".join(one if one.isalnum() and one.isascii() else "-" for one in whose)[:60]
    response["Content-Disposition"] = f'attachment; filename="posture-{name}-{timezone.now():%Y%m%d-%H%M%S}.{form}"'
    response["Cache-Control"] = "no-store"
    return response
