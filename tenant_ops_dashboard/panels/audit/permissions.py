"""Who may enter the panel's views."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import failures, guard

SEE = "audit:see"
HOME = "horizon:tenant_ops:audit:index"
TITLE = _("Audit")


def guarded(action: str = SEE, title: failures.Words = TITLE) -> Callable[[guard.View], guard.View]:
    """The guard of this panel; `title` heads the page of a refusal."""
    return guard.guarded(action, (), HOME, title)
