"""A page by the keyboard alone: what has the focus, and what is seen of it."""

from __future__ import annotations

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

#: More stops than any page has between two of its parts.
FAR = 200
HAS_FOCUS = "return document.activeElement.matches(arguments[0])"
#: Of what has the focus within the page: whether something is drawn around it, and its beginning to tell which it is.
SEEN = """
const one = document.activeElement;
if (!one.closest('#tenant-ops, .to-skip') || one.id === 'tenant-ops') { return null; }
const box = one.getBoundingClientRect();
const drawn = [one, one.closest('label')].filter(Boolean).map(each => getComputedStyle(each)).some(style =>
  (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none');
return drawn && box.width > 0 && box.bottom > 0 && box.top < window.innerHeight ? null : one.outerHTML.slice(0, 120);
"""


def press(browser, *keys: str) -> None:
    """Each key by itself, to whatever has the focus."""
    chain = ActionChains(browser.driver)
    for key in keys:
        chain.send_keys(key)
    chain.perform()


def has_focus(browser, selector: str) -> bool:
    return browser.driver.execute_script(HAS_FOCUS, selector)


def tab_to(browser, selector: str) -> None:
    """Press Tab until this has the focus; at each stop on the way the reader sees where it is."""
    for _ in range(FAR):
        press(browser, Keys.TAB)
        unseen = browser.driver.execute_script(SEEN)
        assert unseen is None, f"the focus is not seen at {unseen}"
        if has_focus(browser, selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")


def skip(browser) -> None:
    """Past Horizon's own navigation, by the first stop of the page."""
    press(browser, Keys.TAB)
    assert has_focus(browser, ".to-skip"), "the first stop leads to the page"
    assert browser.driver.execute_script(SEEN) is None, "and is seen"
    press(browser, Keys.ENTER)
    browser.until(lambda: has_focus(browser, "#tenant-ops"), "the page having the focus")
