"""Whether scaling by itself may act for an environment: unattended care's Keystone trust, given with the rules."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud, NotAllowed
from tenant_ops_dashboard.environments import trusts, unattended
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers.access import CARE
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.scaling import actions
from tenant_ops_dashboard.loadbalancers.scaling.model import Group, Rules


@dataclass(frozen=True)
class Entrusted:
    """What a person lets the service user do for one environment, or could let it do.

    `stands`: a trust of his is there by which the service user may act, with `roles`, `until` then (None: for good).
    Else `roles` and `until` are of the one that he could give, `useless` is why one that he gave is of no use any more,
    and `refusal` why he can give none: '' each where that is not so.
    """

    stands: bool
    roles: tuple[str, ...] = ()
    until: datetime.datetime | None = None
    useless: str = ""
    refusal: str = ""

    @property
    def offered(self) -> bool:
        """Whether he can give one, and none of his stands."""
        return not self.stands and not self.refusal


def read(cloud: Cloud, environment_id: str) -> Entrusted:
    """Of the login's user alone: a colleague's trust is nobody else's to see. One call, one more where he gave one.

    What Keystone or the settings do not allow, and a Keystone that does not answer, is the `refusal`.
    """
    useless = ""
    try:
        user = trusts.service_user(cloud)
        held = trusts.held(cloud, trusts.given(cloud, environment_id), user)
        if held and not held.trouble:
            return Entrusted(True, held.roles, held.until)
        useless = held.trouble if held else ""
        if not policy.allowed(cloud, CARE):
            return Entrusted(False, useless=useless, refusal=policy.why_not(CARE))
        return Entrusted(False, trusts.delegated(cloud), trusts.end(cloud), useless)
    except NotAllowed as error:
        return Entrusted(False, useless=useless, refusal=trusts.refused(error).sentence)
    except TenantOpsError as error:
        return Entrusted(False, useless=useless, refusal=error.sentence)


def give(cloud: Cloud, group: Group) -> str:
    """Let the service user act for a group's environment; the trust's id. Raises as `unattended.give`."""
    return unattended.entrust(cloud, group.environment_id, group.environment)


def change(cloud: Cloud, group: Group, rules: Rules, minimum: int, maximum: int, step: int) -> Asked:
    """Give the trust, then keep the rules that need it. Safe to repeat.

    Authority that cannot be given is told before anything is changed, and none is given for rules that could not be
    kept. Raises as `actions.change` and `unattended.give`.
    """
    actions.takes(group, rules, minimum, maximum, step)
    give(cloud, group)
    return actions.change(cloud, group, rules, minimum, maximum, step)

