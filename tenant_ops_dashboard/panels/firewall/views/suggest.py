"""The rules that let one end reach another, or close it: looked at, then kept as this person's drafts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.errors import InTheWay
from tenant_ops_dashboard.firewall.suggest import Suggestion
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import keeping, permissions, state, wishes
from tenant_ops_dashboard.panels.firewall.views import probe
from tenant_ops_dashboard.records import drafts


class DraftInTheWay(InTheWay):
    """This person has a draft of a group that a suggestion would write over."""

    todo = "Apply or discard that draft first, then ask again."


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, changes=False)
def view(request: HttpRequest) -> HttpResponse:
    """Ask for a suggestion; the question is in the address. A POST keeps the drafts that the page showed."""
    asked = request.method == "POST" or "target" in request.GET
    given = request.POST if request.method == "POST" else request.GET
    form = wishes.WishForm(data=given) if asked else wishes.WishForm()
    found = state.state(request).value
    made = form.answered(request, found) if asked and form.is_valid() else None
    if request.method == "POST" and made is not None:
        return _keep(request, made)
    context = {
        "page_title": _("Suggest rules"), "form": form, "action": request.path, "offered": probe.offered(found),
        "made": wishes.shown(found, made) if made else None,
        "asked": {name: form.cleaned_data[name] for name in form.fields} if made else {},
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/suggest.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, made: Suggestion) -> HttpResponse:
    """All of the drafts or none. Raises ElsewhereChanged, DraftInTheWay."""
    if request.POST.get("shown", "") != wishes.token(made):
        raise drafts.ElsewhereChanged(_("What is in force changed after this page was shown; nothing was kept."))
    cloud, now = poll.connect(request), timezone.now()
    versions = {}
    for one in made.firewall:
        group = one.state.group
        kept = drafts.load(cloud, group.id, now)
        if kept is not None and kept.draft is not None and kept.draft.state == one.state:
            continue  # a second click
        if kept is not None and (kept.draft is None or kept.draft.state != kept.draft.base.was):
            raise DraftInTheWay(_("You have a draft of %s with other changes; nothing was kept.") % group.name)
        versions[group.id] = kept.version if kept else 0
    for one in made.firewall:
        if one.state.group.id in versions:
            drafts.save(cloud, one.state.group.id, one, versions[one.state.group.id], now)
    if not made.firewall:
        raise DraftInTheWay(_("There is no firewall group's draft to keep."))
    names = ", ".join(one.state.group.name for one in made.firewall)
    messages.success(request, _("The rules are in your draft of %s. Nothing was sent.") % names)
    if made.security_groups:
        groups = ", ".join(one.state.name for one in made.security_groups)
        messages.warning(request, _("The rules of security groups (%s) are still to be changed.") % groups)
    if len(made.firewall) == 1:
        return redirect(keeping.page({"group": made.firewall[0].state.group.id}))
    return redirect(reverse(permissions.HOME))
