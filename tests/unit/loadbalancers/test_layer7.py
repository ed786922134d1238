"""Layer 7 policies: what they do, in which order they are tried, which take nothing, and what reading them costs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import layer7, refresh, watch
from tenant_ops_dashboard.loadbalancers.model import Listener
from tenant_ops_dashboard.octavia import status
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.test_refresh import LISTS, warm

URL = "https://www.example.com/"


@pytest.fixture
def listener(octavia: Octavia, shop: str) -> str:
    return next(iter(octavia.listeners))


def found(cloud: Cloud) -> Listener:
    return watch.find(cloud, "shop-lb").listeners[0]


def test_what_each_does_and_asks(octavia: Octavia, cloud: Cloud, shop: str, listener: str) -> None:
    pool = octavia.more_pool(shop, "static", "10.0.1.21")
    octavia.policy(listener, "REDIRECT_TO_POOL", {"value": "/static/"}, redirect_pool_id=pool, name="static")
    octavia.policy(listener, "REDIRECT_TO_URL", {"type": "HOST_NAME", "compare_type": "EQUAL_TO", "value": "old.example.com"},
                   redirect_url=URL, redirect_http_code=301)  # fmt: skip
    octavia.policy(listener, "REDIRECT_PREFIX", {"type": "HEADER", "key": "X-Old", "compare_type": "CONTAINS", "value": "yes",
                   "invert": True}, redirect_prefix="https://new.example.com/shop")  # fmt: skip
    octavia.policy(listener, "REJECT", {"type": "COOKIE", "key": "who", "compare_type": "REGEX", "value": "^bad"},
                   {"type": "SSL_CONN_HAS_CERT", "compare_type": "EQUAL_TO", "value": "True", "invert": True})  # fmt: skip
    told = [(one.told, one.idle, [rule.told for rule in one.rules or ()]) for one in found(cloud).policies]
    # REJECT comes before redirects and those before pools, whatever their positions.
    assert told == [
        ("refuses the request", "", ["cookie who matches the regular expression ^bad", "the client shows no certificate"]),
        (f"sends the client to {URL} (HTTP 301)", "", ["the host name is old.example.com"]),
        ("sends the client to the same path at https://new.example.com/shop (HTTP 302)", "",
         ["header X-Old does not contain yes"]),
        ("hands it to pool static", "", ["the path starts with /static/"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "state"),
    [({"operating_status": "OFFLINE"}, "good"), ({"admin_state_up": False}, "off"), ({"provisioning_status": "ERROR"}, "failed"),
     ({"provisioning_status": "PENDING_CREATE"}, "building"), ({"provisioning_status": "PENDING_DELETE"}, "deleting")],
)  # fmt: skip
def test_its_state_is_that_of_its_configuration(
    octavia: Octavia, cloud: Cloud, listener: str, fields: dict[str, Any], state: str
) -> None:
    octavia.policy(listener, "REJECT", {}, **fields)
    assert [one.state for one in found(cloud).policies] == [state]


def test_another_provider_tries_them_by_position(octavia: Octavia, cloud: Cloud, shop: str, listener: str) -> None:
    octavia.balancers[shop]["provider"] = "vendor"
    octavia.policy(listener, "REDIRECT_TO_URL", {}, redirect_url=URL)
    octavia.policy(listener, "REJECT", {})
    assert [one.action for one in found(cloud).policies] == ["REDIRECT_TO_URL", "REJECT"]


def test_a_pool_that_a_policy_alone_leads_to_has_its_members(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str
) -> None:
    pool = octavia.more_pool(shop, "static", "10.0.1.21")
    octavia.policy(listener, "REDIRECT_TO_POOL", {"value": "/static/"}, redirect_pool_id=pool)
    balancer = watch.find(cloud, "shop-lb")
    default, static = balancer.listeners[0].pools
    assert (static.id, [one.address for one in static.members or ()]) == (pool, ["10.0.1.21"])
    assert [len(balancer.listeners[0].led(one)) for one in (default, static)] == [0, 1]
    assert (balancer.spare, len(list(balancer.members()))) == ((), 3)
    # The default pool serves on, so the listener has not failed; environments read the same from the status tree alone.
    next(iter(octavia.members[pool].values()))["operating_status"] = "ERROR"
    balancer = watch.find(cloud, "shop-lb")
    assert (balancer.state, balancer.reason, balancer.listeners[0].state) == ("warning", "the only member is down", "warning")
    tree = cloud.balancers("load_balancer_status_show", shop)["statuses"]["loadbalancer"]
    assert status.tree(tree) == ("warning", "the only member is down")


@pytest.mark.parametrize(
    ("rules", "fields", "pool_up", "idle"),
    [
        ([{}], {"admin_state_up": False}, True, "it is switched off"),
        ([], {}, True, "it has no rule, and takes nothing without one"),
        ([{"admin_state_up": False}], {}, True, "all its rules are switched off"),
        ([{}], {}, False, "its pool is switched off"),
        ([{}, {"admin_state_up": False}], {}, True, ""),
    ],
)  # fmt: skip
def test_what_takes_nothing_says_so_and_its_pool_is_there(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str, rules: list[dict[str, object]], fields: dict[str, object],
    pool_up: bool, idle: str,
) -> None:  # fmt: skip
    pool = octavia.more_pool(shop, "static", "10.0.1.21", admin_state_up=pool_up)
    octavia.policy(listener, "REDIRECT_TO_POOL", *rules, redirect_pool_id=pool, **fields)
    balancer = watch.find(cloud, "shop-lb")
    assert [one.idle for one in balancer.listeners[0].policies] == [idle]
    assert "10.0.1.21" in {one.address for one in balancer.members()}


@pytest.mark.parametrize(
    ("protocol", "policies", "default", "words"),
    [
        ("HTTP", 0, True, ""),
        ("HTTP", 1, True, "What none of these policies takes goes to pool app."),
        ("HTTP", 1, False, "What none of these policies takes is answered with an error (503)"),
        ("HTTP", 0, False, "It has no pool, so nobody is served."),
        ("PROMETHEUS", 0, False, "It answers itself, at /metrics"),
    ],
)
def test_what_becomes_of_the_rest(
    octavia: Octavia, cloud: Cloud, listener: str, protocol: str, policies: int, default: bool, words: str
) -> None:
    octavia.listeners[listener]["protocol"] = protocol
    for _ in range(policies):
        octavia.policy(listener, "REJECT", {})
    if not default:
        octavia.listeners[listener]["default_pool_id"] = None
        for one in octavia.pools.values():
            one["listeners"] = []
    told = layer7.otherwise(found(cloud))
    assert told.startswith(words) and bool(told) == bool(words)


def test_reading_them_is_one_list_a_poll_and_one_a_policy_that_moved(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str
) -> None:
    first = octavia.policy(listener, "REJECT", {})
    octavia.policy(listener, "REJECT", {})
    seen = warm(cloud, octavia)
    for _ in range(3):
        seen = refresh.refresh(cloud, seen, [shop])
        assert octavia.calls() == [*LISTS, "GET /l7policies", f"GET /loadbalancers/{shop}/status"]
    octavia.policies[first]["updated_at"] = "2026-11-21T09:00:00"
    refresh.refresh(cloud, seen, [shop])
    assert octavia.calls()[6:] == [f"GET /l7policies/{first}/rules"]


def test_forty_policies_of_a_load_balancer_are_read_in_turn_and_whole_by_a_command(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str
) -> None:
    for _ in range(45):
        octavia.policy(listener, "REJECT", *({"value": f"/{number}"} for number in range(25)))
    seen = refresh.refresh(cloud, refresh.Seen(), [shop])
    assert len(seen.rules) == refresh.MOST_RULES
    assert {len(one.rules or ()) for one in found(cloud).policies} == {25}


def test_rules_that_octavia_does_not_tell_cost_their_own_line(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str
) -> None:
    octavia.policy(listener, "REJECT", {})
    octavia.wire.trouble["/rules"] = [500] * 50
    balancer = watch.find(cloud, "shop-lb")
    assert (balancer.trouble, len(list(balancer.members()))) == ("", 2)
    assert balancer.listeners[0].policies[0].rules is None


def test_show_has_them_as_json_and_in_words(
    octavia: Octavia, shop: str, listener: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: octavia.cloud("member", **options))
    pool = octavia.more_pool(shop, "static", "10.0.1.21")
    octavia.policy(listener, "REDIRECT_TO_POOL", {"value": "/static/"}, redirect_pool_id=pool, name="static")
    assert main.main(["loadbalancer", "show", shop, "-f", "json"]) == 0
    (policy,) = json.loads(capsys.readouterr().out)["tree"]["listeners"][0]["policies"]
    assert (policy["action"], policy["pool_id"], policy["position"], policy["idle"]) == ("REDIRECT_TO_POOL", pool, 1, "")
    assert policy["rules"][0] | {"id": ""} == {
        "id": "", "told": "the path starts with /static/", "type": "PATH", "compare_type": "STARTS_WITH", "key": "",
        "value": "/static/", "invert": False, "enabled": True, "operating": "ONLINE", "provisioning": "ACTIVE",
    }  # fmt: skip
    assert main.main(["loadbalancer", "show", shop, "--max-width", "200"]) == 0
    words = capsys.readouterr().out
    assert "policy static: hands it to pool static, where the path starts with /static/" in words
    assert "pool static ROUND_ROBIN by policy static" in words
