"""The dashboard 'Tenant Ops'. Set DISABLED = True to switch all of it off."""

DASHBOARD = "tenant_ops"
DISABLED = False

ADD_INSTALLED_APPS = ["tenant_ops_dashboard"]

ADD_SCSS_FILES = ["tenant_ops/scss/tenant_ops.scss"]
