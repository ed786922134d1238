"""An edit is answered with what changed, a long policy a part at a time; the rest of the page follows."""

from __future__ import annotations

import time

import pytest

from tests.unit.firewall import standing
from tests.unit.panels.firewall.test_pages import INDEX, edit, page, rule, version
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def long(world):
    """The group with 250 rules more for what comes in, the names of which count them; its id."""
    standing.shop(world, world.cloud())
    (group,) = world.things.kept["firewall_groups"].values()
    held = world.things.kept["firewall_policies"][group["ingress_firewall_policy_id"]]
    for number in range(250):
        made = world.things.add(
            "firewall_rules", name=f"rule-{number}", action="allow", protocol="tcp", ip_version=4, enabled=True,
            source_ip_address=f"192.0.2.{number}", destination_ip_address="10.20.1.5", source_port=None,
            destination_port=str(8000 + number), description="",
        )  # fmt: skip
        held["firewall_rules"].append(made["id"])
    world.things.cap = 10_000
    world.things.quota["firewall_rule"] = 1_000
    return group["id"]


def by_script(client, group, do, query=""):
    told = {"version": version(page(client, group, query)), "direction": "ingress", "do": do}
    answer = client.post(f"{INDEX}group/{group}/edit/{query}", told, headers=SCRIPT)
    assert answer.status_code == 200, answer.content
    return answer


def places(found):
    return [int(row["data-fw-place"]) for row in found.find_all("li", "data-fw-place", "#ingress")]


def test_the_answer_to_an_edit_is_a_small_part_of_the_page(client, owner, long):
    whole = client.get(f"{INDEX}group/{long}/state/")
    answer = by_script(client, long, "off:5")
    assert len(answer.content) < len(whole.content) / 5
    found = read(answer)
    assert places(found) == [5]
    assert "off" in found.text("#ingress") and "its reply no longer returns" in found.text("#draft-bar")
    kept = [one for one in found.find_all("li", "data-to-same") if one["data-key"].startswith("ingress")]
    assert len(kept) == 99 and found.one("#matrix").get("data-to-same") is not None
    assert "is-working" in found.one("#firewall-group")["class"]
    later = read(client.get(f"{INDEX}group/{long}/state/"))
    assert not later.find_all("", "data-to-same") and "is-working" not in later.one("#firewall-group")["class"]
    assert later.text("#draft-bar") == found.text("#draft-bar")


def test_each_row_of_a_long_policy_is_short(client, owner, long):
    whole = client.get(f"{INDEX}group/{long}/state/").content.decode()
    rows = whole.split('id="ingress"')[1].split("<ol")[1].split("</ol>")[0]
    assert len(rows) / 100 < 2200


def test_what_an_edit_moves_is_drawn_and_nothing_else(client, owner, long):
    assert places(read(by_script(client, long, "down:7"))) == [7, 8]
    # The rules below go up by one, and one comes into the hundred that are shown.
    assert places(read(by_script(client, long, "remove:90"))) == list(range(90, 100))
    found = read(by_script(client, long, "discard"))
    assert not found.has("#draft-bar") and 7 in places(found)


def test_an_edit_asks_nothing_of_the_cloud(client, owner, long, world, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0.01
    told = {"version": version(page(client, long)), "direction": "ingress", "do": "off:5"}
    time.sleep(0.05)
    world.calls()
    assert client.post(f"{INDEX}group/{long}/edit/", told, headers=SCRIPT).status_code == 200
    assert world.calls() == []
    client.get(f"{INDEX}group/{long}/state/")
    assert world.calls() != []


def test_an_edit_of_rules_that_somebody_changed_meanwhile_is_refused(client, owner, long, world, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0.001
    edit(client, long, "off:5")
    edit(client, long, "on:5")
    told = {"version": version(page(client, long)), "direction": "ingress", "do": "remove:0"}
    (group,) = world.things.kept["firewall_groups"].values()
    world.things.kept["firewall_policies"][group["ingress_firewall_policy_id"]]["firewall_rules"].reverse()
    time.sleep(0.01)
    shown = page(client, long)
    answer = client.post(f"{INDEX}group/{long}/edit/", told)
    assert answer.status_code == 409 and "changed after this page was shown" in answer.content.decode()
    assert places(page(client, long)) == places(shown) and not page(client, long).has("#draft-bar")
    assert edit(client, long, "remove:0").status_code == 302


def test_who_was_refused_asks_again_for_the_same_and_is_not_refused_for_ever(client, owner, long):
    for query, words in (("?change=3", "Change a rule"), ("", "Add a rule")):
        answer = rule(client, long, query, name="mine", destination_port="8443", version="77")
        assert answer.status_code == 409
        (again,) = [one for one in read(answer).links("#tenant-ops") if "rule/" in one]
        found = read(client.get(again))
        assert words in found.text("#tenant-ops")
        typed = {one.get("name"): one["value"] for one in found.find_all("input", "value")}
        assert (typed["name"], typed["destination_port"]) == ("mine", "8443")
        assert typed["version"] == version(page(client, long))
        assert client.post(again, {**typed, "action": "allow", "protocol": "tcp", "ip_version": "4"}).status_code == 302
    assert "Review draft (2 changes)" in page(client, long).text("#review")


def test_an_edit_after_an_apply_is_of_what_was_applied(client, owner, long, world):
    edit(client, long, "off:5")
    assert client.post(f"{INDEX}group/{long}/apply/", {"version": version(page(client, long))}).status_code == 302
    found = read(by_script(client, long, "off:6"))
    assert "Review draft (1 change)" in found.text("#review")


def test_a_long_policy_is_shown_a_hundred_rules_at_a_time(client, owner, long):
    first = page(client, long)
    total = 250 + len([one for one in first.find_all("li", "data-fw-rule", "#ingress") if "rule-" not in one.words()])
    assert places(first) == list(range(100)) and first.text("#ingress-shown") == f"1 to 100 of {total}"
    (later,) = [one for one in first.links("#ingress") if "ingress=101" in one]
    second = page(client, long, later.split("#")[0])
    assert places(second) == list(range(100, 200))
    forms = [form["action"] for form in second.find_all("form", "action") if "edit/" in form["action"]]
    assert all(one.endswith("?ingress=101") for one in forms)
    assert places(page(client, long, "?ingress=9999"))[-1] == total - 1
    for odd in ("?ingress=0", "?ingress=-4", "?ingress=abc", "?ingress=" + "9" * 400):
        assert places(page(client, long, odd))


def test_a_probe_leads_to_the_part_of_a_long_policy_where_the_rule_stands(client, owner, long, world):
    held = next(iter(world.things.kept["firewall_groups"].values()))["ingress_firewall_policy_id"]
    rules = world.things.kept["firewall_policies"][held]["firewall_rules"]
    rule = next(one for one in rules if world.things.kept["firewall_rules"][one]["name"] == "shop-fw-database-in")
    rules.remove(rule)
    rules.insert(204, rule)
    asked = "source=server:shop-application-1&target=server:shop-database&protocol=tcp&port=1521"
    places_ = read(client.get(f"{INDEX}probe/?{asked}")).links("#tenant-ops")
    assert f"{INDEX}group/{long}/?ingress=201#ingress-rule-205" in places_
    assert page(client, long, "?ingress=201").has("#ingress-rule-205")


def test_an_edit_stays_where_it_was_made(client, owner, long):
    query = "?ingress=101"
    told = {"version": version(page(client, long, query)), "direction": "ingress", "do": "off:150"}
    answer = client.post(f"{INDEX}group/{long}/edit/{query}", told)
    assert answer.status_code == 302 and answer["Location"].endswith(query)
    assert places(read(by_script(client, long, "on:150", query))) == [150]


def test_rules_are_found_by_what_they_say(client, owner, long):
    found = page(client, long, "?find=RULE-24")
    assert len(places(found)) == 11
    assert page(client, long, "?find=<script>").text("#ingress-shown") == "none matches"
    assert "<script>" not in client.get(f"{INDEX}group/{long}/?find=<script>").content.decode().split("<main")[-1]
