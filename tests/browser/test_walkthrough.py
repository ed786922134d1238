"""The walkthrough's pages: they fit, read and are accessible, and the first steps are shown by keyboard alone."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from .looks import THEMES, as_seen, shoot, troubles
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(900)]
HOME = "/tenant_ops/walkthrough/"
LAUNCH = f"{HOME}scenario/orchestration/step/launch/"
PAGES = {"step": LAUNCH, "present": f"{LAUNCH}present/", "reset": f"{HOME}reset/"}
#: The environment that all scenarios are shown on.
NAME = "demo-shop"
AMBER = (
    "return Array.from(document.querySelectorAll('#tenant-ops .to-mark--warning'))"
    ".filter(e => e.checkVisibility()).map(e => e.parentNode.outerHTML.slice(0, 120))"
)


def press(browser, *keys):
    """Press keys, whatever has the focus."""
    ActionChains(browser.driver).send_keys(*keys).perform()


def comes_to(browser, step, state, seconds=LONG):
    """Wait until the page shows this step in this state; nothing on it is amber meanwhile."""

    def there():
        assert browser.driver.execute_script(AMBER) == [], "amber while it comes up"
        return browser.attribute("#step", "data-step") == step and browser.attribute("#step", "data-state") == state

    browser.until(there, f"{step} {state}", seconds)


def reset(browser, page):
    """Back to the start, from a page that leads there, by keyboard."""
    browser.open(page)
    browser.until(lambda: browser.all("a[href$='/reset/']"), "the button")
    browser.find("a[href$='/reset/']").send_keys(Keys.ENTER)
    browser.until(lambda: NAME in browser.text("#reset-means"), "what goes")
    browser.find("#confirm").send_keys(Keys.ENTER)
    browser.until(lambda: browser.attribute("#reset", "data-done") == "yes", "nothing is left", LONG)


@pytest.mark.parametrize("theme", THEMES)
def test_a_projector_shows_a_step_without_scrolling(owner, theme):
    as_seen(owner, theme, 1280, 720)
    owner.open(PAGES["present"])
    owner.until(lambda: owner.all("#step"), "the step")
    high, wide = owner.driver.execute_script(
        "const e = document.documentElement; return [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]"
    )
    assert (high, wide) == (0, 0)
    size = owner.driver.execute_script("return parseFloat(getComputedStyle(document.querySelector('#step-say')).fontSize)")
    assert size >= 28, "a 25th of the height: read from the last row"


def test_the_first_steps_are_shown_by_keyboard_alone(owner, left_behind):
    left_behind.append(NAME)
    owner.open(PAGES["present"])
    if not owner.all("#do"):
        reset(owner, HOME)
        owner.open(PAGES["present"])
    press(owner, "?")
    owner.until(lambda: owner.attribute("#help", "open") is not None, "the keys")
    owner.find("[data-to-letters]").send_keys(Keys.SPACE)
    press(owner, Keys.TAB, "?")
    assert owner.attribute("#help", "open") is not None, "keys of one letter are off"
    owner.find("[data-to-letters]").send_keys(Keys.SPACE, Keys.TAB)
    press(owner, "?", "s")
    owner.until(lambda: "About a minute." in owner.text("#notes"), "the notes")

    press(owner, "d")
    comes_to(owner, "launch", "waiting", 60)
    assert owner.text("#notes").count("About a minute."), "they stay shown"
    press(owner, "s")
    comes_to(owner, "launch", "passed")
    press(owner, Keys.PAGE_DOWN)
    comes_to(owner, "answers", "open", 60)
    press(owner, Keys.ENTER)
    comes_to(owner, "answers", "passed")
    assert "rows read from the database" in owner.text("#evidence")
    press(owner, "b")
    comes_to(owner, "launch", "passed", 60)
    press(owner, "n")
    comes_to(owner, "answers", "passed", 60)

    press(owner, Keys.ESCAPE)
    owner.until(lambda: owner.all("#steps") and not owner.all("[data-to-stage]"), "the scenario's own page")
    assert troubles(owner) == {}
    shoot(owner, "walkthrough-passed", THEMES[0], "wide")
    reset(owner, LAUNCH)
    owner.open(LAUNCH)
    comes_to(owner, "launch", "open", 60)
