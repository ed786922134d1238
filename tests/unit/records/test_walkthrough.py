"""Progress of the walkthrough: kept by region, project and scenario; nobody's step is lost; past runs are known."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import unkept
from tenant_ops_dashboard.records import walkthrough as records
from tenant_ops_dashboard.records.walkthrough_models import Walkthrough
from tenant_ops_dashboard.walkthrough.errors import Moved
from tenant_ops_dashboard.walkthrough.model import Progress, Taken
from tenant_ops_dashboard.walkthrough.store import IDLE
from tests.unit.fake_openstack.world import World

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 30, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture
def cloud() -> Cloud:
    return World().cloud("member")


def passed(seconds: float, at: datetime.datetime = NOW, step: str = "launch") -> Taken:
    return Taken(step, "passed", "did it", "", "seen", at, at, seconds, 1)


def shown(cloud: Cloud, *steps: Taken, scenario: str = "orchestration") -> Progress:
    """Kept on top of what is kept."""
    return records.save(cloud, replace(records.load(cloud, scenario), steps=steps))


def test_what_was_kept_is_there_for_whoever_comes_later(cloud: Cloud) -> None:
    told = Progress("orchestration", (passed(42.5), Taken("answers", "waiting", started_at=NOW, tries=2)), {"address": "203.0.113.7"})
    kept = records.save(cloud, told)
    assert kept == replace(told, revision=1)
    assert records.load(World().cloud("member"), "orchestration") == kept


def test_where_nobody_began_nothing_is_known(cloud: Cloud) -> None:
    assert records.load(cloud, "firewall") == Progress("firewall")
    assert records.usual(cloud, "firewall") == {}


def test_projects_regions_and_scenarios_have_their_own(cloud: Cloud) -> None:
    shown(cloud, passed(1.0))
    elsewhere = World().cloud("member", project="development")
    assert records.load(elsewhere, "orchestration").steps == ()
    another = Cloud(**{**vars(World().cloud("member")), "options": replace(cloud.options, region="Other")})
    assert records.load(another, "orchestration").steps == ()
    assert records.load(cloud, "cloning").steps == ()


def test_of_two_who_keep_at_once_the_second_is_told(cloud: Cloud) -> None:
    mine = theirs = shown(cloud, passed(1.0))
    shown(cloud, *theirs.steps, Taken("answers", "skipped"))
    with pytest.raises(Moved):
        records.save(cloud, replace(mine, steps=()))
    assert [one.state for one in records.load(cloud, "orchestration").steps] == ["passed", "skipped"]


def test_of_two_who_begin_at_once_the_second_is_told(cloud: Cloud) -> None:
    shown(cloud, passed(1.0))
    with pytest.raises(Moved):
        records.save(cloud, Progress("orchestration"))


def test_how_long_it_usually_takes_is_the_middle_of_the_last_runs(cloud: Cloud) -> None:
    for number, seconds in enumerate((900.0, 40.0, 50.0, 41.0, 60.0, 45.0)):
        shown(cloud, passed(seconds, NOW + datetime.timedelta(hours=number)))
    assert records.usual(cloud, "orchestration") == {"launch": 45.0}


def test_times_of_what_stood_already_are_kept_apart(cloud: Cloud) -> None:
    shown(cloud, passed(70.0))
    shown(cloud, replace(passed(1.0, NOW + datetime.timedelta(hours=1)), idle=True))
    assert records.load(cloud, "orchestration").taken("launch").idle
    assert records.usual(cloud, "orchestration") == {"launch": 70.0, f"launch{IDLE}": 1.0}


def test_what_is_kept_again_counts_once_and_what_failed_does_not(cloud: Cloud) -> None:
    shown(cloud, passed(10.0))
    shown(cloud, passed(10.0), Taken("answers", "failed", seconds=3.0))
    shown(cloud, passed(20.0, NOW + datetime.timedelta(hours=1)))
    assert records.usual(cloud, "orchestration") == {"launch": 15.0}


def test_a_reset_forgets_the_steps_and_not_how_long_they_took(cloud: Cloud) -> None:
    kept = shown(cloud, passed(10.0))
    records.save(cloud, Progress("orchestration", revision=kept.revision))
    assert records.load(cloud, "orchestration").steps == ()
    assert records.usual(cloud, "orchestration") == {"launch": 10.0}


def test_runs_of_long_ago_are_forgotten(cloud: Cloud) -> None:
    shown(cloud, passed(10.0))
    assert records.prune(NOW + records.KEPT) == 0
    assert records.prune(NOW + records.KEPT + datetime.timedelta(seconds=1)) == 1
    assert records.usual(cloud, "orchestration") == {}


@pytest.mark.parametrize("content", ["", "[]", '{"steps": 3}', '{"steps": [{"colour": "red"}], "facts": {}}'])
def test_what_another_release_wrote_begins_anew(cloud: Cloud, content: str) -> None:
    kept = shown(cloud, passed(10.0))
    Walkthrough.objects.update(content=content)
    found = records.load(cloud, "orchestration")
    assert (found.steps, found.revision) == ((), kept.revision)
    assert shown(cloud, passed(11.0)).revision == kept.revision + 1


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_told(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]) -> None:
    """Drivers say 'interface' of a connection that was lost a moment ago, which is no DatabaseError to Django."""

    def away(*_: Any) -> Any:
        raise kind("gone")

    monkeypatch.setattr(records, "_rows", away)
    for run in (lambda: records.load(cloud, "cloning"), lambda: records.save(cloud, Progress("cloning"))):
        with pytest.raises(unkept.NotKept, match="the dashboard's database does not answer"):
            run()
