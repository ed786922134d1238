"""Whose events a page shows: those of the session's project, or of all where its user may see them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from tenant_ops_dashboard import projects
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.audit.permissions import SEE
from tenant_ops_dashboard.projects import Found, Project

ALL = "all_projects"


def everywhere(request: HttpRequest) -> bool:
    """Whether the address asks for all of them."""
    return request.GET.get(ALL) == "true"


def seen(request: HttpRequest) -> Found:
    """The projects. Raises a CloudError where Keystone does not tell them."""
    if everywhere(request):
        return projects.where(poll.connect(request), SEE)
    user: Any = request.user
    return Found((Project(user.project_id, user.project_name or user.project_id),))
