"""What a preview says beside boxes: shared policies, edited rules, findings, words, and when it is too complex."""

import json
from dataclasses import replace

import pytest

from tenant_ops_dashboard.firewall import difference, read
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.intents import parse
from tenant_ops_dashboard.firewall.model import Base, Draft, Group, Policy, Rule, State
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.preview import preview
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.words import Labels, losses, sentences
from tests.unit.reachability.cloudmaker import two_tiers

TO_APP = {"protocol": "tcp", "destination_ip_address": "10.0.1.10", "destination_port": "80"}
ARRIVES = "still arrives, but its reply no longer returns"
REPLIES = {"protocol": "tcp", "source_port": "1521"}


@pytest.fixture
def cloud():
    """app, with a floating address, answers the internet on tcp 80 and asks others on tcp 1521 through the group 'fw'."""
    made = two_tiers()
    made.firewall("fw", ["r1-dmz"], ingress=[TO_APP, REPLIES], egress=[{"protocol": "tcp", "destination_port": "1521"}])
    return made


def ends(cloud):
    return Ends(Seen(cloud.raw), Names(None))


def asked(at, change, **options):
    """The preview of the group 'fw' after `change` made another state of its state."""
    draft = read.draft(at.seen, "fw")
    return preview(at, replace(draft, state=change(draft.state)), read.find(at.seen, "fw"), **options)


def with_rules(side, *rules):
    return lambda state: replace(state, **{side: replace(state.policy(side), rules=rules)})


def words(at, found, kind):
    return sentences(Labels(at.seen, at.names), getattr(found.traffic, kind), kind)


def test_a_base_has_every_revision_and_the_content(cloud):
    cloud.raw["firewall_groups"][0]["revision_number"] = 4
    cloud.raw["firewall_policies"][1]["revision_number"] = 2
    cloud.raw["firewall_rules"][0]["revision_number"] = 7
    draft = read.draft(Seen(cloud.raw), "fw")
    assert draft.base == Base(4, None, 2, {"fw-ingress-0": 7, "fw-ingress-1": None, "fw-egress-0": None}, draft.state)
    assert draft.state.group == Group("fw", "fw", True, ("r1-dmz",))
    assert draft.state.rules[0].destination_port == "80"


def test_a_reply_rule_that_goes_breaks_replies(cloud):
    at = ends(cloud)
    found = asked(at, with_rules("ingress", read.draft(at.seen, "fw").state.rules[0]))
    assert words(at, found, "breaks_replies") == [
        f"app -> {one} tcp 1521: still arrives, but its reply no longer returns" for one in ("data", "internet")
    ]
    assert {(one["from"], one["port"]) for one in found.traffic.lost} >= {("app", "data"), ("app", None)}
    assert found.traffic.gained == []
    told = losses(Labels(at.seen, at.names), found.traffic.lost, found.traffic.breaks_replies)
    for one in told:
        assert one.endswith("now closed") != one.endswith("no longer returns")
        assert not one.endswith("now closed") or one.replace("now closed", ARRIVES) not in told, "said once"
    assert f"app -> data tcp 1521: {ARRIVES}" in told
    kept = [json.dumps(one, sort_keys=True) for one in found.traffic.lost]
    assert all(json.dumps(one, sort_keys=True) in kept for one in found.traffic.breaks_replies)


def test_an_empty_policy_is_told_to_block_everything(cloud):
    at = ends(cloud)
    found = asked(at, with_rules("ingress"))
    assert "internet -> app tcp 80: now closed" in words(at, found, "lost")
    assert "empty-policy-blocks-all" in {one.kind for one in found.new}
    assert found.calls == 2  # a version of the policy, the group


def test_an_edited_rule_is_a_new_one_and_findings_call_it_by_its_id(cloud):
    at = ends(cloud)
    rule = read.draft(at.seen, "fw").state.rules[0]
    found = asked(at, with_rules("ingress", replace(rule, destination_port="80:81"), Rule(action="allow", **TO_APP)))
    assert "internet -> app tcp 81: now open" in words(at, found, "gained")
    assert {rule["rule_id"] for box in found.traffic.gained for rule in box["rules"]} >= {"ingress.rules[0]"}
    (dead,) = [one for one in found.new if "ingress.rules[1]" in (*one.rules, one.object)]
    assert dead.kind in ("shadowed", "redundant")
    assert "draft-ingress" not in json.dumps([one.written() for one in (*found.new, *found.gone)])
    assert found.calls == 4


def test_moving_rules_costs_no_rule(cloud):
    at = ends(cloud)
    rules = read.draft(at.seen, "fw").state.ingress.rules
    twice = (*rules, Rule(action="deny", protocol="udp"))
    assert asked(at, with_rules("ingress", *twice)).calls == 3
    cloud.raw["firewall_rules"].append({"id": "other", "action": "deny", "protocol": "udp", "enabled": True})
    cloud.raw["firewall_policies"][0]["firewall_rules"].append("other")
    at = ends(cloud)
    rules = read.draft(at.seen, "fw").state.ingress.rules
    found = asked(at, with_rules("ingress", *reversed(rules)))
    assert (found.calls, found.traffic.gained, found.traffic.lost) == (2, [], [])


def test_a_shared_policy_changes_for_this_group_alone_and_the_others_are_named(cloud):
    policy = cloud.raw["firewall_groups"][0]["ingress_firewall_policy_id"]
    cloud.firewall("twin", ["r1-db"], egress=[{"action": "allow"}])
    cloud.raw["firewall_groups"][1]["ingress_firewall_policy_id"] = policy
    at = ends(cloud)
    found = asked(at, with_rules("ingress", Rule(action="allow")))
    assert found.touches.groups == ("twin",)
    assert {one["port"] for one in (*found.traffic.gained, *found.traffic.lost)} <= {"app", None}
    assert found.touches.ports[0] == "r1-dmz"
    other = asked(at, with_rules("egress", Rule(action="allow")))
    assert other.touches.groups == ()


def test_a_group_that_is_not_there_yet_can_be_looked_at(cloud):
    cloud.raw["firewall_groups"].clear()
    at = ends(cloud)
    state = State(Group("", "new", True, ("r1-dmz",)), Policy(None, "in", (Rule(action="allow", **TO_APP),)), None)
    found = preview(at, Draft(state), None)
    assert found.calls == 3
    assert found.touches.ports[0] == "r1-dmz"
    assert any("-> app any protocol: now closed" in one or "-> app" in one for one in words(at, found, "lost"))
    assert found.traffic.gained == []


def test_ports_that_a_group_cannot_be_on_are_refused_by_place(cloud):
    cloud.firewall("twin", ["r1-db"])
    at = ends(cloud)
    for ports, said in (
        (("r1-dmz", "nope"), r"group.ports\[1\]: This project has no port nope"),
        (("r1-db",), r"group.ports\[0\]: Port r1-db is in the firewall group twin"),
    ):
        with pytest.raises(BadDraft, match=said):
            asked(at, lambda state, ports=ports: replace(state, group=replace(state.group, ports=ports)))


def test_intents_are_judged_with_the_draft_in_force(cloud):
    at = ends(cloud)
    open_ = {"expect": "allow", "from": "port:app", "to": "port:data", "protocol": "tcp", "dst_port": "1521"}
    wanted = parse([open_, {**open_, "expect": "deny", "protocol": "udp", "dst_port": None}])
    assert not asked(at, lambda state: state, intents=wanted).breaks
    found = asked(at, with_rules("ingress"), intents=wanted, findings=False)
    assert [one.found.holds for one in found.intents] == [False, True]
    assert found.breaks
    assert "its reply does not return" in found.intents[0].found.because
    assert (found.new, found.gone) == ((), ())


def test_more_pairs_than_can_be_compared_are_told(cloud, monkeypatch):
    monkeypatch.setattr(difference, "PAIRS", 1)
    at = ends(cloud)
    found = asked(at, with_rules("ingress"))
    assert any("too complex: traffic between 2 ports is not compared" in one for one in found.traffic.unknown)
    assert found.traffic.lost
    assert all(None in (one["from"], one["port"]) for one in found.traffic.lost)


def test_what_passes_its_budget_is_too_complex_and_nothing_is_told_of_it(cloud, monkeypatch):
    from tenant_ops_dashboard.reachability import budget

    at = ends(cloud)
    assert at.engine.profile == "ovn"
    monkeypatch.setattr(budget.Budget, "check", _refuse)
    found = asked(at, with_rules("ingress"), findings=False)
    assert any("too complex" in one for one in found.traffic.unknown)
    assert found.traffic.lost == []


def _refuse(self, nodes, mask_bytes):
    from tenant_ops_dashboard.reachability.errors import TooComplex

    raise TooComplex("the budget of a test is used up")


def test_a_load_balancer_whose_members_are_cut_off_is_told_as_closed():
    cloud = two_tiers()
    cloud.port("vip", "dmz", "10.0.1.100", owner="Octavia", device="lb-1")
    cloud.port("amphora", "dmz", "10.0.1.5", pairs=["10.0.1.100"], device="amp-1")
    cloud.floating("203.0.113.30", "vip", "10.0.1.100", router_id="r1")
    cloud.add(
        "loadbalancers", id="lb1", name="shop-lb", vip_address="10.0.1.100", vip_port_id="vip", provider="amphora"
    )
    cloud.add("pools", id="pool1", loadbalancer_id="lb1")
    cloud.add("listeners", id="l1", protocol="HTTP", protocol_port=80, default_pool_id="pool1", loadbalancer_id="lb1")
    cloud.add("members", id="m1", pool_id="pool1", address="10.0.2.10", protocol_port=8080, subnet_id="db-net")
    to_member = {"protocol": "tcp", "destination_ip_address": "10.0.2.10", "destination_port": "8080"}
    cloud.firewall("fw", ["r1-db"], ingress=[to_member], egress=[{}])
    at = ends(cloud)
    found = asked(at, with_rules("ingress"))
    assert "internet -> shop-lb tcp 80: now closed" in words(at, found, "lost")
    at = ends(cloud)
    assert asked(at, lambda state: state).traffic.lost == []


def test_sentences_merge_what_differs_in_one_thing_alone(cloud):
    at = ends(cloud)
    labels = Labels(at.seen, at.names)
    box = {"from": None, "port": "app", "dst": ["10.0.1.5/32"], "src": ["198.51.100.0/25"]}
    tcp = {**box, "protocol": "tcp", "src_port": "0-65535", "dst_port": "22-22"}
    other = {**tcp, "src": ["198.51.100.128/25"]}
    assert sentences(labels, [tcp, other]) == ["internet (198.51.100.0/24) -> app tcp 22: now open"]
    assert len(sentences(labels, [tcp, {**other, "dst_port": "23-23"}])) == 2
    ping = {**box, "protocol": "icmp", "icmp_type": "8-8", "icmp_code": "0-255"}
    told = sentences(labels, [ping, {**ping, "icmp_type": "0-7"}, {**ping, "icmp_type": "11-11"}])
    assert told == ["internet (198.51.100.0/25) -> app icmp type 0-8, 11: now open"]
    assert len(sentences(labels, [ping, {**ping, "icmp_type": "3-3", "icmp_code": "4-4"}])) == 2
    assert len(sentences(labels, [ping, {**ping, "src": ["2001:db8::/64"], "protocol": "ipv6-icmp"}])) == 2
