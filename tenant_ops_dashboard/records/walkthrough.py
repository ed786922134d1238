"""Progress of the walkthrough, by region, project and scenario; and how long its steps took on past runs."""

from __future__ import annotations

import dataclasses
import datetime
import json
import statistics
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenant_ops_dashboard import sentences
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import unkept
from tenant_ops_dashboard.records.walkthrough_models import Walkthrough, WalkthroughTime
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.errors import Moved
from tenant_ops_dashboard.walkthrough.model import Progress, Taken
from tenant_ops_dashboard.walkthrough.store import IDLE

#: So many past runs of a step count, and so many days back.
RUNS = 5
KEPT = datetime.timedelta(days=365)
MOVED = say("Somebody else took a step of this scenario at this very moment; nothing of it is lost.")
_TIMES = ("started_at", "ended_at")
_SAID = ("did", "evidence")
#: What is told of past runs is no part of this one, and what is looked at stands in the scenario.
_TAKEN = tuple(one.name for one in dataclasses.fields(Taken) if one.name not in ("usually", "check"))
#: What the database raises while it is read or written is a NotKept; may stand before a function.
database = partial(
    unkept.database,
    say("The walkthrough cannot be read or kept: the dashboard's database does not answer."),
)


@database()
def load(cloud: Cloud, scenario: str) -> Progress:
    """How far a scenario has come; nothing of it where nobody began. Raises NotKept."""
    row = _rows(cloud, scenario).first()
    return Progress(scenario) if row is None else _read(row)


@database()
def save(cloud: Cloud, progress: Progress) -> Progress:
    """Keep it on top of the revision it was made of; it as it is kept. Raises Moved, NotKept."""
    now = timezone.now()
    fields: dict[str, Any] = {"content": _written(progress), "revision": progress.revision + 1, "changed": now}
    rows = _rows(cloud, progress.scenario)
    # Read before: SQLite does not let a transaction write that read before somebody else's write.
    before = rows.first()
    with transaction.atomic():
        if progress.revision:
            if not rows.filter(revision=progress.revision).update(**fields):
                raise Moved(MOVED)
        else:
            _begin(cloud, progress.scenario, fields)
        _remember(cloud, progress, _read(before) if before else Progress(progress.scenario))
    return dataclasses.replace(progress, revision=progress.revision + 1)


@database()
def usual(cloud: Cloud, scenario: str) -> dict[str, float]:
    """The middle of the last runs' seconds, by step; apart, with IDLE, those where it stood already. Raises NotKept."""
    known: dict[str, list[float]] = {}
    rows = _times(cloud, scenario).order_by("-at", "-id").values_list("step", "seconds")[:1000]
    for step, seconds in rows:
        known.setdefault(step, []).append(seconds)
    return {step: round(statistics.median(found[:RUNS]), 1) for step, found in known.items()}


def prune(now: datetime.datetime) -> int:
    """Forget how long steps took that long ago; how many rows went. Raises Django's DatabaseError."""
    return int(WalkthroughTime.objects.filter(at__lt=now - KEPT).delete()[0])


def _begin(cloud: Cloud, scenario: str, fields: Mapping[str, Any]) -> None:
    try:
        with transaction.atomic():
            Walkthrough.objects.create(
                region=cloud.region, project_id=cloud.project_id, scenario=scenario, **fields
            )  # fmt: skip
    except IntegrityError:
        raise Moved(MOVED) from None


def _remember(cloud: Cloud, now: Progress, before: Progress) -> None:
    for one in now.steps:
        if one.state == "passed" and one.seconds is not None and before.taken(one.step).ended_at != one.ended_at:
            WalkthroughTime.objects.create(
                region=cloud.region, project_id=cloud.project_id, scenario=now.scenario,
                step=one.step + (IDLE if one.idle else ""), seconds=one.seconds, at=one.ended_at or timezone.now(),
            )  # fmt: skip


def _written(progress: Progress) -> str:
    steps = [{name: _plain(name, getattr(one, name)) for name in _TAKEN} for one in progress.steps]
    return json.dumps({"steps": steps, "facts": dict(progress.facts)})


def _plain(name: str, value: Any) -> Any:
    if name in _SAID:
        return sentences.dump(value)
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def _read(row: Walkthrough) -> Progress:
    """Of one that another release wrote, what is known of it."""
    try:
        told = json.loads(row.content)
        steps = tuple(_taken(one) for one in told["steps"])
        facts = {str(name): str(value) for name, value in told["facts"].items()}
    except (ValueError, TypeError, LookupError, AttributeError):
        return Progress(row.scenario, revision=row.revision)
    return Progress(row.scenario, steps, facts, row.revision)


def _taken(told: Mapping[str, Any]) -> Taken:
    known = {name: told[name] for name in _TAKEN if name in told}
    times = {name: datetime.datetime.fromisoformat(known[name]) for name in _TIMES if known.get(name)}
    said = {name: sentences.load(known[name]) for name in _SAID if name in known}
    return Taken(**{**known, **times, **said})


def _rows(cloud: Cloud, scenario: str) -> Any:
    return Walkthrough.objects.filter(region=cloud.region, project_id=cloud.project_id, scenario=scenario)


def _times(cloud: Cloud, scenario: str) -> Any:
    return WalkthroughTime.objects.filter(region=cloud.region, project_id=cloud.project_id, scenario=scenario)
