"""Where Horizon's autodiscovery looks for a dashboard of an installed application."""

from tenant_ops_dashboard.panels.dashboard import TenantOps

__all__ = ["TenantOps"]
