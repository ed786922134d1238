"""The panel Audit of Tenant Ops. Set DISABLED = True to switch it off; events are kept all the same."""

from tenant_ops_dashboard import releases

PANEL = "audit"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.audit.panel.Audit"
ADD_SCSS_FILES = releases.styles("tenant_ops/audit/audit.scss", __name__)
DISABLED = False
