"""Registration of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import horizon
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import access
from tenant_ops_dashboard.panels.posture.permissions import READ, SERVICES


class Posture(horizon.Panel):
    """In the navigation where Neutron is and the roles allow it."""

    name = _("Posture")
    slug = "posture"

    def nav(self, context: Mapping[str, Any]) -> bool:
        return access.shown(context, READ, SERVICES)
