"""Who may do what, and whether the cloud has what a panel needs. Checked on the server for every view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

SCOPE = "tenant_ops"

NAMES = {
    "orchestration": "Heat (orchestration)",
    "compute": "Nova (compute)",
    "network": "Neutron (network)",
    "load-balancer": "Octavia (load-balancer)",
}


def allowed(request: HttpRequest, action: str) -> bool:
    """Whether the policy lets this user do `action`, such as `environments:launch`, in the project at hand.

    Without a policy file of ours every check fails: Horizon itself would allow whatever it has no policy for.
    """
    from openstack_dashboard import policy

    return SCOPE in settings.POLICY_FILES and bool(policy.check(((SCOPE, action),), request))


def missing(request: HttpRequest, services: Iterable[str]) -> list[str]:
    """Names of the services that the catalogue of this user's region lacks."""
    from openstack_dashboard.api import base

    return [NAMES.get(service, service) for service in services if not base.is_service_enabled(request, service)]


def shown(context: Mapping[str, Any], action: str, services: Iterable[str]) -> bool:
    """Whether a panel belongs into the navigation."""
    request = context["request"]
    return allowed(request, action) and not missing(request, services)


def why_not(action: str) -> str:
    """A sentence for somebody who may not."""
    return _("It takes the role 'member' in this project, unless your operator changed the policy rule %s.") % action
