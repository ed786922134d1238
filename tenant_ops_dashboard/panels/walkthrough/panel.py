"""Registration of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import horizon
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import access
from tenant_ops_dashboard.panels.walkthrough.permissions import GET


class Walkthrough(horizon.Panel):
    """In the navigation where the roles allow it; what a cloud lacks for it is told by the panel itself."""

    name = _("Walkthrough")
    slug = "walkthrough"

    def nav(self, context: Mapping[str, Any]) -> bool:
        return access.shown(context, GET, ())
