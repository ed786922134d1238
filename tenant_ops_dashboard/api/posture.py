"""Posture's records: what was acknowledged, what was reviewed, and what came and went since."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from tenant_ops_dashboard.api.operation import Asked, Json, Operation, resource, switch, text
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.posture.access import ACKNOWLEDGE, READ, REVIEW
from tenant_ops_dashboard.records import posture as kept
from tenant_ops_dashboard.records import posture_changes as changes
from tenant_ops_dashboard.records import posture_scope as scope
from tenant_ops_dashboard.records.posture import Review, Word
from tenant_ops_dashboard.sentences import about, say

SCOPE = frozenset({"all_projects", "project"})
#: Seconds: a reading of a whole cloud takes longer than a page may.
PATIENCE = 120.0


def listing(asked: Asked) -> Json:
    """The acknowledgements that count now."""
    project, everywhere = _scope(asked)
    of = scope.projects_of(asked.cloud, project, everywhere)
    with kept.kept():
        found = kept.acknowledged(of, _now())
    return {"acknowledgements": [_word(one) for one in found.values()]}


def acknowledge(asked: Asked) -> tuple[Json, int]:
    """Acknowledge a finding that is there now."""
    project, everywhere = _scope(asked)
    for name in asked.body:
        if name not in ("id", "reason", "until"):
            raise BadInput(
                about(name[:60], say("this is not asked for here; id, reason and until are.")), field=name[:60]
            )
    id_, reason, until = (text(asked.body, name, 1000) for name in ("id", "reason", "until"))
    if not id_:
        raise BadInput(about("id", say("name a finding, as 'tenant-ops posture show' has it.")), field="id")
    reading, _look = scope.read(asked.cloud, project, everywhere, settings.read().blueprint_folders)
    now = _now()
    word = changes.acknowledge(asked.cloud, reading.posture, id_, reason, until, now)
    return _word(word), 200 if word.at < now else 201


def withdraw(asked: Asked) -> Json:
    """Take an acknowledgement back."""
    project, everywhere = _scope(asked)
    of = scope.projects_of(asked.cloud, project, everywhere)
    return _word(changes.withdraw(asked.cloud, of, asked.parts["id"], _now()))


def review(asked: Asked) -> tuple[Json, int]:
    """Keep what there is now as reviewed."""
    project, everywhere = _scope(asked)
    for name in asked.body:
        raise BadInput(about(name[:60], say("nothing is asked for in the body.")), field=name[:60])
    reading, look = scope.read(asked.cloud, project, everywhere, settings.read().blueprint_folders)
    now, rows = _now(), scope.packed(look)
    told = scope.told(reading, rows)
    made, new = changes.review(asked.cloud, reading.scope, reading.told(now), told, rows, now)
    return {**_review(made), "existing": not new}, 201 if new else 200


def drift(asked: Asked) -> Json:
    """What was gained and lost since the last review."""
    project, everywhere = _scope(asked)
    folders = settings.read().blueprint_folders
    reading, look = scope.read(asked.cloud, project, everywhere, folders)
    found, since = scope.since_review(reading, look, folders, posture=reading.posture)
    return {**_plain(found), "review": _review(since)}


def _scope(asked: Asked) -> tuple[str, bool]:
    everywhere, project = switch(asked.words, "all_projects"), asked.words.get("project", "")
    if everywhere and project:
        raise BadInput(about("project", say("ask for one project or for all of them, not both.")), field="project")
    if len(project) > 255:
        raise BadInput(about("project", say("this is longer than 255 letters.")), field="project")
    return project, everywhere


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _word(word: Word) -> Json:
    return {"id": word.finding, "by": word.by, "reason": word.reason, "until": _time(word.until)}


def _review(review: Review) -> Json:
    counts = review.counts
    return {
        "id": str(review.id), "by": review.by, "at": _time(review.at), "taken_at": _time(review.taken_at),
        "findings": {**counts.levels, "acknowledged": counts.acknowledged}, "ports": counts.ports,
        "unfiltered": counts.unfiltered,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Dataclasses as JSON has them."""
    if dataclasses.is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return _time(value) if isinstance(value, datetime.datetime) else value


def _time(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


acknowledgements = resource(
    get=Operation(listing, READ, SCOPE), post=Operation(acknowledge, ACKNOWLEDGE, SCOPE, PATIENCE)
)
acknowledgement = resource(delete=Operation(withdraw, ACKNOWLEDGE, SCOPE))
reviews = resource(post=Operation(review, REVIEW, SCOPE, PATIENCE))
changed = resource(get=Operation(drift, READ, SCOPE, PATIENCE))
