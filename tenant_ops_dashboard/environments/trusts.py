"""Keystone's trusts that carry an environment's id; given by a user, used by the plugin's service user."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotAllowed
from tenant_ops_dashboard.environments.stack import moment

PATH = "/OS-TRUST/trusts"
ENVIRONMENT = "tenant_ops_environment"
NAME = "tenant_ops_name"


def given(cloud: Cloud, environment_id: str) -> list[dict[str, Any]]:
    """The trusts this user gave for the environment: one call."""
    known = cloud.get("identity", PATH, trustor_user_id=cloud.user_id)["trusts"]
    ours = [one for one in known if one.get("project_id") == cloud.project_id]
    return [one for one in ours if one.get(ENVIRONMENT) == environment_id]


def holds(trust: Mapping[str, Any], now: datetime.datetime) -> bool:
    """Whether it has not ended yet: Keystone lists those that have, too."""
    end = moment(trust.get("expires_at"))
    return end is None or end > now


def received(cloud: Cloud) -> list[dict[str, Any]]:
    """The trusts this (service) user was given for environments and that hold: one call."""
    now = datetime.datetime.now(datetime.UTC)
    known = cloud.get("identity", PATH, trustee_user_id=cloud.user_id)["trusts"]
    return [one for one in known if one.get(ENVIRONMENT) and holds(one, now)]


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
