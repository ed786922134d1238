"""Ask for a copy: which data, how long, under which name; what it takes and who may end it is said before."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.clones import build, storage
from tenant_ops_dashboard.clones.authority import AFTER
from tenant_ops_dashboard.clones.errors import NotOffered
from tenant_ops_dashboard.clones.model import Clone, Get, Offer
from tenant_ops_dashboard.clones.terms import words as span
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import trusts
from tenant_ops_dashboard.environments.planning import inventory
from tenant_ops_dashboard.errors import BadInput, TenantOpsError
from tenant_ops_dashboard.panels import poll, settings, words
from tenant_ops_dashboard.panels.clones import permissions, presenters, state, takes
from tenant_ops_dashboard.panels.clones.forms import RequestForm
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_figures as figures
from tenant_ops_dashboard.records import clone_golden as golden
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.sentences import say

#: Seconds that are offered first, where the offer lets a copy stay so long.
USUAL = 2 * 3600
GETS: tuple[Get, ...] = ("volume", "server", "environment")


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.REQUEST)
def view(request: HttpRequest, offer: str) -> HttpResponse:
    """The form; ask by POST."""
    cloud, now = poll.connect(request), timezone.now()
    with records.kept():
        found = records.offer(cloud, offer)
        if found.project_id == cloud.project_id:
            raise NotOffered(say("This project has the data of {name} already.", name=found.source_name), field="offer")
        known = {one.name for one in records.clones(cloud)}
        live = records.live(found.id)
        usual = [(get, figures.usual(found, get)) for get in GETS]
        there = golden.ready(found.id) if found.terms.golden else None
    name = next(name for number in range(1, len(known) + 2) if (name := f"{found.source_name}-{number}") not in known)
    lease = span(min(USUAL, found.terms.longest)).replace(" ", "")
    folders = settings.read().blueprint_folders
    served = found.terms.deliver == "served"
    gets: tuple[Get, ...] = ("server",) if served else build.offered(folders, found.bootable)
    built = () if served else gets
    flavors = () if served or "server" not in gets else _flavors(cloud)
    first = {"name": name[-200:], "lease": lease}
    form = RequestForm.of(request, gets, flavors, not served, found.bootable, initial=first)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        answers = {"flavor": told["flavor"]} if told.get("get") == "server" and told.get("flavor") else {}
        try:
            made, existing = changes.request(
                cloud, found.id, told["name"], told["lease"], told["purpose"], now, told.get("get", ""), "", folders,
                told.get("revertible", False), answers,
            )  # fmt: skip
        except BadInput as error:
            form.refuse(error)
        else:
            state.forget(request, made.id)
            messages.success(request, _said(made.name, existing, found))
            return redirect(permissions.page({"clone": made.id}))
    context = {
        "page_title": _("Ask for a copy of %s") % found.source_name, "form": form, "offer": found,
        "terms": presenters.offered(found), "longest": span(found.terms.longest), "action": request.path,
        "means": [*_means(request, cloud, found, now), *takes.told(cloud, built, found.bootable, folders, found.size)],
        "full": _full(found, live), "usual": _usual(usual, gets), "age": _age(found, there, now),
    }  # fmt: skip
    return render(request, "tenant_ops/clones/request.html", context, status=422 if form.errors else 200)


def _said(name: str, existing: bool, found: Offer) -> str:
    if existing:
        return _("%s was asked for already: this is it.") % name
    if found.terms.approve == "auto":
        return _("%s was asked for and comes into the line.") % name
    return _("%(name)s was asked for: %(project)s decides.") % {"name": name, "project": found.project_name}


def _flavors(cloud: Cloud) -> tuple[tuple[str, str], ...]:
    """What there is to choose, none where Nova is away: then the blueprint's own is taken."""
    try:
        return tuple((one.value, one.label) for one in inventory.flavor_choices(inventory.take(cloud)))
    except CloudError:
        return ()


def _usual(known: Sequence[tuple[Get, float | None]], gets: Collection[Get]) -> str:
    """After how long each thing that may be asked for was ready, as far as somebody knows; '' where nobody does."""
    named = {"volume": "", "server": _(" as a server"), "environment": _(" as an environment")}
    told = [f"{span(max(1, took))}{named[get]}" for get, took in known if took is not None and get in gets]
    return _("usually ready after %s") % ", ".join(told) if told else ""


def _age(found: Offer, there: Clone | None, now: datetime.datetime) -> str:
    if there is not None and there.data_at is not None:
        return _("with the data of %s") % presenters.day(there.data_at, now)
    if found.terms.golden:
        return _("once its golden copy is made")
    return _("as old as the moment of the copy")


def _full(found: Offer, live: int) -> str:
    if live < found.terms.most:
        return ""
    return ngettext(
        "There is %d copy of it, as many as its owner allows: that one has to end first.",
        "There are %d copies of it, as many as its owner allows: one of them has to end first.", live,
    ) % live  # fmt: skip


def _means(request: HttpRequest, cloud: Cloud, found: Offer, now: datetime.datetime) -> list[tuple[str, str]]:
    """What it takes, where the data goes, who may end it, and which authority is given: (mark, sentence)."""
    told: dict[str, Any] = {
        "size": found.size, "owner": found.project_name, "here": cloud.project_name, "name": found.source_name,
    }  # fmt: skip
    if found.terms.deliver == "served":
        return [*presenters.kind(found), *_served(told)]
    return [
        *presenters.kind(found),
        _takes(cloud, told),
        ("good", _("The copy is made in %(owner)s and then handed over: it is a volume of %(here)s, with all data of "
                   "%(name)s as it was when it was copied.") % told),
        ("good", _("Until then it takes as much in %(owner)s: whether there is room is seen when it is made.") % told),
        ("good", _("It ends when its time is over. You, everybody in %(here)s who may ask for copies, and those who "
                   "decide in %(owner)s can end it before.") % told),
        *([("warning", presenters.keeps())] if found.bootable else []),
        _authority(request, cloud, told, now),
    ]  # fmt: skip


def _served(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Of what stays with its owner."""
    return [
        ("good", _("Server and data stay in %(owner)s. You get a network that %(owner)s shares with %(here)s, and the "
                   "address in it at which the database answers: servers that test take a port there.") % told),
        ("good", _("It takes no storage of %(here)s, and you give nobody any authority.") % told),
        ("warning", _("It ends when its time is over, and those who decide in %(owner)s can end it at any moment "
                      "before; you can give it back. Delete your ports in its network then.") % told),
    ]  # fmt: skip


def _takes(cloud: Cloud, told: dict[str, Any]) -> tuple[str, str]:
    takes = _("It takes one volume and %(size)s GB of the quota of %(here)s.") % told
    try:
        left = storage.left(cloud)
    except CloudError as error:
        unknown = _("How much is left cannot be told: %s") % words.told(error.sentence)
        return "warning", f"{takes} {unknown}"
    if left.gigabytes is None:
        return "good" if left.takes(told["size"]) else "failed", takes
    here = ngettext("%s GB is left there now.", "%s GB are left there now.", left.gigabytes) % f"{left.gigabytes:,}"
    if left.takes(told["size"]):
        return "good", f"{takes} {here}"
    short = _("That does not do: free some before, or the copy waits for it.")
    return "failed", f"{takes} {here} {short}"


def _authority(
    request: HttpRequest, cloud: Cloud, told: dict[str, Any], now: datetime.datetime
) -> tuple[str, str]:  # fmt: skip
    if not settings.read().service_user:
        return "failed", _("No service user is set, so nobody makes copies here: ask your operator.")
    with records.kept():
        standing = records.standing(cloud.region, cloud.project_id, now)
    if standing is not None:
        return "good", _("The service acts by the standing authority that %(user)s gave, until %(end)s.") % {
            "user": standing.user_name, "end": presenters.day(standing.until, now),
        }  # fmt: skip
    try:
        roles = ", ".join(trusts.delegated(cloud))
    except TenantOpsError as error:
        return "failed", error.sentence
    words = {**told, "roles": roles, "days": AFTER.days}
    return "warning", _(
        "With it you give the service user your roles %(roles)s in %(here)s, for this copy alone: it takes the copy in "
        "and takes it away. That ends with the copy, and by itself %(days)s days after its time at the latest. For a "
        "server or an environment it may read there, too, and hand these roles on to Heat."
    ) % words  # fmt: skip
