"""When the jobs that go on while nobody looks last did: what pages, commands and operators are told of it."""

from __future__ import annotations

import datetime
import hashlib
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import F, Max, QuerySet

from tenant_ops_dashboard.records import models
from tenant_ops_dashboard.records.heartbeat_models import Heartbeat

#: The jobs of `manage.py tenant_ops_care`.
JOBS = ("clones", "collect", "scale", "reconcile")
#: What a host did is known for so long after its last round.
KEPT = datetime.timedelta(days=7)
#: Before the name of what a project's look is kept under, among the leases: nobody ever holds it.
_LOOK = "looked "
#: Letters of a lease's name.
_LONGEST = 120


@dataclass(frozen=True)
class Beat:
    """One job on one host for one region ('': its login names none): since when, and when it last could look.

    `seen` is when its last round ended, which took `seconds`; `failures` how many rounds met a problem, one after
    another, and `said` what the last one met first.
    """

    host: str
    job: str
    region: str
    started: datetime.datetime
    at: datetime.datetime | None
    seen: datetime.datetime
    seconds: float
    failures: int
    said: str


def host() -> str:
    """What this host is called in every heartbeat."""
    return socket.gethostname()[:64]


def beat(job: str, region: str, now: datetime.datetime) -> None:
    """The job looks after a region at this moment. Raises Django's DatabaseError."""
    if not Heartbeat.objects.filter(host=host(), job=job, region=region).update(at=now, seen=now):
        row = Heartbeat(host=host(), job=job, region=region, started=now, at=now, seen=now)
        Heartbeat.objects.bulk_create([row], ignore_conflicts=True)


def ended(
    job: str, regions: Collection[str], started: datetime.datetime, now: datetime.datetime, seconds: float,
    problems: Sequence[str],
) -> None:  # fmt: skip
    """A round of the process that `started` then is over; no `regions`: not even a login came about.

    Raises Django's DatabaseError.
    """
    rows = Heartbeat.objects.filter(host=host(), job=job)
    rows = rows.filter(region__in=regions) if regions else rows
    if not rows.update(started=started, seen=now, seconds=seconds) and not regions:
        row = Heartbeat(host=host(), job=job, started=started, seen=now, seconds=seconds)
        Heartbeat.objects.bulk_create([row], ignore_conflicts=True)
    if problems:
        rows.update(failures=F("failures") + 1, said=problems[0])
    else:
        rows.update(failures=0, said="")


def last(region: str) -> dict[str, datetime.datetime]:
    """When each job last looked after a region, on any host; none that never did. Raises Django's DatabaseError."""
    rows = Heartbeat.objects.filter(region__in=("", region), at__isnull=False)
    return dict(rows.values_list("job").annotate(Max("at")))


def looked(project_id: str, what: str, now: datetime.datetime) -> None:
    """The care job looks after one thing of a project at this moment: 'job thing'. Raises Django's DatabaseError."""
    if not _looks(project_id, what).update(until=now):
        row = models.Lease(project_id=project_id, name=_look(what), until=now)
        models.Lease.objects.bulk_create([row], ignore_conflicts=True)


def last_look(project_id: str, what: str) -> datetime.datetime | None:
    """When it last did, None where it never did. Raises Django's DatabaseError."""
    row = _looks(project_id, what).first()
    return row.until if row else None


def overlooked(project_id: str, what: str) -> None:
    """Whoever looked after it lost his authority: what nobody does any more is not told as done lately.

    Raises Django's DatabaseError.
    """
    _looks(project_id, what).delete()


def of_region(name: str, region: str) -> str:
    """What a lease is called that each region has for itself."""
    made = f"{name} {region}" if region else name
    return made if len(made) <= _LONGEST else f"{name} {hashlib.sha256(region.encode()).hexdigest()}"


def every() -> tuple[Beat, ...]:
    """All that is known, for operators: by job, then by host. Raises Django's DatabaseError."""
    rows = Heartbeat.objects.order_by("job", "host", "region")
    return tuple(
        Beat(one.host, one.job, one.region, one.started, one.at, one.seen, one.seconds, one.failures, one.said)
        for one in rows
    )


def prune(now: datetime.datetime) -> int:
    """Forget hosts, and things, that nobody heard of for days; how many rows went. Raises Django's DatabaseError."""
    old = now - KEPT
    gone = (
        Heartbeat.objects.filter(seen__lt=old),
        models.Lease.objects.filter(name__startswith=_LOOK, until__lt=old),
    )
    return sum(int(rows.delete()[0]) for rows in gone)


def _look(what: str) -> str:
    job, _, thing = what.partition(" ")
    return of_region(f"{_LOOK}{job}", thing)


def _looks(project_id: str, what: str) -> QuerySet[models.Lease]:
    return models.Lease.objects.filter(project_id=project_id, name=_look(what))
