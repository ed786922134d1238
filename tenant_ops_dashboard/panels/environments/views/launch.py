"""Launch: one page, one button; the plan beside the form shows what would be made before anything is."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tenant_ops_dashboard.environments import errors
from tenant_ops_dashboard.environments import launch as launching
from tenant_ops_dashboard.environments.model import Environment, Plan
from tenant_ops_dashboard.environments.planning import plan as planning
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels import failures, poll, settings, turn, words
from tenant_ops_dashboard.panels.environments import forms, permissions, plan_presenters, state

TITLE = gettext_lazy("Launch environment")
FILES: dict[str, tuple[str, Callable[[Plan], str | bytes]]] = {
    "template": (".yaml", lambda made: made.template),
    "environment": (".env.yaml", lambda made: made.environment_file),
    "archive": (".zip", planning.archive),
}


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.LAUNCH, TITLE)
def launch(request: HttpRequest) -> HttpResponse:
    """The page; a POST launches, or shows the plan where a browser without scripts asks for it."""
    cloud = poll.connect(request)
    asked = forms.read(request, cloud)
    folders = settings.read().blueprint_folders
    failure = refused = None
    if request.method == "POST" and request.POST.get("do") != "plan":
        try:
            # Two clicks are one launch, without waiting for Heat to tell them apart.
            with turn.of(poll.key(request, f"launch of {asked.request.name}")) as waited:
                if waited:
                    # The time that another click took is not this one's.
                    cloud.deadline.again(cloud.options.budget)
                made = launching.launch(cloud, asked.request, folders, token=asked.sent_by, settle=False)
        except errors.PlanProblems as error:
            refused = _refused(error)
        except TenantOpsError as error:
            failure = failures.of(error)
        else:
            return _made(request, made)
    found = planning.plan(cloud, asked.request, folders)
    # What the plan finds too stands at its field; what only Heat found wrong is told by itself.
    return page(request, asked, found, refused if refused and not found.problems else failure)


@require_POST
@permissions.guarded(permissions.LAUNCH, TITLE, changes=False)
def plan(request: HttpRequest) -> HttpResponse:
    """The plan for the form as it stands, for the page's script, at each pause in typing. Makes nothing."""
    cloud = poll.connect(request, lately=True)
    asked = forms.read(request, cloud)
    found = planning.plan(cloud, asked.request, settings.read().blueprint_folders)
    shown = plan_presenters.context(found)
    answer = {
        "html": poll.part(request, "tenant_ops/environments/_plan.html", shown),
        "problems": {name: words.told(said) for name, said in found.problems.items()},
        "button": shown["launch_words"],
        "shown": asked.chosen.slug,
        "fields": "",
    }
    if request.POST.get("shown") != asked.chosen.slug:
        answer["fields"] = poll.part(request, "tenant_ops/environments/_fields.html", {"form": asked})
    return JsonResponse(answer)


@require_POST
@permissions.guarded(permissions.LAUNCH, TITLE, changes=False)
def download(request: HttpRequest, what: str) -> HttpResponse:
    """The plan's template, its environment file, or all of it with the command, as a file."""
    cloud = poll.connect(request)
    asked = forms.read(request, cloud)
    found = planning.plan(cloud, asked.request, settings.read().blueprint_folders)
    if what not in FILES or not found.template:
        return page(request, asked, found, None)
    ending, content = FILES[what]
    response = HttpResponse(content(found), content_type=mimetypes.guess_type(ending)[0] or "application/yaml")
    response["Content-Disposition"] = f'attachment; filename="{_safe(asked)}{ending}"'
    return response


def page(
    request: HttpRequest, asked: forms.LaunchForm, found: Plan, failure: failures.Failure | None = None,
    fresh: bool = False,
) -> HttpResponse:  # fmt: skip
    """The page with what was asked for and its plan; `fresh`: nobody has filled it in yet."""
    fresh = fresh or request.method == "GET"
    problems = dict(found.problems)
    if fresh:
        problems.pop("name", None)
    asked.refuse_all(problems)
    context: dict[str, Any] = {
        "page_title": TITLE,
        "form": asked,
        "failure": failure,
        **plan_presenters.context(found),
    }
    status = 200 if fresh or not (found.problems or failure) else 422
    return render(request, "tenant_ops/environments/launch.html", context, status=status)


def _refused(error: errors.PlanProblems) -> failures.Failure:
    return replace(failures.of(error), request_id=getattr(error.__cause__, "request_id", ""))


def _made(request: HttpRequest, made: Environment) -> HttpResponse:
    state.forget(request, made.id)
    messages.success(request, _("%s is being launched.") % made.name)
    return HttpResponseRedirect(reverse("horizon:tenant_ops:environments:show", args=[made.id]))


def _safe(asked: forms.LaunchForm) -> str:
    kept = "".join(
        letter for letter in asked.request.name if letter.isascii() and (letter.isalnum() or letter in "._-")
    )
    return kept[:60] or asked.chosen.slug
