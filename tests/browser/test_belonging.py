"""Two tabs, one session: what a page does and says once another tab switched the project, or logged out."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.browser]
LIST = "/tenant_ops/loadbalancers/"
LAUNCH = "/tenant_ops/launch/"
LOG_OUT = """
const [address, done] = arguments, form = new FormData();
form.append("csrfmiddlewaretoken", document.cookie.match(/csrftoken=([^;]+)/)[1]);
fetch(`${address}/auth/logout/`, {method: "POST", body: form, redirect: "manual"}).then(() => done());
"""


@pytest.fixture
def operator(browser, sandbox):
    browser.log_in("operator", sandbox["logins"]["operator"])
    return browser


def projects(page):
    """Horizon's own links that switch, by the project's id."""
    found = [link.get_attribute("href").partition("?")[0] for link in page.all("a[href*='/auth/switch/']")]
    return {link.rstrip("/").rpartition("/")[2]: link for link in found}


def in_another_tab(page, address):
    here = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    page.driver.get(address)
    page.driver.close()
    page.driver.switch_to.window(here)


def switched(page, address):
    """Open the page, switch the project elsewhere; the page's own mark."""
    page.open(address)
    mark = page.attribute("#tenant-ops", "data-to-page")
    others = {id_: link for id_, link in projects(page).items() if id_ != mark.partition("@")[0]}
    in_another_tab(page, f"{next(iter(others.values()))}?next=/settings/")
    return mark


def over(page):
    return page.find("[data-to-ended]").is_displayed()


def test_a_live_page_says_that_the_project_was_switched_and_leads_back(operator):
    mark = switched(operator, LIST)
    operator.until(lambda: over(operator), "the page saying so")
    assert "This page is of" in operator.text("[data-to-ended-words]")
    assert "is-stale" in operator.attribute("#tenant-ops", "class")
    operator.find("[data-to-ended-ways] a").click()
    operator.until(lambda: not over(operator), "the page being live again")
    assert operator.attribute("#tenant-ops", "data-to-page") == mark
    assert LIST in operator.driver.current_url


def test_a_form_left_open_does_nothing_and_what_was_typed_comes_back(operator):
    mark = switched(operator, LAUNCH)
    operator.write("#environment-name", "identity-typed")
    operator.find("#launch-button").click()
    operator.until(lambda: not operator.all("#launch-form") and operator.all("#tenant-ops h2"), "the refusal")
    assert "Nothing was done." in operator.text("#tenant-ops")
    operator.find("#tenant-ops .to-note a").click()
    operator.until(lambda: operator.all("#launch-form"), "the form again")
    assert operator.attribute("#tenant-ops", "data-to-page") == mark
    assert operator.find("#environment-name").get_attribute("value") == "identity-typed"


def test_a_page_whose_login_ended_says_so(operator):
    operator.open(LIST)
    operator.until(lambda: operator.all("#loadbalancers"), "the page")
    operator.driver.execute_async_script(LOG_OUT, operator.address)
    operator.until(lambda: over(operator), "the page saying so")
    assert "logged out" in operator.text("[data-to-ended-words]")
    link = operator.find("[data-to-ended-ways] a").get_attribute("href")
    assert link == f"{operator.address}/auth/login/?next={quote(urlsplit(operator.address).path + LIST, safe='')}"
