"""What only a browser can tell: the themes' styles, and what the scripts do to a form and to a page left alone."""

from __future__ import annotations

import datetime
import re
from zoneinfo import ZoneInfo

import pytest

from .looks import THEMES, as_seen

pytestmark = [pytest.mark.sandbox, pytest.mark.browser]

PAGES = {"list": "/tenant_ops/", "launch": "/tenant_ops/launch/"}


def test_each_theme_has_its_own_styles(owner):
    found = {}
    for theme in THEMES:
        as_seen(owner, theme, 1600)
        owner.open(PAGES["list"])
        owner.until(lambda: owner.all("#tenant-ops h1"), "the list")
        sheets = "return Array.from(document.styleSheets).map(s => s.href).filter(Boolean)"
        found[theme] = set(owner.driver.execute_script(sheets))
    assert found["default"] != found["material"]


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


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Europe/Berlin"])
def test_a_reader_far_away_sees_his_own_clock(owner, zone):
    owner.open(PAGES["list"])
    owner.driver.add_cookie({"name": "django_timezone", "value": zone})
    owner.open(PAGES["list"])
    owner.until(lambda: re.search(r"as of \d+:\d+:\d+", owner.text("#tenant-ops")), "the time of the look")
    told = re.search(r"as of (\d+):(\d+):(\d+)", owner.text("#tenant-ops"))
    now = datetime.datetime.now(ZoneInfo(zone))
    seen = now.replace(hour=int(told[1]), minute=int(told[2]), second=int(told[3]))
    apart = abs((now - seen).total_seconds()) % datetime.timedelta(days=1).total_seconds()
    assert min(apart, 86400 - apart) < 600, (told[0], now)


def test_a_page_turns_grey_when_nothing_answers_and_back_again(owner):
    owner.driver.execute_cdp_cmd("Network.enable", {})
    owner.open(PAGES["launch"])
    owner.open(PAGES["list"])
    owner.until(lambda: owner.all("#environments"), "the list")
    owner.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/tenant_ops/state/*"]})
    owner.until(lambda: "is-stale" in owner.attribute("#environments", "class"), "the page turning grey")
    assert owner.text("[data-to-stale-words]") == "Horizon does not answer."
    owner.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    owner.until(lambda: "is-stale" not in owner.attribute("#environments", "class"), "the page being well again", 120)
    assert owner.find("[data-to-stale]").is_displayed() is False
