"""Each protocol that Octavia's listeners, pools and monitors have, on the way to a member (Octavia API reference)."""

import pytest

from tests.unit.reachability.cloudmaker import OUTSIDE
from tests.unit.reachability.test_balancers import balanced

KINDS = [("TCP", "TCP", "tcp"), ("TCP", "PROXY", "tcp"), ("HTTP", "PROXYV2", "tcp"), ("HTTPS", "HTTPS", "tcp"),
         ("TERMINATED_HTTPS", "HTTP", "tcp"), ("UDP", "UDP", "udp"), ("SCTP", "SCTP", "sctp")]  # fmt: skip


def listening(kind, pool, wire, provider="amphora", **member):
    """One listener of this kind at 6443 whose member lets in what it sends."""
    cloud = balanced(provider, **member)
    for group in cloud.raw["security_groups"]:
        for rule in group["security_group_rules"]:
            if rule.get("protocol") == "tcp":
                rule["protocol"] = wire
    cloud.raw["listeners"][0]["protocol"] = kind
    cloud.raw["pools"][0]["protocol"] = pool
    return cloud


def ask(cloud, wire):
    return cloud.ask(OUTSIDE, "203.0.113.30", protocol=wire, dst_port=6443)


@pytest.mark.parametrize("provider", ["amphora", "ovn"])
@pytest.mark.parametrize(("kind", "pool", "wire"), KINDS)
def test_a_listener_takes_its_own_protocol_and_no_other(kind, pool, wire, provider):
    cloud = listening(kind, pool, wire, provider)
    for one in ("tcp", "udp", "sctp"):
        answer = ask(cloud, one)
        assert (one, answer["verdict"]) == (one, "allow" if one == wire else "deny")


@pytest.mark.parametrize(("kind", "pool", "wire"), KINDS)
def test_a_member_that_lets_in_another_protocol_is_not_reached(kind, pool, wire):
    cloud = listening(kind, pool, wire)
    cloud.raw["security_groups"][-1]["security_group_rules"][0]["protocol"] = "udp" if wire == "tcp" else "tcp"
    answer = ask(cloud, wire)
    assert answer["verdict"] == "deny"
    assert any(f"{wire}" in one["change"] for one in answer["fix"]), answer["fix"]


@pytest.mark.parametrize(
    ("kind", "wire", "words"),
    [("HTTP", "tcp", "opens its own connection"), ("UDP", "udp", "hands it on from an address of its own")],
)
def test_how_it_hands_on_is_told_by_protocol(kind, wire, words):
    answer = ask(listening(kind, kind, wire), wire)
    assert any(words in one["why"] for one in answer["steps"])


def second(cloud, kind):
    """Another member of the pool, to whom nothing gets through, and a monitor of this kind."""
    cloud.port("closed", "dmz", "10.0.1.102", groups=["lb"])
    cloud.add("members", id="closed", pool_id="pool", address="10.0.1.102", protocol_port=9999)
    cloud.add("healthmonitors", id="monitor", pools=[{"id": "pool"}], type=kind)
    return cloud


def test_a_udp_connect_monitor_takes_out_nobody_to_whom_packets_are_lost():
    told = [
        any("takes out closed" in one for one in ask(second(listening("UDP", "UDP", "udp"), kind), "udp")["unknown"])
        for kind in ("UDP-CONNECT", "TCP")
    ]
    assert told == [True, False]


def test_a_udp_connect_check_that_is_lost_takes_its_member_out_of_nothing():
    answers = {}
    for kind in ("UDP-CONNECT", "HTTP"):
        cloud = listening("UDP", "UDP", "udp", monitor_port=9000)
        cloud.add("healthmonitors", id="monitor", pools=[{"id": "pool"}], type=kind)
        answers[kind] = ask(cloud, "udp")
    assert answers["UDP-CONNECT"]["verdict"] == "allow"
    assert any("silence is a good answer" in one for one in answers["UDP-CONNECT"]["unknown"])
    assert answers["HTTP"]["verdict"] == "deny"


@pytest.mark.parametrize("rules", [None, [{"id": "r"}], []])
def test_a_policy_without_rules_answers_nobody(rules):
    cloud = balanced()
    cloud.raw["listeners"][0].update(protocol="HTTP", default_pool_id=None, l7policies=[{"id": "p"}])
    row = {"id": "p", "action": "REDIRECT_TO_URL", "redirect_url": "https://www.example.com/"}
    cloud.raw["l7policies"] = [row | ({} if rules is None else {"rules": rules})]
    assert ask(cloud, "tcp")["verdict"] == ("deny" if rules == [] else "allow")


def test_a_listener_of_figures_answers_itself():
    cloud = balanced()
    cloud.raw["listeners"][0].update(protocol="PROMETHEUS", default_pool_id=None)
    cloud.raw["members"].clear()
    assert ask(cloud, "tcp")["verdict"] == "allow"
