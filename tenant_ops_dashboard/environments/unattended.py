"""Unattended care: a Keystone trust from the user to the plugin's service user, for one environment; optional."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, NotAllowed, through_trust
from tenant_ops_dashboard.environments import reconcile, trusts
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.standstill import standstill
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import about, say

_LOG = logging.getLogger(__name__)


def give(cloud: Cloud, environment: Environment) -> str:
    """Let the service user act for this user, in this project, for some days, with few of his roles; the trust's id.

    The roles are those of `Options.trust_roles` that he has, never one of `trusts.NEVER`; the end is
    `Options.trust_days` from now. One that holds is left as it is, unless it is of no use any more: another takes its
    place then. Raises NotConfigured where the operator named no service user or nothing of his may be handed on,
    NotAllowed or a CloudError.
    """
    return entrust(cloud, environment.id, environment.name)


def entrust(cloud: Cloud, environment_id: str, name: str) -> str:
    """The same for one of which no more than id and name are known."""
    return perform(Give(cloud, environment_id, name))


class Give(Change[str]):
    """Keystone's OS-TRUST, for one environment of the login's project."""

    name = "environments.entrust"
    rule = "environments:care"
    action = "create"
    kind = "trust"

    def __init__(self, cloud: Cloud, environment_id: str, name: str) -> None:
        super().__init__(cloud)
        self.environment_id = environment_id
        self.target = Target("", name)

    def prepare(self) -> str | None:
        try:
            self.useless = trusts.given(self.cloud, self.environment_id)
        except NotAllowed as error:
            raise trusts.refused(error) from error
        self.user = trusts.service_user(self.cloud)
        held = trusts.held(self.cloud, self.useless, self.user)
        if held and not held.trouble:
            self.target = Target(held.id, self.target.name)
            return held.id
        self.roles = trusts.delegated(self.cloud)
        self.end = trusts.end(self.cloud)
        self.says = f"{', '.join(self.roles)} until {self.end:%F}"
        return None

    def send(self) -> str:
        words = {trusts.ENVIRONMENT: self.environment_id, trusts.NAME: self.target.name}
        made = trusts.give(self.cloud, self.user, self.roles, self.end, words)
        for one in self.useless:
            self.cloud.delete("identity", f"{trusts.PATH}/{one['id']}")
        self.target = Target(made, self.target.name)
        return made

    def happened(self) -> str | None:
        before = {one["id"] for one in self.useless}
        found = _holding(trusts.given(self.cloud, self.environment_id))
        return next((one for one in found if one not in before), None)

    def settled(self, made: str) -> bool:
        return made in _holding(trusts.given(self.cloud, self.environment_id))


def revoke(cloud: Cloud, environment: Environment) -> None:
    """Take back every trust this user gave for the environment. Raises a CloudError."""
    perform(trusts.Revoke(cloud, environment.id, environment.name))


def given(cloud: Cloud, environment: Environment) -> str:
    """The id of a trust this user gave for the environment, or ''. One call."""
    return is_given(cloud, environment.id)


def is_given(cloud: Cloud, environment_id: str) -> str:
    """The same by the environment's id; no call where no service user is configured, '' where Keystone is silent."""
    if not cloud.options.service_user:
        return ""
    try:
        return next(iter(_holding(trusts.given(cloud, environment_id))), "")
    except CloudError:
        return ""


def reconcile_all(service_cloud: Cloud, goes_on: Callable[[], bool] = lambda: True) -> tuple[str, ...]:
    """Reconcile every environment that users entrusted to the service user; what went wrong, a sentence each.

    Where Heat stands still over one it is made to go on. It ends before the next one where `goes_on` says no.

    `service_cloud` is the service user's own login with a password, from clouds.yaml. Raises the CloudError of Keystone
    where not even the trusts can be listed.
    """
    problems = []
    for one in trusts.received(service_cloud):
        if not goes_on():
            break
        name = one.get(trusts.NAME) or one[trusts.ENVIRONMENT]
        try:
            _care(through_trust(service_cloud, one["id"]), str(one[trusts.ENVIRONMENT]))
        except TenantOpsError as error:
            problems.append(about(name, error.sentence))
        except Exception:  # noqa: BLE001 (whatever it is, the other environments have their turn)
            _LOG.exception("Care of the environment %s broke off", name)
            problems.append(say("{name}: it cannot be looked at; the log says why.", name=name))
    return tuple(problems)


def _care(cloud: Cloud, environment_id: str) -> None:
    reconcile.by_id(cloud, environment_id)
    found = stack.by_id(cloud, environment_id)
    # After a try Heat's own times are new: it is not asked again before they are as old as this once more.
    if found and stack.TAG in found.tags and found.meaning.again and standstill.is_one(cloud, found):
        standstill.go_on(cloud, found)
    elif found and stack.TAG in found.tags:
        standstill.tidy(cloud, found)


def _holding(known: list[dict[str, Any]]) -> list[str]:
    now = datetime.datetime.now(datetime.UTC)
    return [str(one["id"]) for one in known if trusts.holds(one, now)]
