"""Log in, launch, watch, prove, delete: what a tenant does, in a real browser on real services."""

from __future__ import annotations

import secrets

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from .keys import has_focus, press, tab_to
from .looks import shoot, troubles
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser]


def stacks(cloud):
    return {s.name for s in cloud.orchestration.stacks()}


def test_one_click_two_tiers_and_away_again(owner, cloud, left_behind):
    name = f"shop-{secrets.token_hex(3)}"
    left_behind.append(name)
    owner.open("/tenant_ops/")
    owner.until(lambda: "Environments" in owner.driver.title, "the landing page")
    owner.driver.find_element(By.PARTIAL_LINK_TEXT, "Launch").click()

    owner.until(lambda: has_focus(owner, "#environment-name"), "the launch form waiting for a name")
    press(owner, name)
    owner.until(lambda: "only the name is missing" not in owner.text("#plan"), "the plan noticing the name")
    assert "Servers" in owner.text("#plan"), "quotas stand beside the form"
    tab_to(owner, "#launch-button")
    press(owner, Keys.ENTER)

    owner.until(lambda: owner.attribute("#environment", "data-name") == name, "the environment's own page")
    page = f"/tenant_ops/environment/{cloud.orchestration.find_stack(name).id}/"
    assert owner.driver.current_url.partition("?")[0].endswith(page), "its address is its stack's id"
    totals = set()

    def well():
        totals.add(owner.text("#progress-total"))
        return owner.attribute("#environment", "data-status") == "good"

    owner.until(lambda: int(owner.text("#progress-done") or 0) > 8, "some resources being up")
    shoot(owner, "progress", "default", "wide")
    owner.until(well, "the environment becoming good without a reload", LONG)
    assert any(t.isdigit() and int(t) > 20 for t in totals), "progress was shown while it was built"

    def proofs():
        found = owner.driver.execute_script(
            "return Array.from(document.querySelectorAll('[data-proof]')).map(e => [e.dataset.proof, e.dataset.state])"
        )
        return dict(found)

    owner.until(lambda: proofs().get("http") == "good", "the answer from outside, by both servers", LONG)
    owner.until(lambda: set(proofs().values()) == {"good"}, "all proofs in green", LONG)
    assert {
        "load-balancer",
        "members",
        "security-groups",
        "firewall",
        "volume",
        "database",
        "closed",
    } <= proofs().keys()

    assert troubles(owner) == {}
    shoot(owner, "environment", "default", "wide")

    owner.open("/tenant_ops/")
    owner.until(lambda: name in owner.text("#environments-table"), "the list")
    assert owner.attribute(f"tr[data-name='{name}']", "data-status") == "good"

    owner.open(f"{page}delete/")
    assert f"{name}-data" in owner.text("#kept")
    assert "server" in owner.text("#lost").lower()
    owner.find("#confirm-delete").click()
    owner.until(lambda: name not in stacks(cloud), "the stack's end", LONG)
    owner.open("/tenant_ops/")
    owner.until(lambda: name not in owner.text("#environments"), "the list without it")
    assert [v.status for v in cloud.block_storage.volumes() if v.name == f"{name}-data"] == ["available"]


def problem(page, field):
    return page.text(f"[data-to-problem='{field}']")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a" * 300),
        ("name", "<script>alert(1)</script>"),
        ("dmz_cidr", "10.20.1.0"),
        ("dmz_cidr", "10.20.300.0/24"),
        ("database_cidr", "10.20.1.0/24"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_made(owner, cloud, field, value):
    before = stacks(cloud)
    owner.open("/tenant_ops/launch/")
    owner.write("#environment-name", f"bad-{secrets.token_hex(3)}")
    owner.driver.execute_script("document.getElementById('advanced').open = true")
    if field == "database_cidr":
        owner.write("[data-field='dmz_cidr'] input", value)
    owner.write("#environment-name" if field == "name" else f"[data-field='{field}'] input", value)
    owner.find("#launch-button").click()
    owner.until(lambda: problem(owner, field), "a sentence at the field")
    assert "/launch/" in owner.driver.current_url
    assert "<script>" not in problem(owner, field)
    kept = owner.find("#environment-name" if field == "name" else f"[data-field='{field}'] input").get_attribute(
        "value"
    )
    assert kept == value, "what was typed is still there"
    assert stacks(cloud) == before


def test_an_auditor_sees_and_may_not_launch(browser, sandbox):
    browser.log_in("auditor", sandbox["logins"]["auditor"])
    browser.open("/tenant_ops/")
    browser.until(lambda: "Environments" in browser.driver.title, "the landing page")
    assert browser.all("a[href$='/tenant_ops/launch/']") == []
    browser.open("/tenant_ops/launch/")
    assert browser.all("#launch-button:enabled") == []
