"""The page of one environment: progress while it comes, health while it runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.model import Details
from tenant_ops_dashboard.panels import boundary, cared, poll, settings
from tenant_ops_dashboard.panels.environments import copies, intents, menus, permissions, presenters, proofs
from tenant_ops_dashboard.panels.environments import event_presenters as events_of
from tenant_ops_dashboard.panels.environments import state as page_state

TITLE = gettext_lazy("Environment")


@require_GET
@permissions.guarded(permissions.READ, TITLE)
def show(request: HttpRequest, stack_id: str) -> HttpResponse:
    """The whole page."""
    return render(
        request, "tenant_ops/environments/show.html", _context(request, page_state.details(request, stack_id))
    )


@require_GET
@permissions.guarded(permissions.READ, TITLE)
@boundary.poll
def state(request: HttpRequest, stack_id: str) -> HttpResponse:
    """The part that changes, for the page's poller; once the environment is gone the next page says so."""
    try:
        snapshot = page_state.details(request, stack_id)
    except NotFound:
        return poll.elsewhere(f"{reverse(permissions.HOME)}?gone={stack_id}")
    context = _context(request, snapshot)
    page = "tenant_ops/environments/_show.html"
    every: float = context["every"]
    return poll.answer(request, snapshot, context["etag"], lambda: poll.part(request, page, context), every=every)


def _context(request: HttpRequest, snapshot: poll.Snapshot[Details]) -> dict[str, Any]:
    details, wait, may = snapshot.value, settings.read(), permissions.may(request)
    stands = intents.known(poll.connect(request).project_id, details.environment) if may["firewall"] else None
    details = replace(details, environment=intents.warned(details.environment, stands or ()))
    environment = details.environment
    sent, made = proofs.known(request, details), copies.of(request, details)
    can_prove = may["launch"] and proofs.standing(details)
    trusted = page_state.entrusted(request, environment.id)
    cloud = poll.connect(request)
    now = timezone.now()
    care = cared.of("care", cloud.project_id, cloud.region, now) if trusted else None
    looked = cared.watched("intents", cloud.project_id, cloud.region, now) if stands else None
    looked = looked and replace(looked, here=True)
    happened = events_of.read(request, details)
    kept = [one.version for one in (care, looked) if one]
    version = f"{watch.version(details)}{sent}{happened.version}{trusted}{stands}{made}{kept}"
    unproven = not sent or bool(proofs.contradicted(sent, details))
    busy = environment.status in page_state.BUSY or (can_prove and unproven)
    menu = menus.Menus(details, may)
    return {
        **presenters.context(details, menu.ways, sent),
        "why": menu.why(),
        "happened": happened,
        "copies": made,
        "intents": intents.section(details, stands, looked) if stands is not None else None,
        "page_title": environment.name,
        "snapshot": snapshot,
        "may": may,
        "trusted": trusted,
        "cared": care,
        "care_offered": bool(wait.service_user),
        "can_prove": can_prove,
        "live_url": reverse("horizon:tenant_ops:environments:show_state", args=[environment.id]) + happened.asked,
        "every": wait.poll_busy_seconds if busy else wait.poll_idle_seconds,
        "etag": poll.etag(request, snapshot, version),
    }
