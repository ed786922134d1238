"""How a page looks: sizes, themes, axe, and pictures kept below the sandbox's state folder."""

from __future__ import annotations

import os
from pathlib import Path

from selenium_axe_python import Axe

PROJECT = Path(__file__).resolve().parents[2]
SHOTS = Path(os.environ.get("SANDBOX_STATE", PROJECT / ".sandbox")) / "shots"
SIZES = {"narrow": 390, "wide": 1600}
THEMES = ("default", "material")
# A theme's own frame slides where the width changes: what counts is where it ends.
OVER_THE_SIDE = """
document.getAnimations().filter(each => each instanceof CSSTransition).forEach(each => each.finish());
return Array.from(document.querySelectorAll('#tenant-ops *')).filter(function (e) {
  const box = e.getBoundingClientRect();
  return box.width && box.right > document.documentElement.clientWidth + 1 && !e.closest('.to-scroll, pre');
}).map(e => e.outerHTML.slice(0, 80))
"""
#: What an element of the page, or what stands before and after it, does by itself.
MOVING = """
const found = new Set();
for (const one of [document.querySelector('#tenant-ops'), ...document.querySelectorAll('#tenant-ops *')]) {
  for (const part of [null, '::before', '::after']) {
    const style = getComputedStyle(one, part);
    const long = style.transitionDuration.split(', ').some(time => parseFloat(time) > 0);
    if (style.animationName !== 'none' || long) { found.add((one.getAttribute('class') || one.tagName) + (part || '')); }
  }
}
return Array.from(found);
"""
AXE = """
const done = arguments[1];
axe.run(arguments[0], {resultTypes: ['violations'], preload: false}).then(told => done(told.violations));
"""
INLINE = """
return Array.from(document.querySelectorAll('#tenant-ops, #tenant-ops *')).filter(one =>
  one.hasAttribute('style') || ['SCRIPT', 'STYLE'].includes(one.tagName) ||
  Array.from(one.attributes).some(each => each.name.startsWith('on'))).map(one => one.outerHTML.slice(0, 80));
"""
FOLDS = "document.querySelectorAll('#tenant-ops details').forEach(d => { d.open = arguments[0]; })"


def as_seen(browser, theme, width, height=1000):
    """Give the page this width and, from the next page on, this theme."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.driver.add_cookie({"name": "theme", "value": theme, "path": "/"})


def reduced_motion(browser, wanted):
    """Whether the reader wishes that little moves."""
    feature = {"name": "prefers-reduced-motion", "value": "reduce" if wanted else "no-preference"}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def moving(browser):
    """What of the page moves, or would when it changes."""
    return browser.driver.execute_script(MOVING)


def inline(browser):
    """What a strict policy of the site would forbid."""
    return browser.driver.execute_script(INLINE)


def troubles(browser):
    """What hangs over the side and what axe objects to, with every fold open; empty where all is well."""
    wide = over_the_side(browser)
    return violations(browser) | ({"over the side": wide} if wide else {})


def over_the_side(browser):
    """What is wider than the page, with every fold open; a table or text may scroll in a box of its own."""
    browser.driver.execute_script(FOLDS, True)
    wide = browser.driver.execute_script(OVER_THE_SIDE)
    browser.driver.execute_script(FOLDS, False)
    return wide


def violations(browser):
    """What axe objects to, with every fold open."""
    browser.driver.execute_script(FOLDS, True)
    if not browser.driver.execute_script("return Boolean(window.axe)"):
        Axe(browser.driver).inject()
    found = browser.driver.execute_async_script(AXE, "#tenant-ops")
    browser.driver.execute_script(FOLDS, False)
    return {one["id"]: [node["html"][:120] for node in one["nodes"]] for one in found}


def shoot(browser, name, theme, size):
    """Keep a picture of the whole page."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    height = browser.driver.execute_script("return Math.min(4000, document.documentElement.scrollHeight)")
    as_seen(browser, theme, SIZES[size], height)
    browser.driver.execute_script("window.scrollTo(0, 0)")
    browser.driver.save_screenshot(str(SHOTS / f"{name}-{theme}-{size}.png"))
    as_seen(browser, theme, SIZES[size])
