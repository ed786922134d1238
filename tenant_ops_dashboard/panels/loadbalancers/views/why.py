"""Why is it down? The steps in the order in which a packet meets them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.loadbalancers import watch
from tenant_ops_dashboard.loadbalancers import why as asking
from tenant_ops_dashboard.octavia import transport
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.loadbalancers import listeners, permissions

PAGES = {"server": "horizon:project:instances:detail"}


@require_GET
@permissions.guarded(permissions.READ)
def why(request: HttpRequest, balancer: str, member: str) -> HttpResponse:
    """Look at everything between the load balancer and one of its members."""
    cloud = poll.connect(request)
    found = watch.by_id(cloud, balancer)
    pool, one = watch.member_by_id(found, member)
    told = asking.why(cloud, found, pool, one)
    context = {
        "page_title": _("Why is %s down?") % one.label if one.state == "failed" else _("How is %s?") % one.label,
        "why": told, "cause": told.cause, "balancer": found, "member": one,
        "mark": listeners.MARKS.get(one.state, one.state), "word": listeners.word(one.state),
        "page": _page(told.cause), "protocol": transport.name_of(pool.protocol), "may": permissions.may(request),
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/why.html", context)


def _page(cause: asking.Step | None) -> str:
    """Horizon's own page of what has to be changed, or ''."""
    if cause is None or cause.name not in PAGES or not cause.object_id:
        return ""
    try:
        return reverse(PAGES[cause.name], args=[cause.object_id])
    except NoReverseMatch:
        return ""
