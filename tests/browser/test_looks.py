"""What only a browser can tell: both themes, wide and narrow, the keyboard, axe; pictures of every page are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_selenium_python import Axe

from .conftest import PROJECT

pytestmark = [pytest.mark.sandbox, pytest.mark.browser]

SHOTS = Path(os.environ.get("SANDBOX_STATE", PROJECT / ".sandbox")) / "shots"
PAGES = {"list": "/tenant_ops/", "launch": "/tenant_ops/launch/", "missing": "/tenant_ops/environment/no-such-one/"}
SIZES = {"wide": 1600, "narrow": 390}
OVER_THE_SIDE = """
return Array.from(document.querySelectorAll('#tenant-ops *')).filter(function (e) {
  const box = e.getBoundingClientRect();
  return box.width && box.right > document.documentElement.clientWidth + 1 && !e.closest('.to-scroll, pre');
}).map(e => e.outerHTML.slice(0, 80))
"""


def as_seen(browser, theme, width):
    metrics = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.driver.add_cookie({"name": "theme", "value": theme, "path": "/"})


def shoot(browser, name, width):
    SHOTS.mkdir(parents=True, exist_ok=True)
    height = browser.driver.execute_script("return Math.min(4000, document.documentElement.scrollHeight)")
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.driver.save_screenshot(str(SHOTS / f"{name}.png"))


@pytest.mark.parametrize("theme", ["default", "material"])
def test_every_page_fits_reads_and_is_accessible(owner, theme):
    for size, width in SIZES.items():
        for page, path in PAGES.items():
            as_seen(owner, theme, width)
            owner.open(path)
            owner.until(lambda: owner.all("#tenant-ops h1"), f"the page {path}")
            owner.driver.execute_script("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            assert owner.driver.execute_script(OVER_THE_SIDE) == [], f"{page}, {theme}, {size}"
            axe = Axe(owner.driver)
            axe.inject()
            found = axe.run({"include": [["#tenant-ops"]]})["violations"]
            assert {one["id"]: [node["html"][:120] for node in one["nodes"]] for one in found} == {}, f"{page}, {theme}"
            shoot(owner, f"{page}-{theme}-{size}", width)


def test_the_launch_form_follows_the_blueprint_and_keeps_the_name(owner):
    owner.open(PAGES["launch"])
    owner.until(lambda: owner.all("#environment-name"), "the form")
    owner.write("#environment-name", "typed-before")
    owner.find("input[name='blueprint'][value='web-jump']").click()
    owner.until(lambda: not owner.all("[data-field='database_cidr']"), "the other blueprint's questions")
    owner.until(lambda: "Database server" not in owner.text("#plan"), "the other blueprint's picture")
    assert owner.find("#environment-name").get_attribute("value") == "typed-before"


def test_a_download_leaves_the_form_usable(owner):
    owner.open(PAGES["launch"])
    owner.until(lambda: owner.all("button[formaction$='/template/']"), "the downloads")
    owner.driver.execute_script("document.querySelector(\"button[formaction$='/template/']\").click()")
    button = owner.find("#launch-button")
    assert button.is_enabled()
    assert button.get_attribute("aria-disabled") != "true"


def test_nothing_of_ours_is_inline(owner):
    script = (
        "return Array.from(document.querySelectorAll('#tenant-ops, #tenant-ops *')).filter(e => "
        "e.hasAttribute('style') || ['SCRIPT', 'STYLE'].includes(e.tagName) || "
        "Array.from(e.attributes).some(a => a.name.startsWith('on'))).map(e => e.outerHTML.slice(0, 80))"
    )
    for path in PAGES.values():
        owner.open(path)
        owner.until(lambda: owner.all("#tenant-ops h1"), f"the page {path}")
        assert owner.driver.execute_script(script) == []
