"""Who may do what, and whether the cloud has what a panel needs. Checked on the server for every view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from tenant_ops_dashboard import policy

NAMES = {
    "orchestration": "Heat (orchestration)",
    "compute": "Nova (compute)",
    "network": "Neutron (network)",
    "load-balancer": "Octavia (load-balancer)",
}


@dataclass(frozen=True)
class _Person:
    user_id: str
    project_id: str
    roles: frozenset[str]


def allowed(request: HttpRequest, action: str) -> bool:
    """Whether the policy lets this user do `action`, such as `environments:launch`, in the project at hand."""
    user: Any = request.user
    roles = frozenset(role["name"] for role in user.roles)
    return policy.allowed(_Person(user.id, user.project_id, roles), action)


def missing(request: HttpRequest, services: Iterable[str]) -> list[str]:
    """Names of the services that the catalogue of this user's region lacks."""
    from openstack_dashboard.api import base

    return [NAMES.get(service, service) for service in services if not base.is_service_enabled(request, service)]


def shown(context: Mapping[str, Any], action: str, services: Iterable[str]) -> bool:
    """Whether a panel belongs into the navigation: never where the login is in no project."""
    request = context["request"]
    user = request.user
    if not user.is_authenticated or not user.project_id:
        return False
    return allowed(request, action) and not missing(request, services)
