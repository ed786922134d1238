"""Load balancers in what is told of many packets: differences, findings, and settings that cannot be read."""

import pytest

from tenant_ops_dashboard.reachability.diff import diff
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import BadInput
from tenant_ops_dashboard.reachability.lint import lint
from tests.unit.reachability.cloudmaker import OUTSIDE, allow, two_tiers


def balanced(provider="amphora", **member):
    """A listener at 6443 and one member behind it, from outside by a floating address."""
    cloud = two_tiers()
    cloud.group("lb", allow("ingress", "tcp", 6443), allow("egress"))
    cloud.group("node", allow("ingress", "tcp", 6443), allow("egress"))
    cloud.port("vip", "dmz", "10.0.1.100", owner="Octavia", groups=["lb"], device="lb-1", admin_state_up=False)
    if provider == "amphora":
        cloud.port("amphora", "dmz", "10.0.1.5", groups=["lb"], pairs=["10.0.1.100"], device="amp-1")
    cloud.port("node", "dmz", "10.0.1.101", groups=["node"])
    cloud.floating("203.0.113.30", "vip", "10.0.1.100", router_id="r1")
    cloud.add("loadbalancers", id="lb1", vip_address="10.0.1.100", vip_port_id="vip", provider=provider)
    cloud.add("pools", id="pool", loadbalancers=[{"id": "lb1"}])
    cloud.add(
        "listeners", id="api", protocol="TCP", protocol_port=6443, default_pool_id="pool", loadbalancers=[{"id": "lb1"}]
    )
    cloud.add("members", **{"id": "m", "pool_id": "pool", "address": "10.0.1.101", "protocol_port": 6443, **member})
    return cloud


def engine(cloud, profile="ovn"):
    return Engine(cloud.snapshot(), profile)


def changed(before, after):
    """(port, gained, lost) of what changed from outside, in the sources and ports of the boxes."""
    found = diff(engine(before), engine(after), "internet")
    sides = ([[(box["src"], box["dst_port"]) for box in entry[side]] for side in ("gained", "lost")] for entry in found)
    return [(entry["port"], *parts) for entry, parts in zip(found, sides, strict=True)]


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw["members"][0].update(weight=0),
        lambda raw: raw["members"][0].update(admin_state_up=False),
        lambda raw: raw["pools"][0].update(admin_state_up=False),
        lambda raw: raw["listeners"][0].update(admin_state_up=False),
        lambda raw: raw["loadbalancers"][0].update(admin_state_up=False),
    ],
)
def test_what_a_switch_or_a_weight_takes_away_is_lost(change):
    after = balanced()
    change(after.raw)
    assert [(port, gained) for port, gained, lost in changed(balanced(), after) if lost] == [("vip", [])]
    assert changed(after, after) == []


def test_allowed_cidrs_take_away_all_but_their_own():
    after = balanced()
    after.raw["listeners"][0]["allowed_cidrs"] = ["198.51.100.0/24"]
    [(port, gained, lost)] = changed(balanced(), after)
    assert (port, gained) == ("vip", [])
    assert lost == [(["0.0.0.0-198.51.99.255", "198.51.101.0-255.255.255.255"], "6443-6443")]


def test_ovns_provider_gains_and_loses_with_the_members_groups():
    after = balanced("ovn")
    after.raw["security_groups"][-1]["security_group_rules"][0]["remote_ip_prefix"] = "198.51.100.0/24"
    found = {port: lost for port, _, lost in changed(balanced("ovn"), after)}
    assert set(found) == {"vip"} and found["vip"][0][1] == "6443-6443"


def test_a_finding_about_octavias_own_rule_asks_for_the_listeners_cidrs():
    found = [one for one in lint(engine(balanced())) if one.kind == "open-to-world"]
    fixes = {one.object: one.fix for one in found}
    assert fixes["lb"] == "set allowed_cidrs of listener api to the addresses that need it"
    assert "remote_ip_prefix" in fixes["node"]


def test_members_that_fail_and_balancers_of_two_servers_are_told():
    cloud = balanced(operating_status="ERROR")
    answer = cloud.ask(OUTSIDE, "203.0.113.30", dst_port=6443)
    assert answer["verdict"] == "allow" and any("m did not answer" in one for one in answer["unknown"])
    cloud.port("second", "dmz", "10.0.1.6", groups=["lb"], pairs=["10.0.1.100"], device="amp-2")
    cloud.raw["security_groups"][-1]["security_group_rules"][0]["remote_ip_prefix"] = "10.0.1.5/32"
    answer = cloud.ask(OUTSIDE, "203.0.113.30", dst_port=6443)
    assert answer["verdict"] == "deny" and any("master" in one for one in answer["unknown"])
    assert any("10.0.1.6" in one["change"] for one in answer["fix"])


@pytest.mark.parametrize(
    ("kind", "field", "value", "words"),
    [
        ("members", "weight", 257, "members m: weight must be a whole number from 0 to 256"),
        ("listeners", "l7policies", ["redirect"], "listeners api: l7policies[0]: must be an object"),
        ("loadbalancers", "vip_sg_ids", "mine", "loadbalancers lb1: vip_sg_ids must be a list"),
    ],
)
def test_what_cannot_be_read_is_named(kind, field, value, words):
    cloud = balanced()
    cloud.raw[kind][0][field] = value
    with pytest.raises(BadInput) as caught:
        cloud.snapshot()
    assert words in str(caught.value)
