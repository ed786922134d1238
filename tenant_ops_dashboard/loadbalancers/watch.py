"""What pages and commands look at: all load balancers of a project, one of them, and what to open by itself."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import names as naming
from tenant_ops_dashboard.loadbalancers import read, refresh, tls
from tenant_ops_dashboard.loadbalancers import status as balancer_status
from tenant_ops_dashboard.loadbalancers.errors import BadInput, NotFound
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Mutes, Pool
from tenant_ops_dashboard.loadbalancers.names import Names
from tenant_ops_dashboard.sentences import about, say

# So many load balancers are open on a page without being asked: those in trouble first.
OPEN = 3


def listing(cloud: Cloud, deep: bool = True, mutes: Mutes | None = None) -> tuple[Balancer, ...]:
    """All load balancers, those in trouble first, read anew: the lists, `deep` also a tree and settings for each.

    Raises a CloudError.
    """
    seen = refresh.refresh(cloud, refresh.Seen(), ())
    while deep and (missing := set(seen.lists.balancers) - set(seen.trees) - set(seen.broken)):
        seen = refresh.refresh(cloud, seen, missing)
    names = naming.read(cloud, uses_flavors(seen), uses_tls(seen))
    return balancer_status.balancers(seen, names, mutes or Mutes(), seen.at)


def find(cloud: Cloud, name_or_id: str, rules: bool = False) -> Balancer:
    """One load balancer by name or id, read anew: the lists, its tree, its pools' settings.

    With `rules` those of its layer 7 policies as well, a call for each, however many it has.
    Raises NotFound, BadInput where several have the name, a CloudError.
    """
    at, lists = now(), read.lists(cloud)
    ids = chosen(lists, name_or_id)
    if not ids:
        raise NotFound(say("This project has no load balancer called {name_or_id}.", name_or_id=name_or_id[:60]))
    if len(ids) > 1:
        raise BadInput(
            say(
                "{n} load balancers are called {name_or_id}; use an id: {ids}.",
                n=len(ids),
                name_or_id=name_or_id[:60],
                ids=", ".join(ids),
            )
        )
    seen = refresh.look(cloud, refresh.Seen(), lists, ids, at)
    if rules:
        seen = refresh.ruled(cloud, seen, ids)
    names = naming.read(cloud, uses_flavors(seen), uses_tls(seen))
    all_ = balancer_status.balancers(seen, names, Mutes(), seen.at)
    return next(one for one in all_ if one.id == ids[0])


def by_id(cloud: Cloud, id_: str) -> Balancer:
    """The load balancer with this id, and none that has it as a name. Raises as `find`."""
    found = find(cloud, id_)
    if found.id != id_:
        raise NotFound(say("This project has no load balancer with the id {id_}.", id_=id_[:60]))
    return found


def chosen(lists: read.Lists, name_or_id: str) -> list[str]:
    """The ids that a name or an id stands for."""
    if name_or_id in lists.balancers:
        return [name_or_id]
    return sorted(id_ for id_, row in lists.balancers.items() if row["name"] == name_or_id)


def member(balancer: Balancer, wanted: str) -> tuple[Pool, Member]:
    """The member that an id, a name, an address or address:port stands for, with its pool.

    Raises NotFound, or BadInput where it stands for several.
    """
    found = [
        (pool, one)
        for pool in balancer.pools()
        for one in pool.members or ()
        if wanted in (one.id, one.name, one.address, one.place)
    ]
    if not found and balancer.trouble:
        raise NotFound(about(balancer.name, balancer.trouble))
    if not found:
        known = ", ".join(one.label for one in balancer.members()) or say("none")
        raise NotFound(
            say(
                "{balancer} has no member {wanted}; it has: {known}.",
                balancer=balancer.name,
                wanted=wanted[:60],
                known=known,
            )
        )
    if len(found) > 1:
        ids = ", ".join(one.id for _, one in found)
        raise BadInput(
            say(
                "{wanted} stands for several members of {balancer}; use an id: {ids}.",
                wanted=wanted[:60],
                balancer=balancer.name,
                ids=ids,
            )
        )
    return found[0]


def member_by_id(balancer: Balancer, id_: str) -> tuple[Pool, Member]:
    """The member with this id, with its pool. Raises as `member`."""
    pool, one = member(balancer, id_)
    if one.id != id_:
        raise NotFound(say("{balancer} has no member with the id {id_}.", balancer=balancer.name, id_=id_[:60]))
    return pool, one


def opened(balancers: Sequence[Balancer], asked: Collection[str], closed: Collection[str] = ()) -> tuple[str, ...]:
    """Which load balancers a page shows open: those asked for, and the first few that nobody closed."""
    by_itself = [one.id for one in balancers[:OPEN] if one.id not in closed]
    return tuple(dict.fromkeys((*(one.id for one in balancers if one.id in asked), *by_itself)))


def version(balancers: Sequence[Balancer]) -> str:
    """A fingerprint of what people see; when it was read is not part of it."""
    still = [replace(one, read_at=None) for one in balancers]
    return hashlib.sha256(repr(still).encode()).hexdigest()[:24]


def uses_flavors(seen: refresh.Seen) -> bool:
    """Whether any load balancer has a flavor whose name is worth a call."""
    return any(row.get("flavor_id") for row in seen.lists.balancers.values())


def uses_tls(seen: refresh.Seen) -> bool:
    """Whether any listener ends TLS, so that the key manager can tell of its certificate."""
    return any(tls.refs(row) for row in seen.lists.listeners.values())


def strangers(balancers: Sequence[Balancer], names: Names) -> bool:
    """Whether a member has an address that `names` does not know: time to read them again."""
    known = {address for _, address in names.servers}
    return any(not one.name and one.address not in known for found in balancers for one in found.members())


def now() -> datetime.datetime:
    """The time, in UTC."""
    return datetime.datetime.now(datetime.UTC)
