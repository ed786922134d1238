"""One load balancer that Octavia cannot show, or that is odd, costs its own card; ids are ids and never names."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Unreachable
from tenant_ops_dashboard.loadbalancers import refresh, watch
from tests.unit.panels.loadbalancers.test_actions import BASE, VERBS
from tests.unit.panels.loadbalancers.test_page import STATE, WHOLE, cards, members
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
REQUEST_ID = "req-11111111-2222-3333-4444-555555555555"


@pytest.fixture
def broken(octavia):
    """A load balancer whose tree fails; two others are whole."""
    made = octavia.build("broken")
    octavia.build("other")
    octavia.build("third")
    octavia.wire.trouble[f"/{made}/status"] = [500] * 50
    return made


@pytest.mark.parametrize("status", [500, 404, 403])
def test_a_tree_that_fails_is_told_on_its_own_card(client, owner, octavia, broken, fresh, status):
    octavia.wire.trouble[f"/{broken}/status"] = [status] * 50
    page = read(client.get(WHOLE))
    assert {name for name, _ in cards(page)} == {"broken-lb", "other-lb", "third-lb"}
    assert "Octavia cannot show its members" in page.text(f"#lb-{broken}")
    assert REQUEST_ID in page.text(f"#lb-{broken}")
    assert members(page) == ["good"] * 4
    assert page.one("#loadbalancers")["class"] == ""


def test_it_is_whole_again_with_the_next_good_answer(client, owner, octavia, broken, fresh):
    client.get(WHOLE)
    octavia.wire.trouble.clear()
    page = read(client.get(STATE))
    assert "cannot show" not in page.text(f"#lb-{broken}")
    assert members(page) == ["good"] * 6


def test_the_same_trouble_is_not_told_twice(client, owner, octavia, broken, fresh):
    # A minute may end, or a sample be due, between two polls; never between all of them.
    found = [client.get(STATE, headers={"If-None-Match": client.get(STATE)["ETag"]}).status_code for _ in range(4)]
    assert 304 in found


def test_a_broken_tree_costs_one_call_a_poll(client, owner, octavia, broken, fresh):
    client.get(STATE)
    octavia.calls()
    client.get(STATE)
    assert octavia.calls().count(f"GET /loadbalancers/{broken}/status") == 1


def test_the_list_of_all_ends(octavia, broken):
    found = {one.name: one.trouble for one in watch.listing(octavia.cloud())}
    assert found["other-lb"] == ""
    assert found["broken-lb"].startswith("Octavia cannot show its members: Octavia failed (HTTP 500)")


def test_a_service_that_is_down_is_no_load_balancer_s_trouble(octavia, broken):
    octavia.wire.trouble[f"/{broken}/status"] = [503] * 50
    with pytest.raises(Exception, match=r"503|reached") as told:
        refresh.refresh(octavia.cloud(), refresh.Seen(), [broken])
    assert isinstance(told.value, Unreachable) or told.value.status == 503


@pytest.mark.parametrize(
    "odd",
    [{"operating_status": None}, {"provisioning_status": None}, {"vip_address": None}, {"admin_state_up": None}, {"name": None},
     {"provider": None}, {"description": 7}, {"created_at": "yesterday"}],
    ids=str,
)  # fmt: skip
def test_an_odd_row_costs_its_own_card(client, owner, octavia, shop, odd):
    octavia.balancers[octavia.build("odd")].update(odd)
    page = read(client.get(WHOLE))
    assert "shop-lb" in {name for name, _ in cards(page)}
    assert len(cards(page)) == 2


@pytest.mark.parametrize("field", ["provider", "admin_state_up"])
def test_a_row_that_lacks_something_costs_its_own_card(client, owner, octavia, shop, field):
    del octavia.balancers[octavia.build("odd")][field]
    page = read(client.get(WHOLE))
    assert {name for name, _ in cards(page)} == {"shop-lb", "odd-lb"}
    assert page.has(f"#lb-{shop}")


@pytest.mark.parametrize("odd", [None, "eighty"])
def test_a_listener_s_odd_port_costs_its_own_card(client, owner, octavia, shop, odd):
    number = octavia.build("odd").rpartition("-")[2]
    octavia.listeners[f"listener-{number}"]["protocol_port"] = odd
    assert len(cards(read(client.get(WHOLE)))) == 2


@pytest.mark.parametrize("name", ["a/b", "../..", '"><b>', "x" * 255])
def test_a_name_of_any_letters_costs_no_page(client, owner, octavia, shop, name):
    octavia.balancers[shop]["name"] = octavia.member(shop, 0)["name"] = name
    assert [found for found, _ in cards(read(client.get(WHOLE)))] == [name]


@pytest.mark.parametrize("verb", [*VERBS, "why"])
def test_an_action_takes_ids_and_no_names(client, owner, octavia, shop, verb):
    octavia.balancers[shop]["name"] = "web"
    octavia.member(shop, 0)["name"] = "app-1"
    member = octavia.member(shop, 0)["id"]
    for balancer, one in (("web", member), (shop, "app-1")):
        assert client.get(f"{BASE}{balancer}/member/{one}/{verb}/").status_code == 404
        if verb != "why":
            assert client.post(f"{BASE}{balancer}/member/{one}/{verb}/", {"weight": "3"}).status_code == 404
    assert not [call for call in octavia.calls() if not call.startswith("GET")]
    assert client.post(f"{BASE}web/mute/{shop}/", {"hours": "1"}).status_code == 404
    assert client.post(f"{BASE}{shop}/mute/app-1/", {"hours": "1"}).status_code == 404
