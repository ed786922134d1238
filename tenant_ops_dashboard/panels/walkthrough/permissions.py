"""What the panel's views need and who may enter them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import access, guard
from tenant_ops_dashboard.walkthrough.access import GET, RESET, RUN

HOME = "horizon:tenant_ops:walkthrough:index"
TITLE = _("Walkthrough")

__all__ = ["GET", "HOME", "RESET", "RUN", "TITLE", "address", "guarded", "may", "page"]


def guarded(action: str = GET, changes: bool = True) -> Callable[[guard.View], guard.View]:
    """The guard of this panel. What a cloud lacks for a scenario is its pre-flight's to say: no service is a must."""
    return guard.guarded(action, (), HOME, TITLE, page, changes)


def page(parts: Mapping[str, Any]) -> str:
    """The page that an address with these parts belongs to: the step's, the scenario's, or the list."""
    for name, needs in (("step", ("scenario", "step")), ("show", ("scenario",))):
        if all(one in parts for one in needs):
            return address(name, *(parts[one] for one in needs))
    return reverse(HOME)


def address(name: str, *parts: str) -> str:
    """The address of one of this panel's views."""
    return reverse(f"horizon:tenant_ops:walkthrough:{name}", args=parts)


def may(request: HttpRequest) -> dict[str, bool]:
    """What this user may do, for showing and hiding; the service layer checks for itself."""
    return {"run": access.allowed(request, RUN), "reset": access.allowed(request, RESET)}
