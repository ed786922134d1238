"""A server's process dies and comes back: seen on the page without a reload, in the traffic, and in the history."""

from __future__ import annotations

import json
import subprocess
import sys

import openstack
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from .conftest import PROJECT
from .looks import shoot, troubles
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(1800)]
PAGE = "/tenant_ops/loadbalancers/"


def sandbox_do(*words):
    done = subprocess.run([sys.executable, "-m", "sandbox", *words], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def answers(address, times):
    """How often each server answered that many requests from outside, each on a connection of its own."""
    load = ["/usr/bin/python3", str(PROJECT / "tests/integration/packets/load.py"), address, str(times), "1"]
    told = json.loads(sandbox_do("outside", "--", *load))
    return told["answered"] | ({"nobody": told["failed"]} if told["failed"] else {})


@pytest.fixture(scope="module")
def environment(web):
    """An environment with its proofs run: its name, its load balancer's id, its address; it is scaled, and gone at the end."""
    told = web.standing()
    cloud = openstack.connect(cloud="owner", api_timeout=60)
    yield told["name"], cloud.load_balancer.find_load_balancer(f"{told['name']}-lb").id, told["address"][7:]
    web.end()


def test_a_member_that_dies_is_red_within_seconds_and_comes_back(owner, environment):
    _name, id_, address = environment
    card = f"#lb-{id_}"
    owner.open(f"{PAGE}?open={id_}#lb-{id_}")
    owner.until(lambda: len(owner.all(f"{card} [data-member][data-state='good']")) == 2, "both members in green", LONG)
    owner.driver.execute_script("window.notReloaded = true")
    victim, survivor = sorted(one.get_attribute("data-member") for one in owner.all(f"{card} [data-member]"))
    owner.until(lambda: answers(address, 20).keys() == {victim, survivor}, "both answering in turn", LONG)

    def state(member):
        return owner.attribute(f"{card} [data-member='{member}']", "data-state")

    sandbox_do("tell", victim, "die")
    owner.until(lambda: state(victim) == "failed", "the member turning red", LONG)
    owner.until(lambda: owner.attribute(card, "data-state") == "warning", "the load balancer turning to warning", LONG)
    assert state(survivor) == "good"
    assert "1 of 2" in owner.text(f"{card} [data-reason]")
    assert "DOWN" in owner.text(f"{card} [data-member='{victim}']")
    assert answers(address, 50) == {survivor: 50}

    sandbox_do("tell", victim, "heal")
    owner.until(lambda: state(victim) == "good", "the member coming back", LONG)
    owner.until(lambda: owner.attribute(card, "data-state") == "good", "the load balancer coming back", LONG)
    assert owner.driver.execute_script("return window.notReloaded") is True
    assert answers(address, 20).keys() == {victim, survivor}

    owner.until(lambda: f"{victim} is up" in owner.text(f"{card} .lb-events"), "both changes in the history", LONG)
    told = owner.text(f"{card} .lb-events")
    assert told.index(f"{victim} is up") < told.index(f"{victim} is down"), "the newest comes first"

    assert troubles(owner) == {}
    shoot(owner, "loadbalancers", "default", "wide")


class Row:
    """A member's row, read anew with every look: a live page replaces its elements."""

    def __init__(self, browser, id_, member):
        self.browser, self.row, self.events = browser, f"#lb-{id_} [data-member='{member}']", f"#lb-{id_} .lb-events"

    def until(self, state):
        self.browser.until(lambda: self.browser.attribute(self.row, "data-state") == state, f"{state} in its row", LONG)

    def until_said(self, words):
        """As soon as Octavia is done the row says by whom it was."""
        self.browser.until(lambda: words in self.browser.text(f"{self.row} [data-to-said]"), f"'{words}' in its row", LONG)

    def find(self, part):
        return self.browser.find(f"{self.row} {part}")

    def drains(self):
        """How often somebody asked for it, as the page tells."""
        return self.browser.text(self.events).count("is being drained")


@pytest.fixture
def row(owner, environment):
    """The first member's row on the open page, in green, and the names of both."""
    _, id_, _ = environment
    owner.open(f"{PAGE}?open={id_}#lb-{id_}")
    good = f"#lb-{id_} [data-member][data-state='good']"
    owner.until(lambda: len(owner.all(good)) == 2, "both members in green", LONG)
    owner.driver.execute_script("window.notReloaded = true")
    return Row(owner, id_, sorted(one.get_attribute("data-member") for one in owner.all(good))[0])


def in_place(browser):
    """Nobody left the page, and nothing of Horizon's lies over it."""
    return browser.driver.execute_script("return window.notReloaded") and not browser.all("#main_content .alert-success")


def test_draining_and_back_are_two_clicks_in_the_row(owner, environment, row):
    _, _, address = environment
    before = row.drains()
    ActionChains(owner.driver).double_click(row.find("a.btn")).perform()
    assert owner.text(f"{row.row} [data-to-said]"), "the row says at once that something goes on"
    row.until("drained")
    row.until_said("Drained by owner")
    owner.until(lambda: len(answers(address, 20)) == 1, "the other one answering alone", LONG)
    assert row.drains() == before + 1, "a double click did it once"
    row.find(".to-said__undo").click()
    row.until("good")
    row.until_said("Put back as it was by owner")
    owner.until(lambda: len(answers(address, 20)) == 2, "both answering again", LONG)
    assert in_place(owner)


def test_draining_and_back_by_keys_alone(owner, row):
    def focused():
        return owner.driver.execute_script("return document.activeElement.innerText")

    row.find("a.btn").send_keys(Keys.ENTER)
    row.until_said("Drained by owner")
    assert focused() == "Enable", "the focus stayed where it was"
    ActionChains(owner.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
    assert focused() == "Undo"
    ActionChains(owner.driver).send_keys(Keys.ENTER).perform()
    row.until_said("Put back as it was by owner")
    row.until("good")
    assert focused() == "Drain"
    assert in_place(owner)


def test_a_weight_and_a_mute_are_set_in_the_row_s_menu(owner, row):
    row.find("summary").click()
    field = row.find("input[name=weight]")
    field.clear()
    field.send_keys("3", Keys.ENTER)
    row.until_said("Weight set to 3 by owner")
    row.find(".to-said__undo").click()
    row.until_said("Put back as it was by owner")
    row.find("summary").click()
    row.find("a[href*='hours=4']").click()
    row.until_said("are muted for 4 h")
    row.find(".to-said__undo").click()
    row.until_said("are shown again")
    assert in_place(owner)


def test_a_server_is_drained_and_back_from_its_box_of_the_picture(owner, environment):
    name, _, _ = environment
    owner.open(f"/tenant_ops/environment/{name}/")
    owner.until(lambda: owner.all(".to-opener"), "the picture", LONG)
    menu = f"#{owner.attribute('.to-menu:has(a[data-to-act])', 'id')}"
    next(one for one in owner.all(f".to-opener[popovertarget='{menu[1:]}']") if one.is_displayed()).click()
    owner.driver.execute_script("window.notReloaded = true")

    def press(words):
        next(one for one in owner.all(f"{menu} a[data-to-act]") if one.text == words).click()

    def offered():
        return owner.text(f"{menu} ul a[data-to-act]")

    press("Drain")
    owner.until(lambda: "Octavia accepted it" in owner.text(f"{menu} [data-to-said]"), "what came of it", LONG)
    owner.until(lambda: offered() == "Let it take traffic", "its menu as it is then", LONG)
    press("Undo")
    owner.until(lambda: offered() == "Drain", "its menu as it was", LONG)
    assert in_place(owner)


def test_the_page_opens_with_what_was_seen_a_moment_ago(owner, environment):
    _, id_, _ = environment
    owner.open(PAGE)
    owner.until(lambda: owner.all(f"#lb-{id_} [data-member]"), "its members", LONG)
    owner.driver.refresh()
    assert owner.all(f"#lb-{id_} [data-member]"), "they are there with the page"
    assert owner.text("[data-to-asof]").startswith("as of")
    owner.until(lambda: owner.attribute("#loadbalancers", "data-to-first") is None, "the answer to what it asked at once")


def test_bad_rules_are_told_at_their_fields_and_good_ones_stand_on_the_card(owner, environment):
    _, id_, _ = environment
    owner.open(f"{PAGE}balancer/{id_}/scaling/")
    owner.write("#maximum", "1")
    owner.write("#threshold", "0")
    owner.find("#confirm").click()
    owner.until(lambda: owner.text("#maximum-problem"), "a sentence at the field")
    assert owner.text("#threshold-problem")
    assert owner.find("#maximum").get_attribute("value") == "1", "what was typed is still there"
    owner.write("#maximum", "3")
    owner.write("#threshold", "40")
    owner.find("#confirm").click()
    card = f"#lb-{id_} .lb-scaling"
    owner.until(
        lambda: "2 to 3" in owner.text(card) and "threshold 40" in owner.text(card), "the rules on the card", LONG
    )

    owner.until(lambda: "Heat is changing it" not in owner.text(card), "Heat's end of the update", LONG)

    def asked():
        owner.open(f"{PAGE}balancer/{id_}/scale/out/")
        return "From 2 to 3 servers" in owner.text("#tenant-ops") and owner.all("#confirm")

    owner.until(asked, "the question, with Heat ready for it", LONG)
    owner.find("#confirm").click()
    owner.until(lambda: owner.attribute(card, "data-size") == "3", "the third server without a reload", LONG)
    good = f"#lb-{id_} [data-member][data-state='good']"
    owner.until(lambda: len(owner.all(good)) == 3, "the third member in green", LONG)
    owner.until(lambda: "joined the pool" in owner.text(f"#lb-{id_} .lb-events"), "its joining in the history", LONG)
