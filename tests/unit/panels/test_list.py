"""The list: the answer in its first line, rows as links, the empty state, the poller's endpoint."""

from __future__ import annotations

import copy

import pytest
import requests
from django.urls import reverse
from openstack_auth.user import User
from openstack_dashboard.test import helpers

from tests.unit.panels.conftest import SERVICES, stand
from tests.unit.panels.reading import read
from tests.unit.panels.walk import addresses

INDEX = "/tenant_ops/"
STATE = "/tenant_ops/state/"
STACKS = "GET /orchestration/.*/stacks$"
REQUEST_ID = "req-11111111-2222-3333-4444-555555555555"


def rows(page):
    return [row.get("data-name") for row in page.find_all("tr", "data-name")]


def navigation(page):
    return [link["href"] for link in page.find_all("a", "href") if "openstack-panel" in (link.get("class") or "")]


def ill(world, name):
    """Its load balancer misses a member."""
    balancers = world.things.kept["loadbalancers"].values()
    next(one for one in balancers if one["name"] == f"{name}-lb")["operating_status"] = "DEGRADED"


def broken(world, made, reason):
    world.heat.fail(made.id, "database", reason)


def silent(world, status=0):
    """Heat gives no answer to the next look, or only this status."""
    world.wire.trouble[STACKS] = [status or requests.ConnectionError("no route")] * 2


@pytest.fixture
def billing(world, shop):
    """A second environment, which is not well."""
    made = stand(world, "billing", "web-jump")
    ill(world, "billing")
    return made


def test_the_first_line_says_it_in_words(client, owner, billing):
    page = read(client.get(INDEX))
    assert page.text("#environments-answer") == "1 good · 1 warning"
    assert rows(page) == ["billing", "shop"]
    assert "why?" in page.text("#environments-table")
    assert "http://203.0.113.50" in page.links("#environments-table")
    assert "DMZ 2 servers DB 1 server, 20 GB" in page.text("#environments-table")


def test_a_page_of_ours_has_a_title(client, owner, world):
    assert read(client.get(INDEX)).text("title").startswith("Environments - ")


def test_nothing_yet_says_what_it_is_for_and_how_to_begin(client, owner, world):
    page = read(client.get(INDEX))
    assert "You run no environment in this project yet." in page.text("#environments-answer")
    assert reverse("horizon:tenant_ops:environments:launch") in page.links("#environments-empty")


def test_nothing_yet_for_somebody_who_may_only_look(client, auditor, world):
    page = read(client.get(INDEX))
    assert page.links("#environments-empty") == []
    assert "role 'member'" in page.text("#environments-empty")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=warning", ["billing"]),
        ("?q=SHO", ["shop"]),
        ("?q=203.0.113.5", ["billing", "shop"]),
        ("?q=nothing", []),
    ],
)
def test_a_filtered_view_can_be_sent_to_somebody(client, owner, billing, query, found):
    page = read(client.get(INDEX + query))
    assert rows(page) == found
    assert page.text("#environments-answer").startswith("1 good · 1 warning")


def test_a_reason_is_text_and_never_markup(client, owner, world, shop):
    broken(world, shop, "<script>alert(1)</script>")
    answer = client.get(INDEX)
    assert rows(read(answer)) == ["shop"]
    assert "alert(1)" in read(answer).text("#environments-table")
    assert b"<script>alert(1)" not in answer.content


def test_the_same_state_is_not_told_twice(client, owner, shop):
    first = client.get(STATE)
    again = client.get(STATE, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert again["X-Tenant-Ops-As-Of"].startswith("as%20of%20")


def test_the_page_itself_already_knows_its_etag(client, owner, shop):
    page = read(client.get(INDEX))
    assert client.get(STATE, headers={"If-None-Match": page.one("#environments")["data-to-etag"]}).status_code == 304


def test_a_changed_state_is_told(client, owner, world, shop, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    first = client.get(STATE)
    broken(world, shop, "No valid host was found.")
    again = client.get(STATE, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert "1 failed" in again.content.decode()


def test_many_pages_ask_openstack_once(client, owner, world, shop):
    for _ in range(5):
        client.get(STATE)
    assert len(world.calls()) == 6


def test_roles_do_not_share_what_is_cached(client, log_in, world, shop):
    for role in ("member", "reader"):
        log_in(role)
        client.get(STATE)
    assert len(world.calls()) == 12


def test_the_last_good_picture_stays_grey_while_heat_does_not_answer(client, owner, world, billing, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    good = client.get(STATE)
    silent(world)
    answer = client.get(STATE, headers={"If-None-Match": good["ETag"]})
    page = read(answer)
    assert answer.status_code == 200
    assert answer["X-Tenant-Ops-Stale"] == "1"
    assert page.one("#environments")["class"] == "is-stale"
    assert "Heat cannot be reached." in page.text("[data-to-stale]")
    assert rows(page) == ["billing", "shop"]


def test_without_an_older_picture_the_failure_is_a_sentence_with_the_request_id(client, owner, world):
    silent(world, 503)
    answer = client.get(INDEX)
    page = read(answer)
    assert answer.status_code == 504
    assert "Heat" in page.text("#tenant-ops")
    assert page.text("#to-request") == REQUEST_ID


def test_a_script_gets_the_failure_as_data(client, owner, world):
    silent(world, 401)
    answer = client.get(STATE, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 403
    assert answer.json()["request_id"] == REQUEST_ID
    assert answer.json()["sentence"]


@pytest.mark.parametrize(
    ("service_type", "name"),
    [("orchestration", "Heat"), ("compute", "Nova"), ("network", "Neutron"), ("load-balancer", "Octavia")],
)
def test_a_missing_service_is_named_and_the_panel_leaves_the_navigation(client, log_in, world, service_type, name):
    log_in("member", services=tuple(one for one in SERVICES if one != service_type))
    helpers._apply_panel_mocks()
    answer = client.get(INDEX, {"menu": ""})
    assert answer.status_code == 503
    assert name in read(answer).text("#tenant-ops")
    assert INDEX not in navigation(read(answer))
    log_in("member")
    assert INDEX in navigation(read(client.get(INDEX, {"menu": ""})))


def test_a_hundred_environments_can_be_searched(client, owner, world, shop):
    world.things.cap = 500
    for number in range(99):
        another = copy.deepcopy(world.heat.stacks[shop.id]["row"])
        tags = [tag for tag in another["tags"] if tag != "firewall"]
        another.update(id=f"id-{number}", stack_name=f"application-{number}", tags=tags)
        world.heat.stacks[another["id"]] = {"row": another}
    page = read(client.get(INDEX))
    assert len(rows(page)) == 100
    assert len(world.calls()) == 6
    assert page.one("#environments-filter")["name"] == "q"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "part", ["environments:state", "environments:show_state", "loadbalancers:state", "environments:plan"]
)
def test_a_part_of_a_page_asks_keystone_for_nobodys_projects(client, owner, shop, monkeypatch, part):
    asked = []
    monkeypatch.setattr(User, "authorized_tenants", property(lambda user: asked.append(user) or []))
    answer = client.post(addresses()[part], {"name": "new"}) if part.endswith("plan") else client.get(addresses()[part])
    assert (answer.status_code, asked) == (200, [])
    client.get(INDEX)
    assert asked, "a whole page shows them"
