"""The panel Posture: what is exposed, who says that it may stand, what changed since; of a project, or of all."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.utils import timezone

from tenant_ops_dashboard.panels.posture import presenters, state
from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.look import look
from tenant_ops_dashboard.posture.model import Finding, Posture
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records.posture_models import PostureAcknowledgement, PostureReview
from tenant_ops_dashboard.records.posture_scope import judged
from tests.unit.fake_openstack.server import Login
from tests.unit.fake_openstack.world import World
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
PAGE = "/tenant_ops/posture/"
SAID = {"reason": "It is the way in for the support team.", "until": "30d"}
ALL = {"all_projects": "true"}


@pytest.fixture
def enter(log_in, world):
    """Log in, here and at the cloud."""

    def run(*roles: str, **more: str) -> None:
        log_in(*roles, **more)
        world.wire.anybody = Login("project", frozenset(roles))

    return run


@pytest.fixture
def findings(world, shop) -> tuple[Finding, ...]:
    """Of the environment 'shop'."""
    found = judged(look(world.cloud("member"))).findings
    world.calls()
    assert len(found) > 1
    return found


def expose(world: World) -> None:
    """Something of another project's: a group with a rule for the whole world, on a port of its own."""
    network = next(iter(world.things.kept["networks"].values()))["id"]
    group = world.things.add("security-groups", name="theirs-secret", project_id="development", description="")
    group["security_group_rules"] = [{
        "id": "theirs-rule", "security_group_id": group["id"], "direction": "ingress", "ethertype": "IPv4",
        "protocol": "tcp", "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "0.0.0.0/0",
        "remote_group_id": None, "remote_address_group_id": None, "project_id": "development",
    }]  # fmt: skip
    world.things.add(
        "ports", name="theirs-port", project_id="development", network_id=network, device_owner="compute:nova",
        device_id="theirs", port_security_enabled=True, security_groups=[group["id"]], allowed_address_pairs=[],
        fixed_ips=[], status="ACTIVE", mac_address="fa:16:3e:00:00:99",
    )  # fmt: skip


@pytest.fixture
def theirs(world: World, findings: tuple[Finding, ...]) -> Finding:
    """A finding of another project."""
    expose(world)
    found = assess(look(world.cloud("admin", "member"), all_projects=True)).findings
    world.calls()
    return next(one for one in found if one.project == "development")


def acknowledge(client: Any, finding: Finding, **more: str) -> Any:
    return client.post(f"{PAGE}finding/{finding.id}/acknowledge/", {**SAID, **more})


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return re.findall(r'<tr id="finding-([^"]+)"', answer.content.decode())


def test_the_first_line_says_what_is_exposed_and_each_number_leads_to_what_it_counts(client, owner, findings):
    answer = client.get(PAGE)
    page = read(answer)
    assert ids(answer) == [one.id for one in findings][:50]
    first = page.text("#posture-answer")
    urgent = [one for one in findings if one.severity in ("critical", "high")]
    assert (urgent[0].said.rstrip(".") in first) if urgent else first.startswith("Nothing critical or high")
    for name in ("critical", "high", "unfiltered", "drift"):
        link = page.one(f"#number-{name}").get("href")
        assert client.get(link if link.startswith("/") else PAGE + link).status_code == 200
    assert "taken at" in page.text("#posture")


def test_one_reading_serves_all_who_may_see_the_same(client, owner, world, findings, log_in):
    client.get(PAGE)
    assert [one for one in world.calls() if "/network/" in one]
    client.get(PAGE)
    log_in("member", "reader", user_id="somebody-else")
    client.get(PAGE)
    client.get(f"{PAGE}finding/{findings[0].id}/")
    assert not [one for one in world.calls() if "/network/" in one]
    client.post(PAGE + "again/")
    client.get(PAGE)
    assert [one for one in world.calls() if "/network/" in one]


def test_a_reading_that_took_long_serves_who_looks_next(client, owner, world, findings, monkeypatch):
    """A large cloud is read for longer than a page may take."""
    real, late, read_ = time.time, [0.0], state.readings.read

    def slow(*asked: Any) -> Any:
        found = read_(*asked)
        late[0] += 50.0
        return found

    monkeypatch.setattr(time, "time", lambda: real() + late[0])
    monkeypatch.setattr(state.readings, "read", slow)
    client.get(PAGE)
    assert [one for one in world.calls() if "/network/" in one]
    assert ids(client.get(PAGE))
    assert not [one for one in world.calls() if "/network/" in one]


def test_every_finding_has_its_page_though_the_cache_lost_their_traffic(client, owner, findings, monkeypatch):
    client.get(PAGE)
    had = state.shared.get
    monkeypatch.setattr(state.shared, "get", lambda key, kind=object: None if kind is Posture else had(key, kind))
    assert "broken-intent" in {one.kind for one in findings}
    for one in findings:
        assert client.get(f"{PAGE}finding/{one.id}/").status_code == 200, one.kind


def test_filters_stand_in_the_address(client, owner, findings):
    one = findings[-1]
    for query in ({"severity": one.severity}, {"kind": one.kind}, {"text": one.id}, {"text": one.why.upper()}):
        found = ids(client.get(PAGE, query))
        assert one.id in found
        assert len(found) <= len(findings)
    assert ids(client.get(PAGE, {"text": "no such thing at all"})) == []
    assert ids(client.get(PAGE, {"text": "x", "page": "99999999", "severity": "<script>"})) == []


def test_pages_are_cut_on_the_server(client, owner, findings, monkeypatch):
    from tenant_ops_dashboard.panels.posture.views import listing

    monkeypatch.setattr(listing, "SIZE", 1)
    answer = client.get(PAGE)
    assert ids(answer) == [findings[0].id]
    link = read(answer).one("#posture-older").get("href")
    assert ids(client.get(PAGE + link)) == [findings[1].id]
    assert ids(client.get(PAGE, {"page": "9999"})) == [findings[-1].id]


def test_a_finding_is_acknowledged_with_a_reason_and_an_end(client, owner, findings):
    one = findings[0]
    answer = acknowledge(client, one)
    assert answer.status_code == 302
    page = read(client.get(answer["Location"]))
    assert SAID["reason"] in page.text("#finding-acknowledged")
    assert ids(client.get(PAGE))[-1] == one.id, "what nobody acknowledged stands first"
    assert ids(client.get(PAGE, {"acknowledged": "yes"})) == [one.id]
    acknowledge(client, one)
    assert PostureAcknowledgement.objects.count() == 1, "the same word again is the first one"
    acknowledge(client, one, reason="Another reason.")
    assert [word.ending for word in records.history("project", one.id)] == ["", "superseded"]
    client.post(f"{PAGE}finding/{one.id}/withdraw/")
    assert [word.ending for word in records.history("project", one.id)] == ["withdrawn", "superseded"]
    assert ids(client.get(PAGE, {"acknowledged": "yes"})) == []


def test_an_end_that_came_counts_no_more(client, owner, findings):
    acknowledge(client, findings[0])
    PostureAcknowledgement.objects.update(until=timezone.now())
    assert ids(client.get(PAGE, {"acknowledged": "yes"})) == []
    assert "it is over" in read(client.get(f"{PAGE}finding/{findings[0].id}/")).text("#finding-said")


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"until": "2020-01-01"}, "until", "this is past"),
        ({"until": "2 years"}, "until", "write a time"),
        ({"until": "400d"}, "until", "more than a year"),
        ({"until": ""}, "until", "Say until when"),
        ({"reason": " \n "}, "reason", "Say why"),
        ({"reason": "x" * 601}, "reason", "600"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_lost(client, owner, findings, more, field, says):
    answer = acknowledge(client, findings[0], **more)
    assert answer.status_code == 422
    assert says in read(answer).text(f"#{field}-more")
    kept = {**SAID, **more}
    assert kept["reason" if field == "until" else "until"] in answer.content.decode()
    assert not PostureAcknowledgement.objects.exists()


def test_a_reader_sees_it_all_and_changes_nothing(client, auditor, findings):
    page = read(client.get(f"{PAGE}finding/{findings[0].id}/"))
    assert page.text("#finding-fix")
    assert not page.has("#acknowledge")
    assert not read(client.get(PAGE)).has("#review")
    for path in (f"finding/{findings[0].id}/acknowledge/", f"finding/{findings[0].id}/withdraw/", "review/"):
        assert client.post(PAGE + path, SAID).status_code == 403
    assert client.get(f"{PAGE}finding/{findings[0].id}/acknowledge/").status_code == 403
    assert not PostureAcknowledgement.objects.exists()


def test_who_may_not_is_told(client, log_in, findings):
    log_in("load-balancer_observer")
    answer = client.get(PAGE)
    assert answer.status_code == 403
    assert b"posture:read" in answer.content


def test_a_review_is_what_drift_is_told_against(client, owner, world, findings):
    page = read(client.get(PAGE))
    assert page.text("#number-drift").startswith("–")
    version = next(one["value"] for one in page.find_all("input") if one.get("name") == "version")
    assert client.post(PAGE + "review/", {"version": version}).status_code == 302
    assert client.post(PAGE + "review/", {"version": version}).status_code == 302
    assert PostureReview.objects.count() == 1, "twice is once"
    assert read(client.get(PAGE)).text("#number-drift").startswith("0")
    group = next(one for one in world.things.kept["security-groups"].values() if "application" in one["name"])
    group["security_group_rules"].append({
        **group["security_group_rules"][0], "id": "new-rule", "direction": "ingress", "protocol": "tcp",
        "ethertype": "IPv4", "port_range_min": 2222, "port_range_max": 2222, "remote_ip_prefix": "0.0.0.0/0",
        "remote_group_id": None,
    })  # fmt: skip
    client.post(PAGE + "again/")
    page = read(client.get(PAGE + "drift/"))
    assert "2222" in page.text("#drift-gained") + page.text("#drift-new")
    assert page.text("#days")
    page = read(client.get(PAGE))
    assert not page.text("#number-drift").startswith("0")
    version = next(one["value"] for one in page.find_all("input") if one.get("name") == "version")
    client.post(PAGE + "review/", {"version": version})
    assert read(client.get(PAGE)).text("#number-drift").startswith("0"), "also where no finding came"


def test_what_nobody_saw_is_not_kept_as_reviewed(client, owner, findings):
    client.get(PAGE)
    answer = client.post(PAGE + "review/", {"version": "of an older page"})
    assert answer.status_code == 409
    assert not PostureReview.objects.exists()


@pytest.mark.parametrize("form", ["csv", "json", "html"])
def test_exports_hold_what_is_asked_for_and_no_formula(client, owner, findings, world, form):
    acknowledge(client, findings[0], reason="=HYPERLINK(1)")
    answer = client.get(f"{PAGE}export/{form}/", {"acknowledged": "yes"})
    told = answer.content.decode()
    assert answer["Content-Disposition"].endswith(f'.{form}"')
    assert findings[0].id in told
    assert findings[1].id not in told
    assert ("Not all findings, only: acknowledged yes." in told) is (form == "html")
    if form == "json":
        assert [one["id"] for one in json.loads(told)["findings"]] == [findings[0].id]
    if form == "csv":
        (row,) = csv.DictReader(io.StringIO(told))
        assert not row["acknowledged_reason"].startswith("=")
    assert client.get(f"{PAGE}export/exe/").status_code == 404


def test_nothing_found_says_what_the_page_is_for(client, owner, world):
    page = read(client.get(PAGE))
    assert page.text("#posture-answer") == "Nothing is exposed: there is no port yet."
    assert "launch an environment" in page.text("#posture-empty")


@pytest.mark.parametrize(
    ("ports", "unknown", "told"),
    [
        (3, (), "Nothing is exposed that should not be: no finding at all."),
        (3, ("odd",), "There is no finding that nobody has acknowledged, but not everything could be told."),
        (0, ("odd",), "There is no finding that nobody has acknowledged, but not everything could be told."),
        (0, (), "Nothing is exposed: there is no port yet."),
    ],
)
def test_the_first_line_promises_no_more_than_was_seen(ports, unknown, told):
    posture = Posture("2026-11-29T12:00:00Z", {}, ports, 0, (), unknown)
    assert presenters.answer(posture, records.counts(posture)) == told
    assert "launch" not in render_to_string("tenant_ops/posture/_empty.html", {"posture": replace(posture, ports=1)})


def test_a_cloud_that_is_silent_leaves_the_last_picture(client, owner, findings, world, settings):
    settings.TENANT_OPS_POSTURE_SECONDS = 0
    client.get(PAGE)
    world.wire.trouble["/network/"] = [503] * 50
    answer = client.get(PAGE)
    assert ids(answer)
    assert "is-stale" in read(answer).one("#posture").get("class")


def test_without_a_database_findings_are_still_shown(client, owner, findings, monkeypatch):
    def away(*arguments: Any) -> None:
        raise DatabaseError("away")

    for name in ("acknowledged", "reviews", "count", "history"):
        monkeypatch.setattr(records, name, away)
    answer = client.get(PAGE)
    assert ids(answer)
    assert "database does not answer" in read(answer).text("#posture-unkept")
    assert client.get(f"{PAGE}finding/{findings[0].id}/").status_code == 200
    assert client.get(PAGE + "drift/").status_code == 503


def test_all_projects_are_for_who_may_and_are_never_told_to_others(client, enter, theirs, findings):
    enter("admin", "member", "reader")
    answer = client.get(PAGE, ALL)
    assert theirs.id in ids(answer)
    assert read(answer).text("#all-projects")
    assert client.get(f"{PAGE}finding/{theirs.id}/", ALL).status_code == 200
    assert client.post(f"{PAGE}finding/{theirs.id}/acknowledge/?all_projects=true", SAID).status_code == 302
    assert client.post(f"{PAGE}review/?all_projects=true").status_code == 302
    assert theirs.id not in ids(client.get(PAGE)), "his own project alone"
    for roles in (("member", "reader"), ("reader",)):
        enter(*roles)
        assert client.get(PAGE, ALL).status_code == 403
        assert not read(client.get(PAGE)).has("#all-projects")


ADDRESSES = (
    "", "?project=development", "drift/", "export/csv/", "export/json/", "export/html/", "finding/{id}/",
    "finding/{id}/acknowledge/",
)  # fmt: skip


@pytest.mark.parametrize("roles", [("member", "reader"), ("reader",)], ids=["member", "reader"])
@pytest.mark.parametrize("all_", ["", "all_projects=true"], ids=["own", "all"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_tenant_never_sees_another_project_s_findings(client, enter, theirs, address, all_, roles):
    """Also after an administrator of the same project looked at all of them, acknowledged one and reviewed."""
    enter("admin", "member", "reader")
    for path in ("", "drift/", f"finding/{theirs.id}/", "export/json/"):
        client.get(PAGE + path, ALL)
    client.post(f"{PAGE}finding/{theirs.id}/acknowledge/?all_projects=true", {**SAID, "reason": "theirs-reason"})
    client.post(f"{PAGE}review/?all_projects=true")
    enter(*roles)
    path = PAGE + address.format(id=theirs.id)
    answer = client.get(f"{path}{'&' if '?' in path else '?'}{all_}")
    told = answer.content.decode().replace(theirs.id if "{id}" in address else "\0", "")
    for secret in ("theirs-secret", "theirs-port", "theirs-rule", "theirs-reason", theirs.id):
        assert secret not in told
    for path in ("acknowledge", "withdraw"):
        assert client.post(f"{PAGE}finding/{theirs.id}/{path}/?{all_}", SAID).status_code in (403, 404)
    assert PostureAcknowledgement.objects.exclude(user_id="1").count() == 0
    assert records.history("development", theirs.id)[0].ending == ""
