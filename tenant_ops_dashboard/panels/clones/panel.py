"""Registration of the panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import horizon
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels import access
from tenant_ops_dashboard.panels.clones.permissions import READ, STORAGE


class Clones(horizon.Panel):
    """In the navigation where Cinder is, by either of its names, and the roles allow it."""

    name = _("Clones")
    slug = "clones"

    def nav(self, context: Mapping[str, Any]) -> bool:
        return any(access.shown(context, READ, (name,)) for name in STORAGE)
