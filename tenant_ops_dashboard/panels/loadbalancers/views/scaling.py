"""Scale now, repair, and the form that says when it happens by itself, with what it means in servers and quota."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.loadbalancers import errors, watch
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.loadbalancers.scaling import actions, alarms
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.model import METRICS, UNITS, Group, Rules
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.loadbalancers import accepted, permissions, scaling_card, state

LIMITS = ("minimum", "maximum", "step")
LONGEST = 30
LABELS = {
    "minimum": gettext_lazy("At least"), "maximum": gettext_lazy("At most"), "step": gettext_lazy("At once"),
    "threshold": gettext_lazy("Threshold per server"),
    "window": gettext_lazy("Looks back (s)"), "ahead": gettext_lazy("Looks ahead (s)"),
    "calm": gettext_lazy("Calm needed (s)"), "cooldown": gettext_lazy("Between two changes (s)"),
}  # fmt: skip
GROUPS = (
    (gettext_lazy("How many servers"), LIMITS),
    (gettext_lazy("When one more"), ("threshold",)),
    (gettext_lazy("How early out, how late in"), ("window", "ahead", "calm", "cooldown")),
)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.SCALE)
def now(request: HttpRequest, balancer: str, direction: str) -> HttpResponse:
    """Ask, then add or take one step of servers."""
    if direction not in ("out", "in"):
        raise errors.NotFound(_("There is no such action."))
    cloud = poll.connect(request)
    found, group = _both(cloud, balancer)
    out = direction == "out"
    if request.method == "POST":
        actions.now(cloud, group, direction, _seen(request))
        said = _("%s is given one step of servers more") if out else _("%s is given one step of servers fewer")
        return _back(request, cloud, found, group, said % group.environment)
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
    values = _values(group)
    given = request.POST if request.method == "POST" else request.GET
    if request.method == "POST" or "maximum" in given:
        values = {name: given.get(name, "") for name in values}
    problems: Mapping[str, str] = {}
    if request.method == "POST":
        wanted, limits, problems = _read(group, values)
        problems = problems or actions.check(wanted, **limits)
        if not problems:
            actions.change(cloud, group, wanted, **limits)
            return _back(request, cloud, found, group, _("Scaling of %s is being changed") % group.environment)
    most = int(values["maximum"]) if re.fullmatch("[0-9]{1,6}", values["maximum"]) else group.maximum
    more = max(0, most - group.size)
    context = {
        "page_title": _("Scaling of %s") % group.environment, "action": request.path, "balancer": found, "group": group,
        "groups": [
            (legend, [(name, LABELS[name], values[name], problems.get(name, "")) for name in names])
            for legend, names in GROUPS
        ],
        "metrics": [(name, UNITS[name]) for name in METRICS], "values": values, "problems": problems,
        "more": more, "lines": _room(cloud, group, min(actions.LARGEST, more)),
        "alarming": alarms.offered(cloud),
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/rules.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.SCALE)
def repair(request: HttpRequest, balancer: str) -> HttpResponse:
    """Ask, then replace servers that were deleted and take away what Heat could not make."""
    cloud = poll.connect(request)
    found, group = _both(cloud, balancer)
    if request.method == "POST":
        actions.repair(cloud, group)
        return _back(request, cloud, found, group, _("The servers of %s are being repaired") % group.environment)
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
        raise errors.NoScaling(_("No environment of this dashboard made %s.") % found.name)
    return found, reading.read(cloud, found.environment_id)


def _refusal(group: Group, direction: str) -> str:
    """Why it would not be done now, in words."""
    try:
        actions.ready(group, direction)
    except (errors.BadInput, errors.StillBusy, errors.ScalingFailed) as error:
        return error.sentence
    return ""


def _values(group: Group) -> dict[str, str]:
    known = {name: str(getattr(group, name)) for name in LIMITS}
    known.update({one.name: f"{getattr(group.rules, one.name):g}" for one in fields(Rules) if one.name in LABELS})
    return {**known, "metric": group.rules.metric, "on": "1" if group.rules.on else ""}


def _read(group: Group, values: Mapping[str, str]) -> tuple[Rules, dict[str, int], dict[str, str]]:
    numbers: dict[str, float] = {}
    problems: dict[str, str] = {}
    for name in LABELS:
        found = _number(values[name])
        if found is None:
            problems[name] = _("This is a number.")
        elif name in LIMITS and not found.is_integer():
            problems[name] = _("This is a whole number.")
        else:
            numbers[name] = found
    if problems:
        return group.rules, {name: getattr(group, name) for name in LIMITS}, problems
    metric: Any = values["metric"]
    changes = {name: value for name, value in numbers.items() if name not in LIMITS}
    made = replace(group.rules, **changes, metric=metric, on=bool(values["on"]))
    return made, {name: int(numbers[name]) for name in LIMITS}, {}


def _number(typed: str) -> float | None:
    """What was typed, where it is a number that means something; not 'nan', 'inf' or a page of digits."""
    try:
        found = float(typed[:LONGEST])
    except ValueError:
        return None
    return found if math.isfinite(found) and len(typed) <= LONGEST else None


def _room(cloud: Cloud, group: Group, servers: int) -> list[Any]:
    try:
        return list(actions.room(cloud, group, servers))
    except CloudError:
        return []


def _seen(request: HttpRequest) -> int | None:
    """How many servers there were when the question was asked: an answer to an older question is told, not done."""
    typed = request.POST.get("servers", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


def _back(request: HttpRequest, cloud: Cloud, found: Balancer, group: Group, doing: str) -> HttpResponse:
    scaling_card.forget(poll.key(request, state.NAME), group.environment_id)
    told = accepted.Told(doing, cloud.accepted, service="Heat", kind="scale")
    return accepted.back(request, cloud, found.id, told)
