"""Registration of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import horizon
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import access
from tenant_ops_dashboard.panels.doctor.permissions import GET


class Doctor(horizon.Panel):
    """In the navigation of administrators; it needs no service."""

    name = _("Doctor")
    slug = "doctor"

    def nav(self, context: Mapping[str, Any]) -> bool:
        return access.shown(context, GET, ())
