"""History for the page: kept on the way, read for what is open; without a database the page says so and goes on."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import Error
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers import stats
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.member_history import MemberHistory, Transition
from tenant_ops_dashboard.loadbalancers.model import Balancer, Mutes
from tenant_ops_dashboard.loadbalancers.scaling.model import Group
from tenant_ops_dashboard.panels.loadbalancers import doing
from tenant_ops_dashboard.panels.words import told
from tenant_ops_dashboard.records import members, muting, notes, samples
from tenant_ops_dashboard.records.models import Note
from tenant_ops_dashboard.sentences import say

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(hours=24)
CELLS = 60
CHANGES = {
    "good": gettext_lazy("%s is up"),
    "failed": gettext_lazy("%s is down"),
    "gone": gettext_lazy("%s left the pool"),
    "other": gettext_lazy("%s takes no traffic"),
    "new": gettext_lazy("%s joined the pool"),
}
EVENTS = 40
# How long a member's row tells of its last change, and offers the way back.
TOLD = datetime.timedelta(minutes=10)


class NotKept(TenantOpsError):
    """What the dashboard itself is to keep has no place: nobody set its database up, or it does not answer."""

    answer = 503
    todo = say("Nothing was changed. Ask your operator to run 'manage.py migrate', or to look at the database.")


@dataclass(frozen=True)
class Event:
    """One thing on the time line; `lane` is 'members', 'scaling' or 'people'.

    `told` is a sentence as it is kept; of a member that changed it is the name, and `change` says what it did.
    `seconds` is how long after it somebody saw how it came out. What was noticed late came some time between `after`
    and `at`.
    """

    at: datetime.datetime
    lane: str
    state: str
    told: str
    who: str = ""
    change: str = ""
    seconds: int | None = None
    after: datetime.datetime | None = None

    @property
    def words(self) -> str:
        """The sentence in the reader's language: events are kept for all who look."""
        said = str(CHANGES[self.change]) % self.told if self.change else told(self.told)
        if self.seconds is None:
            return said
        seen = _(" · seen done after %d s") if self.state == "good" else _(" · seen to have failed after %d s")
        return said + seen % self.seconds


@dataclass(frozen=True)
class Last:
    """What was last asked of a member, by whom, and how it came out: 'planned' until a look saw it."""

    at: datetime.datetime
    state: str
    who: str
    asked: Asked


@dataclass(frozen=True)
class History:
    """`histories` and `lasts` by member; rates and events by load balancer; `problem` says why there is none."""

    histories: Mapping[str, MemberHistory] = field(default_factory=dict)
    rates: Mapping[str, tuple[stats.Rate | None, ...]] = field(default_factory=dict)
    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    problem: str = ""
    lasts: Mapping[str, Last] = field(default_factory=dict)


def mutes(project_id: str, now: datetime.datetime) -> Mutes:
    """What is muted; nothing where history cannot be read."""
    return _try(lambda: notes.mutes(project_id, now), Mutes())[0]


def mute(cloud: Cloud, balancer: Balancer, id_: str, until: datetime.datetime, now: datetime.datetime) -> None:
    """Hide the warnings of a load balancer or member until then. Raises NotKept, or as `muting.mute`."""
    try:
        muting.mute(cloud, balancer, id_, until, now)
    except (Error, ImproperlyConfigured) as error:
        _LOG.warning("History: %s", error)
        raise NotKept(say("It cannot be muted: the dashboard's database does not answer.")) from error


def read(cloud: Cloud, balancers: Sequence[Balancer], opened: Sequence[str], at: datetime.datetime) -> History:
    """Keep what changed, take samples where they are due, and read the past of what is open."""
    looked = [one for one in balancers if one.read_at is not None and one.read_at >= at]
    looking = [one for one in balancers if one.id in opened]
    return _try(lambda: _read(cloud, looked, looking, at), History())[0]


def _read(cloud: Cloud, looked: Sequence[Balancer], looking: Sequence[Balancer], at: datetime.datetime) -> History:
    project, ids = cloud.project_id, [one.id for one in looking]
    try:
        members.observe(project, looked, at)
        notes.complete(cloud, looked, at)
        for one in looking:
            _sample(cloud, one, at)
        noted = {id_: notes.notes(project, [id_], at - DAY, EVENTS) for id_ in ids}
        return History(
            members.histories(project, ids, at),
            {id_: tuple(stats.grid(samples.since(project, id_, at - HOUR), at - HOUR, at, CELLS)) for id_ in ids},
            {id_: tuple(_events(project, id_, noted[id_], at)) for id_ in ids},
            lasts=_lasts([one for some in noted.values() for one in some], at),
        )
    except (Error, ImproperlyConfigured) as error:
        _LOG.warning("History is not kept: %s", error)
        return History(
            problem=gettext_noop("History is not kept: the database does not answer. Run 'manage.py migrate'.")
        )


def _sample(cloud: Cloud, balancer: Balancer, at: datetime.datetime) -> None:
    if not samples.due(cloud.project_id, balancer.id, at):
        return
    up = sum(one.state == "good" for one in balancer.members())
    try:
        found = stats.read(cloud, balancer.id, up)
    except CloudError as error:
        _LOG.info("No statistics of %s: %s", balancer.name, error)
        return
    if found is not None:
        samples.keep(cloud.project_id, balancer.id, found)


def _lasts(noted: Sequence[Note], at: datetime.datetime) -> dict[str, Last]:
    """Of each member the newest change that can be taken back."""
    found: dict[str, Last] = {}
    for one in noted:
        if one.wanted and one.target_id not in found and one.at >= at - TOLD:
            try:
                asked = Asked.read(one.target_id, one.wanted)
            except (AttributeError, LookupError, TypeError, ValueError):
                # Another release wrote it, or the database cut it off.
                continue
            found[one.target_id] = Last(one.at, one.state, one.who, asked)
    return {id_: last for id_, last in found.items() if last.asked.verb}


def _events(project: str, id_: str, noted: Sequence[Note], at: datetime.datetime) -> list[Event]:
    found = [_change(one) for one in members.timeline(project, [id_], at - DAY, EVENTS)]
    for one in noted:
        lane = "people" if one.kind == "edit" else "scaling"
        found.append(Event(one.at, lane, one.state, one.sentence, one.who, seconds=_seen_after(one)))
    return sorted(found, key=lambda one: one.at, reverse=True)[:EVENTS]


def _seen_after(one: Note) -> int | None:
    """Seconds until somebody saw how an edit that was asked for came out."""
    return None if one.seen is None else max(0, int((one.seen - one.at).total_seconds()))


def _change(one: Transition) -> Event:
    state = {"good": "good", "failed": "failed", "gone": "gone", "other": "building"}[one.now]
    return Event(one.at, "members", state, one.label, change="new" if one.was == "new" else one.now, after=one.after)


def _try(make: Callable[[], T], otherwise: T) -> tuple[T, str]:
    try:
        return make(), ""
    except (Error, ImproperlyConfigured) as error:
        _LOG.warning("History: %s", error)
        return otherwise, str(error)


def remember(
    cloud: Cloud, balancer_id: str, sentence: str, kind: str = "edit", state: str = "good", asked: Asked | None = None
) -> None:  # fmt: skip
    """Put something that was done on the time line; without a database it is done nevertheless."""
    now = datetime.datetime.now(datetime.UTC)
    _try(
        lambda: notes.note(
            cloud.project_id, balancer_id, sentence, kind=kind, at=now, who=cloud.user_name, state=state, asked=asked
        ),
        None,
    )


def complete_group(cloud: Cloud, group: Group, at: datetime.datetime) -> None:
    """What was asked for a group of servers and is seen, now that it was read after `at`."""
    _try(lambda: notes.complete_group(cloud, group, at), 0)


def asked_for(cloud: Cloud, balancer_id: str, done: str, kind: str, asked: Asked | None) -> None:
    """Put a change that was accepted on the time line: it is asked for until a look sees it."""
    remember(cloud, balancer_id, doing.asked(done), kind, "planned", asked)
