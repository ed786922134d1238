"""What past clones tell: how long one usually takes, how much an offer is used, whose end is near."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tenant_ops_dashboard.clones import reminder
from tenant_ops_dashboard.clones.model import Offer, Terms
from tenant_ops_dashboard.records import clone_figures as figures
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_figures import Usage
from tests.unit.records.cloning import DAY, MINUTE, NOW, a_clone, an_offer

pytestmark = pytest.mark.django_db
HOUR = 60 * MINUTE


def offered(id_: str = "offer-1", **terms: Any) -> Offer:
    return records.add_offer(an_offer(id_, source_id="volume-1", terms=Terms(("development",), most=100, **terms)))


def kept(offer: Offer, name: str, **more: Any) -> None:
    records.add(a_clone(offer, name, **more))


def test_usual_is_the_middle_one_of_the_last_five_of_the_same_source() -> None:
    offer, again = offered(), offered("offer-2", longest=60)
    assert figures.usual(offer) is None
    for number, took in enumerate((500.0, 10.0, 12.0, 14.0, 900.0, 11.0)):
        made = {"ready_at": NOW + number * MINUTE, "seconds": {"check": 1.0, "copy": took, "end": 77.0}}
        kept((offer, again)[number % 2], f"ci-{number}", state="ready", **made)
    kept(offer, "failed", state="failed", seconds={"copy": 1.0})
    kept(offer, "server", state="ready", get="server", ready_at=NOW + HOUR, seconds={"copy": 9.0, "build": 60.0})
    assert figures.usual(offer) == figures.usual(again) == 13.0
    assert (figures.usual(offer, "server"), figures.usual(offer, "environment")) == (69.0, None)
    assert (figures.usual(offer, step="copy"), figures.usual(offer, step="mask")) == (12.0, None)
    assert figures.usual(offered("offer-3", golden=3600)) is None, "one of a golden copy is another matter"
    assert figures.usual(an_offer("offer-9")) is None


def test_usage_counts_what_is_there_what_was_and_what_is_out() -> None:
    offer, other = offered(), offered("offer-2", longest=60)
    there = {"state": "ready", "ready_at": NOW, "handed_at": NOW, "size": 20}
    kept(offer, "one", **there)
    kept(offer, "two", **there, asked_at=NOW - 40 * DAY)
    kept(offer, "three", state="copying", step="copy", size=20)
    kept(offer, "four", state="released", handed_at=NOW, size=20, ended_at=NOW)
    assert figures.usage([offer, other], NOW) == {offer.id: Usage(3, 3, 40)}


@pytest.mark.parametrize(
    ("lease", "before"), [(600, MINUTE), (7200, 12 * MINUTE), (40 * 3600, HOUR), (30, MINUTE)]
)  # fmt: skip
def test_an_end_is_near_for_a_tenth_of_the_lease(lease: int, before: datetime.timedelta) -> None:
    end = NOW + HOUR
    one = a_clone(an_offer(), state="ready", lease=lease, expires_at=end)
    second = datetime.timedelta(seconds=1)
    assert [reminder.near(one, at) for at in (end - before - second, end - before, end - second, end)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_who_was_told_is_told_again_of_a_later_end_alone() -> None:
    told = {"state": "ready", "lease": 7200, "reminded_at": NOW}
    assert not reminder.wanted(a_clone(an_offer(), **told, expires_at=NOW + 10 * MINUTE), NOW)
    later = a_clone(an_offer(), **told, expires_at=NOW + 2 * HOUR)
    assert not reminder.wanted(later, NOW)
    assert reminder.wanted(later, NOW + 2 * HOUR - MINUTE)
    assert not reminder.near(a_clone(an_offer(), state="ready", pinned_by="owner"), NOW)
