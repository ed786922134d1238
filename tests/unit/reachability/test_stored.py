"""What Neutron takes and makes something else of: how packets fare then, and what lint says about it."""

import pytest

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.lint import lint
from tenant_ops_dashboard.reachability.probe import probe
from tests.unit.reachability.cloudmaker import two_tiers

PROFILES = ("ovn", "l3-agent")
EARLY, LATE, LATER = "2026-11-01T08:00:00Z", "2026-11-10T08:00:00Z", "2026-11-20T08:00:00Z"


def tcp(ports=None, **fields):
    return {"protocol": "tcp", "destination_port": ports, **fields}


def filtered(*rules, egress=({"protocol": "tcp"},), group=None, **policy):
    """The DMZ behind a firewall group with these ingress rules; `policy` are more fields of its ingress policy."""
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=list(rules), egress=list(egress), **(group or {}))
    cloud.raw["firewall_policies"][0].update(policy)
    return cloud


def told(cloud, kind, profile="ovn"):
    return [finding for finding in lint(Engine(cloud.snapshot(), profile)) if finding.kind == kind]


def asked(cloud, port=5432, profile="ovn", protocol="tcp", src="198.51.100.7"):
    return cloud.ask(src, "203.0.113.10", protocol, port, profile)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("ports", ["0", "0:0", "0:10"])
def test_a_port_range_from_zero_lets_every_port_in(ports, profile):
    cloud = filtered(tcp(ports), tcp("5432", action="deny"))
    assert asked(cloud, profile=profile)["forward"] == "allow"
    assert [f.rules for f in told(cloud, "port-matches-all", profile)] == [("fw-ingress-0",)]
    whole = filtered(tcp("0:65535"), tcp("5432", action="deny"))
    assert not told(whole, "port-matches-all", profile)


def test_a_port_of_zero_is_found_in_a_policy_that_nobody_uses_yet():
    cloud = two_tiers()
    cloud.add("firewall_rules", id="zero", protocol="udp", source_port="0:53", action="allow")
    cloud.add("firewall_policies", id="loose", name="loose", firewall_rules=["zero"])
    assert [f.object for f in told(cloud, "port-matches-all", "l2-agent")] == ["loose"]


def test_dccp_matches_every_protocol_on_ovn_alone():
    cloud = filtered({"protocol": "dccp"})
    assert asked(cloud, 53, "ovn", "udp")["forward"] == "allow"
    assert asked(cloud, 53, "l3-agent", "udp")["forward"] == "deny"
    assert told(cloud, "protocol-matches-all") and not told(cloud, "protocol-matches-all", "l3-agent")


def test_ipv6_icmp_in_an_ipv4_rule_is_icmp_of_ipv4_on_ovn():
    cloud = filtered({"protocol": "ipv6-icmp"})
    assert asked(cloud, None, "ovn", "icmp")["forward"] == "allow"
    assert asked(cloud, None, "l3-agent", "icmp")["forward"] == "deny"
    assert [f.rules for f in told(cloud, "icmp-of-the-other-version")] == [("fw-ingress-0",)]
    assert not told(cloud, "protocol-matches-all")


@pytest.mark.parametrize(
    ("before", "verdict", "unsure"), [(998, "allow", False), (999, "deny", True), (1000, "deny", False)]
)
def test_positions_on_ovn_count_disabled_rules(before, verdict, unsure):
    rules = [tcp("1", action="deny", enabled=place % 2 == 0) for place in range(before)]
    cloud = filtered(*rules, tcp("5432"))
    answer = asked(cloud)
    assert answer["forward"] == verdict
    assert any("position 999" in sentence for sentence in answer["unknown"]) == unsure
    assert bool(told(cloud, "position-never-matches")) == (before >= 999)
    assert asked(cloud, profile="l3-agent")["forward"] == "allow"


@pytest.mark.parametrize(("profile", "verdict"), [("ovn", "allow"), ("l3-agent", "deny")])
def test_administratively_down_means_something_else_on_each_back_end(profile, verdict):
    assert asked(filtered(tcp("5432"), group={"admin_state_up": False}), profile=profile)["forward"] == verdict


def test_administratively_down_on_the_l2_agent_keeps_the_rules():
    cloud = two_tiers()
    cloud.firewall("fw", ["app"], ingress=[tcp("80")], egress=[tcp()], admin_state_up=False)
    assert asked(cloud, 80, "l2-agent")["forward"] == "allow"
    assert asked(cloud, 81, "l2-agent")["forward"] == "deny"


def shared(changed, created=LATE):
    return filtered(
        tcp("5432"), group={"project_id": "tenant", "created_at": created},
        project_id="security", created_at=EARLY, updated_at=changed,
    )  # fmt: skip


def test_a_shared_policy_that_changed_later_leaves_ovn_in_doubt():
    cloud = shared(LATER)
    for port in (5432, 80):
        answer = asked(cloud, port)
        assert any("of another project may have changed" in sentence for sentence in answer["unknown"])
    assert [(f.severity, f.object) for f in told(cloud, "shared-policy-stale")] == [("medium", "fw")]
    assert not asked(cloud, 5432, "l3-agent")["unknown"] and not told(cloud, "shared-policy-stale", "l3-agent")


def test_a_shared_policy_that_did_not_change_since_is_known_but_will_not_follow():
    cloud = shared(EARLY)
    assert asked(cloud)["forward"] == "allow" and not asked(cloud)["unknown"]
    assert [f.severity for f in told(cloud, "shared-policy-stale")] == ["low"]
    assert asked(shared(EARLY, created=None), 80)["unknown"]


def test_a_policy_of_the_own_project_is_in_no_doubt():
    cloud = filtered(tcp("5432"), group={"project_id": "p", "created_at": EARLY}, tenant_id="p", updated_at=LATER)
    assert not asked(cloud)["unknown"] and not told(cloud, "shared-policy-stale")


def test_an_audited_flag_older_than_a_rule_is_shown():
    cloud = filtered(tcp("80", updated_at=LATER), tcp("443", updated_at=EARLY), audited=True, updated_at=LATE)
    assert [f.rules for f in told(cloud, "audited-but-changed")] == [("fw-ingress-0",)]
    assert not told(filtered(tcp("80", updated_at=LATER), updated_at=LATE), "audited-but-changed")
    assert not told(filtered(tcp("80", updated_at=LATE), audited=True, updated_at=LATE), "audited-but-changed")


def test_a_rule_that_changed_after_the_list_may_stand_elsewhere_in_ovn():
    rules = (tcp("22", action="deny"), tcp("1:100", updated_at=LATER), tcp("443", updated_at=LATER))
    cloud = filtered(*rules, created_at=EARLY, updated_at=LATE)
    assert [f.rules for f in told(cloud, "order-may-differ")] == [("fw-ingress-1", "fw-ingress-0")]
    assert not told(cloud, "order-may-differ", "l3-agent")
    assert not told(filtered(*rules, created_at=LATE, updated_at=LATE), "order-may-differ")


def test_rules_that_one_projects_view_lacks_leave_both_answers_open():
    cloud = filtered(tcp("22", action="deny"), tcp("5432"))
    del cloud.raw["firewall_rules"][0]
    snapshot = cloud.snapshot(scope="project")
    packet = {"src": {"ip": "198.51.100.7"}, "dst": {"ip": "203.0.113.10"}, "protocol": "tcp", "dst_port": 5432}
    answer = probe(Engine(snapshot), packet)
    assert answer["forward"] == "allow"
    assert any("firewall rule fw-ingress-0 is not in the snapshot" in sentence for sentence in answer["unknown"])
