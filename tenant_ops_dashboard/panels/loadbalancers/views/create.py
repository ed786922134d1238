"""The form of a new load balancer; HTTPS is in it where the cloud has a key manager."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.loadbalancers import certificates, create, errors, servers
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.loadbalancers import accepted, permissions

TITLE = gettext_lazy("Create load balancer")
USUAL = {"HTTP": 80, "HTTPS": 443, "TCP": 80}


@dataclass(frozen=True)
class Form:
    """What was typed, as it was typed; each of `servers` is 'address subnet'. `token` is this form's own."""

    name: str
    subnet: str
    protocol: str
    port: str
    server_port: str
    path: str
    certificate: str
    servers: tuple[str, ...]
    token: str


@dataclass(frozen=True)
class Keys:
    """What the key manager offers; `problem` says why nothing."""

    offered: bool
    certificates: tuple[certificates.Certificate, ...] = ()
    problem: str = ""


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.CREATE, TITLE)
def view(request: HttpRequest) -> HttpResponse:
    """Ask, then create; the page of all load balancers shows how it comes."""
    cloud, form, problem = poll.connect(request), _read(request), errors.BadInput("")
    if request.method == "POST":
        try:
            made = create.create(cloud, _wanted(form), form.token)
        except errors.BadInput as error:
            problem = error
        else:
            return _back(request, cloud, made)
    keys = _keys(cloud)
    context: dict[str, Any] = {
        "page_title": TITLE, "form": form, "problem": problem.sentence, "field": problem.field,
        "action": request.path, "keys": keys,
        "subnets": cloud.pages("network", "/subnets", "subnets", project_id=cloud.project_id),
        "servers": servers.choices(cloud),
        "protocols": [one for one in create.PROTOCOLS if one != "HTTPS" or keys.offered],
    }  # fmt: skip
    return render(request, "tenant_ops/loadbalancers/create.html", context, status=422 if problem.sentence else 200)


def _read(request: HttpRequest) -> Form:
    given = request.POST if request.method == "POST" else request.GET
    return Form(
        given.get("name", "").strip(), given.get("subnet", ""), given.get("protocol", "HTTP"),
        given.get("port", "").strip(), given.get("server_port", "").strip() or "8080",
        given.get("path", "").strip() or "/", given.get("certificate", ""), tuple(given.getlist("servers")),
        request.POST.get("token", "")[:64] or uuid.uuid4().hex,
    )  # fmt: skip


def _wanted(form: Form) -> create.Wanted:
    port = _port("port", form.port) if form.port else USUAL.get(form.protocol, 0)
    server_port = _port("server_port", form.server_port)
    chosen = tuple((address, subnet) for address, _space, subnet in (one.partition(" ") for one in form.servers))
    # The field stands beside every protocol; a certificate chosen before the protocol was changed means nothing.
    certificate = form.certificate if form.protocol == "HTTPS" else ""
    return create.Wanted(
        form.name, form.subnet, cast(create.Protocol, form.protocol), port, server_port, chosen, certificate, form.path
    )


def _port(field: str, typed: str) -> int:
    try:
        return int(typed)
    except ValueError as error:
        raise errors.BadInput(_("A port is a whole number from 1 to 65535."), field=field) from error


def _keys(cloud: Cloud) -> Keys:
    if not certificates.offered(cloud):
        return Keys(False)
    try:
        return Keys(True, certificates.read(cloud))
    except CloudError as error:
        return Keys(True, problem=error.sentence)


def _back(request: HttpRequest, cloud: Cloud, made: create.Made) -> HttpResponse:
    id_, doing = str(made.row["id"]), _("%s is being created") % made.row["name"]
    told = accepted.Told(doing, made.request_id, made.repeated, Asked(id_, "made"))
    return accepted.back(request, cloud, id_, told)
