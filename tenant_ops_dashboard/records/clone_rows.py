"""Rows of the tables of clones as the values of `clones.model`, and back; what is said where the database is away."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import logging
from dataclasses import dataclass
from functools import partial
from typing import Any

from tenant_ops_dashboard.clones import renewal, reverting
from tenant_ops_dashboard.clones.errors import InTheWay
from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.records import clone_models as tables
from tenant_ops_dashboard.records import unkept
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)
_OFFER = tuple(one.name for one in dataclasses.fields(Offer) if one.name != "terms")
_JSON = ("seconds", "answers", "renewal", "reverting")
_CLONE = tuple(one.name for one in dataclasses.fields(Clone) if one.name not in ("offer", *_JSON))
_LATER = {
    "golden": Terms.golden, "deliver": Terms.deliver, "ids": Terms.ids, "environment": Terms.environment,
}  # fmt: skip
#: What a column takes of a text whose end nobody misses.
_MOST = {
    "user_name": 255, "project_name": 255, "source_name": 255, "withdrawn_by": 255, "decided_by": 255, "pinned_by": 255,
    "purpose": 600,
}  # fmt: skip
#: What the database raises while it is read or written is a NotKept; may stand before a function.
kept = partial(unkept.database, say("Clones cannot be read or kept: the dashboard's database does not answer."))


class Moved(InTheWay):
    """Somebody changed the clone after it was read."""

    todo = say("Look at the clone as it is now, and do it again.")


@dataclass(frozen=True)
class Trust:
    """Authority that somebody gave for all clones of his project, until a time; `id` is Keystone's."""

    id: str
    region: str
    project_id: str
    user_id: str
    user_name: str
    roles: tuple[str, ...]
    until: datetime.datetime
    given_at: datetime.datetime
    ended_at: datetime.datetime | None = None


def offer(row: tables.CloneOffer) -> Offer:
    """An offer of its row."""
    told = json.loads(row.terms)
    terms = Terms(**{**told, "to": tuple(told["to"]), "ids": tuple(map(tuple, told.get("ids", ())))})
    return Offer(terms=terms, **{name: getattr(row, name) for name in _OFFER})


def offer_columns(one: Offer) -> dict[str, Any]:
    """The columns of an offer."""
    found = {name: _fits(name, getattr(one, name)) for name in _OFFER}
    # The same volume on the same rules is the same offer, by whatever name it was found.
    rules = _terms(dataclasses.replace(one.terms, environment=""))
    return {**found, "terms": _terms(one.terms), "current": digest(one.source_id, rules) if one.open else None}


def _terms(one: Terms) -> str:
    told = dataclasses.asdict(one)
    # Terms that came later: an offer that says nothing of them is the same as one of before.
    return json.dumps({name: it for name, it in told.items() if it != _LATER.get(name)}, sort_keys=True)


def clone(row: tables.Clone) -> Clone:
    """A clone of its row, which was read together with its offer's."""
    told = {name: getattr(row, name) for name in _CLONE}
    told |= {"renewal": renewal.load(row.renewal), "reverting": reverting.load(row.reverting)}
    answers = tuple(sorted(json.loads(row.answers or "{}").items()))
    return Clone(offer=offer(row.offer), seconds=json.loads(row.seconds or "{}"), answers=answers, **told)


def clone_columns(one: Clone) -> dict[str, Any]:
    """The columns of a clone."""
    found = {name: _fits(name, getattr(one, name)) for name in _CLONE}
    seconds = json.dumps(dict(one.seconds))
    current = None if one.ended else digest(one.name)
    return {
        **found, "offer_id": one.offer.id, "seconds": seconds,
        "answers": json.dumps(dict(one.answers)) if one.answers else "", "renewal": renewal.dump(one.renewal),
        "reverting": reverting.dump(one.reverting), "current": current,
    }  # fmt: skip


def digest(*words: str) -> str:
    """The same for the same words alone."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def _fits(name: str, value: Any) -> Any:
    return value[: _MOST[name]] if name in _MOST else value
