"""What is said of posture, in the database: kept once, in whole, and forgotten once it counts no more."""

from __future__ import annotations

import datetime
import os

import pytest

from tenant_ops_dashboard.posture.model import Finding, Posture
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records.posture_models import PostureAcknowledgement, PostureReview, PostureReviewPart
from tests.unit.fake_openstack.server import connect
from tests.unit.fake_openstack.world import World

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
CLOUD = connect(World().wire, "member")


def posture(*severities: str) -> Posture:
    found = tuple(
        Finding(f"id-{n}", "kind", one, "project", "object", "why", "fix") for n, one in enumerate(severities)
    )
    return Posture("2026-11-21T12:00:00Z", {"project": "production"}, 7, 2, found)


def review(scope: str, now: datetime.datetime, packed: bytes = b"packed") -> records.Review:
    return records.review(CLOUD, scope, posture("high"), f"digest {now}", packed, now)[0]


def test_a_large_snapshot_comes_back_as_it_was() -> None:
    packed = os.urandom(3 * records.PIECE + 5)
    made = review("project", NOW, packed)
    assert records.packed(CLOUD.region, "project", made.id) == packed
    assert PostureReviewPart.objects.count() == 4
    assert records.packed(CLOUD.region, "another", made.id) == b"", "a number alone opens no other scope's"


def test_of_older_reviews_the_counts_stay() -> None:
    for number in range(records.SNAPSHOTS + 3):
        review("project", NOW + number * DAY)
    review("*", NOW)
    found = records.reviews(CLOUD.region, "project", 100)
    assert [one.whole for one in found] == [True] * records.SNAPSHOTS + [False] * 3
    assert found[0].counts.levels["high"] == 1


def test_one_word_counts_and_all_stay_known() -> None:
    for number in range(3):
        records.acknowledge(CLOUD, "project", "id-0", f"reason {number}", NOW + DAY, NOW)
    assert PostureAcknowledgement.objects.filter(current="id-0").count() == 1
    assert [one.reason for one in records.history("project", "id-0")] == ["reason 2", "reason 1", "reason 0"]
    told = records.with_words(posture("high", "low"), records.acknowledged(["project"], NOW))
    assert [one.acknowledged is not None for one in told.findings] == [True, False]
    assert records.counts(told).acknowledged == 1
    assert records.acknowledged(["another"], NOW) == {}
    assert records.acknowledged(None, NOW + DAY) == {}, "an end that has come counts no more"


def test_the_last_reading_of_a_day_counts() -> None:
    records.count(CLOUD.region, "project", posture("high"), NOW)
    records.count(CLOUD.region, "project", posture("high", "high"), NOW)
    records.count(CLOUD.region, "project", posture(), NOW + DAY)
    assert [one.counts.levels["high"] for one in records.days(CLOUD.region, "project", 9)] == [0, 2]


def test_what_counts_is_never_forgotten() -> None:
    review("project", NOW)
    review("project", NOW + DAY)
    review("*", NOW)
    records.acknowledge(CLOUD, "project", "old", "reason", NOW + DAY, NOW)
    records.acknowledge(CLOUD, "project", "new", "reason", NOW + 400 * DAY, NOW)
    records.count(CLOUD.region, "project", posture("high"), NOW)
    later = NOW + 50 * DAY
    assert records.prune(later, 0) == 0
    assert records.prune(later, 30) == 3
    assert records.prune(later, 30) == 0
    assert sorted(PostureReview.objects.values_list("scope", flat=True)) == ["*", "project"]
    assert list(PostureAcknowledgement.objects.values_list("finding_id", flat=True)) == ["new"]
