"""Actions: asked for first, done by POST, checked on the server, with the way back."""

from __future__ import annotations

import datetime
import json
import logging
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from tenant_ops_dashboard.loadbalancers import settle
from tenant_ops_dashboard.records import notes
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
BASE = "/tenant_ops/loadbalancers/balancer/"
VERBS = ["drain", "enable", "disable", "remove", "weigh"]


def address(octavia, shop, verb, index=0):
    return f"{BASE}{shop}/member/{octavia.member(shop, index)['id']}/{verb}/"


def follow(client, answer):
    return read(client.get(answer["Location"].partition("#")[0]))


@pytest.mark.parametrize("verb", VERBS)
def test_nothing_is_changed_by_looking(client, owner, octavia, shop, verb):
    page = read(client.get(address(octavia, shop, verb)))
    assert page.has("#confirm")
    assert not [call for call in octavia.wire.calls if not call.startswith("GET")]


def press_undo(client, answer):
    """Follow the way back that was offered, press its button; the answer."""
    where = follow(client, answer).one("#undo")["href"]
    page = read(client.get(where))
    sent = {}
    for node in page.one("#undo-form").everything():
        if node.get("type") == "hidden" and node["name"] != "csrfmiddlewaretoken":
            sent.setdefault(node["name"], []).append(node["value"])
    return client.post(page.one("#undo-form")["action"], sent)


def test_drain_and_its_way_back(client, owner, octavia, shop):
    octavia.member(shop, 0)["weight"] = 5
    answer = client.post(address(octavia, shop, "drain"))
    assert answer.status_code == 302
    assert octavia.member(shop, 0)["weight"] == 0
    page = follow(client, answer)
    undo = page.one("#undo")["href"]
    assert "5" in read(client.get(undo)).text("#undo-form")
    assert octavia.member(shop, 0)["weight"] == 0, "looking at the way back goes no step of it"
    assert "drained" in page.text(f"#lb-{shop}")
    assert "is being drained" in page.text(f"#lb-{shop}")


def test_undo_of_enable_on_a_disabled_one_disables(client, owner, octavia, shop):
    octavia.member(shop, 0).update(admin_state_up=False, weight=3)
    press_undo(client, client.post(address(octavia, shop, "enable")))
    assert (octavia.member(shop, 0)["admin_state_up"], octavia.member(shop, 0)["weight"]) == (False, 3)
    octavia.member(shop, 0).update(admin_state_up=True, weight=0)
    press_undo(client, client.post(address(octavia, shop, "enable")))
    assert (octavia.member(shop, 0)["admin_state_up"], octavia.member(shop, 0)["weight"]) == (True, 0)


def test_remove_can_be_taken_back_with_what_it_had(client, owner, octavia, shop):
    had = {
        "name": 'web "1" & more=2#x', "weight": 4, "backup": True, "monitor_address": "10.0.1.200",
        "monitor_port": 9000, "admin_state_up": False, "tags": ["one two", "a&b=c"],
    }  # fmt: skip
    octavia.member(shop, 0).update(had)
    answer = client.post(address(octavia, shop, "remove"))
    assert len(octavia.members[octavia.pool(shop)]) == 1
    assert press_undo(client, answer).status_code == 302
    back = next(one for one in octavia.members[octavia.pool(shop)].values() if one["address"] == "10.0.1.11")
    assert {key: back[key] for key in had} == had


def test_undo_is_refused_to_whom_may_not_and_without_a_token(client, auditor, octavia, shop):
    from django.test import Client

    where = f"{BASE}{shop}/pool/{octavia.pool(shop)}/undo/"
    sent = {"verb": "drain", "member": octavia.member(shop, 0)["id"], "before.weight": "7", "after.weight": "1"}
    assert client.post(where, sent).status_code == 403
    assert Client(enforce_csrf_checks=True).post(where, sent).status_code in (302, 403)
    assert octavia.member(shop, 0)["weight"] == 1


def test_a_crafted_way_back_is_a_sentence(client, owner, octavia, shop):
    where = f"{BASE}{shop}/pool/{octavia.pool(shop)}/undo/"
    assert client.get(where).status_code == 422
    assert client.get(f"{where}?verb=drain&member=nope&before.weight=1&after.weight=0").status_code == 404
    assert not [call for call in octavia.wire.calls if not call.startswith("GET")]


@pytest.mark.parametrize(
    ("verb", "words"),
    [("disable", "is being disabled"), ("remove", "is being removed"), ("drain", "is being drained")],
)
def test_what_octavia_accepted_is_not_said_to_be_done(client, owner, octavia, shop, fresh, verb, words):
    octavia.slow = 10**6
    page = follow(client, client.post(address(octavia, shop, verb)))
    told = page.text("#tenant-ops")
    assert words in told
    assert f"Asked for: 10.0.1.11:8080 {words}" in told
    assert not [word for word in ("is disabled.", "left the pool", "seen done") if word in told]
    assert "Octavia accepted it (request req-11111111-2222-3333-4444-555555555555)" in page.root.words()
    octavia.settle()
    done = read(client.get(f"/tenant_ops/loadbalancers/?whole=1&open={shop}")).text(f"#lb-{shop}")
    assert f"Asked for: 10.0.1.11:8080 {words}" in done
    assert "seen done" in done


def test_what_octavia_could_not_do_is_told_as_failed(client, owner, octavia, shop, fresh):
    octavia.slow = 10**6
    client.post(address(octavia, shop, "disable"))
    octavia.settle()
    octavia.member(shop, 0)["provisioning_status"] = "ERROR"
    told = read(client.get(f"/tenant_ops/loadbalancers/?whole=1&open={shop}")).text(f"#lb-{shop}")
    assert "10.0.1.11:8080 is being disabled · seen to have failed" in told


def test_the_last_one_standing_is_named_before_it_goes(client, owner, octavia, shop):
    octavia.status(shop, 1, "ERROR")
    assert "Nobody else serves" in read(client.get(address(octavia, shop, "drain"))).text("#confirm-form")


@pytest.mark.parametrize("weight", ["", "many", "-1", "257"])
def test_a_weight_that_is_none_is_refused_at_its_field(client, owner, octavia, shop, weight):
    answer = client.post(address(octavia, shop, "weigh"), {"weight": weight})
    assert answer.status_code == 422
    assert "256" in read(answer).text("#weight-problem")
    assert octavia.member(shop, 0)["weight"] == 1


def test_a_busy_octavia_is_a_sentence_and_no_stack_trace(client, owner, octavia, shop, monkeypatch):
    monkeypatch.setattr(settle.time, "monotonic", iter(range(0, 10**6, 15)).__next__)
    octavia.pending = 10**6
    answer = client.post(address(octavia, shop, "drain"))
    assert answer.status_code == 409
    assert "still at work" in read(answer).text("#tenant-ops")


@pytest.mark.parametrize("verb", [*VERBS, "why"])
def test_a_member_that_is_gone_is_a_404(client, owner, octavia, shop, verb):
    assert client.get(f"{BASE}{shop}/member/nope/{verb}/").status_code == 404
    assert client.get(f"{BASE}nope/member/nope/{verb}/").status_code == 404


def test_there_are_no_other_verbs(client, owner, octavia, shop):
    assert client.post(address(octavia, shop, "explode")).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_an_auditor_changes_nothing(client, auditor, octavia, shop, verb):
    assert client.post(address(octavia, shop, verb)).status_code == 403
    assert client.get(address(octavia, shop, verb)).status_code == 403
    assert client.post(f"{BASE}{shop}/mute/{shop}/", {"hours": "1"}).status_code == 403
    assert client.post(f"{BASE}{shop}/pool/{octavia.pool(shop)}/add/", {"address": "10.0.1.9"}).status_code == 403
    assert not [call for call in octavia.wire.calls if not call.startswith("GET")]


def test_an_auditor_sees_and_is_offered_nothing(client, auditor, octavia, shop):
    octavia.status(shop, 0, "ERROR")
    links = read(client.get("/tenant_ops/loadbalancers/?whole=1")).links(f"#lb-{shop}")
    assert {urlsplit(link).path.rstrip("/").rpartition("/")[2] for link in links} == {"why", "probe", "servers"}
    assert client.get(address(octavia, shop, "why")).status_code == 200


def test_somebody_unknown_is_sent_to_the_login(client, octavia, shop):
    for where in ("/tenant_ops/loadbalancers/", address(octavia, shop, "drain"), address(octavia, shop, "why")):
        assert "/auth/login/" in client.get(where)["Location"]


def test_nothing_changes_without_a_token_against_forgery(owner, octavia, shop):
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post(address(octavia, shop, "drain")).status_code in (302, 403)
    assert octavia.member(shop, 0)["weight"] == 1


def test_muting_hides_the_warning_until_it_is_ended(client, owner, octavia, shop, fresh):
    octavia.status(shop, 0, "ERROR")
    where = f"{BASE}{shop}/mute/{octavia.member(shop, 0)['id']}/"
    page = follow(client, client.post(where, {"hours": "4"}))
    assert page.text("#loadbalancers-answer").startswith("1 good")
    assert "muted until" in page.text(f"#lb-{shop}")
    page = follow(client, client.post(where, {"hours": "0"}))
    assert page.text("#loadbalancers-answer").startswith("1 warning")


def events(caplog):
    return [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]


def test_a_mute_is_kept_by_its_own_id_and_audited(client, owner, octavia, shop, caplog):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    theirs = "11111111-2222-3333-4444-555555555555"
    until = timezone.now() + datetime.timedelta(hours=5)
    notes.mute("elsewhere", theirs, until, "somebody")
    # A member that is called as another project's load balancer.
    octavia.member(shop, 0)["name"] = theirs
    member = octavia.member(shop, 0)["id"]
    assert client.post(f"{BASE}{shop}/mute/{theirs}/", {"hours": "1"}).status_code == 404
    assert client.post(f"{BASE}{shop}/mute/{member}/", {"hours": "1"}).status_code == 302
    assert notes.mutes("elsewhere", timezone.now()).until == {theirs: until}
    assert set(notes.mutes("project", timezone.now()).until) == {member}
    client.post(f"{BASE}{shop}/mute/{member}/", {"hours": "0"})
    refused, *done = events(caplog)
    assert (refused["outcome"], refused["target"]["name"]) == ("failure", f"{BASE}{shop}/mute/{theirs}/")
    told = [(one["action"], one["target"]["id"], one["outcome"], one["attachments"][0]["content"]["verb"])
            for one in done]  # fmt: skip
    assert told == [("update/mute", member, "success", verb) for verb in ("mute", "unmute")]


def test_a_member_that_somebody_removed_meanwhile_is_not_said_to_be_accepted(client, owner, octavia, shop, caplog):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    octavia.wire.trouble["^DELETE"] = [404]
    page = follow(client, client.post(address(octavia, shop, "remove")))
    assert "Nothing was changed: it is so already, or on its way." in page.root.words()
    assert "accepted it" not in page.root.words()
    assert not page.has("#undo"), "whoever removed it may take that back"
    assert [one["outcome"] for one in events(caplog)] == ["success"]


def test_two_projects_may_mute_the_same_id(octavia, shop):
    now = timezone.now()
    for project, hours in (("project", 1), ("elsewhere", 2)):
        notes.mute(project, shop, now + datetime.timedelta(hours=hours), project)
    found = [notes.mutes(project, now).until[shop] - now for project in ("project", "elsewhere")]
    assert found == [datetime.timedelta(hours=1), datetime.timedelta(hours=2)]


@pytest.mark.parametrize("where", ["member/{member}/drain/", "mute/{shop}/", "pool/{pool}/add/", "pool/{pool}/undo/"])
def test_a_refusal_leaves_an_event(client, auditor, octavia, shop, caplog, where):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    path = BASE + f"{shop}/" + where.format(member=octavia.member(shop, 0)["id"], shop=shop, pool=octavia.pool(shop))
    assert client.post(path).status_code == 403
    (event,) = events(caplog)
    assert (event["outcome"], event["reason"]["policyId"]) == ("failure", "loadbalancers:change")
    assert event["target"]["name"] == path
    assert client.get(path).status_code == 403
    assert len(events(caplog)) == 1, "to look is no attempt"


@pytest.mark.parametrize(("becomes", "outcome"), [("ACTIVE", "success"), ("ERROR", "failure")])
def test_how_a_change_ended_is_audited_once(client, owner, octavia, shop, fresh, caplog, becomes, outcome):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    octavia.slow = 10**6
    client.post(address(octavia, shop, "disable"))
    page = f"/tenant_ops/loadbalancers/?whole=1&open={shop}"
    client.get(page)
    member = octavia.member(shop, 0)["id"]
    assert [(one["action"], one["outcome"]) for one in events(caplog)] == [("update/pool-member", "pending")]
    octavia.settle()
    octavia.member(shop, 0)["provisioning_status"] = becomes
    for _ in range(3):
        client.get(page)
    _, end = events(caplog)
    assert (end["action"], end["outcome"], end["target"]["id"]) == ("update/pool-member", outcome, member)
    assert end["reason"]["reasonCode"].endswith(" s after owner asked for it")
    assert end["attachments"][0]["content"]["after"] == {"admin_state_up": False}


def test_why_tells_the_steps(client, owner, octavia, shop):
    octavia.status(shop, 0, "ERROR")
    octavia.networked()
    page = read(client.get(address(octavia, shop, "why")))
    assert "was deleted" in page.text("#why-answer")
    assert [node["data-step"] for node in page.find_all("li", "data-step")] == [
        "network", "route", "firewall-group", "security-group", "monitor", "server",
    ]  # fmt: skip


def test_a_server_is_chosen_from_a_list(client, owner, octavia, shop):
    octavia.servers = [{"id": "s", "name": "app-3", "status": "ACTIVE"}]
    octavia.network["ports"] = [
        {
            "id": "p",
            "device_id": "s",
            "network_id": "net",
            "fixed_ips": [{"subnet_id": "sub", "ip_address": "10.0.1.30"}],
        }
    ]
    where = f"{BASE}{shop}/pool/{octavia.pool(shop)}/add/"
    assert "app-3 · 10.0.1.30" in read(client.get(where)).text("#server")
    assert client.post(where, {"server": "10.0.1.30 sub", "port": "8080", "weight": "2"}).status_code == 302
    made = octavia.member(shop, 2)
    assert (made["address"], made["subnet_id"], made["weight"]) == ("10.0.1.30", "sub", 2)
    assert client.post(where, {"server": "", "address": "", "port": "80"}).status_code == 422
    assert client.post(where, {"address": "10.0.1.31", "port": "x"}).status_code == 422


@pytest.mark.parametrize("role", ["admin", "member"])
def test_a_page_tells_what_it_runs_on(client, log_in, octavia, shop, role):
    log_in(role, "reader")
    for last, part in (("200", "MASTER"), ("201", "BACKUP")):
        octavia.amphora(shop, f"10.0.1.{last}", part)
    octavia.network["ports"] = [
        {
            "id": f"port-{last}",
            "network_id": "net",
            "fixed_ips": [{"subnet_id": "sub", "ip_address": f"10.0.1.{last}"}],
            "allowed_address_pairs": [{"ip_address": "10.0.1.5"}],
        }
        for last in ("200", "201")
    ]
    page = read(client.get(f"{BASE}{shop}/servers/"))
    assert page.text("#servers-answer").startswith("2 servers of its own are seen: 10.0.1.200")
    assert ("MASTER" in page.text("#servers-own")) == (role == "admin")


def test_a_page_tells_that_ovn_runs_on_none(client, owner, octavia):
    where = octavia.build("fast", provider="ovn")
    page = read(client.get(f"{BASE}{where}/servers/"))
    assert page.text("#servers-answer").startswith("OVN balances in the switch")
    assert not page.has("#servers-own")
