"""A clone that is there gets newer data: the machine's steps make a second copy, which then replaces the first.

Whatever goes wrong before that, the clone stays what it is, and says why it was not refreshed: no step waits for a
person. What is left of the new copy goes. Where the lease ends meanwhile, all of it ends.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.clones import leftovers, markers, reclaim, renewal, revert, steps, swap
from tenant_ops_dashboard.clones.errors import Orphaned
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.clones.renewal import Renewal
from tenant_ops_dashboard.clones.steps import Changes, Hands
from tenant_ops_dashboard.cloud import Cloud, Conflict, NotAllowed
from tenant_ops_dashboard.sentences import join, say

#: Until the copy is there its offer must stand.
_OFFERED = ("check", "freeze", "copy")


def begin(clone: Clone, now: datetime.datetime) -> dict[str, Any]:
    """What a clone that is ready becomes."""
    return {
        "state": "refreshing", "step": "check", "says": "", "began": now, "generation": clone.generation + 1,
        "renewal": Renewal(clone.volume_id, now),
    }  # fmt: skip


def advance(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    """As `steps.advance`, of a clone that is refreshed, too."""
    new = clone.renewal
    if (new is None and clone.reverting is None) or clone.step == "end":
        return steps.advance(clone, by, now)
    if over := ends(clone, now):
        return over
    if new is None:
        return steps.advance(clone, by, now, _MORE)
    making = renewal.making(clone)
    changes = steps.advance(renewal.view(clone) if making else clone, by, now, _MORE)
    stuck = changes.get("state") in ("parked", "orphaned")
    if changes.get("step") == "end" or (stuck and (making or (clone.step == "swap" and not _promoted(clone, new)))):
        return renewal.given_up(clone, changes.get("says", clone.says), now)
    if clone.step in ("hand-over", "keep") and changes.get("step") in ("", "build"):
        made = {name: changes[name] for name in ("volume_id", "handed_at", "baseline_id", "seconds") if name in changes}
        changes = {**made, "step": "swap", "state": "refreshing", "began": now}
    kept = renewal.kept(clone, changes) if making else changes
    return {name: value for name, value in kept.items() if getattr(clone, name) != value}


def ends(clone: Clone, now: datetime.datetime) -> Changes:
    """What becomes of one that is refreshed or reverted whose lease or whose offer ended meanwhile; else {}."""
    if (clone.renewal is None and clone.reverting is None) or clone.step == "end":
        return {}
    if clone.expires_at is not None and clone.expires_at <= now:
        return {"state": "expiring", "step": "end", "outcome": "released", "says": "", "began": now}
    if clone.renewal is not None and clone.step in _OFFERED and not clone.offer.open:
        return renewal.given_up(clone, say("Its owner withdrew the offer."), now)
    return {}


def _promoted(clone: Clone, new: Renewal) -> bool:
    """Whether the record names the new copy: there is no way back from then on."""
    return clone.volume_id == new.volume_id


def _swap(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    new, cloud = _new(clone), by.holder()
    waits = {"state": "refreshing", "says": ""}
    if _promoted(clone, new):
        if not swap.older_gone(cloud, clone, new):
            return waits
        taken = max(0.0, round((now - (clone.began or now)).total_seconds(), 1))
        return {
            **waits, "state": "ready", "step": "", "renewal": None, "refreshed_at": now, "began": now,
            "seconds": {**clone.seconds, "swap": taken},
        }  # fmt: skip
    try:
        return {**waits, **renewal.promoted(clone)} if swap.in_place(cloud, clone, new) else waits
    except Conflict:
        # Heat is at work on it: the next look tells.
        return waits


def _undo(clone: Clone, by: Hands, now: datetime.datetime) -> Changes:
    new, work = _new(clone), renewal.view(clone)
    if (new.volume_id or "check" in new.seconds) and not _taken_away(clone, work, by):
        return {"state": "refreshing", "says": new.why}
    said = join(" ", (renewal.GIVEN_UP, new.why))
    return {"state": "ready", "step": "", "renewal": None, "says": said, "began": now}


def _taken_away(clone: Clone, work: Clone, by: Hands) -> bool:
    """Whether nothing of the new copy is left in either project, and what stands on the clone does without it."""
    begun = renewal.begun(clone)
    return reclaim.none_left(
        lambda: not begun or _owner_has_none(work, by), lambda: _holder_has_none(clone, work, by.holder())
    )


def _holder_has_none(clone: Clone, work: Clone, holder: Cloud) -> bool:
    try:
        if not swap.put_back(holder, clone, _new(clone)):
            return False
    except Conflict:
        return False
    return reclaim.clear(holder, work, markers.held(holder, work, every=False))


def _owner_has_none(work: Clone, by: Hands) -> bool:
    try:
        owner: Cloud = by.owner()
    except NotAllowed as error:
        told = leftovers.left(replace(work, renewal=None, handed_at=None))
        raise Orphaned(join(" ", (error.sentence, told)), error.request_id) from error
    return steps.end_owner(work, owner)


def _new(clone: Clone) -> Renewal:
    assert clone.renewal is not None  # noqa: S101 (asked before)
    return clone.renewal


_MORE: steps.Steps = {
    "swap": _swap, "undo": _undo,
    "detach": lambda clone, by, now: revert.detach(by.holder(), clone, now),
    "revert": lambda clone, by, now: revert.revert(by.holder(), clone, now),
    "attach": lambda clone, by, now: revert.attach(by.holder(), clone, now),
}  # fmt: skip
