"""The ways through the pages by the keyboard alone: each stop is seen, menus open and close, the focus comes back.

A launch and the request of a copy go the same way in the tests that have them anyway.
"""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from .keys import has_focus, press, skip, tab_to
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(900)]
OPEN_MENU = "[popover]:popover-open"
MORE = "details[data-key^='more-']"


@pytest.fixture(scope="module")
def environment(web):
    """What its launch told: its id and its name."""
    return web.standing()


def test_from_the_list_to_a_server_s_menu_and_back(owner, environment):
    owner.open("/tenant_ops/")
    skip(owner)
    tab_to(owner, f"tr[data-name='{environment['name']}'] .to-rows__name a")
    press(owner, Keys.ENTER)
    owner.until(lambda: owner.attribute("#environment", "data-name") == environment["name"], "its page")
    skip(owner)
    tab_to(owner, ".to-opener")
    press(owner, Keys.ENTER)
    owner.until(lambda: owner.all(OPEN_MENU), "the menu of a box")
    press(owner, Keys.TAB)
    assert has_focus(owner, f"{OPEN_MENU} a"), "the next stop is in the menu"
    press(owner, Keys.ESCAPE)
    owner.until(lambda: not owner.all(OPEN_MENU), "the menu being closed")
    assert has_focus(owner, ".to-opener")


def test_a_member_s_menu_opens_and_closes(owner, environment, cloud):
    balancer = cloud.load_balancer.find_load_balancer(f"{environment['name']}-lb").id
    owner.open(f"/tenant_ops/loadbalancers/?open={balancer}&q={environment['name']}")
    owner.until(lambda: owner.all(MORE), "the members")
    skip(owner)
    tab_to(owner, f"{MORE} > summary")
    press(owner, Keys.ENTER)
    owner.until(lambda: owner.all(f"{MORE}[open]"), "the menu")
    press(owner, Keys.TAB)
    assert has_focus(owner, f"{MORE}[open] a"), "the next stop is in the menu"
    press(owner, Keys.ESCAPE)
    owner.until(lambda: not owner.all(f"{MORE}[open]"), "the menu being closed")
    assert has_focus(owner, f"{MORE} > summary")


def test_a_rule_is_drafted_its_effect_read_and_the_draft_discarded(owner, environment, cloud):
    group = next(cloud.network.firewall_groups(name=f"{environment['name']}-fw")).id
    row = f"#firewall-groups tr[data-key='{group}'] .to-rows__name a"
    owner.open("/tenant_ops/firewall/")
    owner.until(lambda: owner.all(row), "the group in the list", LONG)
    skip(owner)
    tab_to(owner, row)
    press(owner, Keys.ENTER)
    owner.until(lambda: owner.all("#add-ingress"), "the group's page")
    skip(owner)
    tab_to(owner, "#add-ingress")
    press(owner, Keys.ENTER)
    owner.until(lambda: owner.all("#rule-form"), "the form")
    skip(owner)
    rule = {"#protocol": "tcp", "#source_ip_address": "198.51.100.7", "#destination_port": "8443"}
    for field, typed in rule.items():
        tab_to(owner, field)
        press(owner, typed)
    press(owner, Keys.ENTER)
    owner.until(lambda: "Gained" in owner.text("#draft-bar"), "what the draft does", LONG)
    assert "8443" in owner.text("#ingress")
    tab_to(owner, "#draft-bar [value=discard]")
    press(owner, Keys.ENTER)
    owner.until(lambda: not owner.all("#draft-bar"), "the draft being gone", LONG)
    assert "8443" not in owner.text("#ingress")
