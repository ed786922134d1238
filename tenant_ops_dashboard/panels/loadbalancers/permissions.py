"""What the panel's views need and who may enter them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.loadbalancers.access import CARE, CHANGE, CREATE, READ, SCALE
from tenant_ops_dashboard.panels import access, failures, guard

SERVICES = ("load-balancer", "network")
HOME = "horizon:tenant_ops:loadbalancers:index"
TITLE = _("Load balancers")

__all__ = ["CARE", "CHANGE", "CREATE", "HOME", "READ", "SCALE", "SERVICES", "TITLE", "guarded", "may"]


def guarded(action: str, title: failures.Words = TITLE) -> Callable[[guard.View], guard.View]:
    """The guard of this panel; `title` heads the page of a refusal."""
    return guard.guarded(action, SERVICES, HOME, title)


def may(request: HttpRequest) -> dict[str, bool]:
    """What this user may do, for showing and hiding; the views check for themselves."""
    actions = {"change": CHANGE, "create": CREATE, "scale": SCALE, "care": CARE}
    return {name: access.allowed(request, action) for name, action in actions.items()}
