"""The page of one environment: progress, failure, proofs, what was changed by hand, packets."""

from __future__ import annotations

import copy
import datetime
import re
from collections import Counter

import pytest
import requests
from django.core.cache import cache
from django.utils import timezone

from tenant_ops_dashboard.environments import delete as deleting
from tenant_ops_dashboard.environments.proofs import sending
from tenant_ops_dashboard.environments.proofs.contradicted import Packets
from tenant_ops_dashboard.loadbalancers.scaling import actions as scaling
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.model import Rules
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.environments import proofs as packets
from tenant_ops_dashboard.records import heartbeats
from tests.unit.environments import members
from tests.unit.panels.conftest import SERVICES
from tests.unit.panels.reading import read
from tests.unit.panels.walk import ID, SHOW

STATE = SHOW + "state/"
REQUEST_ID = "req-5bf0c2d4-71aa-4a17-8f7e-7b3a6a6a9f10"
NO_HOST = f"ResourceInError: resources.database: No valid host was found. (Request-ID: {REQUEST_ID})"


def proofs(page):
    return {node["data-proof"]: node["data-state"] for node in page.find_all("li", "data-proof")}


def boxes(page):
    """State of each box by key, from the wide picture."""
    picture = next(node for node in page.find_all("svg", "class") if "to-picture--across" in node["class"])
    found = [node for node in picture.everything() if node.name == "g" and "data-key" in node.attributes]
    return {node["data-key"]: node["class"].split()[1].removeprefix("to-box--") for node in found}


def member_down(world, number=1):
    """One member does not answer, as Octavia tells it."""
    (tree,) = world.things.trees.values()
    tree["operating_status"] = "DEGRADED"
    tree["listeners"][0]["pools"][0]["members"][number]["operating_status"] = "ERROR"
    (balancer,) = world.things.kept["loadbalancers"].values()
    balancer["operating_status"] = "DEGRADED"


def leave(world, made):
    """Somebody deletes it, and Heat has taken most of it away."""
    deleting.delete(world.cloud(), "shop")
    del world.heat.stacks[made.id]["resources"][5:]


@pytest.fixture
def answering(monkeypatch):
    """Packets come back: two servers in turn, who read seven rows; the database's port does not answer."""
    turns = [sending.Answer(200, f"shop-app-{number}", 7, "") for number in (1, 2)]
    sent = []

    def get(way, address, path, seconds):
        sent.append(address)
        return turns[len(sent) % 2]

    monkeypatch.setattr(sending.Way, "get", get)
    monkeypatch.setattr(sending.Way, "opens", lambda way, address, port, seconds: sent.append(address) or False)
    return sent


def test_a_good_one_says_where_it_serves_and_what_was_proven(client, owner, shop):
    page = read(client.get(SHOW))
    told = page.text("#environment-answer")
    assert told == "It is well: serving at http://203.0.113.50 , 5 of 8 promises kept, 3 not checked."
    assert "Proof: 5 of 8 promises kept" in page.text("#proofs")
    assert "signed" not in page.text("#tenant-ops")
    assert page.links("#address") == ["http://203.0.113.50"]
    assert Counter(proofs(page).values()) == {"good": 5, "unknown": 3}
    assert not page.has("#why")
    assert not page.has("#progress")


def test_every_proof_says_when_it_was_seen(client, owner, shop, answering):
    page = read(client.get(SHOW))
    told = [node.words() for node in page.find_all("p", "class") if node["class"] == "to-proofs__at"]
    assert len(told) == 8
    assert {words.split()[:2] == ["as", "of"] for words in told} == {True}
    client.post(SHOW + "prove/")
    assert "seen at" in read(client.get(SHOW)).text("#proofs")


def test_it_costs_fourteen_calls_however_often_it_is_opened(client, owner, world, shop, settings):
    world.things.cap = 500
    client.get(SHOW)
    client.get(STATE)
    assert len(world.calls()) == 14 + 1, "which back end FWaaS has, once an hour"
    settings.TENANT_OPS_CACHE_SECONDS = 0
    client.get(STATE)
    assert not any("service-providers" in call for call in world.calls())


def test_progress_counts_and_fills_the_picture(client, owner, world, begun):
    world.heat.build(begun.id, 14)
    page = read(client.get(SHOW))
    assert int(page.text("#progress-total")) == 30
    assert 10 < int(page.text("#progress-done")) <= 14
    assert "Now: " in page.text("#progress")
    assert boxes(page)["router"] == "good"
    assert boxes(page)["application-1"] == "planned"


def test_a_picture_says_each_state_in_a_table_too(client, owner, world, shop):
    member_down(world)
    rows = {node["data-key"]: node.words() for node in read(client.get(SHOW)).find_all("tr", "data-key")}
    assert "member: failed" in rows["table-application-2"]
    assert "warning" in rows["table-balancer"]


def test_a_box_wears_the_worst_of_its_parts_and_the_banner_leads_to_the_answer(client, owner, world, shop):
    assert not read(client.get(SHOW)).has("#why-answer")
    member_down(world)
    cache.clear()
    page = read(client.get(SHOW))
    assert boxes(page)["application-2"] == "failed"
    assert boxes(page)["application-1"] == "good"
    assert page.one("#menu-application-2")
    (answer,) = page.links("#why")
    assert answer.endswith("/why/")
    assert page.text("#why-answer") == "Why is shop-application-2 down?"


def test_a_database_that_can_be_reached_leads_to_the_probe(client, owner, world, shop):
    world.expose_database()
    page = read(client.get(SHOW))
    database = next(one for one in world.things.kept["servers"].values() if one["name"] == "shop-database")
    (answer,) = page.links("#why")
    assert answer == f"/tenant_ops/firewall/probe/?source=internet&target=server%3A{database['id']}"


def test_an_auditor_without_load_balancers_gets_no_answer_that_would_refuse_him(client, log_in, world, shop):
    member_down(world)
    log_in("reader", services=tuple(one for one in SERVICES if one != "load-balancer"))
    assert not read(client.get(SHOW)).has("#why-answer")


def test_a_new_member_is_coming_up_with_what_is_waited_for_and_since_when(client, owner, world, shop, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    settings.TIME_ZONE = "UTC"
    members.watched(world, 5)
    member_down(world)
    page = read(client.get(SHOW))
    assert page.text("#environment-status") == "building"
    assert page.text("#environment-answer").startswith("Coming up: 1 of 2 up:")
    assert "10.20.1.12:8080 waits for its first health check since 06:00:25" in page.text("#environment-answer")
    assert "UTC" not in page.text("#environment-answer"), "the reader's own clock"
    assert not page.has("#why")
    assert {"warning", "failed"}.isdisjoint([*proofs(page).values(), *boxes(page).values()])
    assert read(client.get("/tenant_ops/")).one("[data-status]")["data-status"] == "building"
    world.wire.now += datetime.timedelta(seconds=8)
    page = read(client.get(SHOW))
    assert page.text("#environment-status") == "warning"
    assert proofs(page)["members"] == "warning"


def test_the_failing_resource_and_its_reason_stand_at_the_top(client, owner, world, begun):
    world.heat.fail(begun.id, "database", NO_HOST)
    page = read(client.get(SHOW))
    assert page.text("#why").startswith("Database server failed. No valid host was found.")
    assert page.text("#failure-request") == REQUEST_ID
    assert page.has("#retry")
    assert page.has("#rollback")
    assert boxes(page)["database"] == "failed"


def test_an_auditor_gets_no_buttons(client, auditor, world, begun):
    world.heat.fail(begun.id, "database", NO_HOST)
    page = read(client.get(SHOW))
    assert not any(page.has(button) for button in ("#retry", "#rollback", "#delete-environment", "#care-give"))


def test_what_is_not_well_and_what_was_changed_by_hand(client, owner, world, shop, settings):
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    member_down(world)
    group = next(one for one in world.things.kept["security-groups"].values() if "application" in one["name"])
    empty = dict.fromkeys(("remote_ip_prefix", "remote_group_id"))
    own = {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"}
    group["security_group_rules"].append({**own, **empty, "port_range_min": 22, "port_range_max": 22})
    client.post(SHOW + "care/", {"do": "give"})
    page = read(client.get(SHOW))
    assert page.text("#environment-status") == "warning"
    assert "1 of 2 up" in page.text("#why")
    assert proofs(page)["members"] == "warning"
    assert "tcp 22 from anywhere" in page.text("#drift")
    assert page.has("#care-revoke")


def test_the_poller_hears_nothing_twice_but_every_change(client, owner, world, begun, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    world.heat.build(begun.id, 3)
    first = client.get(STATE)
    assert client.get(STATE, headers={"If-None-Match": first["ETag"]}).status_code == 304
    world.heat.build(begun.id, 4)
    assert client.get(STATE, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_it_polls_quickly_while_something_happens_and_slowly_after(client, owner, world, begun, answering, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    busy = read(client.get(SHOW)).one("#environment")["data-to-every"]
    world.heat.finish(begun.id)
    client.get(SHOW)
    client.post(SHOW + "prove/")
    idle = read(client.get(SHOW)).one("#environment")["data-to-every"]
    assert float(busy) < float(idle)


def test_what_is_gone_sends_a_script_to_the_list_and_a_person_a_page(client, owner, world):
    script = client.get(STATE, headers={"X-Requested-With": "XMLHttpRequest"})
    assert script["X-Tenant-Ops-Next"] == f"/tenant_ops/?gone={ID}"
    person = client.get(SHOW)
    assert person.status_code == 404
    assert f"no environment called {ID}" in read(person).text("#tenant-ops")


def test_the_list_says_what_is_gone_and_says_it_of_nothing_else(client, owner, world, begun, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    client.get(STATE)
    assert not read(client.get(f"/tenant_ops/?gone={begun.id}")).has("#environment-gone")
    del world.heat.stacks[begun.id]
    gone = client.get(STATE, headers={"X-Requested-With": "XMLHttpRequest"})["X-Tenant-Ops-Next"]
    assert read(client.get(gone)).text("#environment-gone") == "shop is gone."
    for invented in ("shop", "<b>words</b>", begun.id.replace("3", "4"), "x" * 5000):
        assert not read(client.get("/tenant_ops/", {"gone": invented})).has("#environment-gone")


def test_a_link_queues_no_words_of_its_author(client, owner, world):
    client.get("/tenant_ops/environment/Your-account-is-locked.Call-555/state/")
    assert "account" not in read(client.get("/tenant_ops/")).text("body")


def test_what_heat_cannot_do_is_done_while_somebody_watches_who_may(client, owner, world, begun):
    world.heat.finish(begun.id)
    page = read(client.get(SHOW))
    (group,) = world.things.kept["firewall_groups"].values()
    assert group["name"] == "shop-fw"
    assert proofs(page)["firewall"] == "good"


def test_an_auditor_s_look_changes_nothing(client, auditor, world, begun):
    world.heat.finish(begun.id)
    client.get(SHOW)
    client.get("/tenant_ops/")
    assert {call.partition(" ")[0] for call in world.calls()} == {"GET"}


def test_a_reconcile_that_fails_is_no_failure_of_the_page(client, owner, world, begun):
    world.heat.finish(begun.id)
    world.wire.trouble["POST .*/fwaas/"] = [requests.ConnectionError("no route")] * 9
    answer = client.get(SHOW)
    assert answer.status_code == 200
    assert proofs(read(answer))["firewall"] == "building"


def test_the_last_look_at_what_was_deleted_sweeps_up(client, owner, world, shop, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    deleting.delete(world.cloud(), "shop", data=True)
    assert "Being taken away" in read(client.get(SHOW)).text("#environment-answer")
    world.heat.gone(shop.id)
    client.get(SHOW)
    assert world.things.kept["volumes"] == {}
    assert client.get(SHOW).status_code == 404


def test_a_delete_that_failed_says_so(client, owner, world, shop):
    leave(world, shop)
    stack = world.heat.stacks[shop.id]
    stack["row"].update(stack_status="DELETE_FAILED", stack_status_reason="Resource DELETE failed")
    stack["resources"][0].update(resource_status="DELETE_FAILED", resource_status_reason="Conflict: port in use")
    page = read(client.get(SHOW))
    assert page.text("#environment-answer").startswith("It could not be taken away wholly")
    assert "port in use" in page.text("#why")


def test_packets_are_sent_once_and_stand_beside_the_other_proofs(client, owner, shop, answering):
    assert read(client.get(SHOW)).has("[data-to-auto]")
    client.post(SHOW + "prove/")
    page = read(client.get(SHOW))
    assert proofs(page)["closed"] == "good"
    assert "shop-app-1 read 7 rows" in page.text("#proofs")
    assert not page.has("[data-to-auto]")
    assert "all 8 promises kept" in page.text("#environment-answer")


def test_packets_go_only_where_neutron_says_the_environment_is(client, owner, world, shop, answering):
    outputs = {one["output_key"]: one for one in world.heat.stacks[shop.id]["row"]["outputs"]}
    outputs["database"]["output_value"] = "127.0.0.1"
    outputs["address"]["output_value"] = "169.254.169.254"
    template = copy.deepcopy(world.heat.stacks[shop.id]["template"])
    for name in ("application_group", "router"):
        template["resources"][name]["metadata"] = {"tenant_ops": {"tier": "edge", "kind": "floating_ip"}}
    world.heat.stacks[shop.id]["template"] = template
    for group in world.things.kept["security-groups"].values():
        group["name"] = "169.254.169.254"
    client.post(SHOW + "prove/")
    assert set(answering) == {"203.0.113.50"}
    assert boxes(read(client.get(SHOW)))["application_group"]
    assert len(proofs(read(client.get(SHOW)))) == 8


def test_packets_switched_off_are_words(client, owner, shop, answering, settings):
    settings.TENANT_OPS_PACKET_PROOFS = False
    client.post(SHOW + "prove/")
    page = read(client.get(SHOW))
    assert answering == []
    assert not page.has("#prove")
    assert "this dashboard sends no packets" in page.text("#proofs")
    assert "Proof: 5 of 8 promises kept" in page.text("#proofs")


def test_what_packets_proved_does_not_hide_what_neutron_says_now(client, owner, world, shop, answering, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    client.post(SHOW + "prove/")
    assert proofs(read(client.get(SHOW)))["closed"] == "good"
    world.expose_database()
    page = read(client.get(SHOW))
    assert proofs(page)["closed"] == "failed"
    assert "203.0.113.77" in page.text("#why")
    assert "8 promises kept" in page.text("#environment-answer")
    answering.clear()
    client.post(SHOW + "prove/")
    assert "203.0.113.77" in answering
    assert proofs(read(client.get(SHOW)))["closed"] == "failed"


def test_what_newer_knowledge_contradicts_turns_grey_and_is_sent_again(client, owner, world, shop, answering, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    client.post(SHOW + "prove/")
    page = read(client.get(SHOW))
    assert (proofs(page)["http"], page.has("[data-to-auto]")) == ("good", False)
    calm = float(page.one("#environment")["data-to-every"])
    member_down(world)
    page = read(client.get(STATE))
    assert (proofs(page)["http"], proofs(page)["database"], proofs(page)["closed"]) == ("unknown", "unknown", "good")
    told = page.text("#proofs")
    assert re.search(r"True at \d\d:\d\d:\d\d; since then: 1 of 2 up: .*10\.20\.1\.12:8080 ERROR", told)
    assert page.has("[data-to-auto]"), "the page sends them again by itself"
    assert float(page.one("#environment")["data-to-every"]) < calm
    client.post(SHOW + "prove/")
    page = read(client.get(SHOW))
    assert proofs(page)["http"] == "good", "what came through although a member is down stands"
    assert not page.has("[data-to-auto]")


def test_packets_that_failed_are_sent_again_as_soon_as_the_servers_are_well(
    client, owner, world, shop, answering, settings, monkeypatch
):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    monkeypatch.setattr(sending, "SECONDS", 0.1)
    member_down(world)
    alone = sending.Answer(200, "shop-app-1", 7, "")
    with monkeypatch.context() as patched:
        patched.setattr(sending.Way, "get", lambda *arguments: alone)
        client.post(SHOW + "prove/")
    page = read(client.get(SHOW))
    assert (proofs(page)["http"], page.has("[data-to-auto]")) == ("warning", False)
    members.unwell(world, "ONLINE")
    (tree,), (balancer,) = world.things.trees.values(), world.things.kept["loadbalancers"].values()
    tree["operating_status"] = balancer["operating_status"] = "ONLINE"
    page = read(client.get(SHOW))
    assert (proofs(page)["http"], page.has("[data-to-auto]")) == ("unknown", True)
    assert "2 of 2 up" in page.text("#proofs")


def test_a_state_older_than_the_packets_takes_nothing_back(client, owner, world, shop, answering, settings):
    settings.TENANT_OPS_CACHE_SECONDS = settings.TENANT_OPS_POLL_IDLE_SECONDS = 6000
    member_down(world)
    client.get(SHOW)
    members.unwell(world, "ONLINE")
    client.post(SHOW + "prove/")
    page = read(client.get(SHOW))
    assert proofs(page)["members"] == "warning", "a state of before"
    assert proofs(page)["http"] == "good"


def test_a_database_that_is_off_takes_back_that_it_was_read(client, owner, world, shop, answering, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    client.post(SHOW + "prove/")
    server = next(one for one in world.things.kept["servers"].values() if one["name"] == "shop-database")
    server["status"] = "SHUTOFF"
    page = read(client.get(SHOW))
    assert (proofs(page)["http"], proofs(page)["database"]) == ("good", "unknown")
    assert "since then: shop-database is shutoff." in page.text("#proofs")


def test_what_fails_again_and_again_is_sent_less_often(client, owner, shop, answering, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS", 0.1)
    monkeypatch.setattr(sending.Way, "get", lambda *arguments: sending.Answer(503, "", None, "nobody"))
    times = []
    monkeypatch.setattr(packets, "KEPT", 100)
    keep = packets.shared.set
    monkeypatch.setattr(
        packets.shared, "set",
        lambda key, value, seconds: (times.append(seconds) if isinstance(value, poll.Snapshot) and
                                     isinstance(value.value, Packets) else None, keep(key, value, seconds))[1],
    )  # fmt: skip
    for _ in range(4):
        client.post(SHOW + "prove/")
    assert times == [30, 60, 100, 100]


def test_packets_that_found_nobody_are_no_good_answer(client, owner, shop, answering, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS", 0.1)
    monkeypatch.setattr(sending.Way, "get", lambda *arguments: sending.Answer(503, "", None, "nobody"))
    client.post(SHOW + "prove/")
    assert "not everything is well" in read(client.get(SHOW)).text("#environment-answer")


def test_what_packets_did_not_prove_is_tried_again_soon(client, owner, shop, answering, monkeypatch):
    monkeypatch.setattr(sending, "SECONDS", 0.1)
    monkeypatch.setattr(packets, "SOON", 0)
    with monkeypatch.context() as patched:
        patched.setattr(sending.Way, "get", lambda *arguments: sending.Answer(503, "", None, "nobody"))
        client.post(SHOW + "prove/")
    assert read(client.get(SHOW)).has("[data-to-auto]"), "its time is over: the page asks for it by itself"
    client.post(SHOW + "prove/")
    page = read(client.get(SHOW))
    assert proofs(page)["http"] == "good"
    assert not page.has("[data-to-auto]"), "what was proved stands longer"


def test_an_address_can_lead_through_the_operator_s_way(client, owner, shop, settings):
    settings.TENANT_OPS_ADDRESS_VIA = "http://127.0.0.1:8/{address}/"
    assert read(client.get(SHOW)).links("#address") == ["http://127.0.0.1:8/203.0.113.50/"]


def test_one_s_trust_is_not_told_to_her_colleague(client, owner, log_in, world, shop, settings, data):
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    settings.TENANT_OPS_CACHE_SECONDS = settings.TENANT_OPS_POLL_IDLE_SECONDS = 6000
    client.post(SHOW + "care/", {"do": "give"})
    mine = client.get(STATE)
    assert read(mine).has("#care-revoke")
    log_in("member", "reader", user_id="colleague")
    hers = client.get(STATE)
    assert read(hers).has("#care-give")
    assert not read(hers).has("#care-revoke")
    assert hers["ETag"] != mine["ETag"]
    world.calls()
    client.get(STATE)
    assert world.calls() == []


def test_what_was_entrusted_says_whether_somebody_looks(client, owner, shop, settings, data):
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    assert "care job" not in read(client.get(SHOW)).text("#care"), "nothing is promised yet"
    client.post(SHOW + "care/", {"do": "give"})
    away = read(client.get(SHOW)).text("#care")
    assert "Nothing is finished or mended while nobody looks: the care job has never run." in away
    heartbeats.beat("reconcile", "RegionOne", timezone.now())
    quiet = read(client.get(SHOW)).text("#care")
    assert "The care job last looked at " in quiet
    assert "Nothing is finished" not in quiet


def test_unattended_care_is_offered_where_a_service_user_is_named(client, owner, shop, settings):
    assert not read(client.get(SHOW)).has("#care-give")
    settings.TENANT_OPS_SERVICE_USER = "some-id"
    assert read(client.get(SHOW)).has("#care-give")


def test_unattended_care_can_be_given_and_revoked(client, owner, world, shop, settings):
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    assert client.post(SHOW + "care/", {"do": "give"})["Location"] == SHOW
    (given,) = world.things.kept["trusts"].values()
    assert (given["trustee_user_id"], given["tenant_ops_environment"]) == ("a" * 32, shop.id)
    assert [role["name"] for role in given["roles"]] == ["member"]
    client.post(SHOW + "care/", {"do": "revoke"})
    assert world.things.kept["trusts"] == {}


def test_revoking_says_that_scaling_by_itself_stops(client, owner, world, shop, settings):
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    client.post(SHOW + "care/", {"do": "give"})
    assert "Scaling by itself acts on the strength of it, too, and stops with it." in read(client.get(SHOW)).text("#care")
    heartbeats.looked("project", f"scale {shop.id}", timezone.now())
    client.post(SHOW + "care/", {"do": "revoke"})
    assert heartbeats.last_look("project", f"scale {shop.id}") is None, "what it looked at a moment ago is no promise"
    assert "Unattended care of shop is off. " in read(client.get(SHOW)).root.words() + " "

    cloud = world.cloud()
    found = reading.read(cloud, "shop")
    scaling.change(cloud, found, Rules(on=True), found.minimum, found.maximum, found.step)
    client.post(SHOW + "care/", {"do": "give"})
    client.post(SHOW + "care/", {"do": "revoke"})
    assert "Unattended care of shop is off, and it scales no more by itself" in read(client.get(SHOW)).root.words()


def test_data_that_goes_along_can_be_kept(client, owner, world, shop, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    deleting.delete(world.cloud(), "shop", data=True)
    page = read(client.get(SHOW))
    assert "Its data goes with it: volume shop-data, 20 GB" in page.text("#environment")
    assert client.post(SHOW + "keep/").status_code == 302
    assert not read(client.get(SHOW)).has(".keep-data")
    world.heat.gone(shop.id)
    client.get(SHOW)
    assert len(world.things.kept["volumes"]) == 1


def test_a_mark_that_does_nothing_is_shown_and_taken_away(client, owner, world, shop):
    (volume,) = world.things.kept["volumes"].values()
    volume["metadata"]["tenant_ops_delete"] = "yes"
    assert "is marked to be deleted, but stays" in read(client.get(SHOW)).text("#environment")
    client.post(SHOW + "keep/")
    assert "tenant_ops_delete" not in volume["metadata"]
