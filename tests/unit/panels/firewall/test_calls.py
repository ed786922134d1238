"""What the firewall's pages ask of the cloud: six lists and two at most, whatever there is."""

from __future__ import annotations

import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone

from tenant_ops_dashboard.firewall import glance
from tenant_ops_dashboard.records.models import FirewallIntent
from tests.unit.firewall import standing
from tests.unit.panels.firewall.test_pages import INDEX, edit, page, version
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
QUICK = ["firewall_groups", "firewall_policies", "firewall_rules", "floatingips", "ports", "security-groups"]


@pytest.fixture
def clock(monkeypatch, settings):
    """Moves the time on by so many seconds, of the reading's parts alone; each look asks."""
    settings.TENANT_OPS_CACHE_SECONDS = 0.001
    at = [timezone.now()]
    real = glance.glance
    monkeypatch.setattr(glance, "glance", lambda cloud, kept, now: real(cloud, kept, at[0]))

    def on(seconds):
        at[0] += datetime.timedelta(seconds=seconds)

    return on


@pytest.fixture
def group(world):
    standing.shop(world, world.cloud())
    world.things.cap = 10_000
    (found,) = world.things.kept["firewall_groups"]
    return found


def asked(client, world, address):
    """The last part of the path of each call that a page made."""
    world.calls()
    assert client.get(address).status_code == 200
    return sorted(call.split("?")[0].rsplit("/", 1)[1] for call in world.calls() if "/auth/" not in call)


def grow(world, group, number):
    """More of everything that has a list: groups, rules, pools without an end."""
    for one in range(number):
        rule = world.things.add("firewall_rules", name=f"r{one}", action="allow", protocol="tcp", ip_version=4,
                                enabled=True, source_ip_address=None, destination_ip_address=None, source_port=None,
                                destination_port="80")  # fmt: skip
        policy = world.things.add("firewall_policies", name=f"p{one}", firewall_rules=[rule["id"]])
        world.things.add(
            "firewall_groups", name=f"g{one}", ports=[], status="INACTIVE", admin_state_up=True, description="",
            ingress_firewall_policy_id=policy["id"], egress_firewall_policy_id=None,
        )  # fmt: skip


@pytest.mark.parametrize("number", [0, 40])
def test_a_page_asks_for_eight_lists_at_most_once_the_project_is_known(client, owner, world, group, clock, number):
    grow(world, group, number)
    address = f"{INDEX}group/{group}/"
    first = asked(client, world, address)
    assert set(QUICK) < set(first)
    for _ in range(12):
        clock(10)
        again = asked(client, world, address)
        assert set(QUICK) <= set(again) and len(again) <= 8, again


def test_the_first_look_asks_for_nothing_that_cannot_be_there(client, owner, world, group, clock):
    world.things.kept["loadbalancers"] = {}
    first = asked(client, world, INDEX)
    slow = ["networks", "subnets", "routers", "loadbalancers", "detail", "stacks"]
    assert first == sorted([*QUICK, *slow, "service-providers"])


def test_what_moves_slowly_is_asked_for_in_turn_within_a_minute(client, owner, world, group, clock):
    asked(client, world, INDEX)
    seen = []
    for _ in range(6):
        clock(10)
        seen += asked(client, world, INDEX)
    assert {"networks", "subnets", "routers", "loadbalancers", "detail", "stacks"} <= set(seen)


def test_a_server_that_appears_has_its_name_at_the_next_look(client, owner, world, group, clock):
    asked(client, world, INDEX)
    kept = world.things.kept
    old = next(one for one in kept["ports"].values() if one["device_owner"].startswith("compute:"))
    new = world.things.add("servers", **{**kept["servers"][old["device_id"]], "id": "server-new", "name": "grown"})
    address = [{**old["fixed_ips"][0], "ip_address": "10.20.1.99"}]
    world.things.add("ports", **{**old, "id": "port-new", "device_id": new["id"], "fixed_ips": address})
    again = asked(client, world, INDEX)
    assert "detail" in again and len(again) <= 8
    assert asked(client, world, INDEX) == QUICK


def test_a_network_that_appears_is_asked_for_at_once_and_one_that_is_not_shown_once(client, owner, world, group, clock):
    asked(client, world, INDEX)
    world.things.add("ports", id="odd", network_id="hidden", device_owner="", device_id="", fixed_ips=[],
                     port_security_enabled=False, security_groups=[], name="", project_id="project")  # fmt: skip
    assert "networks" in asked(client, world, INDEX)
    assert asked(client, world, INDEX) == QUICK


def test_a_load_balancer_that_went_is_asked_for_at_once(client, owner, world, group, clock):
    (virtual,) = [one for one in world.things.kept["ports"].values() if one["name"].startswith("octavia-lb-")]
    assert "shop-lb" in page(client, group).text("#picture-table")
    del world.things.kept["ports"][virtual["id"]]
    world.things.kept["loadbalancers"].clear()
    assert "loadbalancers" in asked(client, world, INDEX)
    assert asked(client, world, INDEX) == QUICK


def test_a_router_that_leads_outside_now_is_asked_for_with_its_floating_address(client, owner, world, group, clock):
    (router,) = world.things.kept["routers"].values()
    gateway, router["external_gateway_info"] = router["external_gateway_info"], None
    addresses = dict(world.things.kept["floatingips"])
    world.things.kept["floatingips"].clear()
    address = f"{INDEX}probe/?source=198.51.100.7&target=server:shop-application-1&protocol=tcp&port=80"
    asked(client, world, address)
    router["external_gateway_info"] = gateway
    world.things.kept["floatingips"].update(addresses)
    for one in addresses.values():
        one["router_id"] = router["id"]
    again = asked(client, world, address)
    assert "routers" in again and asked(client, world, INDEX) == QUICK


def test_after_an_apply_all_is_asked_for_anew(client, owner, world, group, clock):
    edit(client, group, "down:0")
    assert client.post(f"{INDEX}group/{group}/apply/", {"version": version(page(client, group))}).status_code == 302
    assert {"networks", "routers", "detail"} <= set(asked(client, world, f"{INDEX}group/{group}/"))


@pytest.mark.parametrize("more", ["", "group/{}/", "security-groups/", "security-group/{}/"])
def test_a_page_says_of_when_that_is_which_moves_slowly(client, owner, world, group, monkeypatch, settings, more):
    settings.TENANT_OPS_CACHE_SECONDS = 0.001
    ids = next(iter(world.things.kept["security-groups"])) if "security" in more else group
    address = f"{INDEX}{more.format(ids)}"
    before = client.get(f"{address}state/")
    assert "as of" in read(before).text("[data-to-asof]") and "load balancers as of" not in before.content.decode()
    later = timezone.now() + datetime.timedelta(seconds=100)
    monkeypatch.setattr(timezone, "now", lambda: later)
    client.get(f"{address}state/")
    monkeypatch.setattr(timezone, "now", lambda: later + datetime.timedelta(seconds=30))
    after = client.get(f"{address}state/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200 and "load balancers as of" in after.content.decode()
    again = client.get(f"{address}state/", headers={"If-None-Match": after["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("more", ["probe/", "suggest/"])
def test_an_answer_says_of_when_it_is_and_that_it_is_old(client, owner, world, group, clock, more):
    address = f"{INDEX}{more}?source=internet&target=server:shop-database&protocol=tcp&port=1521&want=allow"
    assert "as of" in read(client.get(address)).text("#as-of")
    world.wire.trouble["GET .*/v2.0/ports"] = [500] * 6
    clock(10)
    found = read(client.get(address))
    assert "as of" in found.text("#as-of") and found.one("[data-to-stale]").get("hidden") is None


def test_a_slow_list_that_fails_is_as_it_was_until_it_is_old(client, owner, world, group, clock):
    asked(client, world, INDEX)
    clock(25)
    world.wire.trouble["GET .*/v2.0/(networks|routers)"] = [500] * 6
    asked(client, world, INDEX)
    asked(client, world, f"{INDEX}group/{group}/")
    cache.clear()
    assert client.get(INDEX).status_code != 200


#: One that is broken: the fake's load balancer answers nobody.
BROKEN = "The application answers on port 80"


def test_intents_stand_however_long_the_page_is_looked_at(client, owner, world, group, clock):
    for _ in range(14):
        assert BROKEN in page(client, group).text("#intents")
        clock(6)


def test_while_nova_is_silent_no_intent_is_called_broken_or_kept(client, owner, world, group, clock):
    world.wire.trouble["/compute/"] = [503] * 100
    assert not page(client, group).has("#intents")
    assert not FirewallIntent.objects.exists()
    del world.wire.trouble["/compute/"]
    clock(120)
    assert BROKEN in page(client, group).text("#intents")
