"""The panel Doctor of Tenant Ops. Set DISABLED = True to switch it off; 'tenant-ops doctor' goes on."""

PANEL = "doctor"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.doctor.panel.Doctor"
DISABLED = False
