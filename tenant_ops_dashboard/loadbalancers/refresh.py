"""One refresh of a project's load balancers: four lists, and a tree only where something is looked at or moved.

Octavia has members only by pool and by load balancer, so reading them all would cost a call for each. A tree is read
for a load balancer that is open on somebody's page, for one whose status or settings moved since its last tree, and
for one of the rest in turn.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import read
from tenant_ops_dashboard.loadbalancers.read import Lists, Settings, Tree

# Trees of one refresh at most; what is left comes with the next one, oldest first.
MOST = 20
# Seconds after which a tree that nobody looks at is read again, one a refresh.
SWEEP = 600.0
LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Seen:
    """What is known of a project's load balancers: the last lists, and trees and settings of different ages."""

    lists: Lists = field(default_factory=Lists)
    trees: Mapping[str, Tree] = field(default_factory=dict)
    settings: Mapping[str, Settings] = field(default_factory=dict)
    at: datetime.datetime = LONG_AGO


def refresh(cloud: Cloud, before: Seen, wanted: Collection[str], sweep: float = SWEEP) -> Seen:
    """The state now. `wanted` are ids of load balancers that are open somewhere, `sweep` a time in seconds.

    Four calls, and one for every tree and every pool whose settings moved. Raises a CloudError.
    """
    now = datetime.datetime.now(datetime.UTC)
    lists = read.lists(cloud)
    kept = {id_: tree for id_, tree in before.trees.items() if id_ in lists.balancers}
    chosen = list(choose(lists, kept, wanted, now, sweep))[:MOST]
    trees, settings = dict(kept), {id_: one for id_, one in before.settings.items() if id_ in lists.pools}
    for id_ in chosen:
        found = read.tree(cloud, id_, lists.stamp(id_))
        if found is None:
            trees.pop(id_, None)
            continue
        settings.update(_settings(cloud, lists, id_, settings))
        trees[id_] = _with_spare(found, lists, id_, settings)
    return Seen(lists, trees, settings, now)


def choose(
    lists: Lists, trees: Mapping[str, Tree], wanted: Collection[str], now: datetime.datetime, sweep: float
) -> Iterator[str]:
    """Whose tree to read, most urgent first: moved, open, in trouble but unread, and one of the long unread."""
    moved = [id_ for id_ in lists.balancers if id_ in trees and trees[id_].stamp != lists.stamp(id_)]
    unread = [id_ for id_, row in lists.balancers.items() if id_ not in trees and _trouble(row)]
    looked = sorted((id_ for id_ in wanted if id_ in lists.balancers), key=lambda id_: _age(trees, id_))
    yield from dict.fromkeys((*moved, *looked, *unread))
    taken = {*moved, *unread, *looked}
    rest = [id_ for id_ in lists.balancers if id_ not in taken]
    oldest = min(rest, key=lambda id_: _age(trees, id_), default=None)
    if oldest is not None and (now - _age(trees, oldest)).total_seconds() >= sweep:
        yield oldest


def _settings(cloud: Cloud, lists: Lists, id_: str, known: Mapping[str, Settings]) -> dict[str, Settings]:
    """Settings of this load balancer's pools that are not known as they are now."""
    found: dict[str, Settings] = {}
    for pool in lists.pools_of(id_):
        stamp = f"{read.moved(pool)} {lists.balancers[id_].get('updated_at')} {len(pool['members'])}"
        if pool["id"] not in known or known[pool["id"]].stamp != stamp:
            one = read.settings(cloud, pool["id"], stamp)
            if one is not None:
                found[pool["id"]] = one
    return found


def _with_spare(tree: Tree, lists: Lists, id_: str, settings: Mapping[str, Settings]) -> Tree:
    """A pool that no listener uses is not in the tree; its settings have its members, too."""
    spare = {
        pool["id"]: tuple(settings[pool["id"]].members.values())
        for pool in lists.pools_of(id_)
        if pool["id"] not in tree.members and pool["id"] in settings
    }
    return replace(tree, members={**tree.members, **spare}) if spare else tree


def _trouble(row: read.Row) -> bool:
    return row["operating_status"] in ("DEGRADED", "ERROR") and row["provisioning_status"] != "PENDING_DELETE"


def _age(trees: Mapping[str, Tree], id_: str) -> datetime.datetime:
    return trees[id_].at if id_ in trees else LONG_AGO
