"""Posture's records at the API: acknowledged, withdrawn, reviewed, drift; each project's alone."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.utils import timezone

from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.look import look
from tenant_ops_dashboard.posture.model import Finding
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records.models import AuditEvent
from tenant_ops_dashboard.records.posture_models import PostureAcknowledgement
from tests.unit.api.conftest import Api
from tests.unit.api.test_frame import conforms
from tests.unit.fake_openstack.server import Login
from tests.unit.panels.conftest import stand
from tests.unit.panels.posture.test_pages import SAID, expose

pytestmark = pytest.mark.django_db
WORDS, ONE = "/posture/acknowledgements", "/posture/acknowledgements/{id}"


@pytest.fixture
def findings(api: Api) -> tuple[Finding, ...]:
    """Of the project and of 'development', as an administrator sees them."""
    api.world.wire.logins["token-of-operator"] = Login("project", frozenset({"admin", "member"}), "operator")
    api.world.wire.logins["token-of-lonely"] = Login("project", frozenset({"reader"}), "lonely")
    api.world.once("api posture", lambda: stand(api.world, "shop"))
    expose(api.world)
    found = assess(look(api.world.cloud("admin", "member"), all_projects=True)).findings
    api.world.calls()
    return found


def of(findings: tuple[Finding, ...], project: str) -> Finding:
    return next(one for one in findings if one.project == project)


def words(api: Api, who: str = "owner", **query: Any) -> list[str]:
    found = conforms(api.get(f"v1{WORDS}", who, **query), "get", WORDS)["acknowledgements"]
    return sorted(one["id"] for one in found)


def acknowledge(api: Api, finding: Finding, who: str = "owner", query: str = "", **more: Any) -> Any:
    return api.post(f"v1{WORDS}{query}", {"id": finding.id, **SAID, **more}, who)


def test_acknowledged_is_told_once_and_counts_until_it_is_withdrawn(
    api: Api, findings: tuple[Finding, ...]
) -> None:  # fmt: skip
    mine = of(findings, "project")
    answer = acknowledge(api, mine)
    assert answer.status_code == 201
    told = conforms(answer, "post", WORDS)
    assert (told["id"], told["by"], told["reason"]) == (mine.id, "owner", SAID["reason"])
    assert acknowledge(api, mine).status_code == 200, "the same word again is the first one"
    assert words(api) == [mine.id]
    for _again in range(2):
        answer = api.ask("DELETE", f"v1{WORDS}/{mine.id}")
        assert (answer.status_code, conforms(answer, "delete", ONE)["id"]) == (200, mine.id)
    assert words(api) == []
    assert [one.ending for one in records.history("project", mine.id)] == ["withdrawn"]
    assert AuditEvent.objects.filter(verb="acknowledge", outcome="success").count() == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"until": "yesterday"}, "until"), ({"until": "2020-01-01"}, "until"), ({"until": "53w"}, "until"),
        ({"until": "1e400d"}, "until"), ({"reason": " "}, "reason"), ({"reason": "x" * 700}, "reason"),
        ({"reason": None}, "reason"), ({"id": ""}, "id"), ({"surprise": 1}, "surprise"), ({"id": ["a"]}, "id"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field_and_keeps_nothing(
    api: Api, findings: tuple[Finding, ...], more: dict[str, Any], field: str
) -> None:
    answer = acknowledge(api, of(findings, "project"), **more)
    assert answer.status_code == 422
    error = conforms(answer, "post", WORDS)["error"]
    assert error["field"] == field
    assert error["sentence"].startswith(f"{field}: ")
    assert not PostureAcknowledgement.objects.exists()


def test_what_is_not_there_is_not_acknowledged(api: Api, findings: tuple[Finding, ...]) -> None:
    answer = api.post(f"v1{WORDS}", {"id": "ffffffff", **SAID})
    assert answer.status_code == 404
    assert "'ffffffff'" in conforms(answer, "post", WORDS)["error"]["sentence"]
    assert api.ask("DELETE", f"v1{WORDS}/ffffffff").status_code == 404


def test_a_reader_keeps_nothing(api: Api, findings: tuple[Finding, ...]) -> None:
    mine = of(findings, "project")
    acknowledge(api, mine)
    assert words(api, "auditor") == [mine.id]
    assert acknowledge(api, mine, "auditor", reason="another").status_code == 403
    assert api.ask("DELETE", f"v1{WORDS}/{mine.id}", "auditor").status_code == 403
    assert api.post("v1/posture/reviews", {}, "auditor").status_code == 403
    assert words(api) == [mine.id]


@pytest.mark.parametrize("query", ["", "?all_projects=true", "?project=development", "?project=project"])
@pytest.mark.parametrize("who", ["owner", "lonely"])
def test_a_tenant_never_sees_nor_changes_another_project_s(
    api: Api, findings: tuple[Finding, ...], who: str, query: str
) -> None:
    theirs = of(findings, "development")
    assert acknowledge(api, theirs, "operator", "?all_projects=true", reason="theirs-reason").status_code == 201
    assert api.post("v1/posture/reviews?all_projects=true", {}, "operator").status_code == 201
    for method, path in (("GET", WORDS), ("GET", "/posture/drift"), ("POST", "/posture/reviews")):
        answer = api.ask(method, f"v1{path}{query}", who, {} if method == "POST" else None)
        told = answer.content.decode()
        for secret in (theirs.id, "theirs-secret", "theirs-port", "theirs-rule", "theirs-reason"):
            assert secret not in told, (path, answer.status_code)
    assert acknowledge(api, theirs, who, query).status_code in (403, 404)
    assert api.ask("DELETE", f"v1{WORDS}/{theirs.id}{query}", who).status_code in (403, 404)
    assert [one.ending for one in records.history("development", theirs.id)] == [""]


def test_who_may_see_all_says_something_of_all(api: Api, findings: tuple[Finding, ...]) -> None:
    mine, theirs = of(findings, "project"), of(findings, "development")
    for one in (mine, theirs):
        assert acknowledge(api, one, "operator", "?all_projects=true").status_code == 201
    assert words(api, "operator", all_projects="true") == sorted([mine.id, theirs.id])
    assert words(api, "operator") == [mine.id]
    assert words(api) == [mine.id]
    assert words(api, "auditor", all_projects="true") == sorted([mine.id, theirs.id]), "he is a reader there, too"
    assert words(api, "operator", project="development") == [theirs.id]
    assert api.ask("DELETE", f"v1{WORDS}/{theirs.id}?all_projects=true", "operator").status_code == 200
    assert words(api, "operator", all_projects="true") == [mine.id]


def test_the_audit_trail_of_an_administrator_s_project_tells_nothing_of_another_one(
    api: Api, findings: tuple[Finding, ...]
) -> None:  # fmt: skip
    """Whoever reads his project's trail may be no administrator."""
    theirs = of(findings, "development")
    records.acknowledge(
        api.world.cloud("member", name="theirs-user"), "development", theirs.id, "theirs-reason",
        timezone.now() + datetime.timedelta(days=1), timezone.now(),
    )  # fmt: skip
    assert acknowledge(api, theirs, "operator", "?all_projects=true").status_code == 201
    assert api.ask("DELETE", f"v1{WORDS}/{theirs.id}?all_projects=true", "operator").status_code == 200
    told = api.get("v1/audit").json()["events"]
    assert [(one["target"]["id"], one["target"]["project_id"]) for one in told] == [(theirs.id, "development")] * 2
    for query, project in (("?project=development", "development"), ("?all_projects=true", "project"), ("", "project")):
        assert api.post(f"v1/posture/reviews{query}", {}, "operator").status_code == 201
        assert api.get("v1/audit", limit="1").json()["events"][0]["target"]["project_id"] == project
    told = api.get("v1/audit").json()["events"]
    for secret in ("theirs-reason", "theirs-user", "theirs-port", "theirs-secret"):
        assert secret not in json.dumps(told)


def test_drift_is_told_against_the_last_review_of_the_same_scope(api: Api, findings: tuple[Finding, ...]) -> None:
    answer = api.get("v1/posture/drift")
    assert answer.status_code == 409
    assert "Nobody has reviewed" in conforms(answer, "get", "/posture/drift")["error"]["sentence"]
    assert api.post("v1/posture/reviews", {"since": 1}).json()["error"]["field"] == "since"
    made = conforms(api.post("v1/posture/reviews", {}), "post", "/posture/reviews")
    again = api.post("v1/posture/reviews", {})
    assert (again.status_code, again.json()["id"], again.json()["existing"]) == (200, made["id"], True)
    told = conforms(api.get("v1/posture/drift"), "get", "/posture/drift")
    assert [told[name] for name in ("gained", "lost", "new", "gone")] == [[], [], [], []]
    assert told["review"]["id"] == made["id"]
    assert api.get("v1/posture/drift", "operator", all_projects="true").status_code == 409
    for one in api.world.things.kept["security-groups"].values():
        if "application" in one["name"]:
            rule = {**one["security_group_rules"][0], "id": "new", "direction": "ingress", "ethertype": "IPv4"}
            more = {"port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "0.0.0.0/0", "protocol": "tcp"}
            one["security_group_rules"].append({**rule, **more, "remote_group_id": None})
    told = conforms(api.get("v1/posture/drift"), "get", "/posture/drift")
    assert told["gained"] or told["new"]


def test_an_intent_that_broke_since_the_review_is_new_and_one_that_was_broken_is_not(
    api: Api, findings: tuple[Finding, ...]
) -> None:  # fmt: skip
    def broken() -> list[str]:
        told = conforms(api.get("v1/posture/drift"), "get", "/posture/drift")
        return [one["why"] for one in told["new"] if one["kind"] == "broken-intent"]

    for group in api.world.things.kept["security-groups"].values():
        if "database" in group["name"]:
            was, group["security_group_rules"] = group["security_group_rules"], []
    assert api.post("v1/posture/reviews", {}).status_code == 201
    assert broken() == [], "it was so when it was reviewed"
    for group in api.world.things.kept["security-groups"].values():
        if "database" in group["name"]:
            group["security_group_rules"] = was
    assert api.post("v1/posture/reviews", {}).status_code == 201
    for group in api.world.things.kept["security-groups"].values():
        if "database" in group["name"]:
            group["security_group_rules"] = []
    (why,) = broken()
    assert why.startswith("The application reaches its database does not hold: ")


@pytest.mark.parametrize(("method", "path"), [("GET", WORDS), ("GET", "/posture/drift"), ("POST", "/posture/reviews")])
def test_a_project_is_named_as_the_parameter_that_it_is(
    api: Api, findings: tuple[Finding, ...], monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    rows = [{"id": one, "name": "twin"} for one in ("a", "b")]
    api.world.wire.on("GET", "/identity/v3/projects")(lambda query, body: {"projects": rows, "links": {}})
    for name, status in (("twin", 422), ("nowhere", 404)):
        answer = api.ask(method, f"v1{path}?project={name}", "operator", {} if method == "POST" else None)
        error = conforms(answer, method.lower(), path)["error"]
        assert (answer.status_code, error["field"]) == (status, "project")
        assert error["sentence"].startswith("project: ")


def test_an_id_that_no_finding_can_have_is_not_looked_for(api: Api, findings: tuple[Finding, ...]) -> None:
    """PostgreSQL breaks off at such a text."""
    assert api.ask("DELETE", f"v1{WORDS}/%00").status_code == 404


def test_one_project_or_all_of_them(api: Api, findings: tuple[Finding, ...]) -> None:
    for query, field in (
        ({"all_projects": "true", "project": "x"}, "project"), ({"all_projects": "maybe"}, "all_projects"),
        ({"project": "x" * 300}, "project"), ({"scope": "x"}, "scope"),
    ):  # fmt: skip
        assert api.get(f"v1{WORDS}", **query).json()["error"]["field"] == field
