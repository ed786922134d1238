"""Remove what is left of firewall groups whose environment is gone: found by their marks, whoever left them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, Unreachable
from tenant_ops_dashboard.environments.firewall_group import actions as firewall_actions
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.heat import stack

Items = Iterable[Mapping[str, Any]]


def unowned(cloud: Cloud) -> None:
    """Remove groups, policies and rules that are marked with an environment whose stack is gone: three calls, four
    where there are marks, and one or two for each of them. What is still in use goes the next time.

    Raises the first CloudError after all that could be removed is.
    """
    groups = firewall_groups.groups(cloud)
    if groups is None:
        return
    policies, rules = (
        firewall_groups.listed(cloud, firewall_groups.POLICIES),
        firewall_groups.listed(cloud, firewall_groups.RULES),
    )
    marks = {owner for one in (*groups, *policies, *rules) if (owner := firewall_groups.belongs(one))}
    trouble: list[CloudError] = []
    # Heat is asked last: whoever made a mark seen here had his stack before.
    for gone in sorted(marks - stack.living(cloud, marks)):
        change = firewall_actions.Sweep(
            cloud,
            [one for one in groups if firewall_groups.owner(one) == gone],
            [str(one["id"]) for one in policies if firewall_groups.belongs(one) == gone],
            _rules(gone, policies, rules),
        )
        try:
            perform(change)
        except Unreachable:
            raise
        except CloudError as error:
            trouble.append(error)
    if trouble:
        raise trouble[0]


def _rules(gone: str, policies: Items, rules: Items) -> list[str]:
    """Those of an environment, and those that a person described otherwise and only its policies hold."""
    inside, outside = set[str](), set[str]()
    for one in policies:
        ours = firewall_groups.belongs(one) == gone
        (inside if ours else outside).update(map(str, one.get("firewall_rules") or ()))
    left = inside - outside
    return [str(one["id"]) for one in rules if firewall_groups.owner(one) == gone or str(one["id"]) in left]
