"""The panel Walkthrough of Tenant Ops. Set DISABLED = True to switch it off; what it made is reset by command then."""

from tenant_ops_dashboard import releases

PANEL = "walkthrough"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.walkthrough.panel.Walkthrough"
ADD_SCSS_FILES = releases.styles("tenant_ops/walkthrough/walkthrough.scss", __name__)
DISABLED = False
