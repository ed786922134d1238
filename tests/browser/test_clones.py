"""The pages of clones: a volume is offered, asked for, approved, used, and given back."""

from __future__ import annotations

import openstack
import pytest

from .cloning import PAGE, enter, offer, request, withdraw
from .looks import THEMES, shoot, troubles
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(900)]


def comes_to(browser, state):
    """Wait until the page of a clone says so by itself, without being opened again."""
    browser.until(lambda: browser.attribute("#clone", "data-state") == state, state, LONG)


def test_a_copy_is_asked_for_approved_used_renewed_and_given_back_by_page(browser, sandbox, volume):
    developer = openstack.connect(cloud="developer", api_timeout=60).block_storage
    enter(browser, sandbox, "owner")
    offered = offer(browser, volume)
    try:
        enter(browser, sandbox, "developer")
        page = request(browser, volume)
        enter(browser, sandbox, "owner")
        browser.open(PAGE)
        browser.find("#clones-inbox form[action$='/approve/'] button").click()
        browser.until(lambda: browser.all("#clones") and not browser.all("#clones-inbox"), "an empty inbox")
        enter(browser, sandbox, "developer")
        browser.driver.get(page)
        comes_to(browser, "ready")
        assert troubles(browser) == {}, "ready"
        shoot(browser, "clones-ready", THEMES[0], "wide")
        first = browser.text("#clone-volume")
        assert developer.get_volume(first).status == "available"
        for way, after in (("refresh", "ready"), ("release", "released")):
            browser.find(f"#clone a[href$='/{way}/']").click()
            browser.until(lambda: browser.all("#confirm"), f"the page that asks before {way}")
            assert troubles(browser) == {}, way
            shoot(browser, f"clones-{way}-ready", THEMES[0], "wide")
            browser.find("#confirm").click()
            browser.until(lambda: browser.all("#clones, #clone"), f"the page after {way}")
            browser.driver.get(page)
            comes_to(browser, after)
            browser.until(lambda: browser.text("#clone-volume") != first, f"another volume after {way}")
        assert first not in {one.id for one in developer.volumes()}
    finally:
        withdraw(browser, sandbox, offered)
