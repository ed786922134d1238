"""What the panel's views need and who may enter them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.firewall.access import EDIT, READ, SHARE
from tenant_ops_dashboard.panels import access, guard

SERVICES = ("network",)
HOME = "horizon:tenant_ops:firewall:index"
TITLE = _("Firewall")

__all__ = ["EDIT", "HOME", "READ", "SERVICES", "SHARE", "TITLE", "guarded", "may"]


def guarded(action: str, page: guard.Page | None = None, changes: bool = True) -> Callable[[guard.View], guard.View]:
    """The guard of this panel."""
    return guard.guarded(action, SERVICES, HOME, TITLE, page, changes)


def may(request: HttpRequest) -> dict[str, bool]:
    """What this user may do, for showing and hiding; the views check for themselves."""
    return {"edit": access.allowed(request, EDIT)}
