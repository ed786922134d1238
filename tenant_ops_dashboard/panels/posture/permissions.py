"""What the panel's views need and who may enter them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import access, guard
from tenant_ops_dashboard.posture.access import ACKNOWLEDGE, READ, READ_ALL, REVIEW
from tenant_ops_dashboard.records.posture_changes import CHANGE_ALL

SERVICES = ("network",)
HOME = "horizon:tenant_ops:posture:index"
TITLE = _("Posture")

__all__ = ["ACKNOWLEDGE", "HOME", "READ", "READ_ALL", "REVIEW", "SERVICES", "TITLE", "guarded", "may"]


def guarded(
    action: str = READ, page: guard.Page | None = None, changes: bool = True
) -> Callable[[guard.View], guard.View]:  # fmt: skip
    """The guard of this panel."""
    return guard.guarded(action, SERVICES, HOME, TITLE, page, changes)


def may(request: HttpRequest) -> dict[str, bool]:
    """What this user may do, for showing and hiding; the views check for themselves."""
    rules = {"acknowledge": ACKNOWLEDGE, "review": REVIEW, "all": READ_ALL, "change_all": CHANGE_ALL}
    return {name: access.allowed(request, rule) for name, rule in rules.items()}
