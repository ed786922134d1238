"""Golden copies are made, made anew and taken away by the job that makes clones, and clones are told which to take."""

from __future__ import annotations

import datetime
from typing import Any

from tenant_ops_dashboard.clones import golden, refresh, renewal, steps
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.records import clone_golden as records
from tenant_ops_dashboard.records import clones


def due(now: datetime.datetime) -> tuple[Clone, ...]:
    """What there is to do, with what begins or ends now. No call to OpenStack."""
    records.retire(now)
    records.begin(now)
    return records.due()


def step(made: Clone, by: steps.Hands, now: datetime.datetime) -> Clone:
    """The next step of one; as it is then. Raises Moved."""
    changes = steps.advance(made, by, now)
    return records.save(made, changes) if changes else made


def chosen(clone: Clone, now: datetime.datetime) -> Clone:
    """A clone at its first step with the golden copy that it is made of; without one it waits, and says for what.

    One whose golden copy was lost has that one taken away. Newer data for one that is there does not wait for a
    person, as nothing of it does.
    """
    if clone.step != "check" or not clone.offer.terms.golden or refresh.ends(clone, now):
        return clone
    making = renewal.making(clone)
    wanted = golden.choice(clone, records.ready(clone.offer.id), records.last(clone.offer.id))
    if making and wanted.get("state") == "parked":
        wanted = renewal.given_up(clone, wanted["says"], now)
    elif making:
        wanted = renewal.kept(clone, wanted)
    changes = {name: value for name, value in wanted.items() if getattr(clone, name) != value}
    return clones.save(clone, **changes) if changes else clone


def waits(clone: Clone, now: datetime.datetime) -> bool:
    """Whether there is no golden copy yet that it could be made of."""
    if clone.step != "check" or not clone.offer.terms.golden or refresh.ends(clone, now):
        return False
    return not _made_of(clone)


def lost(clone: Clone, changes: steps.Changes) -> str:
    """The id of the golden copy that it was to be made of, where these changes say that it is gone; else ''."""
    told: Any = changes
    if renewal.making(clone):
        told = vars(changes["renewal"]) if changes.get("renewal") else {}
    return _made_of(clone) if told.get("golden_id") == "" else ""


def _made_of(clone: Clone) -> str:
    """The golden copy that the copy on its way is made of, or ''."""
    return (renewal.view(clone) if renewal.making(clone) else clone).golden_id
