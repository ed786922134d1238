"""All intents of the project on one page, and those of the project itself: added, removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tenant_ops_dashboard.cloud import CloudError
from tenant_ops_dashboard.environments import intent as wishes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.firewall.access import INTENT
from tenant_ops_dashboard.panels import access, cared, poll, settings
from tenant_ops_dashboard.panels import intents as shown
from tenant_ops_dashboard.panels.firewall import permissions
from tenant_ops_dashboard.panels.intents import Line
from tenant_ops_dashboard.panels.words import told
from tenant_ops_dashboard.records import audit as trail
from tenant_ops_dashboard.records import intending
from tenant_ops_dashboard.records import intents as records

TITLE = gettext_lazy("Intents")
_ORDER = ("warning", "unknown", "good", "planned")


@dataclass(frozen=True)
class Row:
    """One intent in the list; `page` is where it is changed, '' for nobody."""

    line: Line
    environment: str
    environment_id: str
    page: str


@require_GET
@permissions.guarded(permissions.READ)
def index(request: HttpRequest) -> HttpResponse:
    """Every intent that stands, broken ones first."""
    cloud = poll.connect(request)
    problem = ""
    known: tuple[Stack, ...] = ()
    try:
        known = stack.environments(cloud) if cloud.has("orchestration") else ()
    except CloudError as error:
        problem = error.sentence
    with trail.reading("The project's intents"):
        found = records.of(
            cloud.project_id, {one.id: one.launched for one in known}, settings.read().blueprint_folders
        )
    may = access.allowed(request, INTENT)
    rows = sorted(_rows(found, known, may), key=lambda one: _ORDER.index(one.line.state))
    broken = sum(one.line.state == "warning" for one in rows)
    watched = cared.watched("intents", cloud.project_id, cloud.region, timezone.now()) if rows else None
    context = {
        "page_title": TITLE, "rows": rows, "problem": problem, "broken": broken, "may": may, "cared": watched,
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/intents.html", context)


@require_http_methods(["GET", "POST"])
@permissions.guarded(INTENT)
def add(request: HttpRequest) -> HttpResponse:
    """Ask for one of the project itself, and keep it; it is checked at once."""
    form = shown.IntentForm.of(request)
    if request.method == "POST" and form.is_valid():
        try:
            with trail.reading("The project's intents"):
                made = intending.add(poll.connect(request), wishes.read(form.told))
        except (BadInput, NotFound) as error:
            form.refuse_end(error)
        else:
            return _back(request, _("%s stands, and is checked from now on.") % told(made.intent.sentence))
    context = {"page_title": _("Add an intent to the project"), "form": form, "tiers": (), "back": _page()}
    return render(request, "tenant_ops/environments/intent_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permissions.guarded(INTENT)
def one(request: HttpRequest, intent: str) -> HttpResponse:
    """Remove one of the project itself; asks first."""
    cloud = poll.connect(request)
    with trail.reading("The project's intents"):
        own = tuple(one for one in records.kept(cloud.project_id) if not one.environment)
        found = records.one_of(own, intent)
    if request.method == "POST":
        with trail.reading("The project's intents"):
            intending.remove(cloud, found.id)
        return _back(request, _("Removed: %s") % told(found.intent.sentence))
    context: dict[str, Any] = {
        "page_title": _("Remove an intent"), "answer": _("It is checked no more, and gates nothing."),
        "says": found.intent.sentence, "found": found, "form": shown.SwitchForm.of(request, False), "back": _page(),
    }  # fmt: skip
    return render(request, "tenant_ops/environments/intent.html", context)


def _rows(found: tuple[standing.Standing, ...], known: tuple[Stack, ...], may: bool) -> list[Row]:
    names = {one.id: one.name for one in known}
    return [
        Row(shown.line(one, names), names.get(one.environment, ""), one.environment, _change(one) if may else "")
        for one in found
    ]


def _change(one: standing.Standing) -> str:
    if one.environment:
        return reverse("horizon:tenant_ops:environments:intent", args=[one.environment, one.id])
    return reverse("horizon:tenant_ops:firewall:intent", args=[one.id])


def _page() -> str:
    return reverse("horizon:tenant_ops:firewall:intents")


def _back(request: HttpRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(_page())
