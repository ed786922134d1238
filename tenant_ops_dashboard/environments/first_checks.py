"""Whether members that are not up had the time to be: what Octavia's status tree leaves out is asked for them alone."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError, values
from tenant_ops_dashboard.cloud.values import moment
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.octavia import first_check, status

Item = Mapping[str, Any]
LAUNCHED = "OS-SRV-USG:launched_at"
# Seconds after a change in which a load balancer that is well may have a member that nobody has seen up, and in which
# one that is not may have nothing worse: a monitor that takes longer is told as one that found its member down.
SOON, LONG = 60.0, 3600.0


def monitors(cloud: Cloud) -> dict[str, Item]:
    """The project's health monitors by the id of their pool: one call. Raises a CloudError."""
    found = cloud.pages("load-balancer", "/lbaas/healthmonitors", "healthmonitors", project_id=cloud.project_id)
    return {pool["id"]: one for one in values.rows(found, services.MONITOR) for pool in one["pools"]}


def completed(
    cloud: Cloud, trees: Mapping[str, Item], servers: Iterable[Item], known: Mapping[str, Item] | None = None
) -> dict[str, Item]:  # fmt: skip
    """The same status trees, with the time that each member which is not up has for its first health checks.

    No call where all are up; else one for the monitors, unless they are `known`, and one for each pool with such a
    member. `servers` are those the members may stand for. Where Octavia does not tell, a tree stays as it is.
    """
    found = dict(trees)
    if not any(map(_unseen, _pools(trees.values()))):
        return found
    active = {entry["addr"]: moment(one.get(LAUNCHED)) for one in servers for entry in _entries(one)}
    try:
        watched = monitors(cloud) if known is None else known
        asked = {pool["id"] for pool in _pools(trees.values()) if _unseen(pool)} & set(watched)
        members = {id_: _members(cloud, id_) for id_ in sorted(asked)}
    except CloudError:
        return found
    now = cloud.now()

    def pool(one: Item) -> Item:
        there = members.get(one["id"], {})
        return {**one, "members": [_member(row, there.get(row["id"]), watched.get(one["id"]), active, now)
                                   for row in one["members"]]}  # fmt: skip

    for id_, tree in trees.items():
        if tree:
            listeners = [{**one, "pools": [pool(each) for each in one["pools"]]} for one in tree["listeners"]]
            found[id_] = {**tree, "listeners": listeners}
    return found


def perhaps(row: Item, servers: Iterable[Item], now: datetime.datetime, longest: float = LONG) -> bool:
    """Whether a load balancer's row in a list may stand for members within their first checks, of `longest` seconds."""
    times = [row.get("created_at"), row.get("updated_at"), *(one.get(LAUNCHED) for one in servers)]
    ages = [(now - when).total_seconds() for when in map(moment, times) if when]
    most = longest if status.row(row) in ("warning", "failed") else min(longest, SOON)
    return any(-first_check.SKEW <= age < most for age in ages)


def _member(
    row: Item, more: Item | None, monitor: Item | None, active: Mapping[str, datetime.datetime | None],
    now: datetime.datetime,
) -> Item:  # fmt: skip
    if more is None or monitor is None or row["operating_status"] not in status.UNSEEN:
        return row
    began = (moment(more.get("created_at")), moment(monitor.get("created_at")), active.get(row["address"]))
    return status.completed(row, more["admin_state_up"], first_check.of(monitor, began, now))


def _members(cloud: Cloud, pool_id: str) -> dict[str, Item]:
    rows = cloud.pages("load-balancer", f"/lbaas/pools/{pool_id}/members", "members")
    return {one["id"]: one for one in values.rows(rows, services.MEMBER)}


def _pools(trees: Iterable[Item]) -> Iterator[Item]:
    return (pool for tree in trees for one in tree.get("listeners") or () for pool in one["pools"])


def _unseen(pool: Item) -> bool:
    return any(one["operating_status"] in status.UNSEEN for one in pool["members"])


def _entries(server: Item) -> Iterator[Mapping[str, str]]:
    return (entry for network in server["addresses"].values() for entry in network)
