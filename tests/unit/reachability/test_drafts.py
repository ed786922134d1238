"""What the editor says beside each rule, against plain comparisons of whole policies, and sentence by sentence."""

import random

import pytest
from hypothesis import given, settings

from bench.policies import policy
from tenant_ops_dashboard.reachability import BadInput, analyse_policy
from tenant_ops_dashboard.reachability.boxes import clip
from tenant_ops_dashboard.reachability.budget import Budget
from tenant_ops_dashboard.reachability.change import preview
from tenant_ops_dashboard.reachability.drafts import NAMED, badges
from tenant_ops_dashboard.reachability.rules import read_rule
from tests.unit.reachability.policies import policies


def tcp(ports=None, action="allow", **fields):
    return {"protocol": "tcp", "destination_port": ports, "action": action, **fields}


def told(rules, kind, profile="ovn", budget=None):
    return {badge.place: badge.by for badge in badges(rules, profile, budget) if badge.kind == kind}


def agree(rules, profile="neutron"):
    """Each kind of badge as comparisons of whole policies give it."""
    found = badges(rules, profile, Budget(seconds=60))
    assert "too-complex" not in {badge.kind for badge in found}
    dead = set(analyse_policy(rules, profile, Budget(seconds=60)).never_matched)
    kinds = {kind: {b.place: b.by for b in found if b.kind == kind} for kind in {b.kind for b in found}}
    assert {rules[place]["id"] for place in kinds.get("never-matched", {})} == dead
    for place, by in kinds.get("never-matched", {}).items():
        covering = [rules[other] for other in by] + [rules[place]]
        assert rules[place]["id"] in analyse_policy(covering, profile).never_matched
    for place, rule in enumerate(rules):
        if rule["enabled"] and rule["id"] not in dead:
            spared = preview(rules, rules[:place] + rules[place + 1 :], profile, Budget(seconds=60)).nothing
            assert (place in kinds.get("redundant", {})) == spared, place
    for place, rule in enumerate(rules):
        if rule["enabled"] and rule["id"] not in dead:
            assert kinds.get("contradicted", {}).get(place, ()) == takers(rules, place, profile)[:NAMED]


def takers(rules, place, profile):
    """The earlier rules of the other action that decide some packets of a rule, and match some that it does not."""
    match = read_rule(rules[place]).match(profile)
    before = analyse_policy(rules[:place], profile, Budget(seconds=60))
    found = set()
    version = rules[place].get("ip_version", 4)
    for box, value in before.stores[version].boxes(before.roots[version]):
        if clip(box, match) is not None:
            other = before._order[version][value - 1][0]
            theirs = read_rule(rules[other]).match(profile)
            opposed = (rules[other]["action"] == "allow") != (rules[place]["action"] == "allow")
            if opposed and clip(theirs, match) != theirs:
                found.add(other)
    return tuple(sorted(found))


@settings(max_examples=200, deadline=None)
@given(policies())
def test_every_badge_is_what_whole_policies_say(rules):
    agree(rules)


def test_long_policies_too():
    agree(policy(120, 3))
    rng = random.Random(4)
    bands = []
    for number in range(40):
        low, high = sorted(rng.sample(range(1, 400), 2))
        first, last = sorted(rng.sample(range(1, 400), 2))
        action = rng.choice(["allow", "deny"])
        bands.append(tcp(f"{low}:{high}", action, source_port=f"{first}:{last}", id=f"b{number}", enabled=True))
    agree(bands)


def test_a_rule_behind_a_union_names_the_smallest_set_that_covers_it():
    rules = [tcp("1:100", "deny"), tcp("5:9"), tcp("101:200", "deny"), tcp("50:150"), tcp("300"), tcp("300")]
    assert told(rules, "never-matched") == {1: (0,), 3: (0, 2), 5: (4,)}
    whys = {badge.place: badge.why for badge in badges(rules, "ovn") if badge.kind == "never-matched"}
    assert whys[3] == "Never matched: rules 1 and 3 together match all it matches, and decide otherwise."
    assert whys[5] == "Never matched: rule 5 matches all it matches, with the same action."


def test_exceptions_and_contradictions_are_told_apart():
    rules = [tcp("80", "deny"), tcp("1:100", source_ip_address="10.0.0.0/8"), tcp("50:1000", "deny"), tcp("1:2000")]
    assert told(rules, "contradicted") == {1: (0,), 2: (1,)}
    assert told(rules, "generalization") == {3: (0, 2)}


def test_a_rule_that_rules_before_it_leave_nothing_to_take_contradicts_nobody():
    rules = [tcp("1:60"), tcp("50:60", "deny"), tcp("55:100", source_port="1:9")]
    assert told(rules, "contradicted") == {}


def test_positions_ovn_never_comes_to():
    rules = [tcp(str(port), enabled=port % 2 == 0) for port in range(1, 1002)]
    assert told(rules, "dead-by-position") == {999: ()}
    assert told(rules, "dead-by-position", "l3-agent") == {}
    rules[998:] = [tcp("1:9", "deny")] * 3
    assert sorted(told(rules, "dead-by-position")) == [999, 1000]


@pytest.mark.parametrize("ports", ["0", "0:0", "0:10"])
def test_a_port_of_zero_is_every_port_on_every_back_end(ports):
    rules = [tcp(ports), tcp("443", "deny")]
    for profile in ("ovn", "l3-agent", "l2-agent", "neutron"):
        assert told(rules, "opens-wide", profile) == {0: ()}
        assert told(rules, "never-matched", profile) == {1: (0,)}
    assert told([tcp("80", source_port=ports)], "opens-wide") == {0: ()}
    assert told([tcp("0:65535"), tcp("1:10")], "opens-wide") == {}


def test_dccp_is_every_protocol_on_ovn_alone():
    rules = [{"protocol": "dccp", "action": "allow"}, tcp("22", "deny")]
    assert told(rules, "opens-wide") == {0: ()}
    assert told(rules, "never-matched") == {1: (0,)}
    assert told(rules, "opens-wide", "l3-agent") == told(rules, "never-matched", "l3-agent") == {}


def test_a_rule_that_no_packet_can_match_on_a_back_end():
    rules = [{"protocol": "icmp", "ip_version": 6, "action": "allow"}]
    assert told(rules, "never-matched", "l2-agent") == {0: ()}


def test_too_complex_is_an_answer_beside_those_that_are_known():
    rng = random.Random(1)
    rules = [tcp("0:9")]
    for _ in range(300):
        (a, b), (c, d) = (sorted(rng.sample(range(1, 65536), 2)) for _ in "ab")
        source = f"10.0.0.0/{rng.randrange(8, 33)}"
        action = rng.choice(["allow", "deny"])
        rules.append(tcp(f"{a}:{b}", action, source_port=f"{c}:{d}", source_ip_address=source))
    found = badges(rules[1:] + rules[:1], "ovn", Budget(seconds=60, nodes=200))
    assert [badge.kind for badge in found if badge.place is None] == ["too-complex"]
    assert "budget of 200 nodes" in found[-1].why
    assert 300 in {badge.place for badge in found if badge.kind == "opens-wide"}


def test_a_rule_that_cannot_be_read_is_named_by_its_number():
    with pytest.raises(BadInput, match="number 2: destination_port is upside down"):
        badges([tcp("80"), tcp("90:80")])
