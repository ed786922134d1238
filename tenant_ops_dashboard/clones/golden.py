"""A golden copy: one of the source, masked where the offer masks, that is kept with the owner for others to be made of.

Requests wait then neither for the source to stand still nor for a mask. It is made by the steps of a clone whose holder
is the owner himself, and stays where it is.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import mask, source
from tenant_ops_dashboard.clones.errors import Parked
from tenant_ops_dashboard.clones.markers import GOLDEN, Row
from tenant_ops_dashboard.clones.model import Clone, Offer, State
from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.sentences import say

#: What a clone is again whose golden copy is not there any more: it takes the next one.
LOST: Mapping[str, Any] = {
    "golden_id": "", "nonce": "", "data_at": None, "volume_id": "", "tries": 0, "state": "approved",
    "says": say("The golden copy is not there any more, or not as it was made: another one is made first."),
}  # fmt: skip

_STUCK = ("failed", "parked", "orphaned")


def begin(offer: Offer, id_: str, now: datetime.datetime) -> Clone:
    """One that is to be made."""
    name = f"{offer.source_name[:240]}-golden"
    return Clone(
        id_, offer, offer.region, offer.project_id, offer.project_name, offer.user_id, offer.user_name, name, 0, "",
        offer.trust_id, False, now, state="approved", step="check", began=now,
    )  # fmt: skip


def old(made: Clone, now: datetime.datetime) -> bool:
    """Whether it was made longer ago than its offer wants it, by the clock of whoever made it."""
    at = made.ready_at
    return at is None or now - at >= datetime.timedelta(seconds=made.offer.terms.golden)


def told(copies: Sequence[Clone]) -> State:
    """How an offer's golden copies are, newest first: 'ready' where one is there, whatever becomes of a newer one."""
    if any(one.state == "ready" for one in copies):
        return "ready"
    return copies[0].state if copies else "approved"


def problem(copies: Sequence[Clone]) -> str:
    """Why the newest could not be made, or waits for a person; '' where all is well."""
    if not copies or copies[0].state not in _STUCK:
        return ""
    return copies[0].says or copies[0].reason


def gigabytes(offer: Offer, copies: Sequence[Clone]) -> int:
    """What they take of the owner's quota: as much as the volume, twice that while one is made anew."""
    there = [one.size or offer.size for one in copies if one.step or one.state == "ready"]
    return max(sum(there), offer.size if offer.open else 0)


def choice(clone: Clone, ready: Clone | None, last: Clone | None) -> Mapping[str, Any]:
    """What is another one of a clone at its first step: which golden copy it is made of, or what it waits for.

    `ready` is the newest that is whole, `last` the newest try to make one.
    """
    if ready is not None:
        return {"golden_id": ready.volume_id, "data_at": ready.data_at, "nonce": ready.nonce}
    name, says = clone.offer.source_name, (last.says or last.reason) if last else ""
    if last is not None and last.state in _STUCK:
        return {
            "state": "parked",
            "says": say("There is no golden copy of {name} yet, and it is tried again: {says}", name=name, says=says),
        }
    return {
        "state": "approved",
        "says": say("The golden copy of {name} is being made; this one is made of it then.", name=name),
    }


def read(owner: Cloud, clone: Clone) -> source.Source | None:
    """The golden copy that a clone is to be made of; None where it is gone or not as it was made. One call.

    Raises Parked where somebody uses it, a CloudError.
    """
    try:
        raw = owner.get("block-storage", f"/volumes/{clone.golden_id}")["volume"]
    except cloud_errors.NotFound:
        return None
    row: Row = values.row(raw, services.VOLUME)
    marks = row["metadata"]
    masked = not clone.offer.terms.mask or (clone.nonce and marks.get(mask.MASKED) == clone.nonce)
    if marks.get(GOLDEN) != clone.offer.id or not masked or row["status"] in ("error", "deleting", "error_deleting"):
        return None
    if row["status"] != "available":
        raise Parked(
            say(
                "The golden copy in {project_name} is {status}: it is copied once it is available, so detach it there.",
                project_name=owner.project_name,
                status=row["status"],
            )
        ).only(owner, say("It is the volume {id}.", id=row["id"]))
    kind = values.text(raw.get("volume_type"))
    return source.Source(row["id"], row["name"] or row["id"], row["size"], row["status"], kind)


def note(owner: Cloud, clone: Clone, volume_id: str) -> None:
    """A copy of what was masked says so, too. Raises a CloudError."""
    if clone.offer.terms.mask:
        perform(mask.Note(owner, clone, volume_id))
