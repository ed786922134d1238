"""A person in front of Horizon: selenium's driver with this project's few words."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SHORT, LONG = 60, 420  # seconds of patience for a page and for a launch; reached only when something is wrong
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1600,1200",
]  # fmt: skip


class Browser:
    """One window; `address` is Horizon's, without a slash at its end."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver, self.address = driver, address

    def open(self, path: str) -> None:
        """A page by its path below Horizon, or as a link of a page has it."""
        self.driver.get(self.address + path.removeprefix(urlsplit(self.address).path))

    def log_in(self, name: str, password: str, project: str = "") -> None:
        """Who is in several projects comes into any one of them, unless Horizon's cookie names the last one."""
        self.open("/auth/login/")
        if project:
            self.driver.add_cookie({"name": "recent_project", "value": project})
        self.driver.find_element(By.NAME, "username").send_keys(name)
        self.driver.find_element(By.NAME, "password").send_keys(password)
        self.driver.find_element(By.ID, "loginBtn").click()
        self.until(lambda: "/auth/login" not in self.driver.current_url, "the login")

    def find(self, selector: str) -> Any:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> Any:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """Read in one step, because a live page replaces its elements."""
        script = "return Array.from(document.querySelectorAll(arguments[0])).map(e => e.innerText).join('\\n')"
        return str(self.driver.execute_script(script, selector))

    def attribute(self, selector: str, name: str) -> str | None:
        script = "const e = document.querySelector(arguments[0]); return e && e.getAttribute(arguments[1])"
        found: str | None = self.driver.execute_script(script, selector, name)
        return found

    def until(self, test: Callable[[], Any], what: str, seconds: float = SHORT) -> Any:
        return WebDriverWait(self.driver, seconds, poll_frequency=0.3).until(lambda _: test(), what)

    def write(self, selector: str, text: str) -> None:
        element = self.find(selector)
        element.clear()
        element.send_keys(text)


@contextlib.contextmanager
def opened(address: str, prefs: dict[str, Any] | None = None) -> Iterator[Browser]:
    """A browser of its own, without anybody's cookies, and closed afterwards; `prefs` are Chromium's."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*FLAGS, f"--user-data-dir={folder}"]:
            options.add_argument(flag)
        if prefs:
            options.add_experimental_option("prefs", prefs)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        try:
            yield Browser(driver, address)
        finally:
            driver.quit()

