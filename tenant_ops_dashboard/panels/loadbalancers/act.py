"""What people do to members: each asks first, is done by POST, checked on the server, and offers the way back."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.history import notes
from tenant_ops_dashboard.loadbalancers import access, act, errors, watch
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Pool
from tenant_ops_dashboard.panels import failures, poll
from tenant_ops_dashboard.panels.loadbalancers import door, look, past

Words = failures.Words
HOURS = (("1", gettext_lazy("1 hour")), ("4", gettext_lazy("4 hours")), ("24", gettext_lazy("24 hours")))


@dataclass(frozen=True)
class Verb:
    """One action: its title, what it does, the button, what is said when it is done, the verb that takes it back."""

    title: Words
    explain: Words
    button: Words
    said: Words
    work: Callable[..., act.Done]
    back: str = ""
    danger: bool = False


VERBS = {
    "drain": Verb(
        gettext_lazy("Drain %s"),
        gettext_lazy("Its weight becomes 0: who is connected stays until done, nobody new comes. The server runs on."),
        gettext_lazy("Drain"), gettext_lazy("%s is being drained."), act.drain, "weigh",
    ),
    "enable": Verb(
        gettext_lazy("Let %s take traffic"),
        gettext_lazy("It is switched on and has the weight of the others; traffic comes once it passed its checks."),
        gettext_lazy("Take traffic"), gettext_lazy("%s takes traffic again."), act.enable, "drain",
    ),
    "disable": Verb(
        gettext_lazy("Disable %s"),
        gettext_lazy("It is taken out at once: its connections end. To let them finish, drain it instead."),
        gettext_lazy("Disable"), gettext_lazy("%s is disabled."), act.disable, "enable", danger=True,
    ),
    "remove": Verb(
        gettext_lazy("Remove %s from the pool"),
        gettext_lazy("It is a member no more, its connections end and its checks stop. The server itself stays."),
        gettext_lazy("Remove"), gettext_lazy("%s left the pool."), act.remove, "add", danger=True,
    ),
    "weigh": Verb(
        gettext_lazy("Weight of %s"),
        gettext_lazy("Its share of new connections against the others' weights: 0 is none, 256 the most."),
        gettext_lazy("Set weight"), gettext_lazy("%s has its new weight."), act.weigh, "weigh",
    ),
}  # fmt: skip


@require_http_methods(["GET", "POST"])
@door.guarded(door.CHANGE)
def change(request: HttpRequest, balancer: str, member: str, verb: str) -> HttpResponse:
    """Ask, then drain, enable, disable, weigh or remove a member."""
    if verb not in VERBS:
        raise errors.NotFound(_("There is no such action."))
    cloud, spec = poll.door(request), VERBS[verb]
    found = watch.find(cloud, balancer)
    pool, one = watch.member(found, member)
    problem = ""
    if request.method == "POST":
        try:
            done = spec.work(cloud, found.id, pool.id, one.id, **_more(request, verb))
        except errors.BadInput as error:
            problem = error.sentence
        else:
            return _done(request, cloud, found, pool, one, verb, done)
    context = {
        "page_title": spec.title % one.label, "explain": spec.explain, "button": spec.button, "danger": spec.danger,
        "losses": _losses(found, pool, one, verb), "verb": verb, "member": one, "balancer": found, "problem": problem,
        "weight": request.POST.get("weight") or request.GET.get("weight") or one.weight, "action": request.path,
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/confirm.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "POST"])
@door.guarded(door.CHANGE)
def mute(request: HttpRequest, balancer: str, target: str) -> HttpResponse:
    """Ask until when, then hide the warnings of a load balancer or member; hours '0' end it."""
    cloud = poll.door(request)
    access.require(cloud, access.CHANGE)
    found = watch.find(cloud, balancer)
    name = found.name if target == found.id else watch.member(found, target)[1].label
    if request.method == "POST":
        hours = request.POST.get("hours", "1")
        hours = hours if hours in ("0", *(value for value, _ in HOURS)) else "1"
        now = timezone.now()
        until = now + datetime.timedelta(hours=int(hours))
        notes.mute(cloud.project_id, target, until, cloud.user_name)
        words = _("Warnings of %s are muted for %s h.") if hours != "0" else _("Warnings of %s are shown again.")
        said = words % ((name, hours) if hours != "0" else name)
        return _back(request, cloud, found, said)
    context = {
        "page_title": _("Mute warnings of %s") % name, "balancer": found, "action": request.path, "hours": HOURS,
        "muted": past.mutes(cloud.project_id, timezone.now()).until.get(target),
        "explain": _("For maintenance: what is expected to be down is no warning until then. An outage of all members "
                     "is told nevertheless."),
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/mute.html", context)


def _more(request: HttpRequest, verb: str) -> dict[str, Any]:
    if verb != "weigh":
        return {}
    try:
        return {"weight": int(request.POST.get("weight", ""))}
    except ValueError as error:
        raise errors.BadInput(_("A weight is a whole number from 0 to 256.")) from error


def _done(
    request: HttpRequest, cloud: Cloud, found: Balancer, pool: Pool, one: Member, verb: str, done: act.Done
) -> HttpResponse:  # fmt: skip
    said = VERBS[verb].said % one.label
    return _back(request, cloud, found, said, _undo(found, pool, one, verb, done))


def _undo(found: Balancer, pool: Pool, one: Member, verb: str, done: act.Done) -> str:
    """Where the way back is asked for, filled in already."""
    back = VERBS[verb].back
    if back == "add":
        subnet = done.before.get("subnet_id") or ""
        where = reverse("horizon:tenant_ops:loadbalancers:add", args=[found.id, pool.id])
        return (
            f"{where}?address={one.address}&port={one.port}&weight={done.before.get('weight', 1)}&subnet={subnet}"
            f"&name={done.before.get('name') or ''}"
        )
    where = reverse("horizon:tenant_ops:loadbalancers:change", args=[found.id, one.id, back])
    return f"{where}?weight={done.before.get('weight')}" if back == "weigh" else where


def _back(request: HttpRequest, cloud: Cloud, found: Balancer, said: str, undo: str = "") -> HttpResponse:
    past.remember(cloud, found.id, said)
    look.forget(request)
    if undo:
        linked = format_html('{} <a href="{}" id="undo">{}</a>', said, undo, _("Undo"))
        messages.success(request, linked, extra_tags="safe")
    else:
        messages.success(request, said)
    return HttpResponseRedirect(f"{reverse(door.HOME)}?open={found.id}#lb-{found.id}")


def _losses(found: Balancer, pool: Pool, one: Member, verb: str) -> list[tuple[str, str]]:
    """What to know before pressing the button: (state, sentence)."""
    others = [other for other in pool.members or () if other.id != one.id and other.state == "good"]
    told = []
    if verb in ("drain", "disable", "remove"):
        if not others and one.state == "good":
            told.append(("failed", _("Nobody else serves: after this the load balancer answers nobody.")))
        else:
            names = ", ".join(other.label for other in others[:4])
            told.append(("good", _("%s goes on serving.") % names if names else _("It serves nobody now.")))
        if pool.monitor is None:
            told.append(("warning", _("Nobody watches this pool: whether the others really serve is not known.")))
    if verb in ("remove", "disable") and found.environment_id:
        told.append(("warning", _("Its environment made this member. To have fewer servers, scale in instead.")))
    if found.busy:
        told.append(("warning", _("Octavia is at work on another change; this one waits for it, up to 20 seconds.")))
    return told
