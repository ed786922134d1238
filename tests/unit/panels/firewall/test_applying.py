"""Applying by page: one at a time, kept for undo with ports and name, and the way that keeps policies' ids."""

from __future__ import annotations

import contextlib
import datetime
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from tenant_ops_dashboard.cloud import CloudError
from tenant_ops_dashboard.firewall import apply, commit, current, draft
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.records import applies, drafts, notes, unkept
from tenant_ops_dashboard.records.apply_models import FirewallApply
from tenant_ops_dashboard.records.models import Lease
from tests.unit.panels.firewall.test_pages import INDEX, group, page, rule, version
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
__all__ = ["group"]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(commit, "WAIT", 0.0)
    monkeypatch.setattr(applies, "PATIENCE", 0.0)


def send(client, group, query=""):
    told = {"version": version(page(client, group)), "reason": ""}
    return client.post(f"{INDEX}group/{group}/apply/{query}", told)


def undo(client, group):
    told = [one["value"] for one in page(client, group).find_all("input", "value") if one.get("name") == "apply"]
    return client.post(f"{INDEX}group/{group}/undo/", {"apply": told[0]})


def lead(group, holder="somebody", seconds=60.0):
    now = timezone.now()
    notes.take("project", f"firewall {group}", holder, now, seconds)
    notes.remember("project", f"firewall {group}", holder, {"who": "Anna", "since": now.isoformat()})


@pytest.mark.parametrize("what", ["apply", "undo"])
def test_who_applies_at_this_moment_is_named_and_nothing_is_sent(client, owner, group, world, what):
    rule(client, group, name="first")
    send(client, group)
    if what == "apply":
        rule(client, group, name="second")
    lead(group)
    world.calls()
    answer = send(client, group) if what == "apply" else undo(client, group)
    assert answer.status_code == 409
    assert "Anna applies a change to this firewall since" in read(answer).text("#tenant-ops")
    assert not [call for call in world.calls() if not call.startswith("GET") and "fwaas" in call]


def test_a_group_is_undone_by_its_id_whose_turn_others_wait_for(client, owner, group):
    rule(client, group, name="first")
    send(client, group)
    lead(group)
    assert client.post(f"{INDEX}group/shop-fw/undo/", {}).status_code == 404
    assert client.post(f"{INDEX}group/nobody/undo/", {}).status_code == 404
    assert not Lease.objects.exclude(name=f"firewall {group}").exists()


def test_a_lease_of_somebody_who_died_ends(client, owner, group):
    rule(client, group, name="first")
    lead(group, seconds=-1.0)
    assert send(client, group).status_code == 302
    assert undo(client, group).status_code == 302


def test_an_undo_restores_ports_name_and_state(client, owner, group, world):
    row = world.things.kept["firewall_groups"][group]
    was = {key: row[key] for key in ("name", "admin_state_up", "ports")}
    rule(client, group, name="first")
    edited(world, group, name="front", ports=was["ports"][:1], admin_state_up=False)
    assert send(client, group).status_code == 302
    assert (row["name"], row["ports"], row["admin_state_up"]) == ("front", was["ports"][:1], False)
    assert undo(client, group).status_code == 302
    assert {key: row[key] for key in was} == was
    assert "Undo the last apply" not in page(client, group).text("#firewall-group")
    assert FirewallApply.objects.get().state == "undone"


def test_who_applies_right_after_an_undo_is_not_taken_for_undone(client, owner, group, monkeypatch):
    rule(client, group, name="first")
    send(client, group)
    held = []
    real = applies.undone

    def undone(cloud, group_id, apply_id):
        with contextlib.suppress(applies.AtIt), applies.turn(cloud, group_id):
            held.append("somebody else begins before it is written down")
        real(cloud, group_id, apply_id)

    monkeypatch.setattr(applies, "undone", undone)
    assert undo(client, group).status_code == 302
    assert held == []


def test_an_undo_leaves_what_somebody_changed_since(client, owner, group, world):
    row = world.things.kept["firewall_groups"][group]
    rule(client, group, name="first")
    edited(world, group, name="front")
    send(client, group)
    shown = page(client, group)
    row.update(name="theirs", revision_number=row["revision_number"] + 1)
    told = [one["value"] for one in shown.find_all("input", "value") if one.get("name") == "apply"]
    answer = client.post(f"{INDEX}group/{group}/undo/", {"apply": told[0]}, follow=True)
    assert "Somebody changed the group&#x27;s name since; it stays." in answer.content.decode()
    assert row["name"] == "theirs"


def test_ports_alone_can_be_undone(client, owner, group, world):
    row = world.things.kept["firewall_groups"][group]
    ports = list(row["ports"])
    rule(client, group, name="first")
    send(client, group)
    rule(client, group, name="gone again")
    edited(world, group, ports=ports[:1], rules=False)
    send(client, group)
    assert row["ports"] == ports[:1]
    undo(client, group)
    assert row["ports"] == ports
    assert "first" in page(client, group).text("#ingress"), "the apply before it stays"


def test_an_apply_whose_look_was_cut_off_can_be_undone(client, owner, group, world, monkeypatch):
    row = world.things.kept["firewall_groups"][group]
    before = row["ingress_firewall_policy_id"]

    def over(swap):
        raise CloudError("The 90 seconds are over.", "Neutron")

    rule(client, group, name="first")
    with monkeypatch.context() as patched, contextlib.suppress(CloudError):
        patched.setattr(commit.Swap, "look", over)
        patched.setattr(apply.Apply, "happened", lambda change: None)
        patched.setattr(apply.Apply, "patience", 0.0)
        send(client, group)
    assert row["ingress_firewall_policy_id"] != before
    assert FirewallApply.objects.get().state == "begun"
    FirewallApply.objects.update(at=timezone.now() - datetime.timedelta(minutes=5))
    page(client, group)
    assert FirewallApply.objects.get().state == "done", "a look settles it"
    assert send(client, group).status_code == 302, "the same again is no second one"
    assert FirewallApply.objects.count() == 1
    assert undo(client, group).status_code == 302
    assert row["ingress_firewall_policy_id"] == before


def test_a_reading_of_before_an_apply_does_not_settle_it(client, owner, group, world):
    """As it is shown while OpenStack is away: the apply is in force, and the reading says that it is not."""
    cloud = world.cloud()
    before = current.read(FirewallApi(cloud), group).state
    rule(client, group, name="first")
    send(client, group)
    began = timezone.now() - datetime.timedelta(minutes=9)
    FirewallApply.objects.update(state="begun", at=began)
    assert applies.newest(cloud, group, before, began + datetime.timedelta(seconds=1)) is None
    assert FirewallApply.objects.get().state == "begun"
    page(client, group)
    assert FirewallApply.objects.get().state == "done"


def away(*_, **__):
    raise DatabaseError("gone")


def test_without_a_database_a_page_says_what_is_missing(client, owner, group, monkeypatch):
    monkeypatch.setattr(drafts, "_rows", away)
    answer = client.get(f"{INDEX}group/{group}/")
    assert answer.status_code == 503 and "manage.py migrate" in answer.content.decode()


def test_an_apply_that_cannot_be_written_down_is_none(client, owner, group, world, monkeypatch):
    row, policies = world.things.kept["firewall_groups"][group], len(world.things.kept["firewall_policies"])
    before = dict(row)
    rule(client, group, name="first")
    monkeypatch.setattr(FirewallApply.objects, "create", away)
    assert send(client, group).status_code == 503
    assert row == before and len(world.things.kept["firewall_policies"]) == policies


def test_an_apply_in_force_is_told_though_the_database_went_meanwhile(client, owner, group, monkeypatch):
    rule(client, group, name="first")
    monkeypatch.setattr(notes, "leave", away)
    assert send(client, group).status_code == 302
    assert FirewallApply.objects.get().state == "done"


def test_a_shared_policy_can_keep_its_id(client, owner, group, world):
    row = world.things.kept["firewall_groups"][group]
    policy = row["ingress_firewall_policy_id"]
    rule(client, group, name="first")
    assert 'id="ways"' not in client.get(f"{INDEX}group/{group}/apply/").content.decode()
    world.things.add(
        "firewall_groups", name="other <b>", status="ACTIVE", ports=[], ingress_firewall_policy_id=policy,
        egress_firewall_policy_id=None,
    )  # fmt: skip
    cache.clear()
    found = read(client.get(f"{INDEX}group/{group}/apply/"))
    assert "other <b>, too" in found.text("#ways")
    assert "changes as well" in read(client.get(f"{INDEX}group/{group}/apply/?policies=keep")).text("#traffic")
    assert send(client, group, "?policies=keep").status_code == 302
    assert row["ingress_firewall_policy_id"] == policy
    assert "first" in page(client, group).text("#ingress")
    assert undo(client, group).status_code == 302
    assert row["ingress_firewall_policy_id"] == policy
    assert "first" not in page(client, group).text("#ingress")


def edited(world, group, rules=True, **fields):
    """This person's draft with other fields of the group too; without `rules` those are as in force."""
    cloud = replace(world.cloud("member"), user_id="1")
    kept = drafts.load(cloud, group, timezone.now())
    told = draft.written(kept.draft)
    if not rules:
        told.update({one: told["base"]["was"][one] for one in ("ingress", "egress")})
    told["group"].update(fields)
    drafts.save(cloud, group, draft.parse(told), kept.version, timezone.now())


def test_what_is_in_force_is_told_though_its_draft_cannot_be_discarded(client, owner, group, monkeypatch):
    rule(client, group, name="first")
    with monkeypatch.context() as patched:
        patched.setattr(drafts, "discard", drafts.database()(away))
        assert send(client, group).status_code == 302
    assert "The draft is in force." in page(client, group).text("body")


def test_what_is_undone_is_told_though_that_cannot_be_written_down(client, owner, group, monkeypatch):
    rule(client, group, name="first")
    send(client, group)
    rows, real = [], applies._rows

    def once(cloud, group_id):
        rows.append(group_id)
        return away() if len(rows) > 2 else real(cloud, group_id)

    with monkeypatch.context() as patched:
        patched.setattr(applies, "_rows", once)
        assert undo(client, group).status_code == 302
    assert len(rows) == 3
    assert not page(client, group).has("#undo")


def test_who_reads_waits_for_nobody_who_writes(client, owner, group, monkeypatch):
    rule(client, group, name="first")
    monkeypatch.setattr(QuerySet, "update", away)
    assert "first" in page(client, group).text("#ingress")


def test_suggestions_that_cannot_be_kept_say_so(owner, group, world, monkeypatch):
    monkeypatch.setattr(drafts.transaction, "atomic", away)
    with pytest.raises(unkept.NotKept):
        drafts.save_all(world.cloud(), [], timezone.now())
