"""The plugin's policy, asked before every change."""

from __future__ import annotations

from dataclasses import dataclass

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.errors import NotAllowed

LAUNCH = "environments:launch"
# Keystone lists what 'admin' implies as if it had been given.
ADMINS = frozenset({"admin", "manager", "member", "reader"})


@dataclass(frozen=True)
class _Person:
    user_id: str
    project_id: str
    roles: frozenset[str]


def require(cloud: Cloud, action: str) -> None:
    """Raises NotAllowed where the policy does not let this user do `action`."""
    if not policy.allowed(cloud, action):
        raise NotAllowed(policy.why_not(action))


def may_launch(cloud: Cloud) -> bool:
    """Whether the policy lets this user launch environments."""
    return policy.allowed(cloud, LAUNCH)


def may_finish(cloud: Cloud, launched_by: str) -> bool:
    """Whether this user's look at a page may finish what Heat cannot, by the rule for launching.

    An administrator's look finishes what he launched himself. Of anybody else's it only does where a role lets him
    launch that `admin` does not bring along.
    """
    if "admin" not in cloud.roles or (launched_by and launched_by == cloud.user_name):
        return may_launch(cloud)
    return policy.allowed(_Person(cloud.user_id, cloud.project_id, cloud.roles - ADMINS), LAUNCH)
