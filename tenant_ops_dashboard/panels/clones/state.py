"""What the panel knows: read from the dashboard's own database, once for all who look, told again when it changed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils import timezone

from tenant_ops_dashboard.care import clone_now
from tenant_ops_dashboard.clones.model import Clone, Offer
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.panels import poll, settings
from tenant_ops_dashboard.records import clone_figures as figures
from tenant_ops_dashboard.records import clone_golden as golden
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_figures import Usage
from tenant_ops_dashboard.records.clones import Trust

LIST = "clones"
#: What ended is shown for so long: who asked for it learns how it ended.
ENDED = datetime.timedelta(days=1)
#: Whoever makes clones shows that he is there at least so often.
SILENT = clone_now.QUIET
#: Steps in which a copy stands in the line of its source.
LINE = records.COPIED_IN


@dataclass(frozen=True)
class Shown:
    """A project's clones and those of its own offers, its offers, what it is offered, its standing trusts.

    `ahead` says by a clone's id how many copies of its source come first; `beat` when somebody last made clones.
    `usual` says by a clone's id how many seconds its step usually takes; `usage` and `goldens` by an own offer's id how
    many clones there are, and its golden copies.
    """

    clones: tuple[Clone, ...]
    offers: tuple[Offer, ...]
    offered: tuple[Offer, ...]
    ahead: Mapping[str, int]
    trusts: tuple[Trust, ...]
    beat: datetime.datetime | None
    usual: Mapping[str, float | None] = field(default_factory=dict)
    usage: Mapping[str, Usage] = field(default_factory=dict)
    goldens: Mapping[str, Sequence[Clone]] = field(default_factory=dict)

    def silent(self, now: datetime.datetime) -> bool:
        """Whether something is to do that nobody does."""
        return silent(self.clones, self.beat, now)


@dataclass(frozen=True)
class One:
    """One clone, how many copies of its source come first, when somebody last made clones, and how long it takes."""

    clone: Clone
    ahead: int = 0
    beat: datetime.datetime | None = None
    usual: float | None = None


def listing(request: HttpRequest) -> poll.Snapshot[Shown]:
    """What the list shows. Raises NotKept where not even an older state is known."""
    return poll.snapshot(request, LIST, _load, lambda found: _keep(*found.clones))


def one(request: HttpRequest, id_: str) -> poll.Snapshot[One]:
    """One clone of this project, or of one of its offers. Raises NotFound, NotKept."""

    def load(cloud: Cloud) -> One:
        with records.kept():
            found = records.clone(cloud, id_)
            ahead = records.ahead(found) if found.step in LINE else 0
            return One(found, ahead, records.last_beat(cloud.region), usual(found))

    return poll.snapshot(request, _name(id_), load, lambda found: _keep(found.clone))


def fresh(request: HttpRequest, id_: str) -> Clone:
    """The same as it is now. Raises NotFound, NotKept."""
    with records.kept():
        return records.clone(poll.connect(request), id_)


def forget(request: HttpRequest, id_: str = "") -> None:
    """After a change of our own: the next look reads anew."""
    poll.forget(request, LIST, *([_name(id_)] if id_ else []))


def usual(one: Clone) -> float | None:
    """How many seconds what happens with it now usually takes, as far as the making goes; None where nobody knows."""
    making = one.moving and one.step != "end"
    return figures.usual(one.offer, one.get, one.step) if making else None


def silent(clones: Iterable[Clone], beat: datetime.datetime | None, now: datetime.datetime) -> bool:
    """Whether something is to do for one of these that nobody does."""
    late = any(one.step or (one.expires_at and one.expires_at <= now and not one.ended) for one in clones)
    return bool(late) and (beat is None or now - beat > SILENT)


def every(*clones: Clone) -> float:
    """Seconds between two polls: few while something moves."""
    known = settings.read()
    return known.poll_busy_seconds if any(one.moving for one in clones) else known.poll_idle_seconds


def _load(cloud: Cloud) -> Shown:
    with records.kept():
        clones = records.clones(cloud, timezone.now() - ENDED)
        offers = tuple(one for one in records.offers(cloud) if one.open)
        return Shown(
            clones, offers, records.offered(cloud),
            records.places(one for one in clones if one.step in LINE), records.trusts(cloud),
            records.last_beat(cloud.region), _usual(clones),
            figures.usage(offers, timezone.now()), golden.of([one.id for one in offers if one.terms.golden]),
        )  # fmt: skip


def _usual(clones: Iterable[Clone]) -> dict[str, float | None]:
    """By the id of each that moves; asked once for all that are made of the same offer in the same way."""
    known: dict[tuple[str, str, str], float | None] = {}
    found = {}
    for one in (it for it in clones if it.moving):
        like = (one.offer.id, one.get, one.step)
        if like not in known:
            known[like] = usual(one)
        found[one.id] = known[like]
    return found


def _keep(*clones: Clone) -> float:
    known = settings.read()
    busy = any(one.moving for one in clones)
    return known.cache_seconds if busy else min(known.cache_seconds * 4, known.poll_idle_seconds / 2)


def _name(id_: str) -> str:
    return f"clone {id_[:64]}"
