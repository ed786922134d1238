"""Newer data for a clone that is there: the copy that is being made, kept beside the one that stands.

The machine makes it by the steps that made the first one. What they read and write of a copy is that of the new one
until it was put in place, or given up; all else is the clone's.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tenant_ops_dashboard import sentences
from tenant_ops_dashboard.cloud.values import moment
from tenant_ops_dashboard.sentences import say

if TYPE_CHECKING:
    from tenant_ops_dashboard.clones.model import Clone

#: Steps that make the new copy; what comes after them is about both copies.
MAKING = ("check", "freeze", "copy", "mask", "hand-over", "keep")
GIVEN_UP = say("It was not refreshed, its data is as before:")


@dataclass(frozen=True)
class Renewal:
    """The new copy as far as it is, by the fields that a clone has of its own; `replaces` is the volume that stands.

    `why` is why it was given up, '' while it is not.
    """

    replaces: str
    asked_at: datetime.datetime
    why: str = ""
    volume_id: str = ""
    size: int = 0
    snapshot_id: str = ""
    golden_id: str = ""
    nonce: str = ""
    mask_server_id: str = ""
    baseline_id: str = ""
    tries: int = 0
    data_at: datetime.datetime | None = None
    handed_at: datetime.datetime | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


#: What a clone and its renewal each have of their own.
_OWN = tuple(one.name for one in dataclasses.fields(Renewal) if one.name not in ("replaces", "asked_at", "why"))
_MOMENTS = ("asked_at", "data_at", "handed_at")


def making(clone: Clone) -> bool:
    """Whether the step is one that makes a new copy beside one that stands."""
    return clone.renewal is not None and clone.step in MAKING


def begun(clone: Clone) -> bool:
    """Whether something of a new copy may be in the owner's project."""
    found = clone.renewal
    return found is not None and found.handed_at is None and bool(found.volume_id or "check" in found.seconds)


def other(clone: Clone) -> Clone | None:
    """The other copy of a clone that is refreshed, told as if it were all there is; None where there is no other."""
    found = clone.renewal
    if found is None or not (found.volume_id or "check" in found.seconds):
        return None
    if clone.volume_id == found.volume_id:
        return replace(clone, renewal=None, volume_id=found.replaces)
    return replace(view(clone), renewal=None)


def view(clone: Clone) -> Clone:
    """The clone as the steps see it that make the new copy."""
    if clone.renewal is None:
        return clone
    return replace(clone, **{name: getattr(clone.renewal, name) for name in _OWN})


def kept(clone: Clone, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What such a step changed, written where it belongs: into the renewal, or into the clone."""
    if clone.renewal is None:
        return dict(changes)
    mine = {name: value for name, value in changes.items() if name in _OWN}
    rest = {name: value for name, value in changes.items() if name not in _OWN}
    if rest.get("state", "") not in ("", "parked", "orphaned"):
        rest["state"] = "refreshing"
    return {**rest, "renewal": replace(clone.renewal, **mine)} if mine else rest


def given_up(clone: Clone, why: str, now: datetime.datetime) -> dict[str, Any]:
    """The new copy goes, and the clone is as it was; nothing waits for anybody."""
    assert clone.renewal is not None  # noqa: S101 (asked before)
    new = replace(clone.renewal, why=why)
    return {"step": "undo", "state": "refreshing", "says": why, "began": now, "renewal": new}


def promoted(clone: Clone) -> dict[str, Any]:
    """The record names the new copy; the older one is what is left to do."""
    assert clone.renewal is not None  # noqa: S101 (asked before)
    found = {name: getattr(clone.renewal, name) for name in _OWN}
    launched = {name: taken for name, taken in clone.seconds.items() if name == "build"}
    return {**found, "seconds": {**clone.renewal.seconds, **launched}}


def dump(one: Renewal | None) -> str:
    """As it is kept."""
    if one is None:
        return ""
    told = {name: getattr(one, name) for name in (field_.name for field_ in dataclasses.fields(Renewal))}
    for name in _MOMENTS:
        told[name] = told[name].isoformat() if told[name] else None
    return json.dumps({**told, "why": sentences.dump(one.why), "seconds": dict(one.seconds)})


def load(kept_: str) -> Renewal | None:
    """Of what was kept."""
    if not kept_:
        return None
    told = json.loads(kept_)
    return Renewal(**{**told, "why": sentences.load(told["why"]), **{name: moment(told[name]) for name in _MOMENTS}})
