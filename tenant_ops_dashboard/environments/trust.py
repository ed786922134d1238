"""Unattended care: a Keystone trust from the user to the plugin's service user, for one environment; optional."""

from __future__ import annotations

import datetime
import re

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, CloudError, NotAllowed, through_trust
from tenant_ops_dashboard.environments import access, listing, reconcile, trusts
from tenant_ops_dashboard.environments.errors import NotConfigured
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.errors import TenantOpsError

# What nobody hands on, whatever the settings say.
NEVER = frozenset({"admin", "manager", "cloud_admin", "service"})
_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")


def give(cloud: Cloud, environment: Environment) -> str:
    """Let the service user act for this user, in this project, for some days, with few of his roles; the trust's id.

    The roles are those of `Options.trust_roles` that he has, never one of NEVER; the end is `Options.trust_days` from
    now. One that holds is left as it is. Raises NotConfigured where the operator named no service user or nothing of
    his may be handed on, NotAllowed or a CloudError.
    """
    access.require(cloud, "environments:care")
    now = datetime.datetime.now(datetime.UTC)
    known = trusts.given(cloud, environment.id)
    if holding := [one for one in known if trusts.holds(one, now)]:
        return str(holding[0]["id"])
    roles = delegated(cloud)
    end = now + datetime.timedelta(days=cloud.options.trust_days)
    body = {
        "trustor_user_id": cloud.user_id,
        "trustee_user_id": _service_user(cloud),
        "impersonation": True,
        "project_id": cloud.project_id,
        "roles": [{"name": role} for role in roles],
        "expires_at": end.strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
        trusts.ENVIRONMENT: environment.id,
        trusts.NAME: environment.name,
    }
    made = str(cloud.post("identity", trusts.PATH, {"trust": body})["trust"]["id"])
    given_ = f"{', '.join(roles)} until {end:%F}"
    audit.record(cloud, "create", "trust", made, environment.name, "success", reason=given_)
    for one in known:
        cloud.delete("identity", f"{trusts.PATH}/{one['id']}")
    return made


def delegated(cloud: Cloud) -> tuple[str, ...]:
    """The roles that a trust of this user would hand on. Raises NotConfigured where there are none."""
    allowed = set(cloud.options.trust_roles) - NEVER
    found = tuple(sorted(role for role in cloud.roles if role.lower() in allowed))
    if not found:
        raise NotConfigured(
            f"Unattended care may be given the roles {', '.join(sorted(allowed))} only, and you have none of them here."
        )
    return found


def revoke(cloud: Cloud, environment: Environment) -> None:
    """Take back every trust this user gave for the environment. Raises a CloudError."""
    access.require(cloud, "environments:care")
    if trusts.revoke(cloud, environment.id):
        audit.record(cloud, "delete", "trust", "", environment.name, "success")


def given(cloud: Cloud, environment: Environment) -> str:
    """The id of a trust this user gave for the environment, or ''. One call."""
    return is_given(cloud, environment.id)


def is_given(cloud: Cloud, environment_id: str) -> str:
    """The same by the environment's id; no call where no service user is configured, '' where Keystone is silent."""
    if not cloud.options.service_user:
        return ""
    now = datetime.datetime.now(datetime.UTC)
    try:
        return next((str(one["id"]) for one in trusts.given(cloud, environment_id) if trusts.holds(one, now)), "")
    except CloudError:
        return ""


def reconcile_all(service_cloud: Cloud) -> tuple[str, ...]:
    """Reconcile every environment that users entrusted to the service user; what went wrong, a sentence each.

    `service_cloud` is the service user's own login with a password, from clouds.yaml. Raises the CloudError of Keystone
    where not even the trusts can be listed.
    """
    problems = []
    for one in trusts.received(service_cloud):
        name = one.get(trusts.NAME) or one[trusts.ENVIRONMENT]
        try:
            _care(through_trust(service_cloud, one["id"]), str(one[trusts.ENVIRONMENT]))
        except TenantOpsError as error:
            problems.append(f"{name}: {error}")
    return tuple(problems)


def _care(cloud: Cloud, environment_id: str) -> None:
    known = {one.id: one for one in listing.listing(cloud)}
    if environment_id in known:
        reconcile.reconcile(cloud, known[environment_id])


def _service_user(cloud: Cloud) -> str:
    wanted = cloud.options.service_user
    if not wanted:
        raise NotConfigured("This dashboard has no service user for unattended care; its operator can name one.")
    if _ID.fullmatch(wanted):
        return wanted
    try:
        found = cloud.get("identity", "/users", name=wanted)["users"]
    except NotAllowed as error:
        said = f"Only an administrator may look up the user '{wanted}'; the setting for it should hold its id."
        raise NotConfigured(said, error.request_id) from error
    if not found:
        raise NotConfigured(f"There is no service user called '{wanted}'.")
    return str(found[0]["id"])
