"""What a load balancer runs on, and what happens where that fails."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.loadbalancers import own_servers, watch
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.loadbalancers import permissions


@require_GET
@permissions.guarded(permissions.READ)
def servers(request: HttpRequest, balancer: str) -> HttpResponse:
    """Its own servers as far as who looks may know them: asked for when somebody wants to know, not at each look."""
    cloud = poll.connect(request)
    found = watch.by_id(cloud, balancer)
    own, told = own_servers.told(cloud, found)
    context = {
        "page_title": _("What does %s run on?") % found.name, "balancer": found, "own": own, "told": told,
        "changing": own_servers.at_work(found), "roles": any(one.role or one.status for one in own),
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/servers.html", context)
