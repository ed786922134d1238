"""Remove what is left of firewall groups whose environment is gone: found by their marks, whoever left them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict, NotFound, Unreachable
from tenant_ops_dashboard.environments import stack, wall

_LOG = logging.getLogger(__name__)


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
    # Heat is asked last: whoever made a mark seen here had his stack before.
    gone = marks - stack.living(cloud, marks)
    trouble: list[CloudError] = []
    for path, things in ((wall.GROUPS, groups), (wall.POLICIES, policies), (wall.RULES, rules)):
        _remove(cloud, path, [one for one in things if wall.owner(one) in gone], trouble)
    if trouble:
        raise trouble[0]


def _remove(cloud: Cloud, path: str, things: Iterable[Mapping[str, Any]], trouble: list[CloudError]) -> None:
    for one in things:
        try:
            if one.get("ports"):
                cloud.put("network", f"{path}/{one['id']}", {"firewall_group": {"ports": []}})
            cloud.delete("network", f"{path}/{one['id']}")
        except NotFound:
            continue
        except Conflict as error:
            _LOG.info("%s is removed later: %s", one["name"] or one["id"], error)
        except CloudError as error:
            trouble.append(error)
            if isinstance(error, Unreachable):
                raise
        else:
            if path == wall.GROUPS:
                audit.record(cloud, "delete", "firewall-group", one["id"], one["name"] or "", "success")
