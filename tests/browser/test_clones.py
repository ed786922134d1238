"""The pages of clones: a volume is offered, asked for, and every page on the way fits, reads and is accessible."""

from __future__ import annotations

import contextlib
import secrets

import openstack
import pytest

from .conftest import LONG
from .looks import SIZES, THEMES, as_seen, shoot, troubles

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(900)]
PAGE = "/tenant_ops/clones/"
APART = ("list", "inbox", "clone", "request", "deny")


@pytest.fixture
def volume(sandbox):
    """An empty volume of production, by its name."""
    storage = openstack.connect(cloud="owner", api_timeout=60).block_storage
    made = storage.create_volume(name=f"clones-{secrets.token_hex(3)}", size=1)
    try:
        storage.wait_for_status(made, "available", wait=120)
        yield made.name
    finally:
        with contextlib.suppress(openstack.exceptions.SDKException):
            storage.delete_volume(made)


def enter(browser, sandbox, name):
    """Log in as somebody else: the pages of two projects are looked at in turn."""
    browser.driver.delete_all_cookies()
    browser.log_in(name, sandbox["logins"][name], openstack.connect(cloud=name, api_timeout=60).current_project_id)


def way(browser, name, button):
    """Where a button of the line called so leads to."""
    browser.open(PAGE)
    browser.until(lambda: browser.all(f"#clones [data-name='{name}'] a[href$='/{button}/']"), f"{button} of {name}")
    return browser.address + browser.attribute(f"#clones [data-name='{name}'] a[href$='/{button}/']", "href")


def offer(browser, volume):
    """Offer it to development, each request to be approved; the address that withdraws it."""
    browser.open(f"{PAGE}offer/")
    browser.until(lambda: browser.all("#offer-form"), "the form")
    choice = next(one for one in browser.all("#volume option") if volume in one.get_attribute("textContent"))
    choice.click()
    browser.write("#to", "development")
    browser.write("#max_lease", "1h")
    browser.find("#confirm").click()
    return way(browser, volume, "withdraw")


def request(browser, volume):
    """Ask for a copy; the address of its page."""
    browser.driver.get(way(browser, volume, "request"))
    browser.until(lambda: browser.all("#request-form"), "the form")
    browser.write("#lease", "2h")
    browser.find("#confirm").click()
    browser.until(lambda: "longer than" in browser.text("#lease-more"), "the sentence at its field")
    browser.write("#lease", "30m")
    browser.find("#confirm").click()
    browser.until(lambda: browser.all("#clone-lineage"), "the page of the clone")
    return browser.driver.current_url


def look(browser, theme, pages):
    """Each page, wide and narrow; in the second theme those that are not like another one."""
    for name, address in pages.items():
        if theme != THEMES[0] and name not in APART:
            continue
        for size, width in SIZES.items():
            as_seen(browser, theme, width)
            browser.driver.get(address)
            browser.until(lambda: browser.all("#tenant-ops h1"), f"the page {address}")
            assert troubles(browser) == {}, f"{name}, {theme}, {size}"
            shoot(browser, f"clones-{name}", theme, size)
    as_seen(browser, theme, SIZES["wide"])


@pytest.mark.parametrize("theme", THEMES)
def test_the_pages_fit_read_and_are_accessible(browser, sandbox, volume, theme):
    home = browser.address + PAGE
    enter(browser, sandbox, "owner")
    withdraw = offer(browser, volume)
    try:
        look(browser, theme, {"offers": home, "offer": f"{home}offer/", "withdraw": withdraw})
        enter(browser, sandbox, "developer")
        look(browser, theme, {"offered": home, "request": way(browser, volume, "request"), "trust": f"{home}trust/"})
        clone = request(browser, volume)
        held = {"list": home, "clone": clone, "extend": f"{clone}extend/", "release": f"{clone}release/"}
        look(browser, theme, held)
        enter(browser, sandbox, "owner")
        look(browser, theme, {"inbox": home, "deny": f"{clone}deny/", "pin": f"{clone}pin/"})
    finally:
        enter(browser, sandbox, "owner")
        browser.driver.get(withdraw)
        browser.find("#confirm").click()
        browser.until(lambda: volume not in browser.driver.page_source or not browser.all("#confirm"), "the withdrawal")


def comes_to(browser, state):
    """Wait until the page of a clone says so by itself, without being opened again."""
    browser.until(lambda: browser.attribute("#clone", "data-state") == state, state, LONG)


def test_a_copy_is_asked_for_approved_used_renewed_and_given_back_by_page(browser, sandbox, volume):
    developer = openstack.connect(cloud="developer", api_timeout=60).block_storage
    enter(browser, sandbox, "owner")
    withdraw = offer(browser, volume)
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
        enter(browser, sandbox, "owner")
        browser.driver.get(withdraw)
        if browser.all("#confirm"):
            browser.find("#confirm").click()
