"""Keystone's trusts that carry an environment's id; given by a user, used by the plugin's service user."""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, Conflict
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.cloud.values import mapping, moment, names
from tenant_ops_dashboard.environments.errors import NotConfigured
from tenant_ops_dashboard.errors import NotAllowed, TenantOpsError
from tenant_ops_dashboard.sentences import join, say

PATH = "/OS-TRUST/trusts"
ENVIRONMENT = "tenant_ops_environment"
NAME = "tenant_ops_name"
# What nobody hands on, whatever the settings say.
NEVER = frozenset({"admin", "manager", "cloud_admin", "service"})
MOST_IN_A_ROW = 30
_BOUND = ("application credential", "delegated token")
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")


def given(cloud: Cloud, environment_id: str) -> list[dict[str, Any]]:
    """The trusts this user gave for the environment: one call."""
    known = cloud.pages("identity", PATH, "trusts", trustor_user_id=cloud.user_id)
    ours = [one for one in known if one.get("project_id") == cloud.project_id]
    return [one for one in ours if one.get(ENVIRONMENT) == environment_id]


def holds(trust: Mapping[str, Any], now: datetime.datetime) -> bool:
    """Whether it has not ended yet: Keystone lists those that have, too."""
    end = moment(trust.get("expires_at"))
    return end is None or end > now


@dataclass(frozen=True)
class Held:
    """A trust that has not ended: the `roles` it hands on `until` then (None: for good); `trouble` is why to no use."""

    id: str
    roles: tuple[str, ...]
    until: datetime.datetime | None
    trouble: str = ""


def held(cloud: Cloud, rows: Sequence[Mapping[str, Any]], user: str) -> Held | None:
    """Of these trusts of the login's user one by which the service user may act now, else one that is of no use.

    Keystone refuses a login through a trust whose giver has lost one of its roles. A call for each that has not ended.
    Raises a CloudError.
    """
    now = datetime.datetime.now(datetime.UTC)
    found = None
    for row in rows:
        if holds(row, now):
            found = _held(cloud, row, user)
            if not found.trouble:
                break
    return found


def received(cloud: Cloud) -> list[dict[str, Any]]:
    """The trusts this (service) user was given for environments and that hold: one call."""
    now = datetime.datetime.now(datetime.UTC)
    known = cloud.pages("identity", PATH, "trusts", trustee_user_id=cloud.user_id)
    return [one for one in known if one.get(ENVIRONMENT) and holds(one, now)]


def give(
    cloud: Cloud, trustee: str, roles: Sequence[str], end: datetime.datetime, words: Mapping[str, str],
    redelegate: bool = False,
) -> str:  # fmt: skip
    """Give a trust for the login's project until `end`, with `words` of our own in it; its id. For a Change's `send`.

    With `redelegate` Heat can make a trust of its own by it, which it needs to make a stack.

    Keystone keeps no two trusts of the same people that end in the same second, not even when they are gone: a later
    second is taken then. Raises a CloudError.
    """
    body = {
        "trustor_user_id": cloud.user_id, "trustee_user_id": trustee, "impersonation": True,
        "project_id": cloud.project_id, "roles": [{"name": role} for role in roles], **words,
        **({"allow_redelegation": True} if redelegate else {}),
    }  # fmt: skip
    latest = end + datetime.timedelta(seconds=MOST_IN_A_ROW)
    while True:
        asked = {**body, "expires_at": end.strftime("%Y-%m-%dT%H:%M:%S.000000Z")}
        try:
            return str(cloud.post("identity", PATH, {"trust": asked})["trust"]["id"])
        except Conflict:
            if end >= latest:
                raise
            end += datetime.timedelta(seconds=1)


def delegated(cloud: Cloud) -> tuple[str, ...]:
    """The roles that a trust of this user would hand on. Raises NotConfigured where there are none."""
    allowed = set(cloud.options.trust_roles) - NEVER
    found = tuple(sorted(role for role in cloud.roles if role.lower() in allowed))
    if not found:
        raise NotConfigured(
            say(
                "Unattended care may be given the roles {allowed} only, and you have none of them here.",
                allowed=", ".join(sorted(allowed)),
            )
        )
    return found


def end(cloud: Cloud) -> datetime.datetime:
    """When one that is given now would end: `Options.trust_days` from now."""
    return datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=cloud.options.trust_days)


def service_user(cloud: Cloud) -> str:
    """The id of the plugin's user. Raises NotConfigured where there is none, or only an administrator sees it."""
    wanted = cloud.options.service_user
    if not wanted:
        raise NotConfigured(say("This dashboard has no service user for unattended care; its operator can name one."))
    if _ID.fullmatch(wanted):
        return wanted
    try:
        found = cloud.pages("identity", "/users", "users", name=wanted)
    except cloud_errors.NotAllowed as error:
        said = say(
            "Only an administrator may look up the user '{wanted}'; the setting for it should hold its id.",
            wanted=wanted,
        )
        raise NotConfigured(said, error.request_id) from error
    if not found:
        raise NotConfigured(say("There is no service user called '{wanted}'.", wanted=wanted))
    return str(found[0]["id"])


def refused(error: cloud_errors.NotAllowed) -> TenantOpsError:
    """Keystone's no to whoever lists or gives trusts, in words where it is for how he logged in."""
    if any(word in error.detail.lower() for word in _BOUND):
        return NotAllowed(
            say(
                "An application credential cannot give authority to the service user: log in with a password, or "
                "through the dashboard."
            ),
            error.request_id,
        )
    return error


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


def _held(cloud: Cloud, row: Mapping[str, Any], user: str) -> Held:
    id_ = str(row["id"])
    told = mapping(cloud.get("identity", f"{PATH}/{id_}").get("trust"))
    roles = tuple(sorted(names([one.get("name") for one in told.get("roles") or () if isinstance(one, dict)])))
    lost = sorted({role.lower() for role in roles} - {role.lower() for role in cloud.roles})
    trouble: str = ""
    if row.get("trustee_user_id") != user:
        trouble = say("it went to a service user that this dashboard has no more.")
    elif lost:
        trouble = say("it hands on roles that you no longer have here: {roles}.", roles=join(", ", lost))
    return Held(id_, roles, moment(row.get("expires_at")), trouble)
