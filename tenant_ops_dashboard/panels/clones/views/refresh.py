"""Newer data for a clone that is there, or its data as handed over: what goes is told before."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.clones import permissions, presenters, state
from tenant_ops_dashboard.panels.clones.forms import Told
from tenant_ops_dashboard.panels.clones.views import confirm
from tenant_ops_dashboard.records import clone_refreshing as refreshing
from tenant_ops_dashboard.records import clone_reverting as reverting


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.REQUEST)
def view(request: HttpRequest, clone: str) -> HttpResponse:
    """Say what is lost, then have it copied anew."""
    cloud, found, now = poll.connect(request), state.fresh(request, clone), timezone.now()
    told = {
        "name": found.name, "source": found.offer.source_name, "volume": found.volume_id,
        "day": presenters.day(found.data_at, now) if found.data_at else "",
    }  # fmt: skip
    taken = _("For a while there are two copies: both take room in this project. Its end stays as it is.")
    losses = [
        ("failed", _("The data of %(day)s goes, and all that was written to it: nobody can bring it back.") % told),
        ("warning", _("The volume %(volume)s is deleted; whatever server has it loses it.") % told),
        ("good", taken),
    ]
    if found.get in presenters.BUILT:
        losses[1] = ("warning", _("Its server loses the volume while it runs, and has the new one some seconds later."))
        losses.append(("good", _("The server and its address stay.")))
    asked = confirm.Asked(
        _("Refresh %(name)s") % told,
        _("%(source)s is copied anew, and the new copy takes the place of this one.") % told,
        _("Refresh"), _("Accepted: %(name)s gets newer data.") % told,
        lambda form: refreshing.refresh(cloud, found.id, timezone.now()), tuple(losses), danger=True, clone=found.id,
    )  # fmt: skip
    return confirm.view(request, asked, Told.of(request), permissions.page({"clone": found.id}))


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.REQUEST)
def back(request: HttpRequest, clone: str) -> HttpResponse:
    """Say what is lost, then have it brought back to how it was handed over."""
    cloud, found = poll.connect(request), state.fresh(request, clone)
    losses = (
        ("failed", _("All that was written to it since it was handed over goes: nobody can bring it back.")),
        ("warning", _("A server that has its volume loses it while it runs, and has it again some seconds later.")),
    )
    asked = confirm.Asked(
        _("Revert %s") % found.name, _("Its data becomes what it was when it was handed over."), _("Revert"),
        _("Accepted: %s goes back.") % found.name,
        lambda form: reverting.revert(cloud, found.id, timezone.now()), losses, danger=True, clone=found.id,
    )  # fmt: skip
    return confirm.view(request, asked, Told.of(request), permissions.page({"clone": found.id}))
