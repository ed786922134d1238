"""One scenario, a step at a time: its page, and the presenter's view of the same step."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.panels import boundary, failures, poll
from tenant_ops_dashboard.panels.walkthrough import permissions, step_presenters
from tenant_ops_dashboard.panels.walkthrough import state as page_state
from tenant_ops_dashboard.walkthrough import scenarios


@require_GET
@permissions.guarded()
def current(request: HttpRequest, scenario: str) -> HttpResponse:
    """Leads to the step to go on with."""
    found = scenarios.find(scenario).scenario
    step = step_presenters.current(found, page_state.shown(request).value.progress[found.id])
    return redirect(permissions.address("step", found.id, step.id))


@require_GET
@permissions.guarded()
def show(request: HttpRequest, scenario: str, step: str, view: str = "step") -> HttpResponse:
    """The whole page."""
    return page(request, scenario, step, view)


@require_GET
@permissions.guarded()
@boundary.poll
def state(request: HttpRequest, scenario: str, step: str, view: str = "step") -> HttpResponse:
    """The part that changes, for the page's poller."""
    snapshot = page_state.shown(request)
    found = context(request, snapshot, scenario, step, view)
    part = _template(view, "_")
    return poll.answer(
        request, snapshot, found["etag"], lambda: poll.part(request, part, found), every=found["every"]
    )  # fmt: skip


def page(
    request: HttpRequest, scenario: str, step: str, view: str, failure: failures.Failure | None = None
) -> HttpResponse:
    """The page, with what went wrong just now."""
    found = context(request, page_state.shown(request), scenario, step, view)
    status = failure.status if failure else 200
    return render(request, _template(view), {**found, "failure": failure}, status=status)


def context(
    request: HttpRequest, snapshot: poll.Snapshot[page_state.Shown], scenario: str, step: str, view: str
) -> dict[str, Any]:
    """What both views show. Raises NotFound."""
    known, act = scenarios.scenarios(), scenarios.act(scenario, step)
    story = scenarios.find(scenario).scenario
    progress, may = snapshot.value.progress[story.id], permissions.may(request)
    row = step_presenters.row(known, story, act.step, progress, view, timezone.now())
    resetting = page_state.resetting(request, story.id)
    told = (progress, may, replace(row, since=None), resetting)
    return {
        "page_title": story.title, "snapshot": snapshot, "scenario": story, "row": row, "may": may,
        "resetting": resetting,
        "rows": step_presenters.lines(story, progress, view), "answer": step_presenters.answer(story, progress),
        "closing": view == "present" and row.number == row.total and step_presenters.through(story, progress),
        "may_not": "" if may["run"] else policy.why_not(permissions.RUN), "help": _help(),
        "live_url": permissions.address(f"{view}_state", story.id, act.step.id),
        "every": page_state.every(resetting or row.line.taken.state == "waiting"),
        "etag": poll.etag(request, snapshot, hashlib.sha256(repr(told).encode()).hexdigest()),
    }  # fmt: skip


def _template(view: str, part: str = "") -> str:
    return f"tenant_ops/walkthrough/{part}{'show' if view == 'step' else view}.html"


def _help() -> tuple[tuple[tuple[str, ...], str], ...]:
    """The presenter's keys, and what each does."""
    return (
        (("n", "→", "PgDn"), _("next step")), (("b", "←", "PgUp"), _("step before")), (("d", "Enter"), _("do it")),
        (("c",), _("check now")), (("a",), _("do it again")), (("k",), _("skip it")),
        (("s",), _("notes, shown or hidden")),
        (("?",), _("these keys")), (("Esc",), _("leave")),
    )  # fmt: skip
