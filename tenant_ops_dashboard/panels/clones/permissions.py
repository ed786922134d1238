"""What the panel's views need and who may enter them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.clones.access import DECIDE, OFFER, READ, REQUEST
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.errors import NotAllowed
from tenant_ops_dashboard.panels import access, guard

#: Cinder in a catalogue, by its own name or by its old one.
STORAGE = ("block-storage", "volumev3")
HOME = "horizon:tenant_ops:clones:index"
TITLE = _("Clones")

__all__ = [
    "DECIDE", "HOME", "OFFER", "READ", "REQUEST", "STORAGE", "TITLE", "guarded", "may", "may_release", "page",
    "project",
]  # fmt: skip


def guarded(action: str = READ, changes: bool = True) -> Callable[[guard.View], guard.View]:
    """The guard of this panel. What it shows stands in the dashboard's own database: no service is a must."""
    return guard.guarded(action, (), HOME, TITLE, page, changes)


def page(parts: Mapping[str, Any]) -> str:
    """The page that an address with these parts belongs to: the clone's, or the list."""
    if "clone" in parts:
        return reverse("horizon:tenant_ops:clones:show", args=[parts["clone"]])
    return reverse(HOME)


def may(request: HttpRequest) -> dict[str, bool]:
    """What this user may do, for showing and hiding; the views check for themselves."""
    rules = {"offer": OFFER, "request": REQUEST, "decide": DECIDE}
    return {name: access.allowed(request, rule) for name, rule in rules.items()}


def may_release(request: HttpRequest, clone: Clone) -> None:
    """Who holds a clone gives it back, its owner takes it back: each has a rule. Raises NotAllowed."""
    rule = REQUEST if clone.project_id == project(request) else DECIDE
    if not access.allowed(request, rule):
        raise NotAllowed(policy.why_not(rule))


def project(request: HttpRequest) -> str:
    """The id of the project that this user is in."""
    user: Any = request.user
    return str(user.project_id or "")
