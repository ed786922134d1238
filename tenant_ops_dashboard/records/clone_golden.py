"""Golden copies, kept: which is the newest of an offer, what there is to do for them. As `clones` has clones."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from tenant_ops_dashboard.clones import golden
from tenant_ops_dashboard.clones.model import Clone, Offer
from tenant_ops_dashboard.records import clone_rows as rows
from tenant_ops_dashboard.records.clone_golden_models import CloneGolden
from tenant_ops_dashboard.records.clone_models import Clone as CloneRow
from tenant_ops_dashboard.records.clone_models import CloneOffer
from tenant_ops_dashboard.records.clone_rows import Moved
from tenant_ops_dashboard.sentences import say

#: After one could not be made, so long until it is tried again.
AGAIN = datetime.timedelta(minutes=10)
_SAME = (
    "id", "asked_at", "state", "step", "outcome", "says", "reason", "began", "data_at", "ended_at", "snapshot_id",
    "nonce", "mask_server_id", "volume_id", "size", "tries", "version",
)  # fmt: skip
#: How the terms that stand in the table say that there is a golden copy.
_WANTED = '"golden": '


def begin(now: datetime.datetime) -> None:
    """Every open offer that wants one, has none or one that is too old, and none on its way, gets one to be made."""
    known = CloneOffer.objects.filter(withdrawn_at=None, terms__contains=_WANTED).exclude(trust_id="")
    for offer in map(rows.offer, known):
        if offer.terms.golden and _wants(offer, now):
            _add(golden.begin(offer, str(uuid.uuid4()), now))


def due() -> tuple[Clone, ...]:
    """What there is to do for the care job, in all regions, oldest first."""
    return _told(unfinished().order_by("asked_at", "id"))


def unfinished() -> Any:
    """The rows of those, in no order."""
    return CloneGolden.objects.exclude(step="")


def retire(now: datetime.datetime) -> None:
    """What a newer one took the place of, or whose offer was withdrawn, goes once nothing is made of it any more."""
    for one in _told(_rows().filter(state="ready")):
        newest = ready(one.offer.id)
        if (one.offer.open and newest is not None and newest.id == one.id) or _in_use(one):
            continue
        end(one, now)
    for one in _told(_rows().filter(offer__withdrawn_at__isnull=False).exclude(step__in=("", "end"))):
        end(one, now)
    _rows().filter(offer__withdrawn_at__isnull=False, state="failed", step="").delete()


def end(made: Clone, now: datetime.datetime) -> None:
    """It is to be taken away; who changed it meanwhile has it his way."""
    if made.step != "end":
        row = CloneGolden.objects.filter(id=made.id, version=made.version)
        told = {"state": "releasing", "step": "end", "outcome": "released", "began": now, "says": "", "current": None}
        row.update(**told, version=made.version + 1)


def lost(offer_id: str, volume_id: str, now: datetime.datetime) -> None:
    """Others cannot be made of this one any more: another one is."""
    for one in _told(_rows().filter(offer_id=offer_id, volume_id=volume_id, state="ready")):
        end(one, now)


def ready(offer_id: str) -> Clone | None:
    """The newest that is whole, or None."""
    row = _rows().filter(offer_id=offer_id, state="ready").order_by("-made_at", "-id").first()
    return clone(row) if row else None


def last(offer_id: str) -> Clone | None:
    """The newest try to make one, as far as it is, or None."""
    row = _rows().filter(offer_id=offer_id).exclude(outcome="released", step="end").order_by("-asked_at", "-id").first()
    return clone(row) if row else None


def of(offers: Iterable[str]) -> dict[str, list[Clone]]:
    """Those of some offers, newest first, by the offer's id; with those that failed or are being taken away."""
    found: dict[str, list[Clone]] = {}
    for one in _told(_rows().filter(offer_id__in=list(offers)).order_by("-asked_at", "-id")):
        found.setdefault(one.offer.id, []).append(one)
    return found


def save(made: Clone, changes: Mapping[str, Any]) -> Clone:
    """Change it, if it is as it was read; one of which nothing is left is forgotten. Raises Moved."""
    then = replace(made, **changes, version=made.version + 1)
    row = CloneGolden.objects.filter(id=made.id, version=made.version)
    done = row.delete()[0] if then.state == "released" and not then.step else row.update(**_columns(then))
    if not done:
        raise Moved(
            say(
                "The golden copy of '{source_name}' was changed meanwhile; nothing was changed now.",
                source_name=made.offer.source_name,
            )
        )
    return then


def clone(row: CloneGolden) -> Clone:
    """A golden copy as the steps make it: a clone of the owner's own."""
    offer = rows.offer(row.offer)
    told = {name: getattr(row, name) for name in _SAME if name not in ("id", "asked_at")}
    made = golden.begin(offer, row.id, row.asked_at)
    return replace(made, **told, ready_at=row.made_at, seconds=json.loads(row.seconds or "{}"))


def held() -> Any:
    """The ids of offers that something in the cloud may belong to, as a query."""
    return CloneGolden.objects.exclude(state="failed", step="").values("offer_id")


def _wants(offer: Offer, now: datetime.datetime) -> bool:
    if CloneGolden.objects.filter(current=offer.id).exists():
        return False
    newest, tried = ready(offer.id), last(offer.id)
    failed = tried is not None and tried.outcome == "failed"
    if tried is not None and failed and (tried.step or now - (tried.ended_at or tried.asked_at) < AGAIN):
        return False
    return newest is None or golden.old(newest, now)


def _add(made: Clone) -> None:
    try:
        with transaction.atomic():
            # Nothing is left of the last try but what it says.
            CloneGolden.objects.filter(offer_id=made.offer.id, state="failed", step="").delete()
            CloneGolden.objects.create(**_columns(made), offer_id=made.offer.id)
    except IntegrityError:
        # Another host begins it at this moment.
        return


def _columns(made: Clone) -> dict[str, Any]:
    told = {name: getattr(made, name) for name in _SAME}
    coming = made.ready_at is None and made.step not in ("", "end")
    return {
        **told, "made_at": made.ready_at, "seconds": json.dumps(dict(made.seconds)),
        "current": made.offer.id if coming else None,
    }  # fmt: skip


def _in_use(made: Clone) -> bool:
    # A clone that is refreshed has the one that its newer data is made of among what is kept of that.
    of = Q(golden_id=made.volume_id) | Q(renewal__contains=json.dumps(made.volume_id))
    return bool(CloneRow.objects.filter(of, step="copy").exists())


def _rows() -> Any:
    return CloneGolden.objects.select_related("offer").order_by("asked_at", "id")


def _told(known: Any) -> tuple[Clone, ...]:
    return tuple(map(clone, known.select_related("offer")))
