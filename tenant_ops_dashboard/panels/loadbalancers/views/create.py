"""The form of a new load balancer; HTTPS is in it where the cloud has a key manager."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.certificates import stored
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.loadbalancers import create, errors, servers
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.loadbalancers import accepted, doing, forms, permissions

TITLE = gettext_lazy("Create load balancer")


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.CREATE, TITLE)
def view(request: HttpRequest) -> HttpResponse:
    """Ask, then create; the page of all load balancers shows how it comes."""
    cloud = poll.connect(request)
    offer = _Offer(cloud)
    form = forms.CreateForm.of(request, offer.offer())
    if request.method == "POST" and form.is_valid():
        try:
            made = create.create(cloud, form.wanted, form.cleaned_data["token"][:64])
        except errors.BadInput as error:
            form.refuse(error)
        else:
            return _back(request, cloud, made)
    context: dict[str, Any] = {"page_title": TITLE, "form": form, "action": request.path, "offer": offer}
    return render(request, "tenant_ops/loadbalancers/create.html", context, status=422 if form.errors else 200)


class _Offer:
    """What the cloud offers, asked when the form is drawn; `problem` says why the key manager offers nothing."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud, self.problem = cloud, ""

    def offer(self) -> forms.Offer:
        return forms.Offer(self._subnets, self._servers, self._certificates, stored.offered(self.cloud))

    def _subnets(self) -> forms.Choices:
        rows = self.cloud.pages("network", "/subnets", "subnets", project_id=self.cloud.project_id)
        return forms.subnets(rows)

    def _servers(self) -> forms.Choices:
        return forms.checkboxes(servers.choices(self.cloud))

    def _certificates(self) -> forms.Choices:
        try:
            return forms.keys(stored.read(self.cloud))
        except CloudError as error:
            self.problem = error.sentence
            return forms.keys(())


def _back(request: HttpRequest, cloud: Cloud, made: create.Made) -> HttpResponse:
    id_, said = str(made.row["id"]), doing.words("create", str(made.row["name"]))
    told = accepted.Told(said, made.request_id, made.repeated, Asked(id_, "made"))
    return accepted.back(request, cloud, id_, told)
