"""What a person may do from a box of the picture: links, reached by mouse, keyboard and without scripts."""

from __future__ import annotations

import pytest

from tests.unit.panels.reading import read
from tests.unit.panels.test_show import member_down
from tests.unit.panels.walk import SHOW


def menu(page, key):
    """Words and addresses of the menu of a box."""
    return {node.words(): node["href"] for node in page.one(f"#menu-{key}").everything() if node.name == "a"}


def of(things, name):
    """The id of a server by its name."""
    return next(one["id"] for one in things.kept["servers"].values() if one["name"] == name)


def test_a_server_s_menu(client, owner, world, shop):
    found = menu(read(client.get(SHOW)), "application-1")
    instance = f"/project/instances/{of(world.things, 'shop-application-1')}/"
    words = ["How it is checked", "Drain", "Can … reach it?", "Open in Horizon", "Console", "Log", "Restart…", "Its events"]
    assert list(found) == words
    server = of(world.things, "shop-application-1")
    assert found["Can … reach it?"] == f"/tenant_ops/firewall/probe/?source=internet&target=server%3A{server}"
    assert found["Open in Horizon"] == instance
    assert found["Console"] == f"{instance}?tab=instance_details__console"
    assert found["Log"] == f"{instance}?tab=instance_details__log"
    assert found["Restart…"] == f"{SHOW}restart/application-1/"
    assert found["Its events"] == "?events=all&q=Application+server+1#events"


def test_one_that_is_red_says_why(client, owner, world, shop):
    member_down(world)
    page = read(client.get(SHOW))
    stack = world.heat.stacks[shop.id]["ids"]
    why = f"/tenant_ops/loadbalancers/balancer/{stack['balancer']}/member/{stack['application-2.member']}/why/"
    assert menu(page, "application-2")["Why is it red?"] == why
    assert "Why is it red?" not in menu(page, "application-1")


def acts(page, key):
    """What is done in place there, and the words while it goes on."""
    links = [node for node in page.one(f"#menu-{key}").everything() if node.name == "a"]
    return {node.words(): node["data-to-act"] for node in links if node.get("data-to-act")}


def test_a_server_is_drained_from_its_box_in_place(client, owner, world, shop):
    page = read(client.get(SHOW))
    stack = world.heat.stacks[shop.id]["ids"]
    base = f"/tenant_ops/loadbalancers/balancer/{stack['balancer']}/member/{stack['application-1.member']}/"
    assert menu(page, "application-1")["Drain"] == f"{base}drain/"
    assert acts(page, "application-1") == {"Drain": "Draining …"}
    assert page.one("#menu-application-1").get("data-to-row") is not None
    assert "csrfmiddlewaretoken" in {one.get("name") for one in page.one("[data-to-token]").everything()}
    assert acts(page, "database") == {}


def test_one_that_is_drained_takes_traffic_again_and_the_last_one_is_asked(client, owner, world, shop):
    (tree,) = world.things.trees.values()
    tree["listeners"][0]["pools"][0]["members"][1]["operating_status"] = "DRAINING"
    page = read(client.get(SHOW))
    assert acts(page, "application-2") == {"Let it take traffic": "Switching it on …"}
    assert menu(page, "application-2")["Let it take traffic"].endswith("/enable/")
    assert "Drain…" in menu(page, "application-1")
    assert acts(page, "application-1") == {}


def test_every_thing_that_is_there_has_one(client, owner, world, shop):
    page = read(client.get(SHOW))
    assert "Its members and their health" in menu(page, "balancer")
    assert "Restart…" in menu(page, "database")
    group = next(iter(world.things.kept["firewall_groups"]))
    assert menu(page, "firewall")["Who reaches whom, and its rules"] == f"/tenant_ops/firewall/group/{group}/"
    assert menu(page, "data")["Open in Horizon"].startswith("/project/volumes/")
    assert menu(page, "address")["Open in Horizon"] == "/project/floating_ips/"
    assert menu(page, "application-group")["Open in Horizon"].startswith("/project/security_groups/")
    assert not page.has("#menu-internet")


def test_an_auditor_restarts_nothing(client, auditor, shop):
    found = menu(read(client.get(SHOW)), "database")
    assert "Log" in found
    assert "Restart…" not in found
    assert "Drain" not in menu(read(client.get(SHOW)), "application-1")


def test_what_is_still_planned_has_none(client, owner, world, begun):
    world.heat.build(begun.id, 4)
    page = read(client.get(SHOW))
    assert page.has("#picture")
    assert not page.has("#menu-application-1")


def test_pages_that_this_horizon_lacks_are_not_linked(client, owner, world, shop, monkeypatch):
    from tenant_ops_dashboard.panels.environments import menus

    monkeypatch.setitem(menus.PAGES, "volume", "horizon:project:no_such_page:detail")
    monkeypatch.setattr(menus, "BALANCERS", "horizon:tenant_ops:no_such_panel")
    page = read(client.get(SHOW))
    assert list(menu(page, "data")) == ["Its events"]
    assert "How it is checked" not in menu(page, "application-1")
    assert "Its members and their health" not in menu(page, "balancer")


@pytest.mark.parametrize("which", ["across", "upright"])
def test_a_button_opens_each_without_a_script(client, owner, shop, which):
    page = read(client.get(SHOW))
    plate = next(n for n in page.find_all("div", "class") if n["class"] == f"to-plate to-plate--{which}")
    picture, openers = (node for node in plate.children if not isinstance(node, str))
    assert picture["aria-hidden"] == "true"
    assert not [node for node in picture.everything() if node.name in ("a", "button")]
    buttons = [node for node in openers.everything() if node.name == "button"]
    named = {button["popovertarget"]: button["aria-label"] for button in buttons}
    assert named["menu-database"] == "shop-database, good: what you can do"
    menus = {node["id"] for node in page.find_all("div", "popover")}
    assert set(named) == menus


def test_the_table_leads_to_the_same(client, owner, shop):
    page = read(client.get(SHOW))
    row = next(node for node in page.find_all("tr", "data-key") if node["data-key"] == "table-database")
    links = {node.words(): node["href"] for node in row.everything() if node.name == "a"}
    assert links == menu(page, "database")
