"""What the tests of clones do by page: a volume is offered by one project, and asked for by another."""

from __future__ import annotations

from urllib.parse import urljoin

import openstack
from selenium.webdriver.common.keys import Keys

from .keys import press, skip, tab_to

PAGE = "/tenant_ops/clones/"


def enter(browser, sandbox, name):
    """Log in as somebody else: the pages of two projects are looked at in turn."""
    browser.open("/static/")

    def asked():
        # What a page that lived asked last may be answered only now, with the cookie of whom it knew.
        browser.driver.delete_all_cookies()
        browser.open("/auth/login/")
        return browser.all("[name=username]")

    browser.until(asked, "the login's form")
    browser.log_in(name, sandbox["logins"][name], openstack.connect(cloud=name, api_timeout=60).current_project_id)


def way(browser, name, button):
    """Where a button of the line called so leads to."""
    browser.open(PAGE)
    browser.until(lambda: browser.all(f"#clones [data-name='{name}'] a[href$='/{button}/']"), f"{button} of {name}")
    return urljoin(browser.address, browser.attribute(f"#clones [data-name='{name}'] a[href$='/{button}/']", "href"))


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


def withdraw(browser, sandbox, address):
    """Take the offer back, as its owner; what was asked for is denied with it."""
    enter(browser, sandbox, "owner")
    browser.driver.get(address)
    if browser.all("#confirm"):
        browser.find("#confirm").click()
        browser.until(lambda: not browser.all("#confirm"), "the withdrawal")


def request(browser, volume):
    """Ask for a copy, by the keyboard alone; the address of its page."""
    browser.driver.get(way(browser, volume, "request"))
    browser.until(lambda: browser.all("#request-form"), "the form")
    skip(browser)
    tab_to(browser, "#lease")
    # A field that Tab leads to is selected as a whole.
    press(browser, "2h", Keys.ENTER)
    browser.until(lambda: "longer than" in browser.text("#lease-more"), "the sentence at its field")
    skip(browser)
    tab_to(browser, "#lease")
    press(browser, "30m")
    tab_to(browser, "#confirm")
    press(browser, Keys.ENTER)
    browser.until(lambda: browser.all("#clone-lineage"), "the page of the clone")
    return browser.driver.current_url
