"""Django's handle on the plugin: its own policy file is in force even where no settings snippet was copied."""

from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from tenant_ops_dashboard.panels.access import SCOPE

POLICY = Path(__file__).parent / "conf" / "tenant_ops_policy.yaml"


class TenantOpsConfig(AppConfig):
    """The application `tenant_ops_dashboard`."""

    name = "tenant_ops_dashboard"
    verbose_name = "Tenant Ops"

    def ready(self) -> None:
        """Register the policy file; Horizon allows every action of a scope it has no policy for."""
        settings.POLICY_FILES.setdefault(SCOPE, str(POLICY))
