"""Import my own: a template from somebody's own disk becomes a blueprint on the launch page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.planning import plan as planning
from tenant_ops_dashboard.panels import poll, settings
from tenant_ops_dashboard.panels.environments import forms, permissions, upload
from tenant_ops_dashboard.panels.environments.views import launch

TITLE = gettext_lazy("Import my own")


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.LAUNCH, TITLE, changes=False)
def import_own(request: HttpRequest) -> HttpResponse:
    """Asks for the files; a POST shows the launch page for them, and makes nothing."""
    form = upload.read(request)
    if request.method == "POST" and form.is_valid():
        cloud = poll.connect(request)
        try:
            asked = forms.launching(request, cloud, form.imported)
        except NotValid as error:
            form.refuse_all(error.problems)
        else:
            found = planning.plan(cloud, asked.request, settings.read().blueprint_folders)
            return launch.page(request, asked, found, fresh=True)
    context = {"page_title": TITLE, "form": form}
    return render(request, "tenant_ops/environments/import.html", context, status=422 if form.errors else 200)
