"""Heartbeats: one row a host, job and region; the last look on any host counts; what goes wrong is counted."""

from __future__ import annotations

import datetime

import pytest

from tenant_ops_dashboard.records import clones as clone_records
from tenant_ops_dashboard.records import heartbeats, models

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 30, 6, 0, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def ended(problems: tuple[str, ...] = (), regions: tuple[str, ...] = ("RegionOne",), at: datetime.datetime = NOW) -> None:
    heartbeats.ended("scale", regions, NOW - MINUTE, at, 1.5, problems)


def test_the_last_look_on_any_host_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeats.beat("scale", "RegionOne", NOW)
    monkeypatch.setattr(heartbeats, "host", lambda: "another")
    heartbeats.beat("scale", "RegionOne", NOW + MINUTE)
    heartbeats.beat("scale", "RegionTwo", NOW + 9 * MINUTE)
    heartbeats.beat("collect", "", NOW)
    assert heartbeats.last("RegionOne") == {"scale": NOW + MINUTE, "collect": NOW}
    assert heartbeats.last("RegionThree") == {"collect": NOW}


def test_a_round_is_told_with_its_process_and_its_seconds() -> None:
    heartbeats.beat("scale", "RegionOne", NOW)
    ended(at=NOW + MINUTE)
    (one,) = heartbeats.every()
    assert (one.host, one.job, one.region, one.started) == (heartbeats.host(), "scale", "RegionOne", NOW - MINUTE)
    assert (one.at, one.seen, one.seconds, one.failures, one.said) == (NOW, NOW + MINUTE, 1.5, 0, "")


def test_failures_are_counted_until_a_round_is_well_and_the_latest_is_told() -> None:
    heartbeats.beat("scale", "RegionOne", NOW)
    ended(("Heat is away.", "So is Nova."))
    ended(("Nova is away.",))
    (one,) = heartbeats.every()
    assert (one.failures, one.said) == (2, "Nova is away.")
    ended()
    (one,) = heartbeats.every()
    assert (one.failures, one.said) == (0, "")


def test_a_login_that_never_came_about_is_known_and_is_no_look() -> None:
    ended(("Keystone is away.",), regions=())
    ended(("Keystone is away.",), regions=())
    (one,) = heartbeats.every()
    assert (one.at, one.failures, one.said) == (None, 2, "Keystone is away.")
    assert heartbeats.last("RegionOne") == {}


def test_a_login_that_fails_later_leaves_the_last_look_as_it_was() -> None:
    heartbeats.beat("scale", "RegionOne", NOW)
    ended(("Keystone is away.",), regions=(), at=NOW + MINUTE)
    (one,) = heartbeats.every()
    assert (one.region, one.at, one.failures) == ("RegionOne", NOW, 1)


def test_hosts_that_are_gone_are_forgotten_after_days() -> None:
    heartbeats.beat("scale", "RegionOne", NOW)
    assert heartbeats.prune(NOW + heartbeats.KEPT) == 0
    assert heartbeats.prune(NOW + heartbeats.KEPT + MINUTE) == 1
    assert heartbeats.every() == ()


def test_the_clones_beat_is_one_of_them() -> None:
    clone_records.beat(NOW, "RegionOne")
    assert heartbeats.last("RegionOne") == {"clones": NOW}
    assert not models.Lease.objects.exists()


@pytest.mark.parametrize("region", ["RegionOne", "r" * 105, "r" * 106, "long-" * 51])
def test_a_look_after_a_region_is_kept_however_long_its_name_is(region: str) -> None:
    heartbeats.looked("project", f"collect {region}", NOW)
    heartbeats.looked("project", f"collect {region}", NOW + MINUTE)
    heartbeats.looked("project", f"collect {region[:-1]}", NOW)
    assert heartbeats.last_look("project", f"collect {region}") == NOW + MINUTE
    assert heartbeats.last_look("project", f"collect {region[:-1]}") == NOW
    (_, longest) = sorted((row.name for row in models.Lease.objects.all()), key=len)
    # SQLite keeps whatever it is given; MariaDB and PostgreSQL do not.
    assert len(longest) <= models.Lease._meta.get_field("name").max_length


def test_a_look_of_one_who_lost_his_authority_is_told_no_more() -> None:
    heartbeats.looked("project", "scale shop", NOW)
    heartbeats.looked("project", "scale other", NOW)
    heartbeats.overlooked("project", "scale shop")
    heartbeats.overlooked("project", "scale shop")
    assert heartbeats.last_look("project", "scale shop") is None
    assert heartbeats.last_look("project", "scale other") == NOW
