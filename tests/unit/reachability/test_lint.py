"""Each finding from the smallest cloud that has it, and silence where there is nothing to say."""

import copy
import random

import pytest

from tenant_ops_dashboard.reachability.budget import Budget
from tenant_ops_dashboard.reachability.diff import diff
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.lint import at_least, lint
from tenant_ops_dashboard.reachability.snapshot import build_snapshot
from tests.unit.reachability.cloudmaker import Cloud, allow, two_tiers
from tests.verify.reachability.big_cloud import make


def findings(cloud, kind, profile="ovn"):
    return [finding for finding in lint(Engine(cloud.snapshot(), profile)) if finding.kind == kind]


def with_ingress(*rules, egress=({"protocol": "tcp"},), ports=("r1-dmz",), **fields):
    cloud = two_tiers()
    cloud.firewall("fw", list(ports), ingress=list(rules), egress=list(egress), **fields)
    return cloud


def tcp(ports=None, **fields):
    return {"protocol": "tcp", "destination_port": ports, **fields}


def test_shadowed_by_a_union_with_the_smallest_witness():
    cloud = with_ingress(
        tcp("1:100", action="deny"), tcp("5:9"), tcp("101:200", action="deny"), tcp("50:150"), tcp("300")
    )
    found = {finding.rules for finding in findings(cloud, "shadowed")}
    assert found == {
        ("fw-ingress-1", "fw-ingress-0"),
        ("fw-ingress-3", "fw-ingress-0", "fw-ingress-2"),
    }


def test_redundant_dead_or_repeated_later():
    cloud = with_ingress(tcp("80"), tcp("80:90"), tcp("85"))
    found = {finding.rules for finding in findings(cloud, "redundant")}
    assert found == {("fw-ingress-2", "fw-ingress-1"), ("fw-ingress-0", "fw-ingress-1")}


def test_generalization_and_correlation():
    cloud = with_ingress(tcp("80", action="deny"), tcp("1:100", source_ip_address="10.0.0.0/8"), tcp("1:1000"))
    assert {f.rules for f in findings(cloud, "generalization")} == {("fw-ingress-2", "fw-ingress-0")}
    assert {f.rules for f in findings(cloud, "correlation")} == {("fw-ingress-0", "fw-ingress-1")}


def test_irrelevant_addresses_and_versions():
    cloud = with_ingress(
        tcp("80", destination_ip_address="192.168.0.0/16"),
        tcp("81", ip_version=6),
        tcp("82", destination_ip_address="10.0.1.0/25"),
    )
    assert {f.rules[0] for f in findings(cloud, "irrelevant")} == {"fw-ingress-0", "fw-ingress-1"}


def test_one_layer_against_the_other():
    cloud = two_tiers()
    cloud.group("web", allow("ingress", "tcp", 80), allow("ingress", "tcp", 22), allow("egress"))
    for port in cloud.raw["ports"]:
        if port["id"] == "app":
            port["security_groups"] = ["web"]
    cloud.firewall("fw", ["r1-dmz"], ingress=[tcp("80"), tcp("9999")], egress=[tcp()])
    assert [f.rules for f in findings(cloud, "firewall-blocks-what-group-allows")] == [("web-1",)]
    assert [f.rules for f in findings(cloud, "group-blocks-what-firewall-allows")] == [("fw-ingress-1",)]


def with_replies(*replies, egress=({"protocol": "tcp", "destination_port": "80"},), **group):
    """Servers that take nothing by themselves, behind a firewall that lets them ask and these replies back."""
    cloud = two_tiers()
    cloud.group("shut", allow("egress"), **group)
    for port in cloud.raw["ports"]:
        if port["id"] in ("app", "data"):
            port["security_groups"] = ["shut"]
    cloud.firewall("fw", ["r1-dmz"], ingress=list(replies), egress=list(egress))
    return cloud


@pytest.mark.parametrize(
    ("reply", "egress"),
    [
        (tcp("1024:65535", source_port="80"), tcp("80")),
        (tcp("1024:65535"), tcp("80")),
        (tcp(source_port="80"), tcp("80")),
        ({"protocol": "icmp"}, {"protocol": "icmp"}),
        ({"protocol": "icmp"}, tcp("80")),
        ({"protocol": "udp", "source_port": "53"}, {"protocol": "udp", "destination_port": "53"}),
        ({"protocol": "udp", "destination_port": "123"}, {"protocol": "udp", "destination_port": "123"}),
    ],
)
def test_rules_for_replies_are_needed_where_the_firewall_keeps_no_state(reply, egress):
    cloud = with_replies(reply, egress=[egress])
    assert not findings(cloud, "group-blocks-what-firewall-allows")
    assert findings(cloud, "group-blocks-what-firewall-allows", "l3-agent")


@pytest.mark.parametrize(
    ("reply", "egress"),
    [
        (tcp("8080"), tcp("80")),
        ({"protocol": "udp", "destination_port": "123"}, {"protocol": "udp", "destination_port": "53"}),
        (tcp("1024:65535", source_port="443"), tcp("80")),
        (tcp("1024:65535", source_port="80"), {"protocol": "udp"}),
        (tcp("1024:65535", source_port="80", destination_ip_address="10.0.1.99"), tcp("80")),
    ],
)
def test_an_opening_that_answers_nothing_is_none(reply, egress):
    assert findings(with_replies(reply, egress=[egress]), "group-blocks-what-firewall-allows")


def test_what_a_group_of_another_project_takes_is_not_known():
    cloud = with_replies(tcp("8080"))
    for port in cloud.raw["ports"]:
        if port["id"] == "app":
            port["security_groups"] = ["octavias-own"]
    found = lint(Engine(cloud.snapshot(scope="project"), "ovn"))
    assert "group-blocks-what-firewall-allows" not in {finding.kind for finding in found}


@pytest.mark.parametrize(
    ("reply", "egress", "lost"),
    [
        (tcp("1024:65535", source_port="80"), tcp("80"), False),
        (tcp("2048:65535", source_port="80"), tcp("80"), True),
        (tcp("1024:65535", source_port="80"), tcp("80", source_port="500:2000"), True),
        ({"protocol": "icmp"}, {"protocol": "icmp"}, False),
        (tcp("80"), {"protocol": "icmp"}, True),
    ],
)
def test_clients_ask_from_ports_that_are_not_well_known(reply, egress, lost):
    assert bool(findings(with_replies(reply, egress=[egress]), "missing-reply-rule")) is lost


def test_open_to_the_world_is_worse_where_it_is_reached():
    cloud = two_tiers()
    cloud.group("ssh", allow("ingress", "tcp", 22), allow("egress"))
    cloud.group("near", allow("ingress", "tcp", 22, remote="10.0.0.0/8"), allow("egress"))
    for port in cloud.raw["ports"]:
        if port["id"] in ("app", "data"):
            port["security_groups"] = ["near"] if port["id"] == "app" else ["ssh"]
    assert [f.severity for f in findings(cloud, "open-to-world")] == ["medium"]
    for port in cloud.raw["ports"]:
        if port["id"] == "app":
            port["security_groups"] = ["ssh"]
    assert [(f.severity, f.rules) for f in findings(cloud, "open-to-world")] == [("critical", ("ssh-0",))]


def test_unused_things_but_not_neutrons_own():
    cloud = two_tiers()
    cloud.group("lonely")
    cloud.group("default")
    cloud.add("firewall_groups", id="dflt", name="default", ports=[])
    cloud.add("firewall_groups", id="spare", name="spare", ports=[])
    cloud.add("firewall_policies", id="loose", name="loose", firewall_rules=[])
    assert {f.object for f in findings(cloud, "unused")} == {"lonely", "spare", "loose"}


@pytest.mark.parametrize(
    ("kind", "profile", "cloud"),
    [
        ("position-never-matches", "ovn", with_ingress(*[tcp("1", action="deny")] * 999, tcp("80"))),
        ("admin-state-ignored", "ovn", with_ingress(tcp("80"), admin_state_up=False)),
        ("admin-state-ignored", "l2-agent", with_ingress(tcp("80"), ports=["app"], admin_state_up=False)),
        ("admin-down-drops-all", "l3-agent", with_ingress(tcp("80"), admin_state_up=False)),
        ("protocol-matches-all", "ovn", with_ingress({"protocol": "dccp"})),
        ("missing-reply-rule", "ovn", with_ingress(tcp("80"))),
        ("empty-policy-blocks-all", "ovn", with_ingress(tcp("80", action="deny"))),
        ("empty-policy-blocks-all", "l3-agent", with_ingress(tcp("80", enabled=False), egress=())),
        ("port-not-filtered", "ovn", with_ingress(tcp("80"), ports=["app"])),
        ("port-not-filtered", "l2-agent", with_ingress(tcp("80"))),
        ("ports-added-later-unfilter", "l3-agent", with_ingress(tcp("80"), ports=["r1-dmz", "r1-db"])),
        ("policies-act-as-union", "l3-agent", with_ingress(tcp("80"), ports=["r1-dmz", "r1-db"])),
        ("addresses-ignored", "l2-agent", with_ingress(tcp("80", source_ip_address="10.0.0.1"), ports=["app"])),
        ("disabled-rule-in-force", "l2-agent", with_ingress(tcp("80", enabled=False), ports=["app"])),
        ("icmpv6-never-matches", "l2-agent", with_ingress({"protocol": "icmp", "ip_version": 6}, ports=["app"])),
        ("host-bits", "l3-agent", with_ingress(tcp("80", source_ip_address="10.0.0.1/24"))),
    ],
)
def test_each_back_ends_surprises(kind, profile, cloud):
    found = findings(cloud, kind, profile)
    assert found and all(finding.why and finding.fix for finding in found)
    others = {"ovn", "l3-agent", "l2-agent"} - {profile}
    if kind.startswith(("position", "protocol", "missing", "ports-", "policies", "addresses", "disabled", "icmpv6")):
        assert not any(findings(cloud, kind, other) for other in others)


def test_groups_without_policies_and_several_groups_on_one_router():
    cloud = two_tiers()
    cloud.firewall("bare", ["r1-dmz"])
    assert findings(cloud, "no-policy-filters-nothing", "l3-agent")
    cloud = two_tiers()
    cloud.firewall("one", ["r1-dmz"], ingress=[tcp("80")])
    cloud.firewall("two", ["r1-db"], ingress=[tcp("80")])
    assert findings(cloud, "fail-open-default", "l3-agent")
    cloud.raw["routers"][0]["distributed"] = True
    assert findings(cloud, "distributed-router-unfiltered", "l3-agent")


def test_ovn_ports_of_the_other_ip_version_and_pairs_of_remote_groups():
    cloud = two_tiers()
    cloud.network("dmz", "2001:db8:1::/64", subnet="dmz-6")
    cloud.port("r1-six", "dmz", "2001:db8:1::1", owner="network:router_interface", device="r1", groups=())
    cloud.firewall("fw", ["r1-dmz"], ingress=[tcp("80")], egress=[])
    assert [f.object for f in findings(cloud, "other-version-unfiltered")] == ["r1-six"]
    cloud.group("peer", allow("ingress", group="open"))
    cloud.port("pair", "dmz", "10.0.1.70", pairs=["10.0.1.71"])
    assert [f.object for f in findings(cloud, "pair-not-in-remote-group")] == ["pair"]


def test_routes_in_a_circle_and_stateless_groups_without_replies():
    cloud = two_tiers()
    cloud.network("transit", "10.0.9.0/24", gateway=None)
    cloud.router("r2", ("transit", "10.0.9.2"), routes=[{"destination": "10.7.0.0/16", "nexthop": "10.0.9.1"}])
    cloud.port("r1-transit", "transit", "10.0.9.1", owner="network:router_interface", device="r1", groups=())
    cloud.raw["routers"][0]["routes"] = [{"destination": "10.7.0.0/16", "nexthop": "10.0.9.2"}]
    assert findings(cloud, "routing-loop")
    cloud.group("bare", allow("ingress", "tcp", 80), stateful=False)
    cloud.port("bare", "dmz", "10.0.1.72", groups=["bare"])
    assert [f.rules for f in findings(cloud, "stateless-without-replies")] == [("bare-0",)]


def test_a_hard_policy_is_a_finding_not_a_wrong_answer(monkeypatch):
    monkeypatch.setattr("tenant_ops_dashboard.reachability.lint.Budget", lambda: Budget(seconds=60, nodes=500))
    rng = random.Random(1)
    rules = []
    for _ in range(300):
        (low, high), (first, last) = (sorted(rng.sample(range(1, 65536), 2)) for _ in "ab")
        source = f"10.0.0.0/{rng.randrange(8, 33)}"
        action = rng.choice(["allow", "deny"])
        rules.append(tcp(f"{low}:{high}", source_port=f"{first}:{last}", source_ip_address=source, action=action))
    found = findings(with_ingress(*rules), "too-complex", "l3-agent")
    assert found and "budget of 500 nodes" in found[0].why


def test_a_clean_cloud_has_no_findings_and_levels_are_ordered():
    cloud = Cloud()
    cloud.group("web", allow("ingress", "tcp", 80, remote="10.0.0.0/8"), allow("egress"))
    cloud.network("n", "10.0.0.0/24")
    cloud.port("a", "n", "10.0.0.10", groups=["web"])
    assert lint(Engine(cloud.snapshot())) == []
    worst = lint(Engine(with_ingress({"protocol": "dccp"}).snapshot()))
    assert at_least(worst, "info") and at_least(worst, worst[0].severity)


def last_words(action="deny"):
    return [{"action": action}, {"action": action, "ip_version": 6}]


@pytest.mark.parametrize("profile", ["ovn", "l3-agent"])
def test_a_last_word_on_all_packets_is_no_finding(profile):
    cloud = with_ingress(tcp("80"), *last_words(), egress=[tcp("25", action="deny"), *last_words("allow")])
    found = {finding.kind for finding in lint(Engine(cloud.snapshot(), profile))}
    assert not found & {"redundant", "generalization", "irrelevant"}


def test_what_a_deny_keeps_out_on_the_l3_agent_no_default_does():
    """The egress policy is asked next there: without the deny it lets the packet through."""
    cloud = with_ingress(tcp("80"), tcp("22", action="deny"), egress=[tcp()], ports=["r1-dmz", "r1-db"])
    assert [f.rules for f in findings(cloud, "redundant")] == [("fw-ingress-1",)]
    assert not findings(cloud, "redundant", "l3-agent")
    assert cloud.ask("data", "app", dst_port=22, profile="l3-agent")["verdict"] == "deny"
    cloud.raw["firewall_policies"][0]["firewall_rules"].remove("fw-ingress-1")
    assert cloud.ask("data", "app", dst_port=22, profile="l3-agent")["verdict"] == "allow"
    again = with_ingress(tcp("22", action="deny"), tcp("1:100", action="deny"), egress=[tcp()])
    assert ("fw-ingress-0",) in {f.rules for f in findings(again, "redundant", "l3-agent")}


def test_a_rule_for_what_a_next_hop_forwards_is_nobodys_to_remove():
    cloud = two_tiers()
    cloud.group("shut", allow("egress"))
    for port in cloud.raw["ports"]:
        port["security_groups"] = ["shut"] if port["id"] in ("app", "data") else []
    cloud.firewall("fw", ["r1-dmz"], ingress=[tcp("8080", destination_ip_address="10.7.0.0/16")], egress=[])
    assert findings(cloud, "group-blocks-what-firewall-allows")
    cloud.raw["routers"][0]["routes"] = [{"destination": "10.7.0.0/16", "nexthop": "10.0.1.9"}]
    for profile in ("ovn", "l3-agent"):
        assert not findings(cloud, "group-blocks-what-firewall-allows", profile)


def test_a_rule_for_an_address_that_servers_share_is_taken_by_their_groups():
    cloud = two_tiers()
    cloud.group("ha", allow("ingress", "tcp", 443), allow("egress"))
    cloud.port("node", "dmz", "10.0.1.20", groups=["ha"], pairs=["10.0.1.100"])
    shared = {"destination_ip_address": "10.0.1.100"}
    cloud.firewall("fw", ["r1-dmz"], ingress=[tcp("443", **shared), tcp("22", **shared)], egress=[])
    assert [f.rules for f in findings(cloud, "group-blocks-what-firewall-allows")] == [("fw-ingress-1",)]


def behind_a_firewall():
    cloud = two_tiers()
    cloud.group("web", allow("ingress", "tcp", 22), allow("egress"))
    for port in cloud.raw["ports"]:
        if port["id"] == "app":
            port["security_groups"] = ["web"]
    cloud.firewall("fw", ["r1-dmz"], ingress=[tcp("80")], egress=[tcp("80")])
    return cloud


def test_a_group_rule_that_is_needed_elsewhere_is_nobodys_to_remove():
    blocked = "firewall-blocks-what-group-allows"
    (only,) = findings(behind_a_firewall(), blocked)
    assert only.rules == ("web-0",)
    assert only.fix.endswith("or limit rule web-0 to the addresses of its own network"), "neighbours come by it"
    cloud = behind_a_firewall()
    cloud.port("other", "db", "10.0.2.30", groups=["web"])
    assert not findings(cloud, blocked)
    cloud = behind_a_firewall()
    cloud.router("r2", ("dmz", "10.0.1.2"))
    assert not findings(cloud, blocked)


def test_a_firewall_that_lets_nothing_pass_is_one_finding():
    cloud = behind_a_firewall()
    cloud.raw["firewall_rules"][0]["enabled"] = False
    assert findings(cloud, "empty-policy-blocks-all")
    assert not findings(cloud, "firewall-blocks-what-group-allows")


def test_an_ip_version_that_no_port_has_lacks_no_replies():
    cloud = with_ingress(tcp("80"), egress=[{}, {"ip_version": 6}])
    (only,) = findings(cloud, "missing-reply-rule")
    assert only.rules == ("fw-egress-0",)
    cloud.group("bare", allow("ingress", "tcp", 80), allow("egress"), allow("egress", version=6), stateful=False)
    cloud.port("bare", "dmz", "10.0.1.72", groups=["bare"])
    assert not findings(cloud, "stateless-without-replies")


def test_the_mirror_of_a_rule_without_a_port_is_not_what_helps():
    """It would let everything in."""
    wide = ": first name the ports that are asked for"
    for egress, warned in (({}, True), (tcp(), True), (tcp("443"), False), ({"protocol": "icmp"}, False)):
        (found,) = findings(with_ingress(tcp("80"), egress=[egress]), "missing-reply-rule")
        assert (wide in found.fix) is warned


@pytest.mark.parametrize(
    ("rules", "pairs", "told"),
    [
        ([allow("ingress", group="ha")], ["10.0.1.100"], True),
        ([allow("ingress", "vrrp", group="ha")], ["10.0.1.100"], False),
        ([allow("ingress", group="ha"), allow("ingress", remote="10.0.1.0/24")], ["10.0.1.100"], False),
        ([allow("ingress", group="ha"), allow("ingress", "tcp", remote="10.0.1.0/24")], ["10.0.1.100"], True),
        ([allow("ingress", "tcp", 80, group="ha"), allow("ingress", "tcp", remote="10.0.1.0/24")], ["10.0.1.100"], False),
        ([allow("ingress", group="ha"), allow("egress", remote="10.0.1.0/24")], ["10.0.1.100"], True),
        ([allow("ingress", group="ha")], ["2001:db8::1"], False),
        ([allow("ingress", group="ha")], ["10.0.1.99"], False),
    ],
)  # fmt: skip
def test_address_pairs_that_a_remote_group_need_not_have(rules, pairs, told):
    """10.0.1.99 is the fixed address of the port that keeps it for them."""
    cloud = two_tiers()
    cloud.group("ha", *rules)
    cloud.port("node", "dmz", "10.0.1.20", groups=["ha"], pairs=pairs)
    cloud.port("kept", "dmz", "10.0.1.99", groups=["ha"], owner="", device="")
    assert [f.object for f in findings(cloud, "pair-not-in-remote-group")] == ["node"] * told


def test_what_was_done_about_the_l3_agents_surprises_ends_them():
    ends = last_words()
    cloud = two_tiers()
    cloud.firewall("one", ["r1-dmz"], ingress=[tcp("80"), *ends], egress=last_words("allow"))
    cloud.firewall("two", ["r1-db"], ingress=[tcp("80"), *ends], egress=[tcp("80")])
    assert findings(cloud, "fail-open-default", "l3-agent")
    cloud.raw["firewall_policies"][-1]["firewall_rules"] += ["one-ingress-1"]
    assert not findings(cloud, "fail-open-default", "l3-agent")
    union, both = "policies-act-as-union", ["r1-dmz", "r1-db"]
    assert findings(with_ingress(tcp("80"), egress=[tcp()], ports=both), union, "l3-agent")
    assert not findings(with_ingress(tcp("80"), *ends, egress=[tcp()], ports=both), union, "l3-agent")
    assert findings(with_ingress(tcp("80"), *ends, egress=[tcp("443")], ports=both), union, "l3-agent")
    near = {"destination_ip_address": "10.0.1.0/24"}
    assert findings(with_ingress(tcp("80", **near), *ends, egress=[tcp("443")], ports=both), union, "l3-agent")
    far = {"source_ip_address": "198.51.100.0/24"}
    assert not findings(with_ingress(tcp("80", **far), *ends, egress=[tcp("443")], ports=both), union, "l3-agent")


def test_what_the_l2_agent_never_gets_is_told_once():
    cloud = with_ingress(tcp("80", source_ip_address="10.0.0.1", enabled=False))
    assert {f.kind for f in lint(Engine(cloud.snapshot(), "l2-agent"))} >= {"port-not-filtered"}
    assert not findings(cloud, "addresses-ignored", "l2-agent")
    assert not findings(cloud, "disabled-rule-in-force", "l2-agent")


def test_a_denial_before_what_it_overlaps_is_as_it_should_be():
    deny, allow_ = tcp(action="deny", source_ip_address="198.51.100.0/24"), tcp("80")
    (first,) = findings(with_ingress(deny, allow_), "correlation")
    (last,) = findings(with_ingress(allow_, deny), "correlation")
    assert (first.severity, last.severity) == ("info", "low")
    assert first.fix == "keep rule fw-ingress-0 before rule fw-ingress-1 if the denial is to win"


def test_a_group_whose_ports_the_back_end_does_not_filter_drops_nothing():
    cloud = with_ingress(*last_words(), ports=["app"])
    assert findings(cloud, "port-not-filtered") and not findings(cloud, "empty-policy-blocks-all")
    assert findings(cloud, "empty-policy-blocks-all", "l2-agent")


def test_a_rule_of_octavias_own_is_nobodys_to_remove():
    cloud = behind_a_firewall()
    cloud.port("vip", "dmz", "10.0.1.50", groups=["octavia"], owner="Octavia", device="lb-1")
    cloud.group("octavia", allow("ingress", "tcp", 8443))
    cloud.add("loadbalancers", id="1", vip_port_id="vip", vip_address="10.0.1.50", provider="amphora")
    cloud.add("listeners", id="l1", protocol="TCP", protocol_port=8443, loadbalancers=[{"id": "1"}])
    fixes = {f.rules: f.fix for f in findings(cloud, "firewall-blocks-what-group-allows")}
    assert fixes["octavia-0",] == "add an allow rule to firewall group fw, or delete listener l1"
    assert fixes["web-0",].endswith("or limit rule web-0 to the addresses of its own network")


@pytest.mark.parametrize("profile", ["ovn", "l3-agent"])
@pytest.mark.parametrize("seed", range(6))
def test_who_removes_what_lint_calls_needless_changes_nothing(seed, profile):
    """But on OVN for answers to who asks from a service's port: those a firewall rule there may let back in."""
    raw = make(6, groups=3, routers=2, firewalls=2, rules=6, seed=seed)
    before = Engine(build_snapshot(raw, "cloud"), profile)
    needless = {
        finding.rules[0]
        for finding in lint(before)
        if finding.fix.endswith(f"remove rule {finding.rules[0] if finding.rules else ''}")
        and not (profile == "ovn" and finding.kind.startswith("group-blocks"))
        and finding.kind in ("redundant", "group-blocks-what-firewall-allows", "firewall-blocks-what-group-allows")
    }
    assert needless
    for rule in sorted(needless)[:6]:
        after = copy.deepcopy(raw)
        for policy in after["firewall_policies"]:
            policy["firewall_rules"] = [one for one in policy["firewall_rules"] if one != rule]
        for group in after["security_groups"]:
            group["security_group_rules"] = [one for one in group["security_group_rules"] if one["id"] != rule]
        changed = diff(before, Engine(build_snapshot(after, "cloud"), profile))
        assert not [entry for entry in changed if entry["gained"] or entry["lost"]], rule
