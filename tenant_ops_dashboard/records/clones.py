"""Offers and clones, kept: what each project sees of them, and how each comes from one state to the next.

A project sees its own offers and clones, what is offered to it, and who asked for copies of its data; nothing else is
ever found. All but `kept` raises Django's DatabaseError.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q

from tenant_ops_dashboard.clones.authority import BEFORE
from tenant_ops_dashboard.clones.errors import BadInput, InTheWay, NotFound, NotOffered
from tenant_ops_dashboard.clones.model import Clone, Offer
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clone_golden
from tenant_ops_dashboard.records import clone_rows as rows
from tenant_ops_dashboard.records.clone_models import Clone as CloneRow
from tenant_ops_dashboard.records.clone_models import CloneOffer, CloneTrust
from tenant_ops_dashboard.records.clone_rows import Moved, Trust, kept
from tenant_ops_dashboard.records.clone_trusts import (
    beat,
    end_trust,
    holding,
    keep_trust,
    last_beat,
    standing,
    trust,
    trusts,
)
from tenant_ops_dashboard.records.heartbeats import of_region
from tenant_ops_dashboard.sentences import about, join, say

__all__ = [
    "COPIED_IN", "Moved", "Side", "Trust", "add", "add_offer", "ahead", "beat", "by_id", "clone", "clones",
    "due", "due_versions", "end_trust", "every", "holding", "keep_trust", "kept", "last_beat", "lent", "live", "lives",
    "named", "not_copied", "of_region", "offer", "offered", "offers", "others", "own_offer", "places", "prune", "room",
    "same_offer", "save", "seen", "shown", "spent", "standing", "trust", "trust_gone", "trusts", "withdraw_offer",
]  # fmt: skip
#: Of a clone: who asked for it, or whose data it is.
Side = Literal["", "holder", "owner"]
#: Steps until the copy is there.
COPIED_IN = ("check", "freeze", "copy")
#: How long ended clones and withdrawn offers are kept.
DAYS = 365
_ASKED_AT_ONCE = 500


def offers(cloud: Cloud) -> tuple[Offer, ...]:
    """The project's own, open and withdrawn, newest first."""
    return tuple(map(rows.offer, _own(cloud).order_by("-at", "-id")))


def offered(cloud: Cloud) -> tuple[Offer, ...]:
    """Other projects' that are open and that this one may ask for, newest first."""
    known = CloneOffer.objects.filter(region=cloud.region, withdrawn_at=None).exclude(project_id=cloud.project_id)
    return tuple(one for one in map(rows.offer, known.order_by("-at", "-id")) if _may(cloud, one))


def offer(cloud: Cloud, words: str) -> Offer:
    """One of the project's own, or one it may ask for: by id, or by name or id of what is offered where it is open.

    Raises NotOffered, BadInput where there are several.
    """
    found = _own(cloud).filter(id=words).first()
    if found is not None:
        return rows.offer(found)
    known = [*offered(cloud), *(one for one in offers(cloud) if one.open)]
    return _one_offer(
        known,
        words,
        NotOffered(about("offer", say("nobody offers '{words}' to this project.", words=words[:60])), field="offer"),
    )


def own_offer(cloud: Cloud, words: str) -> Offer:
    """As `offer`, of the project's own alone; the newest where all were withdrawn. Raises NotFound, BadInput."""
    known = offers(cloud)
    same = [one for one in known if one.id == words]
    same = same or [one for one in known if one.called(words)]
    same = [one for one in same if one.open] or same[:1]
    return _one_offer(
        same,
        words,
        NotFound(about("offer", say("this project does not offer '{words}'.", words=words[:60])), field="offer"),
    )


def add_offer(offer: Offer) -> Offer:
    """Keep it; where the same project has an open one of the same source with the same terms, that one."""
    columns = rows.offer_columns(offer)
    try:
        with transaction.atomic():
            CloneOffer.objects.create(**columns)
    except IntegrityError:
        same = CloneOffer.objects.filter(
            region=offer.region, project_id=offer.project_id, current=columns["current"]
        ).first()  # fmt: skip
        if same is None:
            raise
        return rows.offer(same)
    return offer


def same_offer(offer: Offer) -> Offer | None:
    """The open offer of the same source with the same terms, or None.

    Not everybody sees the id of a project that is named: where two do, it has to be the same one. By which name the
    source was found makes no other terms.
    """
    rows_ = CloneOffer.objects.filter(
        region=offer.region, project_id=offer.project_id, source_id=offer.source_id, withdrawn_at=None
    ).order_by("-at", "-id")  # fmt: skip
    known, mine = [rows.offer(row) for row in rows_], replace(offer.terms, ids=(), environment="")
    same = [one for one in known if replace(one.terms, ids=(), environment="") == mine]
    seen = dict(offer.terms.ids)
    return next((one for one in same if all(seen.get(name, id_) == id_ for name, id_ in one.terms.ids)), None)


def withdraw_offer(offer: Offer, who: str, at: datetime.datetime) -> Offer:
    """Nobody may ask for it from now on; as it is then, whoever was first."""
    CloneOffer.objects.filter(id=offer.id, withdrawn_at=None).update(
        withdrawn_at=at, withdrawn_by=who[:255], current=None
    )
    return rows.offer(CloneOffer.objects.get(id=offer.id))


def spent() -> tuple[Offer, ...]:
    """Withdrawn offers of all regions whose trust was not taken back, and that no clone, golden or not, needs."""
    known = CloneOffer.objects.filter(withdrawn_at__isnull=False).exclude(trust_id="")
    # What is served stands on its owner's authority to the end.
    needed = CloneRow.objects.filter(~Q(step="") | ~Q(network_id=""), current__isnull=False).values("offer_id")
    known = known.exclude(id__in=needed).exclude(id__in=clone_golden.held())
    return tuple(map(rows.offer, known.order_by("withdrawn_at")))


def trust_gone(offer_id: str) -> None:
    """The owner's authority for an offer was taken back."""
    CloneOffer.objects.filter(id=offer_id).update(trust_id="")


def not_copied(offer_id: str) -> tuple[Clone, ...]:
    """Clones of an offer that wait for their owner, or whose copy is not done."""
    known = _clones().filter(Q(state="requested") | Q(step__in=COPIED_IN), current__isnull=False, ready_at=None)
    return _told(known.filter(offer_id=offer_id).order_by("asked_at", "id"))


def lent(offer: Offer, trust_id: str, bootable: bool) -> Offer:
    """An offer whose owner lent his authority anew, or of whose volume Cinder says another thing by now."""
    CloneOffer.objects.filter(id=offer.id, withdrawn_at=None).update(trust_id=trust_id, bootable=bootable)
    return rows.offer(CloneOffer.objects.get(id=offer.id))


def others(offer: Offer) -> tuple[Offer, ...]:
    """Other open offers of the same volume, newest first: each with its owner's authority to copy it."""
    known = CloneOffer.objects.filter(region=offer.region, project_id=offer.project_id, source_id=offer.source_id)
    known = known.filter(withdrawn_at=None).exclude(id=offer.id).exclude(trust_id="")
    return tuple(map(rows.offer, known.order_by("-at", "-id")))


def clones(cloud: Cloud, ended_since: datetime.datetime | None = None) -> tuple[Clone, ...]:
    """Asked for by this project, or of what it offers; newest first. Those that ended only since then (None: none)."""
    return _told(shown(seen(cloud), ended_since).order_by("-asked_at", "-id"))


def shown(known: Any, ended_since: datetime.datetime | None) -> Any:
    """Of these rows those that have not ended, or only since then (None: none)."""
    wanted = Q(current__isnull=False)
    if ended_since is not None:
        wanted |= Q(ended_at__gte=ended_since)
    return known.filter(wanted)


def clone(cloud: Cloud, words: str, side: Side = "") -> Clone:
    """By id; or by name: this project's, then one of what it offers, the newest where all of them ended.

    `side` looks at those alone that this project asked for, or that are of what it offers. Raises NotFound, BadInput
    where there are several.
    """
    known = seen(cloud, side)
    if (row := known.filter(id=words).first()) is not None:
        return rows.clone(row)
    same = [one for one in _told(known.filter(name=words).order_by("-asked_at", "-id")) if one.name == words]
    for mine in (True, False):
        here = [one for one in same if (one.project_id == cloud.project_id) == mine]
        live = [one for one in here if not one.ended]
        if len(live) > 1:
            ids = ", ".join(f"{one.id} ({one.project_name})" for one in live[:10])
            said = about(
                "clone",
                say(
                    "{n} clones are called '{words}': say the id of one, {ids}.", n=len(live), words=words[:60], ids=ids
                ),
            )
            raise BadInput(said, field="clone")
        if here:
            return (live or here)[0]
    raise NotFound(about("clone", say("this project sees no clone called '{words}'.", words=words[:60])), field="clone")


def by_id(cloud: Cloud, id_: str) -> Clone | None:
    """The one with this id that the project sees, or None."""
    row = seen(cloud).filter(id=id_).first()
    return rows.clone(row) if row else None


def named(region: str, project_id: str, name: str) -> Clone | None:
    """The project's clone of this name that has not ended, or None."""
    row = _clones().filter(region=region, project_id=project_id, current=rows.digest(name)).first()
    return rows.clone(row) if row else None


def add(clone: Clone) -> tuple[Clone, bool]:
    """Keep it; where the project has one of this name that has not ended, that one and True.

    Raises NotOffered where the offer was withdrawn meanwhile, InTheWay where it has as many clones as it may have.
    """
    try:
        with transaction.atomic():
            # This holds the offer for the others who ask for it at the same moment, on every database.
            held = CloneOffer.objects.filter(id=clone.offer.id).update(size=F("size"))
            if (there := named(clone.region, clone.project_id, clone.name)) is not None:
                return there, True
            if not held or not CloneOffer.objects.filter(id=clone.offer.id, withdrawn_at=None).exists():
                said = about("offer", say("'{source_name}' is offered no more.", source_name=clone.offer.source_name))
                raise NotOffered(said, field="offer")
            room(clone.offer)
            CloneRow.objects.create(**rows.clone_columns(clone))
    except IntegrityError:
        there = named(clone.region, clone.project_id, clone.name)
        if there is None:
            raise
        return there, True
    return clone, False


def room(offer: Offer) -> None:
    """Whether there may be one clone more of it. Raises InTheWay."""
    if live(offer.id) >= offer.terms.most:
        raise InTheWay(
            say(
                "There are {most} clones of '{source_name}', as many as its owner allows: one of them has to end "
                "first.",
                most=offer.terms.most,
                source_name=offer.source_name,
            )
        )


def save(clone: Clone, **changes: Any) -> Clone:
    """Change it, if it is as it was read; as it is then. Raises Moved."""
    made = replace(clone, **changes, version=clone.version + 1)
    columns = rows.clone_columns(made)
    try:
        with transaction.atomic():
            moved = not CloneRow.objects.filter(id=clone.id, version=clone.version).update(**columns)
    except IntegrityError:
        moved = True
    if moved:
        raise Moved(say("The clone '{clone}' was changed meanwhile; nothing was changed now.", clone=clone.name))
    return made


def live(offer_id: str) -> int:
    """How many clones of it have not ended."""
    return lives([offer_id])[offer_id]


def lives(offer_ids: Iterable[str]) -> dict[str, int]:
    """The same of many offers: one question for all of them."""
    ids = list(offer_ids)
    rows_ = CloneRow.objects.filter(offer_id__in=ids, current__isnull=False).values_list("offer_id")
    return {**dict.fromkeys(ids, 0), **dict(rows_.annotate(Count("id")).order_by())}


def ahead(clone: Clone) -> int:
    """How many copies of the same source were decided before this one and are not done: they are made in turn."""
    return places([clone])[clone.id]


def places(known: Iterable[Clone]) -> dict[str, int]:
    """The same of many clones, by their ids: one question for all of them."""
    asked = list(known)
    sources = {one.offer.source_id for one in asked if one.decided_at}
    waiting = CloneRow.objects.filter(step__in=COPIED_IN, decided_at__isnull=False, offer__source_id__in=sources)
    waiting = waiting.exclude(state__in=("parked", "orphaned"))
    lines: dict[tuple[str, str], list[tuple[datetime.datetime, str]]] = {}
    # Django asks nobody for what is in an empty list.
    for region, source, at, id_ in waiting.values_list("region", "offer__source_id", "decided_at", "id"):
        lines.setdefault((region, source), []).append((at, id_))
    found = {line: sorted(one) for line, one in lines.items()}
    return {
        one.id: bisect_left(found.get((one.region, one.offer.source_id), []), (one.decided_at, one.id))
        if one.decided_at else 0
        for one in asked
    }  # fmt: skip


def due(now: datetime.datetime) -> tuple[Clone, ...]:
    """What there is to do for the care job, in all regions: those that were asked for first come first."""
    return _told(_clones().filter(_wanted(now)).order_by("asked_at", "id"))


def due_versions(now: datetime.datetime) -> set[tuple[str, int, str]]:
    """Id, version and region of each of these and of each golden copy that is due: one question, for who asks often."""
    golden = clone_golden.unfinished().values_list("id", "version", "offer__region")
    return set(CloneRow.objects.filter(_wanted(now)).values_list("id", "version", "region").union(golden, all=True))


def every(region: str) -> tuple[Clone, ...]:
    """All that have not ended, whosever they are."""
    return _told(_clones().filter(region=region, current__isnull=False).order_by("asked_at", "id"))


def prune(now: datetime.datetime, days: int = DAYS) -> int:
    """Forget clones, offers and trusts that ended so many days ago (0: nothing); how many rows went."""
    if days <= 0:
        return 0
    old, gone = now - datetime.timedelta(days=days), 0
    past = (
        CloneRow.objects.filter(current=None, ended_at__lt=old, step=""),
        CloneOffer.objects.filter(withdrawn_at__lt=old, clones=None, goldens=None),
        CloneTrust.objects.filter(Q(ended_at__lt=old) | Q(until__lt=old)),
    )
    for known in past:
        while ids := list(known.values_list("id", flat=True)[:_ASKED_AT_ONCE]):
            gone += int(known.model.objects.filter(id__in=ids).delete()[0])
    return gone


def _own(cloud: Cloud) -> Any:
    return CloneOffer.objects.filter(region=cloud.region, project_id=cloud.project_id)


def _may(cloud: Cloud, offer: Offer) -> bool:
    return offer.is_for(cloud.project_id, cloud.project_name, cloud.project_domain_id)


def _one_offer(known: Iterable[Offer], words: str, missing: NotFound) -> Offer:
    every_ = list(known)
    found = [one for one in every_ if one.id == words]
    found = found or [one for one in every_ if one.called(words)]
    if not found:
        raise missing
    if len(found) > 1:
        ids = join(", ", [say("{id} (of {project})", id=one.id, project=one.project_name) for one in found[:10]])
        raise BadInput(
            about(
                "offer",
                say("{n} offers are of '{words}': say the id of one, {ids}.", n=len(found), words=words[:60], ids=ids),
            ),
            field="offer",
        )
    return found[0]


def _wanted(now: datetime.datetime) -> Q:
    old = Q(state="requested", asked_at__lte=now - BEFORE)
    return ~Q(step="") | Q(state="ready", expires_at__lte=now) | old


def _clones() -> Any:
    return CloneRow.objects.select_related("offer")


def seen(cloud: Cloud, side: Side = "") -> Any:
    """The rows of the clones that the project sees: all, or those of one `side` alone."""
    asked, offered_ = Q(project_id=cloud.project_id), Q(offer__project_id=cloud.project_id)
    which = {"holder": asked, "owner": offered_, "": asked | offered_}[side]
    return _clones().filter(which, region=cloud.region)


def _told(known: Any) -> tuple[Clone, ...]:
    return tuple(map(rows.clone, known))
