"""A firewall group is deleted: what opens then is said before."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.firewall import read, remove
from tenant_ops_dashboard.firewall.remove import Kept
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import effects, keeping, permissions, state
from tenant_ops_dashboard.panels.firewall.group_forms import DeleteForm
from tenant_ops_dashboard.panels.firewall.views.apply import SECONDS
from tenant_ops_dashboard.records import drafts


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, keeping.page)
def view(request: HttpRequest, group: str) -> HttpResponse:
    """Ask, and do it by POST."""
    if request.method == "POST":
        return _deleted(request, group)
    found = state.state(request).value
    row = read.find(found.seen, group)
    standing = read.state(found.seen, row)
    refused: Kept | None = None
    try:
        remove.refuse(row)
    except Kept as error:
        refused = error
    name = standing.group.name or group
    context = {
        "page_title": _("Delete %s") % name, "name": name, "action": request.path, "refused": refused,
        "form": DeleteForm(initial={"version": remove.seen(standing)}), "back": keeping.page({"group": group}),
        "stands": effects.stands(found, standing.group.ports), "environment": marks.owner(row),
        "effect": effects.effect(found, remove.open_after(standing), row),
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/delete.html", context)


def _deleted(request: HttpRequest, group: str) -> HttpResponse:
    form = DeleteForm(data=request.POST)
    shown = form.cleaned_data["version"] if form.is_valid() else ""
    cloud = poll.connect(request, SECONDS)
    with state.forgotten(request):
        done = remove.remove(cloud, group, shown)
    drafts.forget(cloud, group)
    words = [_("Neutron has no firewall group %s any more.") % done.name]
    if done.left:
        words.append(_("These policies stay: %s.") % ", ".join(done.left))
    messages.success(request, " ".join(words))
    return redirect(reverse(permissions.HOME))
