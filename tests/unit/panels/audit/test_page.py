"""The page of the audit trail: found, filtered, paged, exported, one project's alone."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.panels.audit.views import listing
from tenant_ops_dashboard.records import audit as kept
from tenant_ops_dashboard.records.models import AuditEvent
from tests.unit.fake_openstack.server import Login, connect
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
PAGE = "/tenant_ops/audit/"


@pytest.fixture(autouse=True)
def sink():
    back = audit.also(kept.sink)
    yield
    back()


@pytest.fixture
def record(world):
    """Something that was changed."""

    def run(name="shop", project="project", who="owner", outcome="success", **more):
        cloud = connect(world.wire, "member", project=project, name=who, caller="192.0.2.9")
        told = {"action": "delete", "kind": "environment", "id": f"id-of-{name}", "verb": "delete", **more}
        audit.record(cloud, told.pop("action"), told.pop("kind"), told.pop("id"), name, outcome, **told)

    return run


def named(answer):
    """The targets on a page, in their order."""
    assert answer.status_code == 200
    return re.findall(r'<td class="to-rows__name"><a href="[^"]+">([^<]*)</a>', answer.content.decode())


def event_id(name):
    return AuditEvent.objects.get(target_name=name).event_id


def test_what_was_changed_is_there_newest_first_for_who_may_look(client, auditor, world, record):
    record("one")
    record("theirs", project="development")
    record("two", outcome="failure", reason="Heat: no", who="anna")
    answer = client.get(PAGE)
    assert named(answer) == ["two", "one"]
    page = read(answer)
    assert page.text("#audit-answer") == "1 done · 1 failed"
    told = page.text("#audit-table")
    for words in ("Heat: no", "anna", "192.0.2.9", "delete · environment"):
        assert words in told
    assert world.calls() == [], "the trail asks nothing of OpenStack"


def test_who_may_not_is_told(client, log_in, world, record):
    record()
    log_in("load-balancer_observer")
    for where in ("", "export/csv/", f"event/{event_id('shop')}/"):
        answer = client.get(PAGE + where)
        assert answer.status_code == 403
        assert b"audit:see" in answer.content


def test_another_project_s_events_are_not_found(client, owner, record):
    record("theirs", project="development")
    answer = client.get(f"{PAGE}event/{event_id('theirs')}/")
    assert answer.status_code == 404
    assert "no such event" in read(answer).text("#tenant-ops")
    assert named(client.get(f"{PAGE}?target=theirs")) == []
    assert "theirs" not in b"".join(client.get(f"{PAGE}export/json/").streaming_content).decode()


def test_an_auditor_sees_all_projects_where_he_may(client, auditor, world, record, data):
    record("ours")
    for project in ("development", "secret"):
        record(f"of-{project}", project=project)
    world.wire.logins |= {
        data.token.id: Login("project", frozenset({"reader"}), "auditor"), "in development": Login("development", frozenset({"reader"}), "auditor"),
        "in secret": Login("secret", frozenset({"load-balancer_observer"}), "auditor"),
    }  # fmt: skip
    assert named(client.get(PAGE)) == ["ours"]
    answer = client.get(f"{PAGE}?all_projects=true")
    assert named(answer) == ["of-development", "ours"]
    page = read(answer)
    assert "in development" in page.text("#audit-table")
    assert page.text("#audit-projects") == "You may see the events of 2 projects."
    (link,) = [one for one in page.links("#audit-table") if event_id("of-development") in one]
    assert client.get(link).status_code == 200
    assert client.get(link.partition("?")[0]).status_code == 404
    events = json.loads(content(client, "json", "?all_projects=true"))
    assert {one["initiator"]["project_id"] for one in events} == {"project", "development"}


def test_nothing_yet_says_what_this_is_for(client, owner, world):
    page = read(client.get(PAGE))
    assert page.text("#audit-answer") == "Nothing was changed in this project yet."
    assert "Who changed what" in page.text("#audit-empty")
    assert not page.has("#audit-filter")


def test_filters_stand_in_the_address(client, owner, record):
    record("shop-1", verb="drain", action="update", kind="pool-member", outcome="pending")
    record("shop-2", who="anna", outcome="failure")
    record("billing")
    assert named(client.get(f"{PAGE}?target=shop")) == ["shop-2", "shop-1"]
    assert named(client.get(f"{PAGE}?user=anna&outcome=failure")) == ["shop-2"]
    assert named(client.get(f"{PAGE}?verb=drain&since=1h")) == ["shop-1"]
    answer = client.get(f"{PAGE}?target=shop&outcome=failure")
    page = read(answer)
    assert page.text("#audit-answer").startswith("1 accepted · 1 failed")
    assert page.one("#target")["value"] == "shop"
    assert {f"?target=shop&outcome={one}" for one in ("pending", "failure")} <= set(page.links("#audit-answer"))
    assert page.one("#export-csv")["href"] == f"{PAGE}export/csv/?target=shop&outcome=failure"


def test_nothing_found_offers_all(client, owner, record):
    record()
    page = read(client.get(f"{PAGE}?target=nothing"))
    assert page.text("#audit-answer") == "Nothing that was changed is like that. Show all"
    assert page.has("#audit-filter")
    assert not page.has("#audit-empty")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("since", "yesterday", "Write a time as"), ("until", "x", "Write a time as"), ("outcome", "good", "one of success"),
     ("target", "x" * 121, "longer than 120")],
)  # fmt: skip
def test_bad_input_is_told_at_its_field(client, owner, record, field, value, said):
    record()
    answer = client.get(PAGE, {field: value})
    assert answer.status_code == 422
    assert said in read(answer).text(f"#{field}-problem")
    assert client.get(f"{PAGE}export/csv/", {field: value}).status_code == 422


def test_pages_lead_to_older_and_back(client, owner, record, monkeypatch):
    monkeypatch.setattr(listing, "SIZE", 2)
    for number in range(5):
        record(f"shop-{number}")
    answer, seen = client.get(f"{PAGE}?target=shop"), []
    while True:
        seen += named(answer)
        page = read(answer)
        if not page.has("#audit-older"):
            break
        answer = client.get(PAGE + page.one("#audit-older")["href"])
    assert seen == ["shop-4", "shop-3", "shop-2", "shop-1", "shop-0"]
    assert page.one("#audit-newest")["href"] == "?target=shop"


def test_a_page_whose_beginning_was_forgotten_says_so(client, owner, record):
    record()
    answer = client.get(f"{PAGE}?marker=gone")
    assert answer.status_code == 422
    assert "not kept any more" in read(answer).text("#tenant-ops")
    assert read(answer).has("#audit-newest")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_times_are_the_reader_s(client, owner, record, zone):
    record()
    AuditEvent.objects.update(event=changed(eventTime="2026-11-21T06:00:00.000+00:00"),
                              at=datetime.datetime(2026, 11, 21, 6, tzinfo=datetime.UTC))  # fmt: skip
    client.cookies["django_timezone"] = zone
    shown = "11:30:00" if zone != "UTC" else "06:00:00"
    page = read(client.get(PAGE))
    assert shown in page.text("#audit-table")
    assert zone in page.text("#tenant-ops")
    assert shown in read(client.get(f"{PAGE}event/{event_id('shop')}/")).text("#event-answer")
    # What is typed is the reader's time, too.
    assert named(client.get(f"{PAGE}?since=2026-11-21T11:00&until=2026-11-21T12:00")) == (
        ["shop"] if zone != "UTC" else []
    )


def changed(**fields):
    """The one event's JSON, with these fields."""
    return json.dumps({**json.loads(AuditEvent.objects.get().event), **fields})


def test_one_event_is_shown_whole(client, owner, record):
    record(
        before={"weight": 1, "name": "a"},
        after={"weight": 0, "name": None},
        request_id="req-7",
        rule="environments:delete",
    )
    answer = client.get(f"{PAGE}event/{event_id('shop')}/")
    page = read(answer)
    assert json.loads(page.text("#event-json")) == json.loads(AuditEvent.objects.get().event)
    assert "weight 1 0" in page.text("#event-fields")
    assert page.text("#event-request") == "req-7"
    assert "environments:delete" in page.text("#event-facts")
    assert page.one("#event-same")["href"] == f"{PAGE}?target=id-of-shop"
    assert not page.has("#event-command")


def test_what_a_command_told_is_marked(client, owner, record):
    record()
    AuditEvent.objects.update(event=changed(observer={"id": "tenant-ops cli", "typeURI": "service/tenant-ops"}))
    assert "by command" in read(client.get(PAGE)).text("#audit-table")
    assert "its own word" in read(client.get(f"{PAGE}event/{event_id('shop')}/")).text("#event-command")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\u202eexe.shop", "a\x1b[2J\nb"])
def test_odd_names_act_nowhere(client, owner, record, name):
    record(name, before={name: name})
    for where in ("", f"event/{AuditEvent.objects.get().event_id}/"):
        answer = client.get(PAGE + where)
        assert answer.status_code == 200
        assert b"<script>alert" not in answer.content
    rows = list(csv.DictReader(io.StringIO(content(client, "csv"))))
    assert not rows[0]["target"].startswith("=")
    assert "\x1b" not in rows[0]["target"]
    assert json.loads(content(client, "json"))[0]["target"]["name"] == name


def content(client, form, query=""):
    answer = client.get(f"{PAGE}export/{form}/{query}")
    assert answer.status_code == 200
    assert re.search(rf'filename="audit-[A-Za-z0-9-]+-\d{{8}}-\d{{6}}\.{form}"', answer["Content-Disposition"])
    return b"".join(answer.streaming_content).decode()


def test_exports_hold_everything_that_is_found(client, owner, record, monkeypatch):
    monkeypatch.setattr(listing, "SIZE", 2)
    for number in range(5):
        record(f"shop-{number}", outcome="failure" if number % 2 else "success")
    rows = list(csv.DictReader(io.StringIO(content(client, "csv", "?outcome=failure"))))
    assert [one["target"] for one in rows] == ["shop-3", "shop-1"]
    assert rows[0]["time"].endswith("+00:00")
    events = json.loads(content(client, "json"))
    assert events == [json.loads(one.event) for one in AuditEvent.objects.order_by("-at", "-id")]
    assert json.loads(content(client, "json", "?target=nothing")) == []
    assert client.get(f"{PAGE}export/xls/").status_code == 404


@pytest.mark.parametrize("trouble", [DatabaseError("gone"), ImproperlyConfigured("none")])
@pytest.mark.parametrize("where", ["", "export/csv/", "event/00000000-0000-4000-8000-000000000001/"])
def test_a_database_that_is_away_is_a_sentence(client, owner, world, monkeypatch, trouble, where):
    def down(*told, **options):
        raise trouble

    monkeypatch.setattr(AuditEvent.objects, "filter", down)
    answer = client.get(PAGE + where)
    assert answer.status_code == 503
    assert "database does not answer" in read(answer).text("#tenant-ops")


def test_a_change_by_a_page_is_in_the_trail(client, owner, world, shop):
    assert client.post("/tenant_ops/environment/00000000-0000-0000-0000-000000000003/delete/").status_code == 302
    answer = client.get(PAGE)
    assert named(answer)[0] == "shop"
    assert "accepted" in read(answer).text("#audit-table")
