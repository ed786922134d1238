"""Remove what is left of firewall groups whose environment is gone: found by their marks, whoever left them."""

from __future__ import annotations

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, Unreachable
from tenant_ops_dashboard.environments import firewall_actions, stack, wall


def unowned(cloud: Cloud) -> None:
    """Remove groups, policies and rules that are marked with an environment whose stack is gone: three calls, four
    where there are marks, and one or two for each of them. What is still in use goes the next time.

    Raises the first CloudError after all that could be removed is.
    """
    groups = wall.groups(cloud)
    if groups is None:
        return
    policies, rules = wall.listed(cloud, wall.POLICIES), wall.listed(cloud, wall.RULES)
    marks = {owner for one in (*groups, *policies, *rules) if (owner := wall.owner(one))}
    trouble: list[CloudError] = []
    # Heat is asked last: whoever made a mark seen here had his stack before.
    for gone in sorted(marks - stack.living(cloud, marks)):
        change = firewall_actions.Sweep(
            cloud,
            [one for one in groups if wall.owner(one) == gone],
            [str(one["id"]) for one in policies if wall.owner(one) == gone],
            [str(one["id"]) for one in rules if wall.owner(one) == gone],
        )
        try:
            perform(change)
        except Unreachable:
            raise
        except CloudError as error:
            trouble.append(error)
    if trouble:
        raise trouble[0]
