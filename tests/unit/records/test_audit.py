"""The audit trail in the database: kept as it is written, read for one project, found, paged, forgotten."""

from __future__ import annotations

import datetime
import json
import logging
from typing import Any

import pytest
from django.db import DatabaseError

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.audit.wanted import Wanted
from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.records import audit as kept
from tenant_ops_dashboard.records.models import AuditEvent
from tests.unit.fake_openstack.server import connect
from tests.unit.fake_openstack.world import World

pytestmark = pytest.mark.django_db
ALL = Wanted()
NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def sink() -> Any:
    """As Horizon has it once it started."""
    back = audit.also(kept.sink)
    yield
    back()


@pytest.fixture
def world() -> World:
    return World()


def record(world: World, name: str = "shop", project: str = "project", who: str = "owner", **more: Any) -> None:
    told = {"action": "delete", "kind": "environment", "outcome": "success", "target_id": f"id-of-{name}", **more}
    cloud = connect(world.wire, "member", project=project, name=who)
    audit.record(cloud, told.pop("action"), told.pop("kind"), told.pop("target_id"), name, told.pop("outcome"), **told)


def names(wanted: Wanted = ALL, project: str = "project", limit: int = 100) -> list[str]:
    return [one["target"]["name"] for one in kept.page([project], wanted, limit).events]


def test_an_event_is_kept_whole_and_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    record(world, verb="delete", before={"at": NOW, "deep": {"er": {"still": {"here": 1}}}}, request_id="req-1")
    (line,) = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    (event,) = kept.page(["project"], Wanted(), 10).events
    assert event == line == kept.one(["project"], line["id"])
    assert event["attachments"][0]["content"]["before"]["deep"] == {"er": {"still": {"here": 1}}}
    kept.keep({**event, "outcome": "failure"})
    row = AuditEvent.objects.get()
    assert (row.project_id, row.user_name, row.action, row.kind, row.verb, row.target_id, row.request_id) == (
        "project", "owner", "delete/environment", "environment", "delete", "id-of-shop", "req-1",
    )  # fmt: skip


def test_no_project_sees_another_s(world: World) -> None:
    record(world, project="development", name="theirs")
    record(world, "ours")
    assert names() == ["ours"]
    (theirs,) = kept.page(["development"], Wanted(), 10).events
    with pytest.raises(NotFound):
        kept.one(["project"], theirs["id"])
    with pytest.raises(BadInput, match="marker"):
        kept.page(["project"], Wanted(), 10, theirs["id"])
    assert kept.summary(["project"], Wanted()).total == 1


def test_what_somebody_says_of_another_project_is_not_theirs(world: World) -> None:
    record(world, "tried", project_id="development", outcome="failure")
    assert names(project="development") == []
    assert names() == ["tried"]


def test_events_are_found(world: World) -> None:
    record(world, "shop-1", verb="drain", action="update", kind="pool-member", outcome="pending")
    record(world, "shop-2", who="anna", outcome="failure")
    record(world, "billing")
    assert names(Wanted(target="shop")) == ["shop-2", "shop-1"]
    assert names(Wanted(target="id-of-billing")) == ["billing"]
    assert names(Wanted(user="anna")) == names(Wanted(user="user-anna")) == ["shop-2"]
    assert names(Wanted(outcome="pending")) == names(Wanted(verb="drain")) == names(Wanted(verb="update")) == ["shop-1"]
    assert names(Wanted(verb="delete/environment")) == ["billing", "shop-2"]
    assert names(Wanted(target="\0")) == ["billing", "shop-2", "shop-1"]
    found = kept.summary(["project"], Wanted(outcome="failure"))
    assert (found.outcomes, found.verbs) == ({"pending": 1, "failure": 1, "success": 1}, ("drain",))


def test_time_bounds_what_is_found(world: World) -> None:
    record(world)
    now = datetime.datetime.now(datetime.UTC)
    assert names(Wanted.of({"since": "1h"})) == names(Wanted(until=now + datetime.timedelta(seconds=1))) == ["shop"]
    assert names(Wanted(since=now + datetime.timedelta(seconds=1))) == []
    assert names(Wanted.of({"until": "1h"})) == []


def test_pages_hold_each_event_once_also_within_one_millisecond(world: World) -> None:
    record(world)
    (event,) = kept.page(["project"], Wanted(), 10).events
    for number in range(24):
        kept.keep({**event, "id": f"{number:08d}-0000-0000-0000-000000000000"})
    seen, marker = [], ""
    while True:
        page = kept.page(["project"], Wanted(), 7, marker)
        seen += [one["id"] for one in page.events]
        if not (marker := page.marker):
            break
    assert len(seen) == len(set(seen)) == 25
    assert seen == [one["id"] for one in kept.every(["project"], Wanted(), 4)]


@pytest.mark.parametrize("name", ["shop\0\ud800", "s" * 5000, "", "<script>\n"])
def test_odd_names_cost_no_event(world: World, name: str) -> None:
    record(world, name)
    assert names() == [name.encode("utf-8", "replace").decode()], "what no page could write again is replaced"


def test_an_event_without_a_target_s_id_has_none(world: World) -> None:
    record(world, target_id="")
    assert kept.page(["project"], Wanted(), 1).events[0]["target"]["id"] == ""


def test_a_database_that_is_down_costs_no_change_and_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def down(*told: object, **options: object) -> None:
        raise DatabaseError("server has gone away")

    monkeypatch.setattr(AuditEvent.objects, "bulk_create", down)
    record(world)
    monkeypatch.undo()
    told = {one.name: one.message for one in caplog.records if one.name.startswith("tenant_ops")}
    assert json.loads(told["tenant_ops.audit"])["outcome"] == "success"
    assert "stands in the log alone: server has gone away" in told["tenant_ops"]
    assert names() == []


def test_old_events_are_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "BATCH", 2)
    for number in range(5):
        record(world, f"old-{number}")
    AuditEvent.objects.update(at=NOW - datetime.timedelta(days=366))
    record(world, "new")
    assert kept.prune(NOW, 0) == 0
    assert kept.prune(NOW, 365) == 5
    assert names() == ["new"]
