"""The picture of a firewall group: two layers drawn apart, and a table that says the same."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.unit.firewall import standing
from tests.unit.panels.firewall.test_pages import edit, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(world):
    standing.shop(world, world.cloud())
    (found,) = world.things.kept["firewall_groups"]
    return found


def lines(found):
    """The table's rows: what, then the words of each cell."""
    return [
        [cell.words() for cell in row.children if not isinstance(cell, str) and cell.name in ("td", "th")]
        for row in found.one("#picture-table").everything()
        if row.name == "tr" and row.get("data-key")
    ]


def drawn(found):
    """The titles of the boxes in the drawing, and the names of its lanes."""
    texts = [node for node in found.one("#picture").everything() if node.name == "text"]
    return [one.words() for one in texts if "to-box__title" in (one.get("class") or "")], [
        one.words() for one in texts if "to-lane__name" in (one.get("class") or "")
    ]


def port_of(world, tier):
    kept = world.things.kept
    server = next(one for one in kept["servers"].values() if tier in one["name"])
    return next(one for one in kept["ports"].values() if one["device_id"] == server["id"])


def test_an_environments_group_is_drawn_by_its_tiers(client, owner, group):
    found = page(client, group)
    titles, lanes = drawn(found)
    assert {"Internet", "shop-router", "shop-fw"} <= set(titles)
    assert {"dmz", "database"} <= set(lanes)
    told = lines(found)
    assert ["Perimeter", "shop-fw"] in [one[:2] for one in told]
    (database,) = [one for one in told if one[0] == "database"]
    assert database[2] == "behind the firewall group" and "database" in database[3]


def test_what_nothing_filters_at_the_server_is_drawn_as_such(client, owner, group, world):
    port_of(world, "database")["security_groups"] = []
    found = page(client, group)
    assert "no security group" in found.text("#picture")
    (database,) = [one for one in lines(found) if one[0] == "database"]
    assert database[3] == "no security group"
    cache.clear()
    port_of(world, "database")["port_security_enabled"] = False
    assert "no port security" in page(client, group).text("#picture-table")


def test_what_is_not_behind_the_group_is_drawn_as_such(client, owner, group, world):
    kept = world.things.kept
    held = kept["firewall_groups"][group]["ports"]
    inner = next(one for one in held if kept["ports"][one]["fixed_ips"][0]["ip_address"].startswith("10.20.2."))
    held.remove(inner)
    told = {one[0]: one[2] for one in lines(page(client, group)) if one[0] in ("dmz", "database")}
    assert told == {"dmz": "behind the firewall group", "database": "not in the firewall group"}


def test_a_network_with_a_door_that_is_not_in_the_group_is_no_whole_behind_it(client, owner, group, world):
    kept = world.things.kept
    held = kept["firewall_groups"][group]["ports"]
    inner = next(one for one in held if kept["ports"][one]["fixed_ips"][0]["ip_address"].startswith("10.20.2."))
    address = [{**kept["ports"][inner]["fixed_ips"][0], "ip_address": "10.20.2.254"}]
    world.things.add("routers", id="second", name="second", external_gateway_info=None, routes=[])
    world.things.add("ports", **{**kept["ports"][inner], "id": "door", "device_id": "second", "fixed_ips": address})
    told = {one[0]: one[2] for one in lines(page(client, group)) if one[0] in ("dmz", "database")}
    assert told["dmz"] == "behind the firewall group" and told["database"].startswith("partly behind")


def test_another_group_is_drawn_by_its_networks(client, owner, group, world):
    other = world.things.add(
        "firewall_groups", name="<b>plain", ports=[], status="INACTIVE", admin_state_up=True, description="",
        ingress_firewall_policy_id=None, egress_firewall_policy_id=None,
    )  # fmt: skip
    found = page(client, other["id"])
    titles, lanes = drawn(found)
    assert "<b>plain" in titles and "dmz_network" in lanes
    assert {one[2] for one in lines(found) if one[0] == "dmz_network"} == {"not in the firewall group"}
    assert "on no port" in found.text("#picture")


def test_a_place_lights_the_rules_that_decide_it(client, owner, group):
    found = page(client, group)
    lit = [one["data-fw-rules"] for one in found.find_all("g", "data-fw-rules", "#picture")]
    rules = {one["data-fw-rule"] for one in found.find_all("li", "data-fw-rule")}
    assert lit and all(set(one.split()) & rules for one in lit)
    edit(client, group, "off:0")
    assert page(client, group).has("#picture")


def test_a_tier_of_many_servers_is_counted(client, owner, group, world):
    kept = world.things.kept
    old = port_of(world, "app")
    for number in range(30):
        address = [{**old["fixed_ips"][0], "ip_address": f"10.20.1.{100 + number}"}]
        server = {**kept["servers"][old["device_id"]], "id": f"s-{number}", "name": f"shop-app-{number}"}
        world.things.add("servers", **server)
        world.things.add("ports", **{**old, "id": f"p-{number}", "device_id": f"s-{number}", "fixed_ips": address})
    found = page(client, group)
    assert "more" in found.text("#picture") and len(lines(found)) > 30
    assert len([one for one in drawn(found)[0] if one.startswith("app")]) <= 8
