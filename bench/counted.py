"""A person at a page, counted: clicks, fields, pages, and the seconds from the first click to the answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.person import Browser

#: Seconds between two looks whether what is waited for is there.
LOOK = 0.05
#: Seconds after which nothing more is expected of a page: a launch takes one minute.
PATIENCE = 180


@dataclass(frozen=True)
class Count:
    """What one task took; `seconds` are those of the page's own answers, without any pause for reading or typing."""

    clicks: int
    fields: int
    pages: int
    seconds: float


class Hand:
    """Each word waits until what it is about is there. Selectors are XPath."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.clicks = self.fields = self.pages = 0
        self._where = ""
        self._began = 0.0

    def begin(self) -> None:
        """At Horizon's first page, whose menu has just been drawn."""
        self.browser.open("/project/")
        self._until(lambda: self.browser.all("#sidebar-accordion a"), "the first page")
        self.clicks = self.fields = self.pages = 0
        self._where, self._began = self._address(), time.monotonic()

    def end(self) -> Count:
        self._turned()
        return Count(self.clicks, self.fields, self.pages, round(time.monotonic() - self._began, 2))

    def menu(self, *names: str) -> None:
        """From the first page down the menu at the left."""
        for name in names:
            self.press(f"//*[@id='sidebar-accordion']//a[normalize-space()='{name}']")

    def press(self, path: str) -> None:
        """A click on the first visible one."""
        self._do(path, lambda one: one.click())
        self.clicks += 1

    def write(self, path: str, text: str) -> None:
        """A field with what is written into it."""

        def fill(one: WebElement) -> None:
            one.clear()
            one.send_keys(text)

        self._do(path, fill)
        self.fields += 1

    def pick(self, path: str, words: str) -> None:
        """A field whose answer is chosen: the first that has these words. Horizon lays its own list over the select."""
        script = """
        const path = document.evaluate(arguments[0], document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null);
        const select = path.singleNodeValue;
        const found = select && Array.from(select.options).find(one => one.text.includes(arguments[1]) && one.value);
        if (!found) return false;
        select.value = found.value;
        window.jQuery(select).trigger('change');
        return true;
        """
        self._until(lambda: self.browser.driver.execute_script(script, path, words), f"{words} in {path}")
        self.fields += 1

    def value(self, path: str) -> str:
        """What stands in a field."""
        return str(self._until(lambda: self._all(path), path)[0].get_attribute("value"))

    def see(self, path: str) -> str:
        """The words of the first visible one, once there is one."""
        found = self._until(lambda: self._visible(path), path)
        self._turned()
        return str(found.text)

    def gone(self, path: str) -> None:
        """Wait until none is left."""
        self._until(lambda: not self._all(path), f"{path} being gone")
        self._turned()

    def _do(self, path: str, act: Callable[[WebElement], None]) -> None:
        """Again where the page replaced the element, moved it, or laid something over it meanwhile."""
        aim: list[dict[str, int]] = [{}]

        def tried() -> bool:
            found = self._visible(path)
            if found is None or not found.is_enabled():
                return False
            aim.append(found.rect)
            if aim[-1] != aim[-2]:  # a menu that is still unfolding
                return False
            act(found)
            return True

        self._until(tried, path)
        self._turned()

    def _visible(self, path: str) -> WebElement | None:
        return next((one for one in self._all(path) if one.is_displayed()), None)

    def _all(self, path: str) -> list[WebElement]:
        found: list[WebElement] = self.browser.driver.find_elements(By.XPATH, path)
        return found

    def _until(self, test: Callable[[], Any], what: str) -> Any:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if found := test():
                    return found
            except WebDriverException:
                pass
            time.sleep(LOOK)
        raise RuntimeError(f"Waited for {what} at {self._address()} for more than {PATIENCE} seconds.")

    def _turned(self) -> None:
        """Another address is another page."""
        if (now := self._address()) != self._where:
            self._where, self.pages = now, self.pages + 1

    def _address(self) -> str:
        return str(self.browser.driver.current_url).partition("#")[0]
