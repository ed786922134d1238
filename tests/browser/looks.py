"""How a page looks: sizes, themes, axe, and pictures kept below the sandbox's state folder."""

from __future__ import annotations

import os
from pathlib import Path

from axe_selenium_python import Axe

PROJECT = Path(__file__).resolve().parents[2]
SHOTS = Path(os.environ.get("SANDBOX_STATE", PROJECT / ".sandbox")) / "shots"
SIZES = {"narrow": 390, "wide": 1600}
THEMES = ("default", "material")
OVER_THE_SIDE = """
return Array.from(document.querySelectorAll('#tenant-ops *')).filter(function (e) {
  const box = e.getBoundingClientRect();
  return box.width && box.right > document.documentElement.clientWidth + 1 && !e.closest('.to-scroll, pre');
}).map(e => e.outerHTML.slice(0, 80))
"""
FOLDS = "document.querySelectorAll('#tenant-ops details').forEach(d => { d.open = arguments[0]; })"


def as_seen(browser, theme, width, height=1000):
    """Give the page this width and, from the next page on, this theme."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.driver.add_cookie({"name": "theme", "value": theme, "path": "/"})


def each_size(browser, theme):
    """The sizes of a page that was opened narrow, as a phone opens it: as it is, and then made wide."""
    for size, width in SIZES.items():
        as_seen(browser, theme, width)
        yield size


def troubles(browser):
    """What hangs over the side and what axe objects to, with every fold open; empty where all is well."""
    browser.driver.execute_script(FOLDS, True)
    axe = Axe(browser.driver)
    if not browser.driver.execute_script("return Boolean(window.axe)"):
        axe.inject()
    found = axe.run({"include": [["#tenant-ops"]]})["violations"]
    broken = {one["id"]: [node["html"][:120] for node in one["nodes"]] for one in found}
    if wide := browser.driver.execute_script(OVER_THE_SIDE):
        broken["over the side"] = wide
    browser.driver.execute_script(FOLDS, False)
    return broken


def shoot(browser, name, theme, size):
    """Keep a picture of the whole page."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    height = browser.driver.execute_script("return Math.min(4000, document.documentElement.scrollHeight)")
    as_seen(browser, theme, SIZES[size], height)
    browser.driver.execute_script("window.scrollTo(0, 0)")
    browser.driver.save_screenshot(str(SHOTS / f"{name}-{theme}-{size}.png"))
    as_seen(browser, theme, SIZES[size])
