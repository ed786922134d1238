"""Intents on pages: an environment's own, what a draft makes of them, and the gate before Apply."""

from __future__ import annotations

import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from tenant_ops_dashboard.firewall import standing as standings
from tenant_ops_dashboard.firewall.checking import Checked
from tenant_ops_dashboard.records import heartbeats, intents, models
from tests.unit.firewall import standing
from tests.unit.panels.reading import Page, read
from tests.unit.panels.walk import ID, INTENT, SHOW

pytestmark = pytest.mark.django_db
NEVER = "The database is never reachable from the internet"
NOW = datetime.datetime.now(datetime.UTC)
ADD = {"says": "Closed.", "expect": "deny", "source": "internet", "target": "tier:shop/jump", "protocol": "tcp"}


@pytest.fixture
def group(world, settings):
    """The id of the environment's group, whose database only the firewall keeps from the internet."""
    settings.TENANT_OPS_CACHE_SECONDS = 0
    standing.shop(world, world.cloud())
    standing.expose_database(world)
    (found,) = world.things.kept["firewall_groups"]
    return f"/tenant_ops/firewall/group/{found}/"


def broken(since=NOW):
    first = standings.of_blueprints({ID: "tomcat-oracle"})[0]
    intents.keep("project", [first], [Checked(False, "tcp 1521 gets through: rule r")], since)
    return first


def version(page):
    return next(one["value"] for one in page.find_all("input", "value") if one.get("name") == "version")


def drafted(client, group):
    """A draft that opens the database."""
    for way, fields in (
        ("ingress", {"destination_ip_address": "10.20.2.5", "destination_port": "1521"}),
        ("egress", {"source_ip_address": "10.20.2.5", "source_port": "1521"}),
    ):
        told = {
            "name": f"any {way}",
            "action": "allow",
            "protocol": "tcp",
            "ip_version": "4",
            "enabled": "on",
            **fields,
        }
        told |= {"position": "1", "version": version(read(client.get(group)))}
        assert client.post(f"{group}{way}/rule/", told).status_code == 302
    return read(client.get(group))


def changed(world):
    return [call for call in world.calls() if not call.startswith("GET")]


def review(client, group):
    return read(client.get(f"{group}apply/"))


def test_an_environment_s_page_has_its_blueprint_s_and_a_way_to_add(client, owner, shop):
    page = read(client.get(SHOW))
    text = page.text("#intents")
    assert NEVER in text and "not checked yet" in text and "none is checked" in text
    assert "Add an intent" in text and "from the blueprint" in text


def test_an_auditor_sees_them_and_changes_none(client, auditor, shop):
    text = read(client.get(SHOW)).text("#intents")
    assert NEVER in text and "Add an intent" not in text and "switch off" not in text


def test_a_broken_one_is_a_warning_on_the_page_and_in_the_list(client, owner, shop):
    broken()
    page = read(client.get(SHOW))
    assert page.text("#environment-status") == "warning"
    assert f"{NEVER} (tcp 1521 gets through: rule r)" in page.text("#why")
    text = page.text("#intents")
    assert "broken since" in text and "1 broken" in text
    listed = read(client.get("/tenant_ops/")).text("#environments-table")
    assert "Broken since" in listed and NEVER in listed


ALL = "/tenant_ops/firewall/intents/"


def test_all_of_the_project_are_on_one_page_broken_ones_first(client, owner, shop):
    broken()
    page = read(client.get(ALL))
    assert page.text("#intents-answer") == "1 intent is broken"
    first = page.find_all("tr", "data-key")[0]
    assert first.get("data-state") == "warning"
    text = page.text("#intents")
    assert NEVER in text and "broken since" in text and "switch off" in text and "from the blueprint" in text
    assert SHOW in [one.get("href") for one in page.find_all("a", "href")]
    assert "Intents" in read(client.get("/tenant_ops/firewall/")).text("#intents-link")


def test_one_of_the_project_itself_is_added_and_removed(client, owner, group):
    assert client.post(f"{ALL}add/", {**ADD, "says": ""}).status_code == 422
    page = read(client.post(f"{ALL}add/", {**ADD, "target": "server:nobody"}))
    assert page.text("#target-problem") == "This project has no server called nobody."
    answer = client.post(f"{ALL}add/", ADD)
    assert (answer.status_code, answer["Location"]) == (302, ALL)
    row = models.FirewallIntent.objects.get(environment_id="")
    assert row.holds is True
    text = read(client.get(ALL)).text("#intents")
    assert "Closed" in text and "the project" in text and "remove" in text
    page = f"{ALL}{row.intent_id}/"
    assert "It is checked no more" in client.get(page).content.decode()
    assert client.post(page)["Location"] == ALL
    assert not models.FirewallIntent.objects.filter(environment_id="").exists()
    assert client.get(page).status_code == 404


def test_an_auditor_sees_all_intents_and_changes_none(client, auditor, shop):
    text = read(client.get(ALL)).text("#tenant-ops")
    assert NEVER in text and "switch off" not in text and "Add an intent" not in text
    assert client.get(f"{ALL}add/").status_code == 403
    assert client.post(f"{ALL}add/", ADD).status_code == 403
    assert not models.FirewallIntent.objects.exists()


def test_a_project_without_intents_says_what_they_are_for(client, owner, world):
    page = read(client.get(ALL))
    assert page.text("#intents-answer") == "No intent stands in this project yet."
    assert "Add an intent" in page.text("#tenant-ops")


def test_a_heat_that_does_not_answer_costs_the_blueprints_own_alone(client, owner, world, group):
    client.post(f"{ALL}add/", ADD)
    world.wire.trouble["orchestration"] = [requests.ConnectionError("no route")] * 9
    page = read(client.get(ALL))
    assert "Heat" in page.text("#intents-problem")
    assert "Closed" in page.text("#intents")
    models.FirewallIntent.objects.all().delete()
    assert read(client.get(ALL)).text("#intents-answer") == "Which intents stand is not known."


def test_an_environment_says_who_checks_while_nobody_looks(client, owner, shop):
    for one in standings.of_blueprints({ID: "tomcat-oracle"}):
        intents.keep("project", [one], [Checked(True, "")], NOW - datetime.timedelta(days=1))
    said = "Nobody checks intents while nobody looks: the care job has never run."
    assert said in read(client.get(SHOW)).text("#intents")
    heartbeats.beat("collect", "RegionOne", timezone.now())
    assert "entrusted this to it. Switch on 'Unattended care' on this page." in read(client.get(SHOW)).text("#intents")
    heartbeats.looked("project", "collect RegionOne", timezone.now())
    assert "The care job last looked" in read(client.get(SHOW)).text("#intents")


def test_an_environment_whose_intents_nobody_checked_does_not_count_them(client, owner, shop):
    assert "none is checked" in read(client.get(SHOW)).text("#intents")


def test_the_list_says_whether_somebody_checks_while_nobody_looks(client, owner, group):
    client.post(f"{ALL}add/", ADD)
    said = "Nobody checks intents while nobody looks: the care job has never run."
    assert said in read(client.get(ALL)).root.words()
    heartbeats.beat("collect", "RegionOne", timezone.now())
    heartbeats.looked("project", "collect RegionOne", timezone.now())
    page = read(client.get(ALL)).root.words()
    assert "Nobody checks intents" not in page
    assert "The care job last looked at " in page


def test_adding_checks_at_once_and_the_same_again_is_the_same(client, owner, group):
    for _ in range(2):
        answer = client.post(f"{SHOW}intents/add/", ADD)
        assert (answer.status_code, answer["Location"]) == (302, f"{SHOW}#intents")
    text = read(client.get(SHOW)).text("#intents")
    assert text.count("Closed") == 1 and "added by" in text
    row = models.FirewallIntent.objects.get()
    assert (row.holds, row.environment_id, row.project_id) == (True, ID, "project")
    remove = f"{SHOW}intents/{row.intent_id}/"
    assert "Remove an intent" in client.get(remove).content.decode()
    assert client.post(remove).status_code == 302
    assert not models.FirewallIntent.objects.exists()
    assert client.post(remove).status_code == 404


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"says": ""}, "says", "Say in a sentence"),
        ({"target": "tier:shop/nowhere"}, "target", "has no tier nowhere"),
        ({"source": "nonsense"}, "source", "is none of internet"),
        ({"protocol": "qp"}, "protocol", "nknown protocol"),
        ({"ports": "0-9"}, "ports", "Must be a port"),
        ({"protocol": "", "ports": "80"}, "ports", "Needs a protocol"),
    ],
)
def test_a_mistake_stands_at_its_field_and_nothing_is_lost(client, owner, group, change, field, said):
    answer = client.post(f"{SHOW}intents/add/", {**ADD, **change})
    assert answer.status_code == 422
    page = read(answer)
    assert said in page.text(f"#{field}-problem")
    assert not models.FirewallIntent.objects.exists()


def test_the_audit_trail_has_the_whole_reason(client, owner, shop, caplog):
    caplog.set_level("INFO", "tenant_ops.audit")
    why = "because " * 74
    assert client.post(f"{SHOW}intents/{INTENT}/", {"why": why}).status_code == 302
    assert why.strip() in caplog.records[-1].message


def test_a_blueprint_s_own_is_switched_off_with_a_reason_and_on_again(client, owner, shop):
    broken()
    page = f"{SHOW}intents/{INTENT}/"
    answer = client.post(page, {"why": " "})
    assert answer.status_code == 422 and "Say why it is switched off" in answer.content.decode()
    assert client.post(page, {"why": "moved <b>"}).status_code == 302
    found = read(client.get(SHOW))
    assert "switched off" in found.text("#intents") and "moved <b>" in found.text("#intents")
    assert found.text("#environment-status") == "good"
    assert client.post(page).status_code == 302
    assert read(client.get(SHOW)).text("#environment-status") == "warning"


def test_it_is_switched_on_and_off_again_in_its_row(client, owner, shop):
    def row():
        page = read(client.get(SHOW))
        (found,) = [one for one in page.find_all("li", "data-to-row") if one["data-key"] == f"intent-{INTENT}"]
        return found

    def press(node, words):
        (link,) = [one for one in node.everything() if one.name == "a" and one.get("data-to-act") and one.words() == words]
        where = urlsplit(link["href"])
        answer = client.post(where.path, dict(parse_qsl(where.query)), headers={"X-Requested-With": "XMLHttpRequest"})
        assert answer.status_code == 200, answer.content
        assert not list(answer.wsgi_request._messages), "nothing lies over the page"
        return Page(answer.json()["html"]).root

    broken()
    assert not [one for one in row().everything() if one.get("data-to-act")], "switching off asks for the reason"
    client.post(f"{SHOW}intents/{INTENT}/", {"why": "moved & <b>"})
    told = press(row(), "switch on")
    assert told.words().startswith("Switched on:")
    assert "switched off" not in row().words()
    assert press(told, "Undo").words().startswith("Switched off:")
    assert "moved & <b>" in row().words()
    script = {"X-Requested-With": "XMLHttpRequest"}
    client.post(f"{SHOW}intents/{INTENT}/")
    answer = client.post(f"{SHOW}intents/{INTENT}/", headers=script)
    assert (answer.status_code, answer.json()["sentence"]) == (422, "Say why it is switched off.")


def test_who_switches_off_what_is_off_already_does_not_switch_it_on(client, owner, shop):
    broken()
    page = f"{SHOW}intents/{INTENT}/"
    assert client.post(page, {"why": "moved"}).status_code == 302
    answer = client.post(page, {"why": "a second click, or somebody else's page"})
    assert answer.status_code == 409 and "switched this intent off already" in answer.content.decode()
    (row,) = models.FirewallIntent.objects.all()
    assert row.off_reason == "moved"


@pytest.mark.parametrize("called", [ID, "shop"])
def test_adding_a_blueprint_s_own_is_the_same_and_one_that_is_switched_off_says_so(client, owner, shop, called):
    told = {"says": "Mine.", "expect": "deny", "source": "internet", "target": f"tier:{called}/database", "protocol": "any"}
    assert client.post(f"{SHOW}intents/add/", told).status_code == 302
    assert "Mine" not in read(client.get(SHOW)).text("#intents")
    assert not models.FirewallIntent.objects.exists()
    client.post(f"{SHOW}intents/{INTENT}/", {"why": "moved"})
    answer = client.post(f"{SHOW}intents/add/", told)
    assert answer.status_code == 422 and "switched it off here" in answer.content.decode()
    assert models.FirewallIntent.objects.count() == 1


def test_a_database_that_is_away_takes_no_page_of_an_environment_with_it(client, owner, shop, monkeypatch):
    def away(*_):
        raise DatabaseError("gone")

    monkeypatch.setattr(intents, "kept", away)
    monkeypatch.setattr(intents, "broken", away)
    answer = client.get(SHOW)
    assert answer.status_code == 200 and NEVER not in answer.content.decode()
    assert client.get("/tenant_ops/").status_code == 200


@pytest.mark.parametrize("what", ["add", "switch"])
def test_without_a_database_nothing_is_kept_and_what_is_missing_is_said(client, owner, group, monkeypatch, what):
    def away(*_, **__):
        raise DatabaseError("gone")

    monkeypatch.setattr(intents, what, away)
    page, told = (f"{SHOW}intents/add/", ADD) if what == "add" else (f"{SHOW}intents/{INTENT}/", {"why": "moved"})
    answer = client.post(page, told)
    assert answer.status_code == 503 and "manage.py migrate" in answer.content.decode()


def test_the_draft_s_bar_says_what_it_breaks(client, owner, group):
    page = drafted(client, group)
    assert f"Breaks intent: {NEVER}" in page.text("#draft-bar")
    assert "Was broken before" in page.text("#draft-bar"), "the fake's load balancer answers nobody"


def test_what_the_panel_found_is_known_on_the_environment_s_page(client, owner, group):
    client.get(group)
    assert f"{NEVER} : holds since" in read(client.get(SHOW)).text("#intents")


def test_apply_is_shut_with_the_reason_beside_it_and_the_server_holds_it(client, owner, group, world):
    drafted(client, group)
    page = review(client, group)
    assert "It breaks an intent that holds now" in page.text("#gated")
    said = page.text("#intents")
    assert (
        "tcp 1521 from 198.51.100.1 to 203.0.113.77 gets through" in said and "'any ingress' (ingress.rules[0])" in said
    )
    assert [one.get("id") for one in page.find_all("button", "disabled")] == ["confirm"]
    world.calls()
    answer = client.post(f"{group}apply/", {"version": version(page)})
    assert answer.status_code == 409
    assert f"breaks what must hold, so nothing was applied: {NEVER}" in read(answer).text("#breaks")
    assert changed(world) == []


def test_where_heat_does_not_say_what_there_is_nothing_is_applied(client, owner, group, world):
    world.wire.trouble["GET /orchestration/"] = [503] * 80
    drafted(client, group)
    token = version(review(client, group))
    assert "Which intents stand, and whether they hold, is not known" in review(client, group).text("#traffic")
    world.calls()
    assert client.post(f"{group}apply/", {"version": token}).status_code >= 500
    assert changed(world) == []


def test_although_takes_a_reason_and_is_audited(client, owner, group, world, caplog):
    caplog.set_level("INFO", "tenant_ops.audit")
    drafted(client, group)
    page = review(client, group)
    told = {"version": version(page), "broken": INTENT, "do": "although", "reason": "", "override": " "}
    world.calls()
    answer = client.post(f"{group}apply/", told)
    assert answer.status_code == 422 and "Say why it is to be applied" in read(answer).text("#override-problem")
    assert changed(world) == []
    assert client.post(f"{group}apply/", {**told, "broken": "other", "override": "a test"}).status_code == 409
    assert changed(world) == [], "only what was shown may break"
    assert client.post(f"{group}apply/", {**told, "override": "a test"}).status_code == 302
    said = [one.message for one in caplog.records if '"update/firewall-group"' in one.message]
    assert "although it breaks an intent: a test" in said[-1]
    # In force it is broken, and the pages say so.
    assert f"Broken: {NEVER}" in read(client.get(group)).text("#intents")
    assert read(client.get(SHOW)).text("#environment-status") == "warning"


def test_the_timer_finds_what_was_opened_by_hand(client, owner, group, world, tmp_path, monkeypatch):
    from tenant_ops_dashboard.care import intents as care

    cloud = world.cloud("member")
    assert care.check(cloud) == 1, "the fake's load balancer answers nobody"
    for rule in world.things.kept["firewall_rules"].values():
        rule.update(action="allow", protocol=None, source_ip_address=None, destination_ip_address=None,
                    source_port=None, destination_port=None)  # fmt: skip
    assert care.check(cloud) == 2
    text = read(client.get(SHOW)).text("#why")
    assert NEVER in text and "gets through to" in text
    world.heat.gone(ID)
    care.check(cloud)
    assert not models.FirewallIntent.objects.exists()


def test_what_is_being_taken_away_breaks_no_intent(client, owner, group, world):
    from tenant_ops_dashboard.care import intents as care

    world.heat.begin(ID, "DELETE")
    assert care.check(world.cloud("member")) == 0
    assert not models.FirewallIntent.objects.exclude(checked=None).exists()
    assert NEVER in read(client.get(ALL)).text("#intents"), "it stands, and waits"
    assert "does not hold" not in client.get("/tenant_ops/posture/").content.decode()


def test_a_project_without_intents_costs_one_call(world):
    from tenant_ops_dashboard.care import intents as care

    world.calls()
    assert care.check(world.cloud()) == 0
    assert len(world.calls()) == 1


def test_the_collecting_timer_checks_them(client, owner, group, world, tmp_path, monkeypatch):
    file = world.keystone.clouds_yaml(tmp_path, "care")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    call_command("tenant_ops_collect", "--os-cloud", "care")
    assert models.FirewallIntent.objects.filter(checked__isnull=False).count() == 3
