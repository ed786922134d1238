"""What the page knows: one state for all who look at a project with the same roles, refreshed by one at a time."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.http import HttpRequest
from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import duplicates, refresh, watch
from tenant_ops_dashboard.loadbalancers import names as naming
from tenant_ops_dashboard.loadbalancers import status as balancer_status
from tenant_ops_dashboard.loadbalancers.model import Balancer, Mutes
from tenant_ops_dashboard.panels import cared, entrusting, poll, settings
from tenant_ops_dashboard.panels.cared import Cared
from tenant_ops_dashboard.panels.entrusting import Entrusting
from tenant_ops_dashboard.panels.loadbalancers import history as kept_history
from tenant_ops_dashboard.panels.loadbalancers import scaling_card
from tenant_ops_dashboard.panels.loadbalancers.history import History
from tenant_ops_dashboard.panels.store import shared

NAME = "loadbalancers"
# Seconds: how long a load balancer stays open for those who do not say so again, and how long names are kept.
OPEN_FOR = 15.0
NAMES_FOR = 60
# Seconds a state serves others: less than the shortest pause of a page, so that a lone viewer's poll is a look.
KEEP = 1.2
# Seconds without a change after which a page asks less.
CALM = 300.0
# Seconds: a page opens with a state that is no older, and asks for a newer one at once.
OPENS_WITH = 30.0
MOST_OPEN = 12


@dataclass(frozen=True)
class State:
    """Everything a page needs; `version` changes when something that people see does.

    `cared` is how the care job keeps what is promised: by load balancer whether it scales, under '' the history.
    """

    balancers: tuple[Balancer, ...]
    opened: tuple[str, ...]
    history: History
    mutes: Mutes
    scaling: Mapping[str, scaling_card.ScalingCard]
    moved_at: datetime.datetime
    version: str
    cared: Mapping[str, Cared] = field(default_factory=dict)


def state(request: HttpRequest, asked: Iterable[str]) -> poll.Snapshot[State]:
    """The state, from the cache or from Octavia, with the members of those `asked` for by id.

    Raises a CloudError where not even an older one is known.
    """
    place, wanted = poll.key(request, NAME), set(asked)
    there: frozenset[str] | None = shared.get(f"{place}.ids", frozenset)
    # Before a first look nobody knows what is there; after it an id that was invented is nothing to anybody.
    found = _state(request, place, wanted if there is None else wanted & there)
    came = wanted.intersection(one.id for one in found.value.balancers) - (wanted if there is None else there)
    return _state(request, place, came) if came else found


def at_once(request: HttpRequest) -> poll.Snapshot[State] | None:
    """A state that somebody saw a moment ago, for a page that asks for a newer one as soon as it is open; else None.

    OpenStack is asked nothing, but once a minute whether this login still holds.
    """
    return poll.recent(request, NAME, OPENS_WITH)


def _state(request: HttpRequest, place: str, wanted: set[str]) -> poll.Snapshot[State]:
    if _want(place, wanted):
        poll.forget(request, NAME)
    return poll.snapshot(request, NAME, lambda cloud: _load(cloud, place), _keep)


def entrusting_of(
    request: HttpRequest, found: State, opened: Iterable[str], at_once: bool = False
) -> dict[str, Entrusting]:  # fmt: skip
    """By load balancer what this person gave, or could give, where it should scale by itself and nothing lets it.

    `at_once` leaves out what Keystone would have to be asked for.
    """
    lent = [id_ for id_ in opened if (one := found.cared.get(id_)) is not None and one.lent]
    known = {id_: found.scaling[id_].group.environment_id for id_ in lent}
    if not at_once:
        return {id_: entrusting.read(request, environment) for id_, environment in known.items()}
    kept = {id_: entrusting.recent(request, environment, OPENS_WITH) for id_, environment in known.items()}
    return {id_: one for id_, one in kept.items() if one is not None}


def calm(found: State, now: datetime.datetime) -> bool:
    """Whether nothing moves, and nothing did for a while."""
    moving = any(one.busy or one.state == "building" for one in found.balancers)
    return not moving and (now - found.moved_at).total_seconds() > CALM


def _keep(found: State) -> float:
    """Seconds a state serves others; in the calm half a poll, so that many viewers cost what two do."""
    known = settings.read()
    usual = min(KEEP, known.cache_seconds)
    if not calm(found, timezone.now()):
        return usual
    return max(usual, min(known.cache_seconds * 4, known.balancers_calm_seconds / 2))


def forget(request: HttpRequest) -> None:
    """After a change of our own: the next look asks Octavia."""
    poll.forget(request, NAME)


def find(request: HttpRequest, balancer_id: str) -> Balancer:
    """One load balancer, read anew for an action's page. Raises NotFound or a CloudError."""
    return watch.find(poll.connect(request), balancer_id)


def _want(place: str, asked: set[str]) -> bool:
    """Remember what is open for a while; whether something is that was not."""
    if not asked:
        return False
    now = timezone.now().timestamp()
    known: dict[str, float] = {
        id_: until for id_, until in (shared.get(f"{place}.open", dict) or {}).items() if until > now
    }  # fmt: skip
    new = asked - set(known)
    wanted = {**known, **dict.fromkeys(sorted(asked)[:MOST_OPEN], now + OPEN_FOR)}
    # Written again only when it says something else or is soon over: a poll every other second is no write each.
    if new or any(known.get(id_, 0) < now + OPEN_FOR / 2 for id_ in asked):
        shared.set(f"{place}.open", wanted, OPEN_FOR * 4)
    return bool(new)


def _load(cloud: Cloud, place: str) -> State:
    before: tuple[refresh.Seen, State | None] = shared.get(f"{place}.seen", tuple) or (refresh.Seen(), None)
    old_seen, old = before
    now = timezone.now()
    mutes = kept_history.mutes(cloud.project_id, now)
    known = {id_ for id_, until in (shared.get(f"{place}.open", dict) or {}).items() if until > now.timestamp()}
    by_itself = watch.opened(old.balancers, ()) if old else ()
    seen = refresh.refresh(cloud, old_seen, {*known, *by_itself}, rules=True)
    duplicates.withdraw(cloud, seen.lists.balancers.values())
    names = _names(cloud, place, seen)
    found = balancer_status.balancers(seen, names, mutes, seen.at)
    if not old or set(watch.opened(found, known)) - set(seen.trees) - set(seen.broken):
        # A first look, or trouble that came to the top: read it now and not with the next poll.
        seen = refresh.refresh(cloud, seen, watch.opened(found, known), rules=True)
        found = balancer_status.balancers(seen, names, mutes, seen.at)
    opened = watch.opened(found, known)
    history = kept_history.read(cloud, found, opened, seen.at)
    scaling = scaling_card.read(cloud, place, [one for one in found if one.id in opened], seen.at)
    kept = _cared(cloud, scaling, now)
    looks = [one.version for one in kept.values()]
    told = hashlib.sha256(repr((watch.version(found), history, mutes, scaling, looks)).encode()).hexdigest()
    same = old is not None and watch.version(old.balancers) == watch.version(found)
    made = State(found, opened, history, mutes, scaling, old.moved_at if old and same else seen.at, told, kept)
    shared.set(f"{place}.ids", frozenset(seen.lists.balancers), 3600)
    shared.set(f"{place}.seen", (seen, replace(made, history=History(), scaling={}, cared={})), 3600)
    return made


def _cared(
    cloud: Cloud, scaling: Mapping[str, scaling_card.ScalingCard], now: datetime.datetime
) -> dict[str, Cared]:  # fmt: skip
    looked = {"": cared.watched("history", cloud.project_id, cloud.region, now)}
    for id_, card in scaling.items():
        if card.group.rules.on:
            looked[id_] = cared.scaling(cloud.project_id, cloud.region, card.group.environment_id, now)
    return {id_: one for id_, one in looked.items() if one is not None}


def _names(cloud: Cloud, place: str, seen: refresh.Seen) -> naming.Names:
    """Names of a while ago, read again only for an address or port that is new and not among them."""
    found, asked = shared.get(f"{place}.names", tuple) or (None, frozenset())
    members = (row for tree in seen.trees.values() for rows in tree.members.values() for row in rows)
    ports = {str(row["vip_port_id"]) for row in seen.lists.balancers.values()}
    wanted = frozenset({str(row["address"]) for row in members} | ports)
    known = {address for _, address in found.servers} if found else set()
    if found is None or wanted - asked - known:
        found = naming.read(cloud, watch.uses_flavors(seen), watch.uses_tls(seen))
        shared.set(f"{place}.names", (found, wanted), NAMES_FOR)
    return found
