"""One refresh of a project's load balancers: the lists, and a tree only where something is looked at or moved.

Octavia has members only by pool and by load balancer, so reading them all would cost a call for each. A tree is read
for a load balancer that is open on somebody's page, for one whose status or settings moved since its last tree, and
for one of the rest in turn.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.loadbalancers import read
from tenant_ops_dashboard.loadbalancers.read import Lists, Rules, Settings, Tree
from tenant_ops_dashboard.sentences import say

# Trees of one refresh at most; what is left comes with the next one, oldest first.
MOST = 20
# Layer 7 policies whose rules one refresh reads at most.
MOST_RULES = 20
# Seconds after which a tree that nobody looks at is read again, one a refresh.
SWEEP = 600.0
# What an answer that is not as Octavia documents it does to whoever reads it.
ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError)
_SERVICE = (0, 401, 429, 502, 503, 504)
LONG_AGO = datetime.datetime.min.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Broken:
    """Why a load balancer's members cannot be shown, though Octavia answers otherwise, and when it was last tried."""

    why: str
    at: datetime.datetime
    request_id: str = ""

    @property
    def sentence(self) -> str:
        return self.why + f" ({self.request_id})" if self.request_id else self.why


@dataclass(frozen=True)
class Seen:
    """What is known of a project's load balancers: the last lists, and trees, settings and rules of different ages.

    `clock` is what time it was in the cloud `at` the last look.
    """

    lists: Lists = field(default_factory=Lists)
    trees: Mapping[str, Tree] = field(default_factory=dict)
    settings: Mapping[str, Settings] = field(default_factory=dict)
    broken: Mapping[str, Broken] = field(default_factory=dict)
    at: datetime.datetime = LONG_AGO
    clock: datetime.datetime = LONG_AGO
    rules: Mapping[str, Rules] = field(default_factory=dict)


def refresh(
    cloud: Cloud, before: Seen, wanted: Collection[str], sweep: float = SWEEP, rules: bool = False
) -> Seen:  # fmt: skip
    """The state now. `wanted` are ids of load balancers that are open somewhere, `sweep` a time in seconds.

    Four calls, five where a listener has layer 7 policies, and one for every tree and every pool whose settings moved.
    With `rules` one more for each policy of the `wanted` whose rules moved, MOST_RULES at most. Raises a CloudError.
    """
    now = datetime.datetime.now(datetime.UTC)
    lists = read.lists(cloud)
    seen = look(cloud, before, lists, list(choose(lists, before, wanted, now, sweep))[:MOST], now)
    return ruled(cloud, seen, wanted, MOST_RULES, sweep) if rules else seen


def look(cloud: Cloud, before: Seen, lists: Lists, chosen: Collection[str], now: datetime.datetime) -> Seen:
    """What these lists say, and anew the trees of the `chosen` load balancers with settings of pools that moved.

    A call for each tree and each such pool; of what is gone nothing is kept. Raises a CloudError.
    """
    trees = {id_: tree for id_, tree in before.trees.items() if id_ in lists.balancers}
    settings = {id_: one for id_, one in before.settings.items() if id_ in lists.pools}
    broken = {id_: why for id_, why in before.broken.items() if id_ in lists.balancers}
    rules = {id_: one for id_, one in before.rules.items() if id_ in lists.policies}
    for id_ in chosen:
        try:
            found = read.tree(cloud, id_, lists.stamp(id_))
            settings.update(_settings(cloud, lists, id_, settings))
            trees[id_] = _with_spare(found, lists, id_, settings)
            broken.pop(id_, None)
        except (CloudError, *ODD) as error:
            if _everywhere(error):
                raise
            trees.pop(id_, None)
            broken[id_] = _broken(error, before.broken.get(id_), now)
    return Seen(lists, trees, settings, broken, now, cloud.now(), rules)


def ruled(cloud: Cloud, seen: Seen, balancers: Collection[str], most: int | None = None, sweep: float = SWEEP) -> Seen:
    """The same with the rules of these load balancers' layer 7 policies: a call for each that moved, `most` at most.

    Raises a CloudError where Octavia itself is out of reach.
    """
    found = dict(seen.rules)
    for policy, stamp in unread(seen, balancers, sweep)[:most]:
        found[policy] = _rules(cloud, policy, stamp, seen.at)
    return replace(seen, rules=found)


def unread(seen: Seen, balancers: Collection[str], sweep: float) -> list[tuple[str, str]]:
    """Layer 7 policies of these whose rules are not known as they are now: (id, stamp), those never read first.

    What Octavia did not tell is asked for again once the policy moved, or after `sweep` seconds: a refusal may last.
    """
    lists, new, moved = seen.lists, [], []
    for id_ in (one for one in balancers if one in lists.balancers):
        for one in lists.policies_of(id_):
            stamp = f"{read.moved(one)} {lists.balancers[id_].get('updated_at')} {len(one['rules'])}"
            known = seen.rules.get(str(one["id"]))
            if known is None:
                new.append((str(one["id"]), stamp))
            elif known.stamp != stamp or (known.rows is None and (seen.at - known.at).total_seconds() >= sweep):
                moved.append((str(one["id"]), stamp))
    return new + moved


def _rules(cloud: Cloud, policy: str, stamp: str, now: datetime.datetime) -> Rules:
    """What a policy asks; where Octavia does not tell, the members beside it are shown all the same."""
    try:
        return Rules(read.rules(cloud, policy), stamp, now)
    except CloudError as error:
        if _everywhere(error):
            raise
        return Rules(None, stamp, now)


def choose(
    lists: Lists, before: Seen, wanted: Collection[str], now: datetime.datetime, sweep: float
) -> Iterator[str]:  # fmt: skip
    """Whose tree to read, most urgent first: moved, open, in trouble but unread, and one of the long unread."""
    trees, broken = before.trees, before.broken
    moved = [id_ for id_ in lists.balancers if id_ in trees and trees[id_].stamp != lists.stamp(id_)]
    unread = [id_ for id_, row in lists.balancers.items() if id_ not in trees and id_ not in broken and _trouble(row)]
    looked = sorted((id_ for id_ in wanted if id_ in lists.balancers), key=lambda id_: _age(before, id_))
    yield from dict.fromkeys((*moved, *looked, *unread))
    taken = {*moved, *unread, *looked}
    rest = [id_ for id_ in lists.balancers if id_ not in taken]
    oldest = min(rest, key=lambda id_: _age(before, id_), default=None)
    if oldest is not None and (now - _age(before, oldest)).total_seconds() >= sweep:
        yield oldest


def _everywhere(error: Exception) -> bool:
    """Whether this is the service's trouble (silent, overloaded, a login it does not accept) and not one object's."""
    return isinstance(error, CloudError) and error.status in _SERVICE


def _broken(error: Exception, before: Broken | None, now: datetime.datetime) -> Broken:
    told = error.sentence if isinstance(error, CloudError) else say("its answer cannot be read.")
    why, request = say("Octavia cannot show its members: {told}", told=told), getattr(error, "request_id", "")
    # The same trouble again is no news: what people see stays as it is, with the first request's id.
    return Broken(why, now, before.request_id if before and before.why == why else request)


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
    return row.get("operating_status") in ("DEGRADED", "ERROR") and row.get("provisioning_status") != "PENDING_DELETE"


def _age(seen: Seen, id_: str) -> datetime.datetime:
    last = seen.trees.get(id_) or seen.broken.get(id_)
    return last.at if last else LONG_AGO
