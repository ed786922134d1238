"""A page belongs to the project and region it was made for, and acts on nothing else.

Every page, form and poll carries one mark. What comes from a page of another project, because it was switched in
another tab, is refused with the way back; a change that does not say where its page belongs is refused as well.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tenant_ops_dashboard.panels import boundary, words
from tenant_ops_dashboard.panels.failures import Failure
from tenant_ops_dashboard.sentences import say

FIELD = "tenant_ops_page"
HEADER = "X-Tenant-Ops-Page"
SAFE = ("GET", "HEAD")
# Letters of a project's id, at most.
LONGEST = 64
# So many projects are offered where none is chosen.
MOST = 12


def mark(request: HttpRequest) -> str:
    """'project@region' of the session as it is now."""
    user: Any = request.user
    return f"{user.project_id or ''}@{user.services_region or ''}"


def project(request: HttpRequest) -> str:
    """The id of the project that this request's page is of, as it says; else the session's."""
    user: Any = request.user
    here = mark(request)
    return next((one.partition("@")[0][:LONGEST] for one in _said(request) if one != here), str(user.project_id or ""))


def refusal(request: HttpRequest, page: str, home: str) -> Failure | None:
    """Why nothing is done for this request, or None.

    `page` is the address to come back to, `home` the panel's list: both take GET.
    """
    user: Any = request.user
    if not user.project_id:
        return _choose(request, page)
    here, said = mark(request), _said(request)
    if not said and request.method not in SAFE:
        return Failure(
            say("This page does not say which project it belongs to."),
            _("Nothing was done. Open the page again and repeat what you did there."),
            state="warning",
            status=409,
            belongs=True,
            ways=((page, _("Open the page again")),),
        )
    return next((_elsewhere(request, one, page, home) for one in said if one != here), None)


def _said(request: HttpRequest) -> list[str]:
    posted = request.POST.getlist(FIELD) if request.method not in SAFE else []
    return [one for one in (*posted, request.headers.get(HEADER, "")) if one]


def _elsewhere(request: HttpRequest, said: str, page: str, home: str) -> Failure:
    user: Any = request.user
    project, _at, region = said.partition("@")
    if project == user.project_id:
        regions = (region, user.services_region)
        theirs, mine = (say("region {name}", name=one or say("unknown")) for one in regions)
        known = region in user.available_services_regions
    else:
        names = {one.id: one.name for one in user.authorized_tenants}
        theirs, mine, known = names.get(project, say("another project")), user.project_name, project in names
    ways = [(home, _("Stay in %s") % words.told(mine))]
    if known:
        ways.insert(0, (_switch(user, project, region, page), _("Back to %s") % words.told(theirs)))
    return Failure(
        say("This page is of {theirs}; you are in {mine} now.", theirs=theirs, mine=mine),
        _("What it shows is kept up to date no more.") if request.method in SAFE else _("Nothing was done."),
        state="warning",
        status=409,
        belongs=True,
        ways=tuple(ways),
    )


def _switch(user: Any, project: str, region: str, page: str) -> str:
    """Horizon's own address that switches to them and goes on to `page`."""
    if region and (project != user.project_id or region != user.services_region):
        page = f"{reverse('switch_services_region', args=[region])}?{urlencode({'next': page})}"
    if project != user.project_id:
        page = f"{reverse('switch_project_id', args=[project])}?{urlencode({'next': page})}"
    return page


def _choose(request: HttpRequest, page: str) -> Failure:
    user: Any = request.user
    # A script shows the sentence alone: only a page asks Keystone for the projects.
    projects = [] if boundary.is_script(request) else [one for one in user.authorized_tenants if one.enabled][:MOST]
    return Failure(
        say("Choose a project."),
        _("Environments and load balancers belong to a project, and your login is in none: choose one here or above.")
        if projects or boundary.is_script(request)
        else _("Environments and load balancers belong to a project, and you have a role in none: ask your operator."),
        state="warning",
        status=409,
        belongs=True,
        ways=tuple((_switch(user, one.id, "", page), str(one.name)) for one in projects),
    )
