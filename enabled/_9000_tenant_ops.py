"""The dashboard 'Tenant Ops'. Set DISABLED = True to switch all of it off."""

DASHBOARD = "tenant_ops"
DISABLED = False

ADD_INSTALLED_APPS = ["tenant_ops_dashboard"]

ADD_SCSS_FILES = ["tenant_ops/scss/tenant_ops.scss"]
ADD_JS_FILES = [
    "tenant_ops/js/morph.js",
    "tenant_ops/js/live.js",
    "tenant_ops/js/plan.js",
    "tenant_ops/js/small.js",
]
