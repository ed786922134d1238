"""Scale now, repair, and the form that says when it happens by itself, with what it means in servers and quota."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.loadbalancers import errors, watch
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.loadbalancers.scaling import actions, alarms, entrusted
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.model import Group
from tenant_ops_dashboard.panels import cared, entrusting, poll
from tenant_ops_dashboard.panels.loadbalancers import accepted, doing, forms, permissions, scaling_card, state
from tenant_ops_dashboard.sentences import say


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.SCALE)
def now(request: HttpRequest, balancer: str, direction: str) -> HttpResponse:
    """Ask, then add or take one step of servers."""
    if direction not in ("out", "in"):
        raise errors.NotFound(say("There is no such action."))
    cloud = poll.connect(request)
    found, group = _both(cloud, balancer)
    out = direction == "out"
    if request.method == "POST":
        asked = actions.now(cloud, group, direction, _seen(request))
        return _back(request, cloud, found, doing.words(direction, group.environment), asked)
    explain = _("From %(now)d to %(then)d servers; they join the load balancer by themselves.") % {
        "now": group.size, "then": min(group.maximum, group.size + group.step),
    } if out else _("From %(now)d to %(then)d servers; Heat chooses who goes, its connections end.") % {
        "now": group.size, "then": max(group.minimum, group.size - group.step),
    }  # fmt: skip
    title = _("Scale %s out") if out else _("Scale %s in")
    context = {
        "page_title": title % group.environment, "explain": explain, "action": request.path, "balancer": found,
        "group": group, "direction": direction, "lines": _room(cloud, group, group.step if out else 0),
        "button": _("Scale out") if out else _("Scale in"), "refusal": _refusal(group, direction),
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/scale.html", context)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.SCALE)
def rules(request: HttpRequest, balancer: str) -> HttpResponse:
    """The form; what it means in servers and quota stands beside it."""
    cloud = poll.connect(request)
    found, group = _both(cloud, balancer)
    looked = cared.scaling(cloud.project_id, cloud.region, group.environment_id, timezone.now())
    mine = entrusting.anew(request, group.environment_id)
    # Where somebody else's authority is used already, one's own is asked for and not offered first.
    initial = {**forms.RulesForm.now(group), "entrust": looked is None or looked.late}
    form = forms.RulesForm.of(request, mine.gives if mine.offered else "", initial=initial)
    if request.method == "POST" and form.is_valid():
        wanted, limits = form.rules(group)
        form.refuse_all(actions.check(wanted, **limits))
        if not form.errors:
            asked = (entrusted.change if form.entrusts else actions.change)(cloud, group, wanted, **limits)
            return _back(request, cloud, found, doing.words("rules", group.environment), asked)
    typed = str(form["maximum"].value())
    more = max(0, (int(typed) if re.fullmatch("[0-9]{1,6}", typed) else group.maximum) - group.size)
    context = {
        "page_title": _("Scaling of %s") % group.environment, "action": request.path, "balancer": found, "group": group,
        "form": form, "more": more, "lines": _room(cloud, group, min(actions.LARGEST, more)),
        "alarming": alarms.offered(cloud), "cared": looked, "entrusting": mine,
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/rules.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.CARE)
def entrust(request: HttpRequest, balancer: str) -> HttpResponse:
    """Say what the care job needs so that it scales by itself, then give it."""
    cloud = poll.connect(request)
    found, group = _both(cloud, balancer)
    if request.method == "POST":
        entrusted.give(cloud, group)
        entrusting.forget(request, group.environment_id)
        return accepted.done(request, cloud, found.id, doing.words("entrust", group.environment))
    mine, more = entrusting.anew(request, group.environment_id), group.maximum - group.size
    context = {
        "page_title": _("Let the care job scale %s") % group.environment, "explain": mine.gives if mine.offered else "",
        "action": request.path, "balancer": found, "group": group, "lines": _room(cloud, group, more),
        "button": _("Entrust"), "refusal": "" if mine.offered else mine.stands or mine.trouble,
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/scale.html", context)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.SCALE)
def repair(request: HttpRequest, balancer: str) -> HttpResponse:
    """Ask, then replace servers that were deleted and take away what Heat could not make."""
    cloud = poll.connect(request)
    found, group = _both(cloud, balancer)
    if request.method == "POST":
        asked = actions.repair(cloud, group)
        return _back(request, cloud, found, doing.words("repair", group.environment), asked)
    context = {
        "page_title": _("Repair the servers of %s") % group.environment, "action": request.path, "balancer": found,
        "explain": _("Those that run stay and go on serving; no other server is touched."), "group": group,
        "broken": scaling_card.broken(group, found), "lines": _room(cloud, group, len(group.lost)),
        "button": _("Repair"),
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/scale.html", context)


def _both(cloud: Cloud, balancer: str) -> tuple[Balancer, Group]:
    found = watch.by_id(cloud, balancer)
    if not found.environment_id:
        raise errors.NoScaling(say("No environment of this dashboard made {name}.", name=found.name))
    return found, reading.read(cloud, found.environment_id)


def _refusal(group: Group, direction: str) -> str:
    """Why it would not be done now, in words."""
    try:
        actions.ready(group, direction)
    except (errors.BadInput, errors.StillBusy, errors.ScalingFailed) as error:
        return error.sentence
    return ""


def _room(cloud: Cloud, group: Group, servers: int) -> list[Any]:
    try:
        return list(actions.room(cloud, group, servers))
    except CloudError:
        return []


def _seen(request: HttpRequest) -> int | None:
    """How many servers there were when the question was asked: an answer to an older question is told, not done."""
    typed = request.POST.get("servers", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


def _back(request: HttpRequest, cloud: Cloud, found: Balancer, said: str, asked: Asked) -> HttpResponse:
    scaling_card.forget(poll.key(request, state.NAME), asked.target_id)
    entrusting.forget(request, asked.target_id)
    told = accepted.Told(said, cloud.accepted, asked=asked, service="Heat", kind="scale")
    return accepted.back(request, cloud, found.id, told)
