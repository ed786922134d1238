"""The plugin's policy, asked before every change; a refusal is written into the audit trail here and nowhere else."""

from __future__ import annotations

from tenant_ops_dashboard import audit, policy
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.errors import NotAllowed

READ = "loadbalancers:read"
CHANGE = "loadbalancers:change"
CREATE = "loadbalancers:create"
SCALE = "loadbalancers:scale"
# What an event calls the thing that a rule is about, where the caller does not say.
_KINDS = {CHANGE: "pool-member", CREATE: "load-balancer", SCALE: "environment-scaling"}


def require(cloud: Cloud, action: str, *, verb: str = "", target_id: str = "", target_name: str = "") -> None:
    """Raises NotAllowed where the policy does not let this user do `action`; `verb` is what was to be done."""
    if policy.allowed(cloud, action):
        return
    done: audit.Action = "create" if action == CREATE else "update"
    audit.refused(cloud, action, done, _KINDS.get(action, "load-balancer"), target_id, target_name, verb)
    raise NotAllowed(policy.why_not(action))
