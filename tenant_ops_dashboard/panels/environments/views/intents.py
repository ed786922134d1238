"""What must never, or must always, get through to or from an environment: added, removed, switched off."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.environments import intent as wishes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.status import summary
from tenant_ops_dashboard.errors import BadInput, InTheWay, NotFound
from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.panels import boundary, poll, said, settings
from tenant_ops_dashboard.panels import intents as shown
from tenant_ops_dashboard.panels.environments import intents, permissions, state
from tenant_ops_dashboard.panels.words import told
from tenant_ops_dashboard.records import audit as trail
from tenant_ops_dashboard.records import intending
from tenant_ops_dashboard.records import intents as records
from tenant_ops_dashboard.sentences import say

TITLE = gettext_lazy("Intents")


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.INTENT, TITLE)
def add(request: HttpRequest, stack_id: str) -> HttpResponse:
    """Ask for one, and keep it; it is checked at once."""
    cloud = poll.connect(request)
    environment = stack.find(cloud, stack_id)
    form = shown.IntentForm.of(request, initial={"target": f"tier:{environment.name}/database"})
    if request.method == "POST" and form.is_valid():
        try:
            with trail.reading("The project's intents"):
                made = intending.add(cloud, wishes.read(form.told), stack_id, settings.read().blueprint_folders)
        except (BadInput, NotFound) as error:
            form.refuse_end(error)
        else:
            named = told(standing.named(made, {stack_id: environment.name}))
            return _back(request, stack_id, _("%s stands, and is checked from now on.") % named)
    context = {
        "page_title": _("Add an intent to %s") % environment.name, "form": form, "environment": environment,
        "tiers": [f"tier:{environment.name}/{tier}" for tier in ("database", "application", "balancer", "jump", "dmz")],
        "back": _page(stack_id),
    }  # fmt: skip
    return render(request, "tenant_ops/environments/intent_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.INTENT, TITLE)
def one(request: HttpRequest, stack_id: str, intent: str) -> HttpResponse:
    """Remove one that a person added, or switch off a blueprint's own, with a reason; asks first.

    Where scripts run a row switches one on without asking, and off again for the reason that it had.
    """
    cloud = poll.connect(request)
    environment = summary.launching(stack.find(cloud, stack_id))
    found = records.one_of(intents.of(cloud.project_id, environment), intent)
    if "why" in request.POST and found.off is not None:
        raise InTheWay(say("{who} switched this intent off already; nothing was changed now.", who=found.off.who))
    form = shown.SwitchForm.of(request, found.origin == "blueprint" and found.off is None)
    says = standing.named(found, {stack_id: environment.name})
    if request.method == "POST" and form.is_valid():
        with trail.reading("The project's intents"):
            if found.origin == "person":
                intending.remove(cloud, found.id)
            else:
                intending.switch(cloud, found, form.reason)
        if found.origin == "person":
            return _back(request, stack_id, _("Removed: %s") % told(says))
        sentence = (_("Switched off: %s") if form.asks else _("Switched on: %s")) % told(says)
        way = f"{request.path}?{urlencode({'why': found.off.reason})}" if found.off else request.path
        return _back(request, stack_id, sentence, way)
    if (refused := said.unfit(request, form, TITLE)) is not None:
        return refused
    if found.origin == "person":
        title, answer = _("Remove an intent"), _("It is checked no more, and gates nothing.")
    elif found.off:
        title, answer = _("Switch an intent on"), _("It is checked again, and gates what would break it.")
    else:
        title, answer = _("Switch an intent off"), _("It is checked no more here, and gates nothing.")
    context = {
        "page_title": title, "answer": answer, "says": says, "found": found, "form": form, "back": _page(stack_id),
    }  # fmt: skip
    return render(request, "tenant_ops/environments/intent.html", context, status=422 if form.errors else 200)


def _page(stack_id: str) -> str:
    return reverse("horizon:tenant_ops:environments:show", args=[stack_id])


def _back(request: HttpRequest, stack_id: str, sentence: str, way: str = "") -> HttpResponse:
    state.forget(request, stack_id)
    if boundary.is_script(request):
        return said.answer(request, said.Said(sentence, "good", way))
    messages.success(request, sentence)
    return HttpResponseRedirect(f"{_page(stack_id)}#intents")
