"""The top-level dashboard 'Tenant Ops'; each panel is added by its own file in enabled/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import horizon
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import boundary, guard

LANDING_ORDER = ("environments", "loadbalancers", "firewall", "posture", "clones", "walkthrough", "audit", "doctor")


class TenantOps(horizon.Dashboard):
    """Shown where at least one of its panels is."""

    name = _("Tenant Ops")
    slug = "tenant_ops"
    panels = ()
    # Addresses below the dashboard's that belong to no panel and ask for no session: the HTTP API.
    beside: tuple[Any, ...] = ()

    @property
    def default_panel(self) -> str:
        """The first panel that is switched on, so that any of them can be switched off."""
        slugs = [panel.slug for panel in self._registry.values()]
        return next((slug for slug in (*LANDING_ORDER, *slugs) if slug in slugs), "")

    @property
    def _decorated_urls(self) -> Any:
        # Horizon does not start with a dashboard that has no panel at all.
        if not self._registry:
            return list(self.beside), self.slug, self.slug
        patterns, *names = super()._decorated_urls
        guard.decorate(patterns)
        # Outside even the check of the login: a poll of somebody who was logged out saves nothing either.
        boundary.decorate(patterns)
        return [*self.beside, *patterns], *names

    def nav(self, context: Mapping[str, Any]) -> bool:
        """In the navigation only with something below it."""
        shown = (panel.nav(context) if callable(panel.nav) else panel.nav for panel in self.get_panels())
        return any(shown)


horizon.register(TenantOps)
