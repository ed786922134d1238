"""The audit trail by the API: a project's own events, and what a command tells of itself."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError

from tenant_ops_dashboard import projects
from tenant_ops_dashboard.records import audit as kept
from tenant_ops_dashboard.records.models import AuditEvent
from tests.unit.api.conftest import HOME, Api
from tests.unit.api.test_frame import conforms
from tests.unit.fake_openstack.server import connect

pytestmark = pytest.mark.django_db
Record = Callable[..., None]


def event(**more: Any) -> dict[str, Any]:
    """What a command tells."""
    return {
        "id": str(uuid.uuid4()), "eventTime": "2020-01-01T00:00:00+00:00", "action": "update/pool-member",
        "outcome": "pending", "target": {"id": "member-1", "name": "app-1", "project_id": "development"},
        "initiator": {"id": "somebody", "name": "root", "project_id": "development"},
        "observer": {"id": "tenant-ops"}, "requestId": "req-1", "reason": {"reasonCode": "asked for"},
        "attachments": [{"content": {"verb": "drain", "before": {"weight": 1}, "after": {"weight": 0}}}], **more,
    }  # fmt: skip


def names(answer: Any) -> list[str]:
    return [one["target"]["name"] for one in conforms(answer, "get", "/audit")["events"]]


def test_a_project_sees_its_own_newest_first(api: Api, record: Record) -> None:
    record("one")
    record("theirs", "development")
    record("two", outcome="failure", reason="refused", rule="environments:delete")
    assert names(api.get("v1/audit")) == names(api.get("v1/audit", "auditor")) == ["two", "one"]
    assert names(api.get("v1/audit", "developer")) == ["theirs"]
    assert names(api.get("v1/audit", outcome="failure")) == ["two"]
    assert names(api.get("v1/audit", target="id-of-one", since="1h", user="owner", verb="delete")) == ["one"]
    assert names(api.get("v1/audit", until="1h")) == []


def test_an_auditor_sees_all_projects_where_he_may(api: Api, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    for project in ("project", "development", "secret", "foreign"):
        record(f"of-{project}", project, who="somebody")
    api.world.calls()
    assert names(api.get("v1/audit", "auditor", all_projects="true")) == ["of-development", "of-project"]
    cost = api.world.calls()
    assert len([call for call in cost if call.startswith("POST")]) == 2, "one token for each other project"
    first = api.get("v1/audit", "auditor", all_projects="true", limit=1).json()
    assert len(api.world.calls()) == 1, "asked a moment ago"
    then = api.client.get(first["links"][0]["href"], headers={"X-Auth-Token": "token-of-auditor"})
    assert names(then) == ["of-project"]
    assert names(api.get("v1/audit", "auditor")) == ["of-project"]
    assert names(api.get("v1/audit", "owner", all_projects="true")) == ["of-project"]
    monkeypatch.setattr(projects, "MOST", 0)
    assert projects.where(connect(api.world.wire, "reader", name="auditor"), "audit:see").more


def test_pages_lead_on(api: Api, record: Record) -> None:
    for number in range(5):
        record(f"shop-{number}")
    first = conforms(api.get("v1/audit", limit=2, target="shop"), "get", "/audit")
    seen, (link,) = [one["target"]["name"] for one in first["events"]], first["links"]
    while True:
        found = api.client.get(link["href"], headers={"X-Auth-Token": "token-of-owner"}).json()
        seen += [one["target"]["name"] for one in found["events"]]
        if not found["links"]:
            break
        (link,) = found["links"]
    assert seen == ["shop-4", "shop-3", "shop-2", "shop-1", "shop-0"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("limit", "0"), ("limit", "1001"), ("limit", "x"), ("limit", "٣"), ("since", "yesterday"), ("until", "7"),
     ("outcome", "good"), ("marker", "nothing"), ("target", "x" * 121), ("all_projects", "yes")],
)  # fmt: skip
def test_bad_input_is_told_at_its_field(api: Api, field: str, value: str) -> None:
    answer = api.get("v1/audit", **{field: value})
    assert answer.status_code == 422
    error = conforms(answer, "get", "/audit")["error"]
    assert error["field"] == field
    assert error["sentence"].startswith(f"{field}: ")


def test_a_database_that_is_down_is_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*told: Any, **options: Any) -> None:
        raise DatabaseError("gone away")

    monkeypatch.setattr(AuditEvent.objects, "filter", down)
    for method, body in (("GET", None), ("POST", event())):
        answer = api.ask(method, "v1/audit", body=body)
        assert answer.status_code == 503
        assert "database does not answer" in conforms(answer, method.lower(), "/audit")["error"]["sentence"]


def test_what_a_command_tells_is_its_caller_s(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    sent = event()
    answer = api.post("v1/audit", sent)
    assert answer.status_code == 201
    made = conforms(answer, "post", "/audit")["event"]
    assert made["initiator"] == {
        "id": "user-1", "name": "owner", "project_id": "project", "typeURI": "service/security/account/user",
        "host": {"address": "192.0.2.9"},
    }  # fmt: skip
    assert made["target"]["project_id"] == "project"
    assert made["observer"]["id"] == "tenant-ops cli"
    assert made["eventTime"] > "2026", "it is told now"
    assert made["attachments"][0]["content"] == sent["attachments"][0]["content"]
    assert kept.one(["project"], sent["id"]) == made
    (line,) = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    assert line == made
    again = api.post("v1/audit", {**sent, "outcome": "failure"})
    assert (again.status_code, conforms(again, "post", "/audit")["event"]) == (200, made)
    assert AuditEvent.objects.count() == 1


def test_the_same_id_is_another_project_s_own(api: Api) -> None:
    sent = event()
    assert api.post("v1/audit", sent, "developer").status_code == 201
    assert api.post("v1/audit", sent).status_code == 201
    assert kept.one(["development"], sent["id"])["initiator"]["project_id"] == "development"


def test_an_auditor_tells_nothing(api: Api) -> None:
    assert api.post("v1/audit", event(), "auditor").status_code == 403
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"id": "1"}, "id"), ({"id": None}, "id"), ({"action": "update"}, "action"), ({"action": "run/x"}, "action"),
        ({"action": "update/<script>"}, "action"), ({"outcome": "good"}, "outcome"), ({"target": "x"}, "target"),
        ({"target": {"id": 1}}, "id"), ({"target": {"id": "x", "name": "x" * 256}}, "name"),
        ({"eventTime": "now"}, "eventTime"), ({"reason": {"reasonCode": "x" * 1001}}, "reasonCode"),
        ({"requestId": "x" * 65}, "requestId"), ({"attachments": [{"content": {"verb": 7}}]}, "verb"),
    ],
)  # fmt: skip
def test_what_is_no_event_is_not_kept(api: Api, more: dict[str, Any], field: str) -> None:
    answer = api.post("v1/audit", event(**more))
    assert answer.status_code == 422
    assert conforms(answer, "post", "/audit")["error"]["field"] == field
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 60000])
def test_what_is_no_object_is_told(api: Api, raw: bytes) -> None:
    answer = api.client.generic(
        "POST", "/tenant_ops/api/v1/audit", raw, "application/json", headers={"X-Auth-Token": "token-of-owner"}
    )
    assert answer.status_code == 422
    assert conforms(answer, "post", "/audit")["error"]["field"] == "body"


def test_what_is_too_long_is_told(api: Api) -> None:
    answer = api.post("v1/audit", event(note="x" * 70000))
    assert answer.status_code == 413
    assert "longer than 65536 bytes" in conforms(answer, "post", "/audit")["error"]["sentence"]


def test_odd_content_is_kept_as_it_is(api: Api) -> None:
    odd = [{"content": {"verb": "drain", "before": {"name": "<script>\x00"}, "after": {"a": {"b": {"c": {"d": 1}}}}}}]
    assert api.post("v1/audit", event(attachments=odd)).status_code == 201
    (found,) = api.get("v1/audit").json()["events"]
    assert found["attachments"][0]["content"] == odd[0]["content"]


@pytest.mark.parametrize(
    "query", [{"limit": "0000000011000000"}, {"limit": "9" * 30}, {"since": "0001-01-01T00:00:00+14:00"}]
)
def test_what_is_out_of_bounds_is_bad_input(api: Api, query: dict[str, str]) -> None:
    assert api.get("v1/audit", **query).status_code == 422


@pytest.mark.parametrize("body", ['{"target": {"name": "\\ud800"}}', '{"before": NaN}'])
def test_no_event_is_kept_that_no_page_can_write(api: Api, body: str) -> None:
    answer = api.client.post(
        f"{HOME}v1/audit", data=body, content_type="application/json", headers={"X-Auth-Token": "token-of-owner"}
    )
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "body"
