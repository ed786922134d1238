"""The plugin's policy, asked before every change."""

from __future__ import annotations

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.errors import NotAllowed


def require(cloud: Cloud, action: str) -> None:
    """Raises NotAllowed where the policy does not let this user do `action`."""
    if not policy.allowed(cloud, action):
        raise NotAllowed(policy.why_not(action))
