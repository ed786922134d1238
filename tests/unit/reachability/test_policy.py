"""analyse_policy against a naive evaluator written apart from it, and its promises one by one."""

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenant_ops_dashboard.reachability import BadInput, TooComplex, analyse_policy
from tenant_ops_dashboard.reachability.boxes import inside
from tenant_ops_dashboard.reachability.budget import Budget
from tenant_ops_dashboard.reachability.change import preview
from tenant_ops_dashboard.reachability.packets import read_packet
from tests.unit.reachability.policies import packets, policies
from tests.verify.reachability import naive_policy


def look_up(analysis, packet):
    """The deciding rule as the diagram says it."""
    asked = read_packet(packet)
    found = [
        v
        for box, v in analysis.stores[asked.version].boxes(analysis.roots[asked.version])
        if inside(box, asked.point())
    ]
    assert len(found) <= 1, "the diagram's boxes overlap"
    return analysis._order[asked.version][found[0] - 1][0] if found else None


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_every_packet_is_decided_as_the_naive_evaluator_decides_it(data):
    policy = data.draw(policies())
    analysis = analyse_policy(policy)
    for _ in range(4):
        packet = data.draw(packets(policy))
        expected = naive_policy.decides(policy, packet)
        assert analysis.decides(packet) == expected
        index = look_up(analysis, packet)
        assert (None if index is None else policy[index]["id"]) == expected
        assert expected not in analysis.never_matched


@settings(max_examples=150, deadline=None)
@given(policies(most=8))
def test_a_rule_is_dead_exactly_when_no_box_is_left_for_it(policy):
    analysis = analyse_policy(policy)
    reached = set()
    for version, store in analysis.stores.items():
        for box, value in store.boxes(analysis.roots[version]):
            kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
            protocol, src, dst, dst_port, src_port = (spans[0][0] for spans in box)
            packet = {"src": str(kind(src)), "dst": str(kind(dst)), "protocol": protocol}
            packet |= {
                "src_port": src_port,
                "dst_port": dst_port,
                "icmp_type": dst_port >> 8,
                "icmp_code": dst_port & 255,
            }
            decider = naive_policy.decides(policy, packet)
            assert decider == policy[analysis._order[version][value - 1][0]]["id"]
            reached.add(decider)
    enabled = [rule["id"] for rule in policy if rule["enabled"]]
    assert analysis.never_matched == [identity for identity in enabled if identity not in reached]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_preview_tells_what_is_gained_and_lost(data):
    before = data.draw(policies(most=8))
    after = [dict(rule) for rule in before]
    edit = data.draw(st.sampled_from(["flip", "drop", "move", "other"]))
    if after and edit == "flip":
        rule = data.draw(st.sampled_from(after))
        rule["action"] = "deny" if rule["action"] == "allow" else "allow"
    elif after and edit == "drop":
        after.remove(data.draw(st.sampled_from(after)))
    elif after and edit == "move":
        rule = after.pop(data.draw(st.integers(0, len(after) - 1)))
        after.insert(data.draw(st.integers(0, len(after))), rule)
    else:
        after = data.draw(policies(most=8))
    change = preview(before, after)
    for _ in range(4):
        packet = data.draw(packets(before + after))
        point, version = read_packet(packet).point(), read_packet(packet).version
        was, now = naive_policy.permits(before, packet), naive_policy.permits(after, packet)
        assert any(inside(box, point) for box in change.boxes("gained", version)) == (now and not was)
        assert any(inside(box, point) for box in change.boxes("lost", version)) == (was and not now)


def rule(identity, **fields):
    return {"id": identity, "action": "allow", "protocol": "tcp", "ip_version": 4, "enabled": True, **fields}


def test_a_union_of_earlier_rules_shadows_a_later_one():
    policy = [
        rule("low", destination_port="1:100", action="deny"),
        rule("high", destination_port="101:200", action="deny"),
        rule("both", destination_port="50:150"),
        rule("rest", destination_port="50:201"),
    ]
    assert analyse_policy(policy).never_matched == ["both"]


def test_a_disabled_rule_is_neither_dead_nor_deciding():
    policy = [rule("off", enabled=False), rule("on", destination_port="22")]
    analysis = analyse_policy(policy)
    assert analysis.never_matched == []
    packet = {"src": {"ip": "192.0.2.1"}, "dst": {"ip": "10.0.0.1"}, "protocol": "tcp", "dst_port": 22}
    assert analysis.decides(packet) == "on"
    assert analysis.decides({**packet, "dst_port": 23}) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"destination_port": "90:80"}, "firewall_rules x: destination_port is upside down: 90 is above 80"),
        ({"destination_port": "70000"}, "destination_port must be a port"),
        ({"protocol": "carrier-pigeon"}, "unknown protocol 'carrier-pigeon'"),
        ({"protocol": "256"}, "unknown protocol '256'"),
        ({"source_ip_address": "10.0.0.300"}, "source_ip_address: '10.0.0.300' is no address or CIDR"),
        ({"source_ip_address": "2001:db8::/64"}, "source_ip_address is IPv6 in a rule of IPv4"),
        ({"action": "shrug"}, "action must be one of allow, deny, reject"),
        ({"ip_version": 5}, "ip_version must be 4 or 6"),
        ({"enabled": "yes"}, "enabled must be true or false"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named_with_its_field(fields, said):
    with pytest.raises(BadInput, match="firewall_rules x") as refused:
        analyse_policy([rule("x", **fields)])
    assert said in str(refused.value)


def test_a_hard_rule_set_is_refused_with_the_budget_named():
    def spread(i, low, high, width):
        return f"{i * low % width + 1}:{i * high % width + width}"

    hard = [
        rule(
            f"r{i}",
            source_ip_address=f"10.{i % 256}.{i * 7 % 256}.0/{8 + i % 25}",
            destination_ip_address=f"10.{i * 3 % 256}.{i * 5 % 256}.0/{8 + i * 7 % 25}",
            source_port=spread(i, 13, 17, 3000),
            destination_port=spread(i, 11, 19, 9000),
        )
        for i in range(400)
    ]
    with pytest.raises(TooComplex, match="too complex: the budget of 500 nodes"):
        analyse_policy(hard, budget=Budget(seconds=60, nodes=500))
