"""Registration of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import horizon
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import access
from tenant_ops_dashboard.panels.audit.permissions import SEE


class Audit(horizon.Panel):
    """In the navigation where the roles allow it; the trail needs no service but the dashboard's own database."""

    name = _("Audit")
    slug = "audit"

    def nav(self, context: Mapping[str, Any]) -> bool:
        return access.shown(context, SEE, ())
