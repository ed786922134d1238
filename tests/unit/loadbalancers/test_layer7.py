"""Layer 7 policies: what they do, in which order they are tried, which take nothing, and what reading them costs."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
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
    return watch.find(cloud, "shop-lb", rules=True).listeners[0]


def asked_octavia(octavia: Octavia) -> list[str]:
    """What it was asked since the last time, without what the names of servers and addresses take."""
    return [call for call in octavia.calls() if not call.startswith(("GET /network/", "GET /compute/"))]


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
        ([], {}, True, "it has no rule"),
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
    balancer = watch.find(cloud, "shop-lb", rules=True)
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
    seen = refresh.refresh(cloud, warm(cloud, octavia), [shop], rules=True)
    octavia.calls()
    for _ in range(3):
        seen = refresh.refresh(cloud, seen, [shop], rules=True)
        assert octavia.calls() == [*LISTS, "GET /l7policies", f"GET /loadbalancers/{shop}/status"]
    octavia.policies[first]["updated_at"] = "2026-11-21T09:00:00"
    refresh.refresh(cloud, seen, [shop], rules=True)
    assert octavia.calls()[6:] == [f"GET /l7policies/{first}/rules"]


def test_rules_are_of_what_is_looked_at_alone(octavia: Octavia, cloud: Cloud, shop: str, listener: str) -> None:
    octavia.policy(listener, "REJECT", {})
    other = octavia.build("other")
    octavia.status(shop, 0, "ERROR")
    seen = refresh.refresh(cloud, refresh.Seen(), [other], rules=True)
    assert (set(seen.trees), seen.rules) == ({shop, other}, {})
    # The care job, lists and `watch` show no rules, of nothing.
    seen = refresh.refresh(cloud, seen, [shop, other])
    assert not [call for call in octavia.calls() if call.endswith("/rules")]
    del octavia.balancers[shop]
    assert refresh.refresh(cloud, seen, [shop, other], rules=True).rules == {}


@pytest.mark.parametrize("policies", [0, 1, 45])
def test_a_load_balancer_for_an_action_costs_no_call_a_policy_and_one_to_show_reads_each_once(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str, policies: int
) -> None:
    octavia.cap = 500
    octavia.status(octavia.build("other"), 0, "ERROR")
    made = [octavia.policy(listener, "REJECT", {}) for _ in range(policies)]
    usual = [*LISTS, *["GET /l7policies"][:policies], f"GET /loadbalancers/{shop}/status", f"GET /pools/{octavia.pool(shop)}/members"]
    octavia.calls()
    watch.by_id(cloud, shop)
    assert asked_octavia(octavia) == usual
    watch.find(cloud, shop, rules=True)
    assert asked_octavia(octavia) == [*usual, *(f"GET /l7policies/{one}/rules" for one in made)]


def test_forty_policies_of_a_load_balancer_are_read_in_turn_and_whole_by_a_command(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str
) -> None:
    for _ in range(45):
        octavia.policy(listener, "REJECT", *({"value": f"/{number}"} for number in range(25)))
    seen = refresh.refresh(cloud, refresh.Seen(), [shop], rules=True)
    assert len(seen.rules) == refresh.MOST_RULES
    assert {len(one.rules or ()) for one in found(cloud).policies} == {25}


def test_rules_that_octavia_does_not_tell_cost_their_own_line(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str
) -> None:
    octavia.policy(listener, "REJECT", {})
    octavia.wire.trouble["/rules"] = [500] * 50
    balancer = watch.find(cloud, "shop-lb", rules=True)
    assert (balancer.trouble, len(list(balancer.members()))) == ("", 2)
    assert balancer.listeners[0].policies[0].rules is None


def test_rules_that_are_refused_are_asked_for_again_when_the_policy_moved_or_after_a_while(
    octavia: Octavia, cloud: Cloud, shop: str, listener: str
) -> None:
    first, second = (octavia.policy(listener, "REJECT", {}) for _ in range(2))
    octavia.wire.trouble["/rules"] = [403] * 50

    def asked(seen: refresh.Seen) -> tuple[refresh.Seen, list[str]]:
        octavia.calls()
        seen = refresh.refresh(cloud, seen, [shop], rules=True)
        return seen, [call.split("/")[2] for call in octavia.calls() if call.endswith("/rules")]

    seen, calls = asked(refresh.Seen())
    assert calls == [first, second]
    for _ in range(3):
        seen, calls = asked(seen)
        assert calls == []
    octavia.policies[second]["updated_at"] = "2026-11-21T09:00:00"
    seen, calls = asked(seen)
    assert calls == [second]
    old = datetime.timedelta(seconds=refresh.SWEEP + 1)
    seen = replace(seen, rules={id_: replace(one, at=one.at - old) for id_, one in seen.rules.items()})
    octavia.wire.trouble.clear()
    seen, calls = asked(seen)
    assert (calls, [len(one.rows or ()) for one in seen.rules.values()]) == ([first, second], [1, 1])
    seen = replace(seen, rules={id_: replace(one, at=one.at - old) for id_, one in seen.rules.items()})
    assert asked(seen)[1] == []


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


@pytest.mark.parametrize("verb", ["drain", "why"])
def test_a_command_that_acts_costs_the_same_with_policies_and_without(
    octavia: Octavia, shop: str, listener: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: octavia.cloud("member", **options))
    octavia.cap, counted = 500, []
    for _ in range(2):
        octavia.calls()
        assert main.main(["loadbalancer", verb, shop, "10.0.1.11"]) == 0
        counted.append(octavia.calls())
        octavia.member(shop, 0)["weight"] = 1
        for _ in range(45):
            octavia.policy(listener, "REJECT", {})
    without, having = counted
    reads = without.count("GET /listeners")
    assert (having.count("GET /l7policies"), len(having)) == (reads, len(without) + reads)
    assert ("its rules were not read" in capsys.readouterr().out) == (verb == "drain")
