"""Offer a volume to other projects, and take that back."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.clones import source, terms
from tenant_ops_dashboard.clones.source import COPIED
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import trusts
from tenant_ops_dashboard.environments.data import volumes
from tenant_ops_dashboard.errors import BadInput, NotFound, TenantOpsError
from tenant_ops_dashboard.panels import poll, settings
from tenant_ops_dashboard.panels.clones import permissions, presenters, state
from tenant_ops_dashboard.panels.clones.forms import Choices, OfferForm, Told
from tenant_ops_dashboard.panels.clones.views import confirm
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.OFFER)
def make(request: HttpRequest) -> HttpResponse:
    """Ask for the volume, for who may ask, and for the rules; offer it by POST."""
    cloud = poll.connect(request)
    known = settings.read()
    masks = bool(known.mask_image and known.mask_flavor)
    serves = bool(known.serve_image and known.serve_flavor)
    form = OfferForm.of(request, lambda: [("", _("choose a volume")), *_sources(cloud)], masks, serves)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            rules = terms.terms(
                form.projects, told["approve"], told["max_lease"], told["max_clones"],
                (cloud.project_id, cloud.project_name), told["consistency"], told.get("mask", ""),
                told["golden"], told.get("deliver", ""),
            )  # fmt: skip
            found, existing = changes.offer(cloud, told["volume"], rules, timezone.now())
        except BadInput as error:
            form.refuse(error)
        except NotFound as error:
            if error.field not in form.fields:
                raise
            form.refuse(BadInput(error.sentence, field=error.field))
        else:
            state.forget(request)
            said = _("%s is offered already, with these rules.") if existing else _("%s is offered now.")
            messages.success(request, said % found.source_name)
            return redirect(permissions.HOME)
    context = {
        "page_title": _("Offer copies of a volume or of an environment's data"), "form": form, "action": request.path,
        "authority": _authority(cloud, timezone.now()),
    }  # fmt: skip
    return render(request, "tenant_ops/clones/offer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.OFFER)
def withdraw(request: HttpRequest, offer: str) -> HttpResponse:
    """Say what that means, then take the offer back."""
    cloud = poll.connect(request)
    with records.kept():
        found = records.own_offer(cloud, offer)
        live = records.live(found.id)
    stays = ngettext(
        "One copy of it is there or asked for. What was made stays until its time is over; what was not is denied.",
        "%d copies of it are there or asked for. What was made stays until its time is over; what was not is denied.",
        live,
    )
    golden = [("warning", _("The golden copy is deleted."))] if found.terms.golden else []
    losses = ("warning", stays % live if live > 1 else stays) if live else ("good", _("There is no copy of it."))
    asked = confirm.Asked(
        _("Withdraw the offer of %s") % found.source_name, _("Nobody may ask for a copy of it from now on."),
        _("Withdraw"), _("The offer of %s stands no more.") % found.source_name,
        lambda form: changes.withdraw(cloud, found.id, timezone.now()),
        losses=(losses, *golden),
    )  # fmt: skip
    return confirm.view(request, asked, Told.of(request), permissions.page({}))


def _authority(cloud: Cloud, now: datetime.datetime) -> tuple[str, str]:
    """What is given with the offer, and until when."""
    if not cloud.options.service_user:
        return "failed", _("No service user is set, so nobody makes copies here: ask your operator.")
    try:
        roles = ", ".join(trusts.delegated(cloud))
    except TenantOpsError as error:
        return "failed", error.sentence
    end = now + datetime.timedelta(days=cloud.options.trust_days)
    told = {"roles": roles, "project": cloud.project_name, "end": presenters.day(end, now)}
    return "warning", _(
        "With it you give the service user your roles %(roles)s in %(project)s, to make the copies: until %(end)s, or"
        " until the offer is withdrawn. Offered again on the same terms, it is given anew."
    ) % told  # fmt: skip


def _sources(cloud: Cloud) -> Choices:
    """Volumes that can be copied; where there are environments with one such data volume, those beside them."""
    known = volumes.volumes(cloud)
    free = list(_volumes([one for one in known if one["status"] in COPIED]))
    try:
        stands = list(_environments(source.environments(cloud, known)))
    except TenantOpsError:
        # Volumes can be offered without Heat.
        stands = []
    return [(_("Volumes"), free), (_("Environments"), stands)] if stands else free


def _volumes(known: Iterable[volumes.Volume]) -> Iterator[tuple[str, str]]:
    """By name."""
    for one in sorted(known, key=lambda one: str(one["name"] or one["id"]).casefold()):
        yield one["id"], _("%(name)s, %(size)s GB") % {"name": one["name"] or one["id"], "size": one["size"]}


def _environments(known: Mapping[str, tuple[str, int]]) -> Iterator[tuple[str, str]]:
    """By name, the whole of an environment's data."""
    for name in sorted(known, key=str.casefold):
        id_, size = known[name]
        yield id_, _("%(name)s, its data, %(size)s GB") % {"name": name, "size": size}
