"""Keep what the page shows as reviewed."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.posture import permissions, state
from tenant_ops_dashboard.panels.posture.views.listing import scope
from tenant_ops_dashboard.records import posture_changes as changes
from tenant_ops_dashboard.records import posture_scope as readings


@require_POST
@permissions.guarded(permissions.REVIEW)
def view(request: HttpRequest) -> HttpResponse:
    """The form says which findings it was drawn with: what nobody saw is not kept as reviewed."""
    shown = state.shown(request)
    reading, seen = shown.reading, request.POST.get("version", "")
    if seen and seen != reading.digest:
        raise state.Moved("What is exposed changed after this page was shown; nothing was kept.")
    rows = readings.packed(state.look(request, reading))
    made, new = changes.review(
        poll.connect(request), reading.scope, shown.posture, readings.told(reading, rows), rows, timezone.now()
    )
    messages.success(
        request,
        _("Kept as reviewed by %s: from now on drift is told against this.") % made.by
        if new
        else _("You have kept this already, a moment ago."),
    )
    also = scope(request)
    return redirect(f"{reverse(permissions.HOME)}{f'?{urlencode(also)}' if also else ''}")
