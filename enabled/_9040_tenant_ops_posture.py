"""The panel Posture of Tenant Ops. Set DISABLED = True to switch it off; what was acknowledged is kept all the same."""

from tenant_ops_dashboard import releases

PANEL = "posture"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.posture.panel.Posture"
ADD_SCSS_FILES = releases.styles("tenant_ops/posture/posture.scss", __name__)
DISABLED = False
