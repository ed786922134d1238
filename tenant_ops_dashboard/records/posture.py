"""What people said of posture: findings that may stand, readings that somebody kept as reviewed, counts day by day.

Who reads says of which projects, or of all; nothing of any other is ever found.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.posture.model import Acknowledged, Finding, Posture
from tenant_ops_dashboard.reachability.lint import LEVELS
from tenant_ops_dashboard.records import unkept
from tenant_ops_dashboard.records.posture_models import (
    PostureAcknowledgement,
    PostureDay,
    PostureReview,
    PostureReviewPart,
)
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)
#: The scope of a reading of all projects; of one project it is the project's id.
EVERYWHERE = "*"
#: Bytes of one piece of a snapshot: MariaDB takes no more than 1 MiB in a statement where nobody said otherwise.
PIECE = 256 * 1024
#: So many snapshots of a scope can still be compared with; of older reviews only the counts stay.
SNAPSHOTS = 10
#: The same word said again within this time, with an end as near, is the first one.
AGAIN = datetime.timedelta(hours=1)
#: The same reading kept again by the same person within this time are the first review.
TWICE = datetime.timedelta(minutes=10)
ASKED_AT_ONCE = 500
#: What the database raises while it is read or written is a NotKept; may stand before a function.
kept = partial(
    unkept.database,
    say("Acknowledgements and reviews cannot be read or kept: the dashboard's database does not answer."),
)


@dataclass(frozen=True)
class Word:
    """One acknowledgement, also one that counts no more: `ending` is '', 'superseded' or 'withdrawn'."""

    project: str
    finding: str
    by: str
    reason: str
    at: datetime.datetime
    until: datetime.datetime
    ended: datetime.datetime | None = None
    ended_by: str = ""
    ending: str = ""

    @property
    def acknowledged(self) -> Acknowledged:
        return Acknowledged(self.by, self.reason, self.until)


@dataclass(frozen=True)
class Counts:
    """How many findings of each level nobody acknowledged, how many somebody did; ports, and those nothing filters."""

    levels: dict[str, int]
    acknowledged: int
    ports: int
    unfiltered: int


@dataclass(frozen=True)
class Review:
    """A reading that somebody kept; `whole` says that its snapshot is still there. `by` is a name."""

    id: int
    scope: str
    by: str
    at: datetime.datetime
    taken_at: datetime.datetime
    counts: Counts
    whole: bool


@dataclass(frozen=True)
class Day:
    """The counts of a day's last reading."""

    day: datetime.date
    taken_at: datetime.datetime
    counts: Counts


def acknowledged(projects: Sequence[str] | None, now: datetime.datetime) -> dict[tuple[str, str], Word]:
    """What counts now, by project and finding; of these projects, None for all. Raises Django's DatabaseError."""
    rows = _of(projects).filter(current__isnull=False, until__gt=now)
    return {(row.project_id, row.finding_id): _word(row) for row in rows}


def with_words(posture: Posture, words: dict[tuple[str, str], Word]) -> Posture:
    """The posture with what was acknowledged of it."""
    if not words:
        return posture

    def told(one: Finding) -> Finding:
        word = words.get((one.project, one.id))
        return replace(one, acknowledged=word.acknowledged) if word else one

    return replace(posture, findings=tuple(map(told, posture.findings)))


def history(project: str, finding: str) -> tuple[Word, ...]:
    """All that was ever said of a finding, newest first. Raises Django's DatabaseError."""
    rows = PostureAcknowledgement.objects.filter(project_id=project, finding_id=finding)
    return tuple(map(_word, rows.order_by("-at", "-id")))


def current(projects: Sequence[str] | None, finding: str, now: datetime.datetime) -> Word | None:
    """The word that counts of a finding, or None. Raises Django's DatabaseError."""
    row = _of(projects).filter(current=finding, until__gt=now).first()
    return _word(row) if row else None


def newest(projects: Sequence[str] | None, finding: str) -> Word | None:
    """The last word of a finding, whether or not it counts. Raises Django's DatabaseError."""
    row = _of(projects).filter(finding_id=finding).order_by("-at", "-id").first()
    return _word(row) if row else None


def same(word: Word, by: str, reason: str, until: datetime.datetime) -> bool:
    """Whether this is the word again that somebody has given already."""
    return (word.by, word.reason) == (by, reason) and abs(word.until - until) < AGAIN


def acknowledge(
    cloud: Cloud, project: str, finding: str, reason: str, until: datetime.datetime, now: datetime.datetime
) -> Word:
    """Write a word down; the one before ends. Of two at once the later one counts. Raises Django's DatabaseError."""
    row = PostureAcknowledgement(
        project_id=project, finding_id=finding, current=finding, user_id=cloud.user_id,
        user_name=cloud.user_name[:255], reason=reason, at=now, until=until,
    )  # fmt: skip
    for _attempt in range(3):
        try:
            with transaction.atomic():
                _end(project, finding, cloud.user_name, now, "superseded")
                row.save(force_insert=True)
            break
        except IntegrityError:
            # Somebody's word came between the two: his ends, too.
            row.pk = None
    else:
        raise DatabaseError(say("An acknowledgement cannot be kept: others are kept at the same time."))
    return _word(row)


def withdraw(cloud: Cloud, project: str, finding: str, now: datetime.datetime) -> bool:
    """End what is said of a finding; whether anything was. Raises Django's DatabaseError."""
    return bool(_end(project, finding, cloud.user_name, now, "withdrawn"))


def counts(posture: Posture) -> Counts:
    """The counts of a posture that has its acknowledgements."""
    found = Counter(one.severity for one in posture.findings if one.acknowledged is None)
    levels = {level: found.get(level, 0) for level in LEVELS}
    return Counts(levels, len(posture.findings) - sum(levels.values()), posture.ports, posture.unfiltered)


def review(
    cloud: Cloud, scope: str, posture: Posture, told: str, packed: bytes, now: datetime.datetime
) -> tuple[Review, bool]:  # fmt: skip
    """Keep a reading as reviewed; False where it is the one again that this person has just kept.

    `told` is its digest: two of the same are the same reading.

    Raises Django's DatabaseError.
    """
    last = _reviews(cloud.region, scope).first()
    if last and (last.user_id, last.digest) == (cloud.user_id, told) and now - last.at < TWICE:
        return _review(last, True), False
    with transaction.atomic():
        row = PostureReview.objects.create(
            region=cloud.region, scope=scope, user_id=cloud.user_id, user_name=cloud.user_name[:255], at=now,
            digest=told, **_counted(posture),
        )  # fmt: skip
        for number, start in enumerate(range(0, len(packed), PIECE)):
            PostureReviewPart.objects.create(review=row, number=number, content=packed[start : start + PIECE])
        whole = list(_reviews(cloud.region, scope).values_list("id", flat=True)[:SNAPSHOTS])
        old = PostureReviewPart.objects.filter(review__region=cloud.region, review__scope=scope)
        old.exclude(review_id__in=whole).delete()
    return _review(row, True), True


def reviews(region: str, scope: str, most: int) -> tuple[Review, ...]:
    """The newest reviews. Raises Django's DatabaseError."""
    rows = list(_reviews(region, scope)[:most])
    whole = set(
        PostureReviewPart.objects.filter(review__in=rows, number=0).values_list("review_id", flat=True)
    )  # fmt: skip
    return tuple(_review(row, row.pk in whole) for row in rows)


def last(region: str, scope: str) -> Review | None:
    """The last review, or None. Raises Django's DatabaseError."""
    return next(iter(reviews(region, scope, 1)), None)


def packed(region: str, scope: str, id_: int) -> bytes:
    """The snapshot of a review of this scope, b'' where it is not there. Raises Django's DatabaseError."""
    rows = PostureReviewPart.objects.filter(review_id=id_, review__region=region, review__scope=scope)
    return b"".join(bytes(one) for one in rows.order_by("number").values_list("content", flat=True))


def count(region: str, scope: str, posture: Posture, now: datetime.datetime) -> None:
    """Write down how many findings there are today: the day's last reading counts. Raises Django's DatabaseError."""
    fields = _counted(posture)
    rows = PostureDay.objects.filter(region=region, scope=scope, day=now.astimezone(datetime.UTC).date())
    if not rows.update(**fields):
        day = PostureDay(region=region, scope=scope, day=now.astimezone(datetime.UTC).date(), **fields)
        PostureDay.objects.bulk_create([day], ignore_conflicts=True)


def days(region: str, scope: str, most: int) -> tuple[Day, ...]:
    """The newest days that anybody looked. Raises Django's DatabaseError."""
    rows = PostureDay.objects.filter(region=region, scope=scope).order_by("-day")[:most]
    return tuple(Day(row.day, row.taken_at, _counts(row)) for row in rows)


def prune(now: datetime.datetime, days: int) -> int:
    """Forget what is older than so many days (0: nothing); how many rows went.

    What counts stays, however old: words that are in force, and the last review of each scope, for drift.
    """
    if days <= 0:
        return 0
    old = now - datetime.timedelta(days=days)
    ended = PostureAcknowledgement.objects.filter(until__lt=old)
    ended |= PostureAcknowledgement.objects.filter(ended__lt=old)
    gone = sum(int(rows.delete()[0]) for rows in (ended, PostureDay.objects.filter(day__lt=old.date())))
    newest_: dict[tuple[str, str], int] = {}
    for id_, region, scope in PostureReview.objects.order_by("at", "id").values_list("id", "region", "scope"):
        newest_[region, scope] = id_
    past = PostureReview.objects.filter(at__lt=old).exclude(id__in=list(newest_.values()))
    while ids := list(past.values_list("id", flat=True)[:ASKED_AT_ONCE]):
        gone += int(PostureReview.objects.filter(id__in=ids).delete()[1]["tenant_ops_dashboard.PostureReview"])
    return gone


def _of(projects: Sequence[str] | None) -> Any:
    rows = PostureAcknowledgement.objects.all()
    return rows if projects is None else rows.filter(project_id__in=list(projects))


def _end(project: str, finding: str, by: str, now: datetime.datetime, ending: str) -> int:
    rows = PostureAcknowledgement.objects.filter(project_id=project, current=finding)
    return int(rows.update(current=None, ended=now, ended_by=by[:255], ending=ending))


def _word(row: PostureAcknowledgement) -> Word:
    return Word(
        row.project_id, row.finding_id, row.user_name or row.user_id, row.reason, row.at, row.until, row.ended,
        row.ended_by, row.ending,
    )  # fmt: skip


def _reviews(region: str, scope: str) -> Any:
    return PostureReview.objects.filter(region=region, scope=scope).order_by("-at", "-id")


def _review(row: PostureReview, whole: bool) -> Review:
    return Review(row.pk, row.scope, row.user_name or row.user_id, row.at, row.taken_at, _counts(row), whole)


def _counts(row: Any) -> Counts:
    levels = {level: int(getattr(row, level)) for level in LEVELS}
    return Counts(levels, row.acknowledged, row.ports, row.unfiltered)


def _counted(posture: Posture) -> dict[str, Any]:
    found = counts(posture)
    taken = datetime.datetime.fromisoformat(posture.taken_at)
    return {
        **found.levels, "acknowledged": found.acknowledged, "ports": found.ports, "unfiltered": found.unfiltered,
        "taken_at": taken if taken.tzinfo else taken.replace(tzinfo=datetime.UTC),
    }  # fmt: skip


def digest(posture: Posture) -> str:
    """The same for two readings that found the same."""
    told = [(one.id, one.severity, one.exposed) for one in posture.findings]
    return hashlib.sha256(json.dumps([told, posture.ports, posture.unfiltered], default=str).encode()).hexdigest()
