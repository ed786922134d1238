"""A server joins a pool."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import errors, joining, members, watch
from tenant_ops_dashboard.loadbalancers import servers as choosing
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.loadbalancers import accepted, doing, forms, permissions
from tenant_ops_dashboard.sentences import say


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.CHANGE)
def add(request: HttpRequest, balancer: str, pool: str) -> HttpResponse:
    """Ask which server, then let it take part."""
    cloud = poll.connect(request)
    found = watch.by_id(cloud, balancer)
    into = next((one for one in found.pools() if one.id == pool), None)
    if into is None:
        raise errors.NotFound(say("This load balancer has no such pool."))
    there = into.members or ()

    def offered() -> forms.Choices:
        return forms.members(choosing.choices(cloud, {one.address for one in there}))

    form = forms.AddForm.of(request, offered, initial={"port": next((one.port for one in there), 80)})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            done = joining.add(
                cloud, found.id, into.id, told["address"], told["port"], subnet_id=told["subnet"], name=told["name"],
                weight=told["weight"],
            )  # fmt: skip
        except errors.BadInput as error:
            form.refuse(error)
        else:
            return _back(request, cloud, found, done)
    context: dict[str, Any] = {
        "page_title": _("Add a server to %s") % (into.name or found.name), "form": form, "balancer": found,
        "pool": into, "action": request.path,
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/add.html", context, status=422 if form.errors else 200)


def _back(request: HttpRequest, cloud: Cloud, found: Balancer, done: members.Done) -> HttpResponse:
    place = {"address": done.member["address"], "protocol_port": done.member["protocol_port"]}
    said = doing.words("add", f"{place['address']}:{place['protocol_port']}")
    asked = Asked(str(done.member["id"]), "joined", place)
    return accepted.back(request, cloud, found.id, accepted.Told(said, done.request_id, done.already, asked))
