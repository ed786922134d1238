"""Two launches of one moment: Heat looks for the name before it keeps it, without a lock. The elder stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import access
from tenant_ops_dashboard.environments import delete as deleting
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Environment

# Heat's times and the cloud's clock are whole seconds: from this age on the order of two is the same for all who look.
SETTLED = 3.0


def building(known: Stack) -> bool:
    """It is a launch that goes on, and no change, roll-back or delete of what a launch made."""
    return known.never_up and known.meaning.moving


def by_name(cloud: Cloud, known: Stack, found: Sequence[Stack]) -> Stack:
    """The one that stays of all that are called as `known` is: the eldest that did not fail.

    Younger ones are withdrawn. Raises a CloudError.
    """
    ours = [one for one in found if stack.TAG in one.tags and not one.going] or [known]
    first = next((one for one in ours if one.state != "FAILED"), ours[0])
    _withdraw(cloud, [one for one in ours[ours.index(first) + 1 :] if one.never_up])
    return first


def by_volume(cloud: Cloud, known: Stack, found: Iterable[Stack]) -> Stack:
    """The eldest of all that stand on a volume of `known`, which is withdrawn for it. Raises a CloudError."""
    found = [one for one in found if known.volumes & one.volumes and not one.going]
    first = next(iter(stack.eldest_first(found)), known)
    _withdraw(cloud, [known] if first.id != known.id else [])
    return first


def settle(cloud: Cloud, environment: Environment) -> bool:
    """Whether `environment` was withdrawn for an elder launch of its moment; what was launched after it is withdrawn.

    Somebody who may only look withdraws nothing. One call where Heat is at work on it and it is old enough to tell,
    else none. Raises a CloudError.
    """
    now = cloud.now()
    if environment.status != "building" or (now - (environment.created_at or now)).total_seconds() < SETTLED:
        return False
    found = stack.all_named(cloud, environment.name)
    known = next((one for one in found if one.id == environment.id and building(one)), None)
    if known is None or not access.may_finish(cloud, known.owner):
        return False
    return by_name(cloud, known, found).id != known.id


def _withdraw(cloud: Cloud, late: Iterable[Stack]) -> None:
    for one in late:
        perform(deleting.Withdraw(cloud, one))
