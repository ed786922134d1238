"""Each page that there is, in both themes, wide, on a small phone and at 400 %: it fits, reads and is accessible.

The pages are those of the panels' lists of addresses (`pages.py`), so that a new one is looked at as soon as it is there.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import openstack
import pytest

from tenant_ops_dashboard.firewall import standing as intents

from . import cloning
from .looks import THEMES, as_seen, inline, moving, over_the_side, reduced_motion, shoot, violations
from .pages import Standing, visits
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(900)]
FIREWALL = "/tenant_ops/firewall/"
#: 1280 px at 400 % (WCAG 1.4.10), a small phone, and wide: a page is opened narrow, as a phone opens it.
WIDTHS = (320, 360, 1600)
STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"


def ids(name: str) -> dict[str, str]:
    """What OpenStack and the blueprint call the parts of an environment."""
    cloud = openstack.connect(cloud="owner", api_timeout=60)
    balancer = cloud.load_balancer.find_load_balancer(f"{name}-lb")
    pool = next(cloud.load_balancer.pools(loadbalancer_id=balancer.id))
    stack = cloud.orchestration.find_stack(name)
    return {
        "stack_id": stack.id, "name": name, "key": "jump", "balancer": balancer.id, "target": balancer.id,
        "intent": intents.of_blueprints({stack.id: "web-jump"})[0].id, "pool": pool.id,
        "member": next(cloud.load_balancer.members(pool)).id,
        "group": next(cloud.network.firewall_groups(name=f"{name}-fw")).id,
        "security_group": next(one.id for one in cloud.network.security_groups() if one.name.startswith(name)),
    }  # fmt: skip


def last(address: str) -> str:
    """The id before an address' last word: '…/offer/ID/withdraw/' is of ID."""
    return address.partition("?")[0].rstrip("/").split("/")[-2]


@contextlib.contextmanager
def drafted(page, address: str, button: str) -> Iterator[None]:
    """A draft of a group, made by this button of its page."""
    page.open(address)
    page.until(lambda: page.all(button), f"the page {address}")
    page.driver.execute_script("document.querySelector(arguments[0]).click()", button)
    page.until(lambda: page.all("#draft-bar"), "a draft", LONG)
    try:
        yield
    finally:
        page.open(address)
        page.find("#draft-bar [value=discard]").click()
        page.until(lambda: not page.all("#draft-bar"), "the draft being gone", LONG)


@contextlib.contextmanager
def intended(page) -> Iterator[str]:
    """An intent of the project itself: its id."""
    page.open(f"{FIREWALL}intents/add/")
    for field, text in {
        "#says": "Nobody asks for port 9.",
        "#target": "192.0.2.9",
        "#protocol": "tcp",
        "#ports": "9",
    }.items():
        page.write(field, text)
    page.find("#confirm").click()
    own = f"a[href*='{FIREWALL}intents/'][href$='/']:not([href$='/add/'])"
    page.until(lambda: page.all(own), "the intent in the list")
    address = page.attribute(own, "href")
    try:
        yield address.rstrip("/").rpartition("/")[2]
    finally:
        page.open(address)
        page.find("#confirm").click()
        page.until(lambda: not page.all("#confirm"), "the intent being gone")


@contextlib.contextmanager
def entrusted(page) -> Iterator[str]:
    """Standing authority of the developer: its id."""
    page.open(f"{cloning.PAGE}trust/")
    page.find("#confirm").click()
    given = "#clones-trusts a[href$='/revoke/']"
    page.until(lambda: page.all(given), "what was given")
    address = page.attribute(given, "href")
    try:
        yield last(address)
    finally:
        page.open(address)
        page.find("#confirm").click()
        page.until(lambda: not page.all("#confirm"), "it being taken back")


def first(page, address: str, link: str) -> str:
    """The id that the first such link of a page ends with."""
    page.open(address)
    page.until(lambda: page.all(link), f"a line in {address}")
    return page.attribute(link, "href").partition("?")[0].rstrip("/").rpartition("/")[2]


def wrong(page, theme: str, address: str, status: int) -> dict[str, object]:
    """What there is to say against one page, as it is opened narrow and made wide."""
    as_seen(page, theme, WIDTHS[0])
    page.driver.get_log("browser")
    page.open(address)
    page.until(lambda: page.all("#tenant-ops h1"), f"the page {address}")
    answer = page.driver.execute_script(STATUS), page.driver.current_url.partition("?")[0]
    found: dict[str, object] = (
        {} if answer == (status, page.address + address.partition("?")[0]) else {"answer": answer}
    )
    found["inline"] = inline(page)
    for width in WIDTHS:
        as_seen(page, theme, width)
        found[f"over the side at {width}"] = over_the_side(page)
    found |= violations(page)
    if status == 200:
        found["console"] = [each["message"] for each in page.driver.get_log("browser") if each["level"] == "SEVERE"]
    return {what: told for what, told in found.items() if told}


def look(page, standing: Standing, who: str, found: dict[str, object]) -> set[str]:
    """Open all that is this person's, note what is wrong with each, and tell what moves where the reader does not mind."""
    moves: set[str] = set()
    for theme in THEMES:
        still = theme != THEMES[0]
        reduced_motion(page, still)
        for name, address, status in visits(standing, who):
            told = wrong(page, theme, address, status)
            if still:
                told |= {"moves": moving(page)} if moving(page) else {}
            else:
                moves.update(moving(page))
            if told:
                found[f"{name} of {who}, {theme}: {address}"] = told
                shoot(page, name.replace(":", "-"), theme, "narrow")
    reduced_motion(page, False)
    as_seen(page, THEMES[0], WIDTHS[-1])
    return moves


def test_every_page_fits_reads_and_is_accessible(owner, sandbox, web, volume):
    found: dict[str, object] = {}
    known = ids(web.standing()["name"])
    with contextlib.ExitStack() as standing:
        withdraw = cloning.offer(owner, volume)
        standing.callback(cloning.withdraw, owner, sandbox, withdraw)
        cloning.enter(owner, sandbox, "developer")
        clone = cloning.request(owner, volume)
        with entrusted(owner) as trust:
            there = Standing(
                **known, own="", finding="", event="", offer=last(withdraw), clone=clone.rstrip("/").rpartition("/")[2],
                trust=trust,
            )  # fmt: skip
            moves = look(owner, there, "developer", found)
        cloning.enter(owner, sandbox, "owner")
        standing.enter_context(drafted(owner, f"{FIREWALL}group/{known['group']}/", "#ingress [value='down:0']"))
        of_group = f"{FIREWALL}security-group/{known['security_group']}/"
        standing.enter_context(drafted(owner, of_group, "#ingress [value='remove:0']"))
        there = dataclasses.replace(
            there,
            own=standing.enter_context(intended(owner)),
            finding=first(owner, "/tenant_ops/posture/", "#posture-table .to-rows__name a"),
            event=first(owner, "/tenant_ops/audit/", "#audit-table .to-rows__name a"),
        )
        moves |= look(owner, there, "owner", found)
        cloning.enter(owner, sandbox, "operator")
        moves |= look(owner, there, "operator", found)
        cloning.enter(owner, sandbox, "owner")
    assert not found, "\n".join(f"{page}: {wrong}" for page, wrong in found.items())
    assert moves, "what rests where it is asked to would move otherwise"
