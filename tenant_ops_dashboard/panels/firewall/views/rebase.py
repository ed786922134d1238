"""A draft is moved onto what somebody else made of the group meanwhile."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenant_ops_dashboard.firewall import current, rebase
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import keeping, permissions, state
from tenant_ops_dashboard.records import drafts


@require_POST
@permissions.guarded(permissions.EDIT, keeping.page, changes=False)
def view(request: HttpRequest, group: str) -> HttpResponse:
    """Do it; where both changed the same rule nothing is moved, and the rules are named."""
    cloud = poll.connect(request)
    kept = drafts.load(cloud, group, timezone.now())
    if kept is None or kept.draft is None or request.POST.get("version", "") != str(kept.version):
        raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
    moved = rebase.rebase(kept.draft, current.read(FirewallApi(cloud), group))
    drafts.save(cloud, group, moved, kept.version, timezone.now())
    state.forget(request)
    messages.success(request, _("Your draft stands on what is in force now. Look at it again before you apply it."))
    return redirect(keeping.page({"group": group}))
