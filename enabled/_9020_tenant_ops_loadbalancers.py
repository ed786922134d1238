"""The panel Load balancers of Tenant Ops. Set DISABLED = True to switch it off."""

from tenant_ops_dashboard import releases

PANEL = "loadbalancers"
PANEL_DASHBOARD = "tenant_ops"
PANEL_GROUP = "default"
ADD_PANEL = "tenant_ops_dashboard.panels.loadbalancers.panel.LoadBalancers"
ADD_SCSS_FILES = releases.styles("tenant_ops/loadbalancers/loadbalancers.scss", __name__)
DISABLED = False
