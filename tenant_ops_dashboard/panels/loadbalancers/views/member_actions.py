"""What people do to members, by POST, checked on the server, with the way back.

Each has a page that asks; where scripts run, a row asks for what can be taken back without it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.loadbalancers import errors, member_actions, members, undo, watch
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Pool
from tenant_ops_dashboard.panels import boundary, failures, poll, said, words
from tenant_ops_dashboard.panels.forms import Form
from tenant_ops_dashboard.panels.loadbalancers import accepted, doing, forms, history, permissions
from tenant_ops_dashboard.records import muting
from tenant_ops_dashboard.sentences import say

Words = failures.Words


@dataclass(frozen=True)
class Verb:
    """One action: its title, what it does, the button; what is said once Octavia accepted it stands in `doing`."""

    title: Words
    explain: Words
    button: Words
    work: Callable[..., members.Done]
    danger: bool = False


VERBS = {
    "drain": Verb(
        gettext_lazy("Drain %s"),
        gettext_lazy("Its weight becomes 0: who is connected stays until done, nobody new comes. The server runs on."),
        gettext_lazy("Drain"), member_actions.drain,
    ),
    "enable": Verb(
        gettext_lazy("Let %s take traffic"),
        gettext_lazy("It is switched on and has the weight of the others; traffic comes once it passed its checks."),
        gettext_lazy("Take traffic"), member_actions.enable,
    ),
    "disable": Verb(
        gettext_lazy("Disable %s"),
        gettext_lazy("It is taken out at once: its connections end. To let them finish, drain it instead."),
        gettext_lazy("Disable"), member_actions.disable, danger=True,
    ),
    "remove": Verb(
        gettext_lazy("Remove %s from the pool"),
        gettext_lazy("It is a member no more, its connections end and its checks stop. The server itself stays."),
        gettext_lazy("Remove"), member_actions.remove, danger=True,
    ),
    "weigh": Verb(
        gettext_lazy("Weight of %s"),
        gettext_lazy("Its share of new connections against the others' weights: 0 is none, 256 the most."),
        gettext_lazy("Set weight"), member_actions.weigh,
    ),
}  # fmt: skip


# What may take the last one that serves out of the traffic, and can be sent from a row.
TAKES = ("drain", "disable", "weigh")


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.CHANGE)
def change(request: HttpRequest, balancer: str, member: str, verb: str) -> HttpResponse:
    """Ask, then drain, enable, disable, weigh or remove a member."""
    if verb not in VERBS:
        raise errors.NotFound(say("There is no such action."))
    cloud, spec = poll.connect(request), VERBS[verb]
    found = watch.by_id(cloud, balancer)
    pool, one = watch.member_by_id(found, member)
    # Only a weight is asked for; the others ask nothing but whether it is meant.
    form = (forms.WeighForm if verb == "weigh" else Form).of(request, initial={"weight": one.weight})
    if request.method == "POST" and form.is_valid():
        try:
            # What a row sends at once was asked of nobody, and its page may be older than the last change.
            unasked = {"spares": True} if boundary.is_script(request) and verb in TAKES else {}
            done = spec.work(cloud, found.id, pool.id, one.id, **form.cleaned_data, **unasked)
        except errors.BadInput as error:
            form.refuse(error)
        else:
            asked = Asked(one.id, "left") if verb == "remove" else Asked(one.id, "set", done.after, verb, done.before)
            words_ = doing.words(verb, one.label)
            told = accepted.Told(words_, done.request_id, done.already, asked, undo.of(verb, done))
            return accepted.back(request, cloud, found.id, told, pool.id)
    if (refused := said.unfit(request, form, spec.title % one.label)) is not None:
        return refused
    context = {
        "page_title": spec.title % one.label, "explain": spec.explain, "button": spec.button, "danger": spec.danger,
        "losses": _losses(found, pool, one, verb), "verb": verb, "member": one, "balancer": found, "form": form,
        "action": request.path,
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.CHANGE)
def mute(request: HttpRequest, balancer: str, target: str) -> HttpResponse:
    """Ask until when, then hide the warnings of a load balancer or member; hours '0' end it."""
    cloud = poll.connect(request)
    found = watch.by_id(cloud, balancer)
    id_, name = muting.target(found, target)
    if id_ != target:
        raise errors.NotFound(say("This load balancer has no such member."))
    now = timezone.now()
    muted = history.mutes(cloud.project_id, now).until.get(id_)
    form = forms.MuteForm.of(request, words.clock(muted) if muted else "")
    if request.method == "POST" and form.is_valid():
        hours = form.cleaned_data["hours"]
        history.mute(cloud, found, id_, now + datetime.timedelta(hours=int(hours)), now)
        told = doing.words("mute", name, hours=hours) if hours != "0" else doing.words("unmute", name)
        way = f"{request.path}?hours=0" if hours != "0" else ""
        return accepted.done(request, cloud, found.id, told, way)
    if (refused := said.unfit(request, form, _("Mute warnings of %s") % name)) is not None:
        return refused
    context = {
        "page_title": _("Mute warnings of %s") % name, "balancer": found, "action": request.path, "form": form,
        "explain": _("For maintenance: what is expected to be down is no warning until then. An outage of all members "
                     "is told nevertheless."),
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/mute.html", context, status=422 if form.errors else 200)


def _losses(found: Balancer, pool: Pool, one: Member, verb: str) -> list[tuple[str, str]]:
    """What to know before pressing the button: (state, sentence)."""
    others = pool.others(one)
    told = []
    if verb in ("drain", "disable", "remove"):
        if pool.alone(one):
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
