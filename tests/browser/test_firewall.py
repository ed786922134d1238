"""The firewall's story with real packets: what the preview says before is what the network does after."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from .conftest import PROJECT
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(1800)]
PAGE = "/tenant_ops/firewall/"


def serves(address):
    """Whether a request from outside is answered."""
    load = ["/usr/bin/python3", str(PROJECT / "tests/integration/packets/load.py"), address, "3", "1"]
    command = [sys.executable, "-m", "sandbox", "outside", "--", *load]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return sum(told["answered"].values()) == 3


@pytest.fixture(scope="module")
def environment(web):
    """An environment with its firewall group: its name and its address; afterwards it is as it was."""
    told = web.standing()
    return told["name"], told["address"][7:]


@pytest.fixture
def page(owner, environment):
    """The page of its group."""
    owner.open(PAGE)
    row = f"{environment[0]}-fw"
    owner.until(lambda: row in owner.text("#firewall-groups"), "the group in the list", LONG)
    next(link for link in owner.all("#firewall-groups .to-rows__name a") if link.text == row).click()
    owner.until(lambda: owner.all("#ingress [data-fw-place]"), "the group's page")
    return owner


def press(page, selector):
    page.driver.execute_script("document.querySelector(arguments[0]).click()", selector)


def focused(page):
    return page.driver.execute_script("return document.activeElement.getAttribute('data-fw-place')")


def test_an_empty_firewall_blocks_as_the_preview_said_and_undo_opens_it_again(page, environment):
    _name, address = environment
    page.until(lambda: serves(address), "the application answering", LONG)
    page.driver.execute_script(
        "document.querySelectorAll('#ingress [name=pick-ingress]').forEach(e => { e.checked = true; })"
    )
    press(page, "#ingress .fw-way__foot [value=off]")
    page.until(lambda: "now closed" in page.text("#draft-bar"), "the preview naming what is lost", LONG)
    assert "blocked" in page.text("#draft-bar")
    assert serves(address), "a draft changes nothing"
    press(page, "#review")
    page.until(lambda: page.all("#apply-form"), "the review")
    assert "now closed" in page.text("#traffic")
    assert "The web site answers on port 80" in page.text("#traffic")
    assert page.find("#confirm").get_attribute("disabled"), "the blueprint's own intent would break"
    page.write("#although [name=override]", "The talk shows what an empty policy does.")
    press(page, "#confirm-although")
    page.until(lambda: page.all("#undo"), "the group's page with the way back", LONG)
    page.until(lambda: not serves(address), "the application being cut off", LONG)
    press(page, "#undo")
    page.until(lambda: not page.all("#undo"), "the undo being done", LONG)
    page.until(lambda: serves(address), "the application answering again", LONG)


def test_the_keyboard_alone_moves_a_rule_and_takes_it_back(page):
    before = page.text("#ingress .fw-rule__what").split("\n")
    row = page.all("#ingress [data-fw-place]")[1]
    page.driver.execute_script("arguments[0].focus()", row)
    ActionChains(page.driver).key_down(Keys.ALT).send_keys(Keys.ARROW_UP).key_up(Keys.ALT).perform()
    page.until(lambda: "moved" in page.text("#ingress"), "the rule having moved", LONG)
    page.until(lambda: focused(page) == "0", "the focus going with it")
    press(page, "#draft-bar [value=discard]")
    page.until(lambda: not page.all("#draft-bar"), "the draft being gone", LONG)
    assert page.text("#ingress .fw-rule__what").split("\n") == before
