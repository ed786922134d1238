"""Who may do what, and whether the cloud has what a panel needs. Checked on the server for every view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import NoCatalogue, places

NAMES = {
    "orchestration": "Heat (orchestration)",
    "compute": "Nova (compute)",
    "network": "Neutron (network)",
    "load-balancer": "Octavia (load-balancer)",
}


@dataclass(frozen=True)
class _Person:
    user_id: str
    project_id: str | None
    roles: frozenset[str]
    user_domain_id: str | None
    project_domain_id: str | None
    domain_id: str | None
    system_scope: str | None
    is_admin_project: bool


def allowed(request: HttpRequest, action: str) -> bool:
    """Whether the policy lets this user do `action`, such as `environments:launch`, in the project at hand."""
    return policy.allowed(_person(request.user), action)


def _person(user: Any) -> _Person:
    project = getattr(user.token, "project", None) or {}
    return _Person(
        user_id=user.id,
        project_id=user.project_id,
        roles=frozenset(role["name"] for role in user.roles),
        user_domain_id=user.user_domain_id,
        project_domain_id=project.get("domain_id") if user.project_id else None,
        domain_id=user.domain_id,
        system_scope="all" if user.system_scoped else None,
        is_admin_project=bool(project.get("is_admin_project", True)),
    )


def missing(request: HttpRequest, services: Iterable[str]) -> list[str]:
    """Names of the services that the catalogue of this user's region lacks; known by their aliases, too."""
    user: Any = request.user
    named = settings.OPENSTACK_ENDPOINT_TYPE, settings.SECONDARY_ENDPOINT_TYPE
    lacking = places.lacking(user.service_catalog or (), services, user.services_region or "", named)
    return [NAMES.get(service, service) for service in lacking]


def uncatalogued(request: HttpRequest) -> NoCatalogue | None:
    """What it means that Keystone gave this user no service at all, None where it gave any."""
    user: Any = request.user
    roles = [role["name"] for role in user.roles]
    return places.no_catalogue(user.service_catalog, user.username, user.project_name or user.project_id or "", roles)


def shown(context: Mapping[str, Any], action: str, services: Iterable[str]) -> bool:
    """Whether a panel belongs into the navigation: never where the login is in no project."""
    request = context["request"]
    user = request.user
    if not user.is_authenticated or not user.project_id:
        return False
    return allowed(request, action) and not missing(request, services)
