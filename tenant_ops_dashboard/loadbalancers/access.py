"""The plugin's policy, asked before every change."""

from __future__ import annotations

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.errors import NotAllowed

READ = "loadbalancers:read"
CHANGE = "loadbalancers:change"
CREATE = "loadbalancers:create"
SCALE = "loadbalancers:scale"


def require(cloud: Cloud, action: str) -> None:
    """Raises NotAllowed where the policy does not let this user do `action`."""
    if not policy.allowed(cloud, action):
        raise NotAllowed(policy.why_not(action))
