"""The panel Environments of Tenant Ops. Set DISABLED = True to switch it off."""

PANEL = "environments"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.environments.panel.Environments"
DISABLED = False
