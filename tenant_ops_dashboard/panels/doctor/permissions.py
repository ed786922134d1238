"""Who may enter the panel's views."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.doctor.access import GET
from tenant_ops_dashboard.panels import guard

HOME = "horizon:tenant_ops:doctor:index"
TITLE = _("Doctor")

__all__ = ["GET", "HOME", "TITLE", "guarded"]


def guarded(changes: bool = True) -> Callable[[guard.View], guard.View]:
    """The guard of this panel. What a cloud lacks is what it is there to say: no service is a must."""
    return guard.guarded(GET, (), HOME, TITLE, changes=changes)
