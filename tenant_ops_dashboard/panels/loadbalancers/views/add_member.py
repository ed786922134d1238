"""A server joins a pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import errors, joining, members, watch
from tenant_ops_dashboard.loadbalancers import servers as choosing
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.model import Balancer, Pool
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.loadbalancers import accepted, permissions


@dataclass(frozen=True)
class Form:
    """What was typed, as it was typed; `server` is 'address subnet' of a chosen one, '' for an address of one's own."""

    server: str
    address: str
    port: str
    weight: str
    name: str
    subnet: str


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.CHANGE)
def add(request: HttpRequest, balancer: str, pool: str) -> HttpResponse:
    """Ask which server, then let it take part."""
    cloud = poll.connect(request)
    found = watch.by_id(cloud, balancer)
    into = next((one for one in found.pools() if one.id == pool), None)
    if into is None:
        raise errors.NotFound(_("This load balancer has no such pool."))
    form, problem = _read(request, into), ""
    if request.method == "POST":
        try:
            done = _add(cloud, found, into, form)
        except errors.BadInput as error:
            problem = error.sentence
        else:
            return _back(request, cloud, found, done)
    context: dict[str, Any] = {
        "page_title": _("Add a server to %s") % (into.name or found.name), "form": form, "problem": problem,
        "balancer": found, "pool": into, "action": request.path,
        "servers": choosing.choices(cloud, {one.address for one in into.members or ()}),
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/add.html", context, status=422 if problem else 200)


def _read(request: HttpRequest, pool: Pool) -> Form:
    given = request.POST if request.method == "POST" else request.GET
    usual = next((str(one.port) for one in pool.members or ()), "80")
    return Form(
        given.get("server", ""), given.get("address", "").strip(), given.get("port", "").strip() or usual,
        given.get("weight", "").strip() or "1", given.get("name", "").strip()[:255], given.get("subnet", ""),
    )  # fmt: skip


def _add(cloud: Cloud, found: Balancer, pool: Pool, form: Form) -> members.Done:
    address, _space, subnet = form.server.partition(" ")
    if not address:
        address, subnet = form.address, form.subnet
    if not address:
        raise errors.BadInput(_("Choose a server, or type an address."))
    try:
        port, weight = int(form.port), int(form.weight)
    except ValueError as error:
        raise errors.BadInput(_("Port and weight are whole numbers.")) from error
    return joining.add(cloud, found.id, pool.id, address, port, subnet_id=subnet, name=form.name, weight=weight)


def _back(request: HttpRequest, cloud: Cloud, found: Balancer, done: members.Done) -> HttpResponse:
    place = {"address": done.member["address"], "protocol_port": done.member["protocol_port"]}
    said = _("%(address)s:%(protocol_port)d is joining the pool") % place
    asked = Asked(str(done.member["id"]), "joined", place)
    return accepted.back(request, cloud, found.id, accepted.Told(said, done.request_id, done.already, asked))
