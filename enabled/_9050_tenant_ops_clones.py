"""The panel Clones of Tenant Ops. Set DISABLED = True to switch it off; copies that exist end all the same."""

from tenant_ops_dashboard import releases

PANEL = "clones"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.clones.panel.Clones"
ADD_SCSS_FILES = releases.styles("tenant_ops/clones/clones.scss", __name__)
DISABLED = False
