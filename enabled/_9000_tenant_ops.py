"""The dashboard 'Tenant Ops'. Set DISABLED = True to switch all of it off."""

from tenant_ops_dashboard import releases

DASHBOARD = "tenant_ops"
# A Horizon, Django or Python that is too old is told so in the log, and Horizon goes on without this dashboard.
DISABLED = releases.off()

ADD_INSTALLED_APPS = ["tenant_ops_dashboard"]

ADD_SCSS_FILES = releases.styles("tenant_ops/scss/tenant_ops.scss")
