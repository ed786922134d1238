"""What is done with a clone that is there: more time for who holds it, and its end for him or for its owner."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenant_ops_dashboard.care import clone_now
from tenant_ops_dashboard.clones import served
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.panels import poll, words
from tenant_ops_dashboard.panels.clones import permissions, presenters, state
from tenant_ops_dashboard.panels.clones.forms import ExtendForm, Told
from tenant_ops_dashboard.panels.clones.views import confirm
from tenant_ops_dashboard.records import clone_changes as changes


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.REQUEST)
def extend(request: HttpRequest, clone: str) -> HttpResponse:
    """Ask how much longer, then give it a later end."""
    cloud, found = poll.connect(request), state.fresh(request, clone)
    asked = confirm.Asked(
        _("Extend %s") % found.name, _ends(found), _("Extend"), _("%s has a later end.") % found.name,
        lambda form: changes.extend(cloud, found.id, form.cleaned_data["by"], timezone.now()), clone=found.id,
    )  # fmt: skip
    return confirm.view(request, asked, ExtendForm.of(request), permissions.page({"clone": found.id}))


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.READ)
def release(request: HttpRequest, clone: str) -> HttpResponse:
    """Say what is lost, then take it away: whose right it is depends on whose it is."""
    cloud, found = poll.connect(request), state.fresh(request, clone)
    permissions.may_release(request, found)
    mine = found.project_id == permissions.project(request)
    told = {"name": found.name, "project": found.project_name, "source": found.offer.source_name}
    losses = [("good", _("%(source)s itself is left as it is.") % told)]
    if found.volume_id or found.data_at:
        losses.insert(0, ("failed", _("All that was written to the copy goes with it: nobody can bring it back.")))
        if not mine:
            losses.insert(1, ("warning", _("%(project)s works with it and is not asked.") % told))
    if found.network_id:
        words = _("The data goes at once. Ports in its network %s hold that network: whoever has some deletes them.")
        losses.append(("warning", words % served.called(found)))
    asked = confirm.Asked(
        _("Release %s") % found.name,
        _("The copy is taken away.") if mine else _("The copy is taken away from %(project)s.") % told,
        _("Release"), _("Accepted: %(name)s goes.") % told,
        lambda form: changes.release(cloud, found.id, timezone.now()), tuple(losses), danger=True, clone=found.id,
    )  # fmt: skip
    return confirm.view(request, asked, Told.of(request), permissions.page({"clone": found.id}), permissions.page({}))


@require_POST
@permissions.guarded(permissions.READ)
def reclaim(request: HttpRequest, clone: str) -> HttpResponse:
    """Where nobody takes it away: one short round of that now, and how far it came."""
    cloud, found = poll.connect(request), state.fresh(request, clone)
    permissions.may_release(request, found)
    try:
        made = clone_now.reclaim(cloud, found.id, timezone.now())
    finally:
        state.forget(request, found.id)
    if made.ended:
        messages.success(request, _("%s is taken back: nothing of it is left.") % made.name)
    elif made.state == "parked":
        messages.warning(request, words.told(made.says))
    else:
        messages.info(request, words.told(made.says) or _("%s goes: look again in a moment.") % made.name)
    return redirect(permissions.page({"clone": made.id}))


def _ends(found: Clone) -> str:
    now, ready = timezone.now(), found.ready_at
    if ready is None or found.expires_at is None:
        return _("It has no end yet that could be later.")
    latest = ready + datetime.timedelta(seconds=found.offer.terms.longest)
    return _("It ends %(end)s; its owner lets it stay until %(latest)s at most.") % {
        "end": presenters.day(found.expires_at, now), "latest": presenters.day(latest, now),
    }  # fmt: skip
