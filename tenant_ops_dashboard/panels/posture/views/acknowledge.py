"""Somebody says that a finding may stand, why and until when; or takes that back."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.panels import poll, words
from tenant_ops_dashboard.panels.posture import permissions, state
from tenant_ops_dashboard.panels.posture.forms import AcknowledgeForm
from tenant_ops_dashboard.panels.posture.views import finding as page
from tenant_ops_dashboard.panels.posture.views.listing import scope
from tenant_ops_dashboard.records import posture_changes as changes
from tenant_ops_dashboard.sentences import bare


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.ACKNOWLEDGE, page.page)
def view(request: HttpRequest, finding: str) -> HttpResponse:
    """Ask for the reason and the end; keep them by POST."""
    shown = state.shown(request)
    form = AcknowledgeForm.of(request)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            word = changes.acknowledge(
                poll.connect(request), shown.posture, finding, told["reason"], told["until"], timezone.now(),
                timezone.get_current_timezone(),
            )  # fmt: skip
        except BadInput as error:
            form.refuse(BadInput(bare(error.sentence), field=error.field))
        else:
            messages.success(request, _("Acknowledged until %s.") % words.when(word.until))
            return redirect(_back(request, finding))
    context = {**page.context(request, finding), "form": form, "action": request.get_full_path()}
    return render(request, "tenant_ops/posture/acknowledge.html", context, status=422 if form.errors else 200)


@require_POST
@permissions.guarded(permissions.ACKNOWLEDGE, page.page)
def withdraw(request: HttpRequest, finding: str) -> HttpResponse:
    """What was said counts no more."""
    projects = state.shown(request).reading.words_of
    changes.withdraw(poll.connect(request), projects, finding, timezone.now())
    messages.success(request, _("The acknowledgement counts no more."))
    return redirect(_back(request, finding))


def _back(request: HttpRequest, finding: str) -> str:
    also = scope(request)
    return f"{page.page({'finding': finding})}{f'?{urlencode(also)}' if also else ''}"
