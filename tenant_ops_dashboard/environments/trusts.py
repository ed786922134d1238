"""Keystone's trusts that carry an environment's id; given by a user, used by the plugin's service user."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotAllowed

PATH = "/OS-TRUST/trusts"
ENVIRONMENT = "tenant_ops_environment"
NAME = "tenant_ops_name"


def given(cloud: Cloud, environment_id: str) -> list[dict[str, Any]]:
    """The trusts this user gave for the environment: one call."""
    known = cloud.get("identity", PATH, trustor_user_id=cloud.user_id)["trusts"]
    return [one for one in known if one.get(ENVIRONMENT) == environment_id]


def received(cloud: Cloud) -> list[dict[str, Any]]:
    """The trusts this (service) user was given for environments: one call."""
    known = cloud.get("identity", PATH, trustee_user_id=cloud.user_id)["trusts"]
    return [one for one in known if one.get(ENVIRONMENT)]


def revoke(cloud: Cloud, environment_id: str) -> int:
    """Take back what this user gave for the environment; how many that were."""
    ours = given(cloud, environment_id)
    for one in ours:
        cloud.delete("identity", f"{PATH}/{one['id']}")
    return len(ours)


def forget(cloud: Cloud, environment_id: str) -> None:
    """The same where it can be done: whoever acts through a trust may not touch trusts, its giver will."""
    if not cloud.options.service_user:
        return
    try:
        revoke(cloud, environment_id)
    except NotAllowed:
        return
