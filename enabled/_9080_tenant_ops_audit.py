"""The panel Audit of Tenant Ops. Set DISABLED = True to switch it off; events are kept all the same."""

PANEL = "audit"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.audit.panel.Audit"
ADD_SCSS_FILES = ["tenant_ops/audit/audit.scss"]
DISABLED = False
