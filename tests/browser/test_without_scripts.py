"""A browser that runs no scripts: the list, the launch form with its messages, and the plan are plain pages."""

from __future__ import annotations

import secrets

import pytest
import requests
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By

from .person import opened

pytestmark = [pytest.mark.sandbox, pytest.mark.browser]


@pytest.fixture
def plain(sandbox):
    """A browser with JavaScript switched off, with the session of an owner who logged in: Horizon's own login needs it."""
    with opened(sandbox["horizon"], prefs={"profile.managed_default_content_settings.javascript": 2}) as browser:
        browser.open("/static/")
        for cookie in session(sandbox):
            browser.driver.add_cookie({"name": cookie.name, "value": cookie.value, "path": "/"})
        yield browser


def session(sandbox):
    """The cookies of somebody who sent the login form."""
    page = f"{sandbox['horizon']}/auth/login/"
    with requests.Session() as client:
        client.get(page, timeout=60)
        form = {"username": "owner", "password": sandbox["logins"]["owner"], "region": "default"}
        token = client.cookies["csrftoken"]
        client.post(page, {**form, "csrfmiddlewaretoken": token}, headers={"Referer": page}, timeout=60)
        assert "sessionid" in client.cookies, "the login"
        return list(client.cookies)


def said(browser, selector):
    """The texts of what is shown, read without a script; '' while one page gives way to the next."""
    try:
        return " ".join(element.text for element in browser.all(selector) if element.is_displayed())
    except StaleElementReferenceException:
        return ""


def problem(browser, field):
    return said(browser, f"[data-to-problem='{field}']")


def test_from_the_list_to_a_plan(plain, cloud):
    plain.open("/tenant_ops/")
    assert "JavaScript" not in said(plain, "#tenant-ops")
    assert said(plain, "#environments-answer")
    plain.find("#launch-environment").click()

    plain.until(lambda: plain.all("#environment-name"), "the form")
    assert said(plain, "#plan-verdict").startswith("Creates"), "the plan stands beside the form from the start"
    name = f"plain-{secrets.token_hex(3)}"
    plain.write("#environment-name", f"{name} <b>")
    plain.find("#advanced > summary").click()
    plain.write("#parameter-database_cidr", "10.20.300.0/24")
    plain.find("#launch-button").click()

    plain.until(lambda: problem(plain, "name"), "a sentence at the name")
    assert problem(plain, "database_cidr"), "the fold with the other message is open"
    assert plain.find("#environment-name").get_attribute("value") == f"{name} <b>"
    plain.write("#environment-name", name)
    plain.write("#parameter-database_cidr", "10.64.7.0/24")
    plain.write("#parameter-database_size", "3")
    plain.driver.find_element(By.CSS_SELECTOR, "button[name='do'][value='plan']").click()

    plain.until(lambda: "10.64.7.0/24" in said(plain, ".to-plate--across"), "the plan as a page")
    assert not problem(plain, "name")
    assert "All of it fits into your quota." in said(plain, "#plan-verdict")
    assert plain.find("#parameter-database_size").get_attribute("value") == "3"
    assert not [stack for stack in cloud.orchestration.stacks() if stack.name.startswith(name)], "nothing was made"
