"""Keystone's trusts that carry an environment's id; given by a user, used by the plugin's service user."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.cloud.values import moment
from tenant_ops_dashboard.errors import NotAllowed

PATH = "/OS-TRUST/trusts"
ENVIRONMENT = "tenant_ops_environment"
NAME = "tenant_ops_name"


def given(cloud: Cloud, environment_id: str) -> list[dict[str, Any]]:
    """The trusts this user gave for the environment: one call."""
    known = cloud.pages("identity", PATH, "trusts", trustor_user_id=cloud.user_id)
    ours = [one for one in known if one.get("project_id") == cloud.project_id]
    return [one for one in ours if one.get(ENVIRONMENT) == environment_id]


def holds(trust: Mapping[str, Any], now: datetime.datetime) -> bool:
    """Whether it has not ended yet: Keystone lists those that have, too."""
    end = moment(trust.get("expires_at"))
    return end is None or end > now


def received(cloud: Cloud) -> list[dict[str, Any]]:
    """The trusts this (service) user was given for environments and that hold: one call."""
    now = datetime.datetime.now(datetime.UTC)
    known = cloud.pages("identity", PATH, "trusts", trustee_user_id=cloud.user_id)
    return [one for one in known if one.get(ENVIRONMENT) and holds(one, now)]


class Revoke(Change[int]):
    """Takes back what this user gave for an environment; how many trusts that were."""

    name = "environments.revoke"
    rule = "environments:care"
    action = "delete"
    kind = "trust"

    def __init__(self, cloud: Cloud, environment_id: str, name: str) -> None:
        super().__init__(cloud)
        self.environment_id = environment_id
        self.target = Target(environment_id, name)

    def prepare(self) -> int | None:
        return None if given(self.cloud, self.environment_id) else 0

    def send(self) -> int:
        ours = given(self.cloud, self.environment_id)
        for one in ours:
            self.cloud.delete("identity", f"{PATH}/{one['id']}")
        return len(ours)

    def happened(self) -> int | None:
        return 0 if not given(self.cloud, self.environment_id) else None

    def settled(self, made: int) -> bool:
        return not given(self.cloud, self.environment_id)


def forget(cloud: Cloud, environment_id: str) -> None:
    """The same where it can be done: whoever acts through a trust may not touch trusts, its giver will."""
    if not cloud.options.service_user:
        return
    with contextlib.suppress(NotAllowed, cloud_errors.NotAllowed):
        if given(cloud, environment_id):
            perform(Revoke(cloud, environment_id, environment_id))
