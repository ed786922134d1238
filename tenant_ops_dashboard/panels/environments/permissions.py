"""What the panel's views need and who may enter them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from tenant_ops_dashboard.panels import access, failures, guard

SERVICES = ("orchestration", "compute", "network", "load-balancer")
READ = "environments:read"
LAUNCH = "environments:launch"
RESTART = "environments:restart"
DELETE = "environments:delete"
CARE = "environments:care"
BALANCERS = "loadbalancers:read"
MEMBERS = "loadbalancers:change"
INTENT = "firewall:intent"
FIREWALL = "firewall:read"
HOME = "horizon:tenant_ops:environments:index"


def guarded(action: str, title: failures.Words, changes: bool = True) -> Callable[[guard.View], guard.View]:
    """The guard of this panel; `title` heads the page of a refusal."""
    return guard.guarded(action, SERVICES, HOME, title, page, changes)


def page(parts: Mapping[str, Any]) -> str:
    """The page that an address with these parts belongs to: the environment's, the launch form or the list."""
    if "stack_id" in parts:
        return reverse("horizon:tenant_ops:environments:show", args=[parts["stack_id"]])
    return reverse("horizon:tenant_ops:environments:launch" if "what" in parts else HOME)


def may(request: HttpRequest) -> dict[str, bool]:
    """What this user may do, for showing and hiding; the views check for themselves."""
    actions = {"launch": LAUNCH, "restart": RESTART, "delete": DELETE, "care": CARE, "balancers": BALANCERS}
    actions |= {"intent": INTENT, "firewall": FIREWALL, "members": MEMBERS}
    return {name: access.allowed(request, action) for name, action in actions.items()}
