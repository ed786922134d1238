"""A presenter's buttons, each safe to press twice: do a step, check it, leave it out, do it again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from tenant_ops_dashboard.panels import boundary, failures, poll
from tenant_ops_dashboard.panels.walkthrough import permissions, state, step_presenters
from tenant_ops_dashboard.panels.walkthrough.views import show
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough import steps
from tenant_ops_dashboard.walkthrough.errors import NotAllowed, NotFound, TenantOpsError

BUTTONS = {"do": steps.do, "check": steps.check, "skip": steps.skip, "again": steps.again}
#: What a step asks for may take longer than a page does.
SECONDS = 60


@require_POST
@permissions.guarded(permissions.RUN)
def press(request: HttpRequest, scenario: str, step: str, button: str, view: str = "step") -> HttpResponse:
    """Do it, unless the page is older than what it shows; what went wrong is told where it was pressed."""
    if button not in BUTTONS:
        raise NotFound(say("There is no such button."))
    cloud, store = poll.connect(request, SECONDS), state.store()
    try:
        taken = steps.progress(cloud, store, scenario).taken(step)
        if button == "check" or request.POST.get("seen", "") in ("", step_presenters.seen(taken)):
            BUTTONS[button](cloud, store, scenario, step)
    except (NotAllowed, NotFound):
        raise
    except TenantOpsError as error:
        state.forget(request)
        return show.page(request, scenario, step, view, failures.of(error))
    state.forget(request)
    if boundary.is_script(request):
        return HttpResponse(status=204)
    return redirect(permissions.address(view, scenario, step))
