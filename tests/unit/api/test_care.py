"""When the care job last looked, for programs: a row a promise, in words where it is not kept."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from tenant_ops_dashboard.records import heartbeats
from tests.unit.api.conftest import Api
from tests.unit.api.test_frame import conforms
from tests.unit.panels.conftest import begin

pytestmark = pytest.mark.django_db
CARE = "/care"


def rows(api: Api, **query: str) -> dict[str, Any]:
    found = conforms(api.get(f"v1{CARE}", **query), "get", CARE)["care"]
    return {one["promise"]: one for one in found}


def test_where_it_never_ran_each_promise_says_so(api: Api) -> None:
    found = rows(api)
    assert [one["late"] for one in found.values()] == [True] * 5
    assert found["care"]["says"] == "Nothing is finished or mended while nobody looks: the care job has never run."
    assert {one["cared_at"] for one in found.values()} == {None}


def test_where_it_runs_it_says_when(api: Api) -> None:
    now = timezone.now()
    for job in heartbeats.JOBS:
        heartbeats.beat(job, "RegionOne", now)
    heartbeats.looked("project", "collect RegionOne", now - datetime.timedelta(minutes=6))
    found = rows(api)
    assert (found["care"]["late"], found["care"]["says"]) == (False, "")
    assert found["care"]["cared_at"] == now.strftime("%FT%TZ")
    assert found["history"]["late"], "the job runs, and left this project alone"
    assert found["history"]["ran_at"] == now.strftime("%FT%TZ")


def test_scaling_is_that_of_one_environment_where_it_is_named(api: Api) -> None:
    begun = begin(api.world, "shop")
    heartbeats.beat("scale", "RegionOne", timezone.now())
    assert not rows(api)["scale"]["late"]
    assert "nobody entrusted this" in rows(api, environment=begun.name)["scale"]["says"]
    heartbeats.looked("project", f"scale {begun.id}", timezone.now())
    assert not rows(api, environment=begun.id)["scale"]["late"]


def test_a_database_that_is_away_is_a_failure(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise DatabaseError("gone")

    monkeypatch.setattr(heartbeats, "last", away)
    answer = api.get(f"v1{CARE}")
    assert answer.status_code == 503
    assert "the dashboard's database does not answer" in conforms(answer, "get", CARE)["error"]["sentence"]
