"""Standing authority for the service user: what is given is named before, and it can be taken back."""

from __future__ import annotations

import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.environments import trusts
from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.panels import poll, settings
from tenant_ops_dashboard.panels.clones import permissions, presenters
from tenant_ops_dashboard.panels.clones.forms import Told
from tenant_ops_dashboard.panels.clones.views import confirm
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.sentences import say


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.REQUEST)
def give(request: HttpRequest) -> HttpResponse:
    """Name the roles and the end, then give it."""
    cloud, now = poll.connect(request), timezone.now()
    end = now + datetime.timedelta(days=settings.read().trust_days)
    # What makes environments reads, too.
    roles = sorted({*trusts.delegated(cloud), *(cloud.roles & {"reader"})})
    told = {"roles": ", ".join(roles), "end": presenters.day(end, now), "project": cloud.project_name}
    asked = confirm.Asked(
        _("Let the service act for this project"),
        _("Copies that anybody here asks for are then taken in and taken away without another word of yours."),
        _("Give"), _("The service may act for this project until %(end)s.") % told,
        lambda form: changes.trust_give(cloud, timezone.now()),
        losses=(
            ("warning", _("The service user gets your roles %(roles)s in %(project)s, until %(end)s.") % told),
            ("warning", _("It may hand them on to Heat, which makes environments on copies.")),
            ("good", _("It ends sooner where you take it back, or lose those roles.")),
            ("good", _("With it, a pipeline with an application credential can ask for copies, too.")),
        ),
    )  # fmt: skip
    return confirm.view(request, asked, Told.of(request), permissions.page({}))


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.REQUEST)
def revoke(request: HttpRequest, trust: str) -> HttpResponse:
    """Say which copies stand on it, then take it back."""
    cloud = poll.connect(request)
    with records.kept():
        found = next((one for one in records.trusts(cloud) if one.id == trust), None)
        needs = sum(1 for one in records.clones(cloud) if one.trust_id == trust)
    if found is None and request.method != "POST":
        raise NotFound(say("Nobody gave such authority in this project, or it ended."))
    stand = ngettext(
        "%d copy stands on it: its time ends, but nobody can take it away then but you.",
        "%d copies stand on it: their time ends, but nobody can take them away then but you.", needs,
    )  # fmt: skip
    asked = confirm.Asked(
        _("Take the authority back"), _("The service does nothing more for this project on the strength of it."),
        _("Take back"), _("The service acts no more on the strength of it."),
        lambda form: changes.trust_revoke(cloud, trust, timezone.now()),
        losses=(("warning", stand % needs),) if needs else (("good", _("No copy stands on it.")),), danger=bool(needs),
    )  # fmt: skip
    return confirm.view(request, asked, Told.of(request), permissions.page({}))
