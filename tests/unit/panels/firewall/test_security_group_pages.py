"""The pages of security groups: the list, a group with its draft, a rule, apply, conflict, undo."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.utils import timezone

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.audit.wanted import Wanted
from tenant_ops_dashboard.reachability import budget
from tenant_ops_dashboard.records import applies, notes
from tenant_ops_dashboard.records import audit as records
from tests.unit.firewall import standing
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
INDEX = "/tenant_ops/firewall/"


@pytest.fixture
def group(world, monkeypatch):
    """The id of the database's group; no answer is too complex because the machine has other things to do."""
    monkeypatch.setattr(budget.Budget, "check", lambda *told: None)
    standing.shop(world, world.cloud())
    return next(one["id"] for one in world.things.kept["security-groups"].values() if "database" in one["name"])


@pytest.fixture
def trail():
    """The audit trail is kept, as it is in Horizon."""
    stop = audit.also(records.sink)
    yield
    stop()


def at(group, more=""):
    return f"{INDEX}security-group/{group}/{more}"


def page(client, group):
    answer = client.get(at(group))
    assert answer.status_code == 200, answer.content
    return read(answer)


def version(found):
    return next(one["value"] for one in found.find_all("input", "value") if one.get("name") == "version")


def edit(client, group, do, **more):
    return client.post(at(group, "edit/"), {"version": version(page(client, group)), "do": do, **more})


def rule(client, group, query="", direction="ingress", **fields):
    told = {"ethertype": "IPv4", "protocol": "tcp", "version": version(page(client, group)), **fields}
    return client.post(at(group, f"{direction}/rule/{query}"), told)


def apply(client, group, **more):
    return client.post(at(group, "apply/"), {"version": version(read(client.get(at(group, "apply/")))), **more})


def rows(world, group):
    return world.things.kept["security-groups"][group]["security_group_rules"]


def written(world):
    return [call.split("?")[0] for call in world.calls() if not call.startswith("GET")]


def test_the_list_says_what_each_lets_in_and_who_is_in_it(client, owner, group):
    assert "Security groups" in read(client.get(INDEX)).text("#security-groups-link")
    found = read(client.get(f"{INDEX}security-groups/"))
    text = found.text("#security-groups")
    assert "2 security groups" in found.text("#firewall-answer")
    assert "Lets in tcp 1521 from members of shop-application_group" in text
    assert "shop-database" in text and "Rules of shop-database_group name it." in text


def test_a_project_without_one_is_told_what_they_are(client, owner, world):
    world.things.kept["security-groups"].clear()
    assert "Who may talk to a server" in read(client.get(f"{INDEX}security-groups/")).text("#security-groups-page")


def test_a_group_shows_rules_in_words_and_who_is_in_it(client, owner, group):
    found = page(client, group)
    assert "tcp 1521 from members of shop-application_group" in found.text("#ingress")
    assert "any protocol (IPv6) to anywhere" in found.text("#egress")
    assert "shop-database 10.20.2.5 protected by shop-database_group" in found.text("#members")
    assert "Review draft" not in found.text("#security-group")


def test_a_port_that_comes_shows_with_what_protects_it(client, owner, world, group):
    other = next(one for one in world.things.kept["security-groups"] if one != group)
    port = dict(next(one for one in world.things.kept["ports"].values() if group in one["security_groups"]))
    world.things.add("ports", **{**port, "id": "new", "name": "scaled", "device_id": "s", "security_groups": [group, other]})
    cache.clear()
    text = read(client.get(at(group, "state/"))).text("#members")
    assert "scaled 10.20.2.5 protected by shop-database_group, shop-application_group" in text


def test_a_rule_whose_remote_group_has_no_port_says_so(client, owner, world, group):
    for port in world.things.kept["ports"].values():
        port["security_groups"] = [one for one in port["security_groups"] if one == group]
    assert "remote group is empty" in page(client, group).text("#ingress")


def test_an_edit_is_a_draft_and_sends_nothing(client, owner, world, group):
    world.calls()
    assert edit(client, group, "remove:0").status_code == 302
    found = page(client, group)
    assert "removed" in found.text("#ingress") and "Review draft (1 change)" in found.text("#review")
    assert "now closed" in found.text("#draft-bar")
    assert rule(client, group, port_range_min="1521", remote_ip_prefix="10.20.1.0/24").status_code == 302
    found = page(client, group)
    assert "tcp 1521 from 10.20.1.0/24 new" in found.text("#ingress")
    assert edit(client, group, "remove", **{"pick-egress": ["0", "1"]}).status_code == 302
    assert "No egress rule is left" in page(client, group).text("#draft-bar")
    assert "you have a draft" in read(client.get(f"{INDEX}security-groups/")).text("#security-groups")
    assert edit(client, group, "discard").status_code == 302
    assert "Review draft" not in page(client, group).text("#security-group")
    assert written(world) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("port_range_min", "0"), ("port_range_min", "70000"), ("port_range_min", "8o"), ("port_range_max", "70000"),
        ("protocol", "tcpp"), ("protocol", "300"), ("remote_ip_prefix", "10.0.0.0/33"), ("remote_ip_prefix", "2001:db8::/32"),
    ],
)  # fmt: skip
def test_a_mistake_stands_at_its_field_and_nothing_typed_is_lost(client, owner, group, field, value):
    answer = rule(client, group, **{"port_range_min": "80", "description": "mine", field: value})
    assert answer.status_code == 422
    found = read(answer)
    boxes = {one["name"]: one for one in found.find_all("input", "name")}
    assert (boxes[field]["value"], boxes[field].get("aria-invalid")) == (value, "true")
    assert boxes["description"]["value"] == "mine"
    assert "Review draft" not in page(client, group).text("#security-group")


def test_what_the_draft_has_already_is_told(client, owner, group):
    same = rule(client, group, port_range_min="1521", remote_group_id="secu-12")
    assert same.status_code == 422 and "says the same" in same.content.decode()


def test_a_changed_rule_is_a_new_one_in_its_place(client, owner, group):
    found = read(client.get(at(group, "ingress/rule/?change=0")))
    boxes = {one["name"]: one.get("value") for one in found.find_all("input", "name")}
    assert boxes["port_range_min"] == "1521"
    answer = rule(client, group, "?change=0", port_range_min="1522", remote_group_id="secu-12", description="<b>")
    assert answer.status_code == 302
    text = page(client, group).text("#ingress")
    assert "tcp 1522 from members of shop-application_group <b> new" in text and "removed" in text
    assert client.get(at(group, "ingress/rule/?change=9")).status_code == 404
    assert client.get(at(group, "egress/rule/?change=0")).status_code == 404


@pytest.mark.parametrize("query", ["?change=0", ""])
def test_a_description_alone_is_refused_at_its_field(client, owner, group, query):
    """Neutron has no way to change it, so the edit would be gone without a word."""
    if not query:
        edit(client, group, "remove:0")
    answer = rule(client, group, query, port_range_min="1521", remote_group_id="secu-12", description="mine")
    assert answer.status_code == 422
    assert "cannot be changed by itself" in read(answer).text("#description-problem")


def test_review_apply_and_undo(client, owner, world, group, trail):
    rule(client, group, port_range_min="1521", remote_ip_prefix="10.20.1.0/24")
    edit(client, group, "remove:0")
    review = read(client.get(at(group, "apply/")))
    assert "It is not one step" in review.text("#apply-form")
    world.calls()
    assert apply(client, group, reason="dmz alone").status_code == 302
    assert [call.split()[0] for call in written(world)] == ["POST", "DELETE"]
    assert {one["remote_ip_prefix"] for one in rows(world, group) if one["direction"] == "ingress"} == {"10.20.1.0/24"}
    found = page(client, group)
    assert "Review draft" not in found.text("#security-group")
    assert "not one step" in found.text("#undo-how")
    (token,) = [one["value"] for one in found.find_all("input", "value") if one.get("name") == "apply"]
    assert client.post(at(group, "undo/"), {"apply": "of another"}).status_code == 409
    assert client.post(at(group, "undo/"), {"apply": token}).status_code == 302
    assert {one["remote_group_id"] for one in rows(world, group) if one["direction"] == "ingress"} == {"secu-12"}
    assert "Undo the last apply" in page(client, group).text("#security-group"), "an undo is an apply"


def test_what_breaks_an_intent_takes_a_reason(client, owner, world, group, trail):
    """The database has a floating address, and its security group alone keeps the internet away."""
    world.expose_database(floating_network_id=next(iter(world.things.kept["networks"])))
    for row in world.things.kept["firewall_groups"].values():
        row["ports"] = []
    cache.clear()
    rule(client, group, port_range_min="1521")
    assert "Breaks intent: The database is never" in page(client, group).text("#draft-bar"), "said after the edit"
    review = read(client.get(at(group, "apply/")))
    assert "It breaks an intent that holds now" in review.text("#gated"), "and before anything is sent"
    assert [one.get("id") for one in review.find_all("button", "disabled")] == ["confirm"]
    world.calls()
    answer = apply(client, group)
    found = read(answer)
    assert answer.status_code == 409 and "The database is never reachable from the internet" in found.text("#breaks")
    assert written(world) == []
    broken = next(one["value"] for one in found.find_all("input", "value") if one.get("name") == "broken")
    answer = apply(client, group, do="although", broken=broken, override=" ")
    assert answer.status_code == 422 and "Say why" in read(answer).text("#override-problem")
    assert apply(client, group, do="although", broken="other", override="a test").status_code == 409
    assert written(world) == []
    assert apply(client, group, do="although", broken=broken, override="a test").status_code == 302
    assert records.page(["project"], Wanted(verb="apply"), 1).events[0]["reason"]["reasonCode"].endswith("a test")


@pytest.mark.parametrize("what", ["apply", "undo"])
def test_one_applies_at_a_time(client, owner, world, group, trail, monkeypatch, what):
    """Neutron takes the same rule twice from two that are sent at once, and OVN has it once."""
    monkeypatch.setattr(applies, "PATIENCE", 0.0)
    rule(client, group, port_range_min="22")
    told = {}
    if what == "undo":
        apply(client, group)
        told["apply"] = next(one["value"] for one in page(client, group).find_all("input", "value") if one.get("name") == "apply")
    else:
        told["version"] = version(read(client.get(at(group, "apply/"))))
    notes.take("project", f"firewall {group}", "another tab", timezone.now(), 60.0)
    world.calls()
    answer = client.post(at(group, f"{what}/"), told)
    assert answer.status_code == 409
    assert "applies a change" in read(answer).text("#tenant-ops")
    assert written(world) == []


def test_no_undo_is_offered_once_somebody_changed_the_group(client, owner, world, group, trail):
    rule(client, group, port_range_min="22")
    apply(client, group)
    cache.clear()
    assert "Undo the last apply" in page(client, group).text("#security-group")
    rows(world, group).pop(0)
    cache.clear()
    assert "Undo the last apply" not in page(client, group).text("#security-group")


def test_a_conflict_changes_nothing_and_the_draft_moves_onto_it(client, owner, world, group):
    rule(client, group, port_range_min="22")
    rows(world, group).pop(0)
    world.calls()
    answer = apply(client, group)
    assert answer.status_code == 409
    assert "was taken out" in read(answer).text("#conflict")
    assert written(world) == []
    drawn = version(read(answer))
    assert client.post(at(group, "rebase/"), {"version": drawn}).status_code == 302
    found = page(client, group)
    assert "tcp 22" in found.text("#ingress") and "Review draft (1 change)" in found.text("#review")
    assert apply(client, group).status_code == 302
    assert len(rows(world, group)) == 3


def test_a_page_of_an_older_draft_changes_nothing(client, owner, group):
    old = version(page(client, group))
    rule(client, group, port_range_min="22")
    answer = client.post(at(group, "edit/"), {"version": old, "do": "remove:0"})
    assert answer.status_code == 409 and "another tab" in answer.content.decode()
    assert "removed" not in page(client, group).text("#ingress")


def test_a_reader_sees_it_and_changes_nothing(client, auditor, group):
    text = page(client, group).text("#security-group")
    assert "tcp 1521" in text and "Add rule" not in text and "Remove" not in text
    assert client.post(at(group, "edit/"), {"do": "remove:0"}).status_code == 403


def test_a_group_that_is_not_there_is_told(client, owner, group):
    assert client.get(at("nothing")).status_code == 404


def test_an_edit_of_rules_that_somebody_changed_meanwhile_is_refused(client, owner, group, world, settings):
    assert rule(client, group, port_range_min="8080").status_code == 302
    new = next(one["value"] for one in page(client, group).find_all("button", "value") if "8080" in one.words())
    edit(client, group, new)
    told = {"version": version(page(client, group)), "do": "remove:0"}
    rows(world, group).pop(0)
    cache.clear()
    assert not page(client, group).has("#draft-bar")
    assert client.post(at(group, "edit/"), told).status_code == 409
    assert not page(client, group).has("#draft-bar") and edit(client, group, "remove:0").status_code == 302
