"""The firewall's pages: the list, a group with its draft, a rule, a table, a packet."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache

from tests.unit.firewall import standing
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
INDEX = "/tenant_ops/firewall/"


@pytest.fixture
def group(world):
    """The id of the environment's group."""
    standing.shop(world, world.cloud())
    (found,) = world.things.kept["firewall_groups"]
    return found


def page(client, group, query=""):
    answer = client.get(f"{INDEX}group/{group}/{query}")
    assert answer.status_code == 200, answer.content
    return read(answer)


def numbers(found, direction):
    """The rules of a direction as they stand on the page: what they do, then their name."""
    return [row.words() for row in found.find_all("li", "data-fw-place") if row["data-key"].startswith(direction)]


def version(found):
    return next(one["value"] for one in found.find_all("input", "value") if one.get("name") == "version")


def edit(client, group, do, direction="ingress", **more):
    told = {"version": version(page(client, group)), "direction": direction, "do": do, **more}
    return client.post(f"{INDEX}group/{group}/edit/", told)


def rule(client, group, query="", direction="ingress", **fields):
    told = {
        "action": "allow",
        "protocol": "tcp",
        "ip_version": "4",
        "enabled": "on",
        "version": version(page(client, group)),
    }
    return client.post(f"{INDEX}group/{group}/{direction}/rule/{query}", {**told, **fields})


def test_the_list_says_what_gets_through(client, owner, group):
    found = read(client.get(INDEX))
    assert found.text("#firewall-answer") == "1 firewall group"
    text = found.text("#firewall-groups")
    assert "shop-fw" in text and "The internet reaches" in text and "2 ports" in text


def test_a_project_without_a_group_is_told_what_to_do(client, owner, world):
    assert "What gets through, and which rule says so" in read(client.get(INDEX)).text("#firewall-empty")


def test_groups_that_stand_nowhere_leave_the_way_on_open(client, owner, group, world):
    assert "firewall-empty" not in client.get(INDEX).content.decode()
    world.things.kept["firewall_groups"][group]["ports"] = []
    cache.clear()
    found = read(client.get(INDEX))
    assert "shop-fw" in found.text("#firewall-groups")
    assert "create one for a router of your own" in found.text("#firewall-empty")


def test_a_group_shows_matrix_and_rules_of_both_directions(client, owner, group):
    found = page(client, group)
    text = found.text("#firewall-group")
    assert "internet" in text and "dmz" in text and "database" in text and "10.20.2.0/24 : 1521" in text
    assert numbers(found, "ingress") and numbers(found, "egress")
    assert "Everything else is dropped" in text and "Review draft" not in text
    for layer in ("firewall", "groups"):
        assert "database" in page(client, group, f"?layer={layer}").text("#firewall-group")


def test_an_edit_is_a_draft_and_sends_nothing(client, owner, group, world):
    before = json.dumps(world.things.kept["firewall_rules"])
    first = numbers(page(client, group), "ingress")
    world.calls()
    assert edit(client, group, "down:0").status_code == 302
    found = page(client, group)
    assert "moved" in found.text("#ingress") and "Review draft (1 change)" in found.text("#review")
    assert len(numbers(found, "ingress")) == len(first)
    assert edit(client, group, "remove:0").status_code == 302
    assert "removed" in page(client, group).text("#ingress")
    assert edit(client, group, "off", **{"pick-ingress": ["0", "1"]}).status_code == 302
    assert "Lost" in page(client, group).text("#draft-bar")
    assert edit(client, group, "discard").status_code == 302
    assert numbers(page(client, group), "ingress") == first
    assert json.dumps(world.things.kept["firewall_rules"]) == before
    assert not [call for call in world.calls() if not call.startswith("GET")]


def test_a_rule_is_added_and_the_preview_says_what_opens(client, owner, group):
    answer = rule(client, group, name="<b>", source_ip_address="", destination_port="8443", position="1")
    assert answer.status_code == 302, read(answer).text("#rule-form")
    answer = rule(client, group, direction="egress", name="back", source_port="8443", position="1")
    assert answer.status_code == 302
    found = page(client, group)
    assert "allow tcp anywhere → to anywhere : 8443 <b> new" in numbers(found, "ingress")[0]
    assert "<b>" not in client.get(f"{INDEX}group/{group}/").content.decode().split('id="ingress"')[1]
    answer = rule(client, group, "?change=0", name="narrow", source_ip_address="192.0.2.0/24", destination_port="8443")
    assert answer.status_code == 302
    assert "narrow" in numbers(page(client, group), "ingress")[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("source_ip_address", "10.0.0.0/33"), ("destination_ip_address", "2001:db8::/32"), ("destination_port", "0"),
        ("destination_port", "70000"), ("source_port", "90:80"), ("position", "0"),
    ],
)  # fmt: skip
def test_a_mistake_stands_at_its_field_and_nothing_typed_is_lost(client, owner, group, field, value):
    answer = rule(client, group, name="mine", **{field: value})
    assert answer.status_code == 422
    found = read(answer)
    (box,) = [one for one in found.find_all("input", "name") if one["name"] == field]
    assert (box["value"], box.get("aria-invalid")) == (value, "true")
    assert "Review draft" not in page(client, group).text("#firewall-group")


def test_a_page_of_an_older_draft_changes_nothing(client, owner, group):
    old = version(page(client, group))
    edit(client, group, "down:0")
    told = {"version": old, "direction": "ingress", "do": "remove:0"}
    answer = client.post(f"{INDEX}group/{group}/edit/", told)
    assert answer.status_code == 409 and "another tab" in answer.content.decode()
    assert "removed" not in page(client, group).text("#ingress")


def test_no_draft_is_taken_for_another_one(client, owner, group):
    edit(client, group, "off:0")
    old = version(page(client, group))
    assert edit(client, group, "discard").status_code == 302
    edit(client, group, "remove:1")
    assert client.post(f"{INDEX}group/{group}/apply/", {"version": old}).status_code == 409
    assert client.post(f"{INDEX}group/{group}/edit/", {"version": old, "do": "discard"}).status_code == 409
    assert "removed" in page(client, group).text("#ingress")


def test_a_page_drawn_before_somebody_elses_change_edits_no_other_rule(client, owner, group, world):
    drawn = version(page(client, group))
    world.things.kept["firewall_policies"][_policy(world, group)]["firewall_rules"].pop(0)
    cache.clear()
    told = {"version": drawn, "direction": "ingress", "do": "remove:1"}
    assert client.post(f"{INDEX}group/{group}/edit/", told).status_code == 409


def test_a_draft_without_a_change_follows_what_is_in_force(client, owner, group, world):
    edit(client, group, "down:0")
    edit(client, group, "up:1")
    world.things.kept["firewall_policies"][_policy(world, group)]["firewall_rules"] = []
    cache.clear()
    assert numbers(page(client, group), "ingress") == []


def test_an_undo_takes_back_nobody_elses_apply(client, owner, group):
    for name in ("mine", "other"):
        rule(client, group, name=name, destination_port="8443")
        told = {"version": version(page(client, group))}
        assert client.post(f"{INDEX}group/{group}/apply/", told).status_code == 302
        if name == "mine":
            (shown,) = [
                one["value"] for one in page(client, group).find_all("input", "value") if one.get("name") == "apply"
            ]
    assert client.post(f"{INDEX}group/{group}/undo/", {"apply": shown}).status_code == 409
    assert "other" in page(client, group).text("#ingress")


def test_a_reader_sees_no_draft_of_his_own_past(client, log_in, group):
    log_in("member", "reader")
    edit(client, group, "down:0")
    log_in("reader")
    found = page(client, group)
    assert not found.find_all("section", "id") or "Gained" not in found.text("#firewall-group")


def _policy(world, group):
    return world.things.kept["firewall_groups"][group]["ingress_firewall_policy_id"]


def test_a_script_is_given_the_part_that_changed(client, owner, group):
    told = {"version": version(page(client, group)), "direction": "ingress", "do": "down:0"}
    answer = client.post(f"{INDEX}group/{group}/edit/", told, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 200 and "<html" not in answer.content.decode()
    assert "moved" in read(answer).text("#ingress") and "Gained" in read(answer).text("#draft-bar")


def test_what_is_exported_can_be_imported(client, owner, group):
    out = client.get(f"{INDEX}group/{group}/ingress/rules.csv")
    assert out["Content-Type"].startswith("text/csv")
    before = [one.split(" ", 1)[1] for one in numbers(page(client, group), "ingress")]
    told = {"text": out.content.decode(), "replace": "on", "version": version(page(client, group))}
    assert client.post(f"{INDEX}group/{group}/ingress/import/", told).status_code == 302
    after = [one.split(" ", 1)[1].replace(" new", "") for one in numbers(page(client, group), "ingress")]
    assert after == before
    told = {"text": "name,destination_port\nweb,99999", "version": version(page(client, group))}
    answer = client.post(f"{INDEX}group/{group}/ingress/import/", told)
    assert answer.status_code == 422 and "99999" in answer.content.decode()
    assert json.loads(client.get(f"{INDEX}group/{group}/egress/rules.json").content)


@pytest.mark.parametrize("protocol", ["tcp", "udp", "sctp"])
def test_a_probe_names_every_setting(client, owner, group, protocol):
    query = {"source": "internet", "target": "tier:shop/database", "protocol": protocol, "port": "1521"}
    found = read(client.get(f"{INDEX}probe/", query))
    text = found.text("#tenant-ops")
    assert "does not reach" in text and "change all of these" in text
    answer = client.get(f"{INDEX}probe/", {**query, "target": "server:nobody"})
    assert answer.status_code == 422 and "no server called nobody" in answer.content.decode()


@pytest.mark.parametrize(
    ("source", "target", "status"),
    [
        ("internet", "203.0.113.77", 200), ("server:shop-application-1", "10.20.2.99", 200), ("fe80::/10", "fe80::/10", 422),
        ("internet", "203.0.113.0/24", 200), ("server:shop-database", "::/0", 422), ("::/0", "internet", 422),
    ],
)  # fmt: skip
def test_a_probe_of_addresses_is_of_who_answers_there(client, owner, group, world, source, target, status):
    standing.expose_database(world)
    (database,) = [one for one in world.things.kept["ports"].values() if one["fixed_ips"][0]["ip_address"] == "10.20.2.5"]
    database["allowed_address_pairs"] = [{"ip_address": "10.20.2.99"}]
    for one in world.things.kept["ports"].values():
        one["mac_address"] = "fa:16:3e:00:00:07"
    answer = client.get(f"{INDEX}probe/", {"source": source, "target": target, "protocol": "tcp", "port": "1521"})
    assert answer.status_code == status, read(answer).text("#probe-form")
    found = read(answer)
    assert found.find_all("section", "aria-live") if status == 200 else found.text("#probe-form")


def cells(found, source):
    (row,) = [one for one in found.find_all("tr", "", "#matrix") if one.words().startswith(f"{source} ")]
    return [one.words() for one in row.children if not isinstance(one, str) and one.name == "td"]


def test_what_reaches_a_part_of_the_internet_alone_is_told_so(client, owner, group):
    before = cells(page(client, group), "dmz")[0]
    assert "to internet" not in before and "tcp 8443" not in before
    for number, (direction, fields) in enumerate({
        "egress": {"destination_ip_address": "198.51.100.0/24", "destination_port": "443"},
        "ingress": {"source_ip_address": "198.51.100.0/24", "source_port": "443"},
    }.items()):  # fmt: skip
        assert rule(client, group, direction=direction, name=f"r{number}", position="1", **fields).status_code == 302
    for way, place in (("egress", "443"), ("ingress", "443")):
        rows = numbers(page(client, group), way)
        for at, words in enumerate(rows):
            if f": {place}" in words and "r0" not in words and "r1" not in words:
                assert edit(client, group, f"off:{at}", way).status_code == 302
    assert "tcp 443 to internet (198.51.100.0/24)" in cells(page(client, group), "dmz")[0]


def test_a_matrix_is_not_called_the_drafts_where_the_draft_cannot_be(client, owner, group, world):
    edit(client, group, "off:0")
    assert "with the draft" in page(client, group).text("#matrix-title")
    row = world.things.kept["firewall_groups"][group]
    del world.things.kept["ports"][row["ports"][0]]
    cache.clear()
    found = page(client, group)
    assert "This project has no port" in found.text("#draft-bar")
    assert found.text("#matrix-title") == "What gets through"


def test_a_matrix_of_nobody_says_so(client, owner, world):
    made = world.things.add(
        "firewall_groups", name="alone", ports=[], status="INACTIVE", admin_state_up=True, description="",
        ingress_firewall_policy_id=None, egress_firewall_policy_id=None,
    )  # fmt: skip
    for one in [*world.things.kept["ports"]]:
        del world.things.kept["ports"][one]
    assert "No server or load balancer stands" in page(client, made["id"]).text("#matrix")


def test_a_reader_sees_everything_and_may_edit_nothing(client, auditor, group):
    found = page(client, group)
    assert numbers(found, "ingress") and not found.find_all("button", "data-fw-up")
    answer = client.post(f"{INDEX}group/{group}/edit/", {"version": "0", "direction": "ingress", "do": "remove:0"})
    assert answer.status_code == 403
    assert client.get(f"{INDEX}group/{group}/ingress/rule/").status_code == 403


def test_what_is_not_there_is_not_found(client, owner, group):
    assert client.get(f"{INDEX}group/nothing/").status_code == 404
    assert client.get(f"{INDEX}group/shop-fw/").status_code == 404
    assert client.get(f"{INDEX}group/{group}/sideways/rule/").status_code == 404
    for odd in ("0000099", "0" * 5000, "99"):
        assert client.get(f"{INDEX}group/{group}/ingress/rule/?change={odd}").status_code == 404
    assert edit(client, group, "explode:1").status_code == 422
    assert edit(client, group, "remove:99").status_code == 422


def test_a_draft_applied_is_in_force_and_can_be_undone(client, owner, group, world):
    rule(client, group, name="new-door", destination_port="8443", position="1")
    review = read(client.get(f"{INDEX}group/{group}/apply/"))
    assert "new-door" in review.text("#tenant-ops")
    told = {"version": version(page(client, group)), "reason": "asked for"}
    answer = client.post(f"{INDEX}group/{group}/apply/", told)
    assert answer.status_code == 302, answer.content
    found = page(client, group)
    assert "new-door" in numbers(found, "ingress")[0] and "Review draft" not in found.text("#firewall-group")
    assert "Undo the last apply" in found.text("#undo")
    assert client.post(f"{INDEX}group/{group}/undo/").status_code == 302
    assert "new-door" not in page(client, group).text("#ingress")


def test_what_an_apply_would_refuse_is_said_before_it_is_tried(client, owner, group):
    rows = "".join(f"r{port},allow,tcp,{port}\n" for port in range(1, 1000))
    told = {"version": version(page(client, group)), "text": f"name,action,protocol,destination_port\n{rows}"}
    assert client.post(f"{INDEX}group/{group}/ingress/import/", told).status_code == 302
    for where in (f"{INDEX}group/{group}/", f"{INDEX}group/{group}/apply/"):
        text = read(client.get(where)).text("#tenant-ops")
        assert "It cannot be applied so: ingress.rules: has 1008 rules; on OVN" in text
        assert "port-14" not in text
