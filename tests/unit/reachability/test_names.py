"""Sentences call things by their names where these say which one is meant; fields keep their ids."""

import pytest

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.exposure import exposure
from tests.unit.reachability.cloudmaker import OUTSIDE, two_tiers
from tests.unit.reachability.test_probe import balanced

GROUP = "5a601ec5-bb56-4a0f-8e9b-0f6f5c1e7d10"


def firewalled(name, *others, profile="ovn"):
    """Two tiers with a group of this name that lets nothing through, and groups that nothing is in."""
    cloud = two_tiers()
    cloud.firewall(GROUP, ["r1-dmz", "r1-db"], [], [])
    for at in range(len(others)):
        cloud.firewall(f"other-{at}", [])
    for row, told in zip(cloud.raw["firewall_groups"], (name, *others), strict=True):
        row["name"] = told
    return cloud.ask("app", "data", dst_port=1521, profile=profile)


def said(answer):
    stops = [one["why"] for one in answer["steps"] if one["decision"] == "deny"]
    return " / ".join([*stops, *(one["change"] for one in answer["fix"])])


@pytest.mark.parametrize("profile", ["ovn", "l3-agent"])
def test_a_firewall_group_is_called_by_its_name(profile):
    told = said(firewalled("shop-fw", "another", profile=profile))
    assert "firewall group shop-fw" in told and f"group {GROUP}" not in told


@pytest.mark.parametrize(("name", "others"), [("twin", ("twin",)), ("", ()), (None, ())])
def test_by_its_id_where_it_shares_its_name_or_has_none(name, others):
    assert f"firewall group {GROUP} matches" in said(firewalled(name, *others))


def test_an_id_that_something_else_has_too_stays():
    cloud = two_tiers()
    cloud.firewall("data", ["r1-dmz"], [])
    cloud.raw["firewall_groups"][0]["name"] = "shop-fw"
    assert "firewall group data matches" in said(cloud.ask("app", "data", dst_port=1521))


def test_policies_and_security_groups_by_their_names_and_rules_by_their_ids():
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], [{"action": "deny"}])
    cloud.raw["firewall_policies"][0]["name"] = "shop-out"
    cloud.group("shut")
    cloud.raw["security_groups"][-1]["name"] = "shop-database"
    cloud.raw["ports"][-1]["security_groups"] = ["shut"]
    answer = cloud.ask("app", "data", dst_port=1521)
    assert "fw-ingress-0" in [one["rule_id"] for one in answer["fix"]]
    assert "rule fw-ingress-0 of policy shop-out denies it" in said(answer)
    assert "a security group of port data (shop-database)" in said(answer)


def test_a_load_balancer_and_its_listener():
    cloud = balanced(name="web", admin_state_up=False)
    cloud.raw["loadbalancers"][0]["name"] = "shop-lb"
    assert "listener web is administratively down" in said(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80))
    assert "load balancer shop-lb has no listener" in said(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=81))
    cloud.raw["listeners"][0] |= {"admin_state_up": True}
    cloud.raw["pools"][0] |= {"name": "shop-servers", "admin_state_up": False}
    assert "admin_state_up of pool shop-servers" in said(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80))


def test_a_doubt_about_a_load_balancer_whose_servers_are_not_seen():
    cloud = balanced()
    cloud.raw["loadbalancers"][0]["name"] = "shop-lb"
    cloud.raw["ports"] = [port for port in cloud.raw["ports"] if port["id"] != "amphora"]
    told = [one for entry in exposure(Engine(cloud.snapshot(), "ovn")) for one in entry["unknown"]]
    assert any("not in the snapshot (load balancer shop-lb)" in one for one in told)
