"""The panel Firewall of Tenant Ops. Set DISABLED = True to switch it off."""

from tenant_ops_dashboard import releases

PANEL = "firewall"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.firewall.panel.Firewall"
ADD_SCSS_FILES = releases.styles("tenant_ops/firewall/firewall.scss", __name__)
DISABLED = False
