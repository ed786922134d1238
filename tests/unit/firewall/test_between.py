"""The step between two lists lets through what both do, no more and no less."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tenant_ops_dashboard.firewall.between import NoStep, both, steps
from tenant_ops_dashboard.firewall.draft import rule_written
from tenant_ops_dashboard.firewall.model import Direction, Group, Policy, Rule, State
from tenant_ops_dashboard.reachability.rules import read_rule
from tenant_ops_dashboard.reachability.spans import holds

ADDRESSES = (None, None, "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.0.2.0/24")
PORTS = (None, "80", "80:90", "85:443", "1:65535")
Packet = tuple[int, int, int, int, int]


def rule(dice: random.Random) -> Rule:
    protocol = dice.choice((None, "tcp", "tcp", "udp", "icmp"))
    ports = [dice.choice(PORTS) if protocol in ("tcp", "udp") else None for _ in range(2)]
    return Rule(
        id=f"{dice.random()}", action=dice.choice(("allow", "allow", "deny", "reject")), protocol=protocol,
        source_ip_address=dice.choice(ADDRESSES), destination_ip_address=dice.choice(ADDRESSES),
        source_port=ports[0], destination_port=ports[1], enabled=dice.random() > 0.1,
    )  # fmt: skip


def passes(rules: tuple[Rule, ...], packet: Packet) -> bool:
    """First match, by the engine's own reading of the rules."""
    for number, one in enumerate(rules):
        read = read_rule({**rule_written(one), "id": str(number)})
        box = read.match("ovn")
        if read.enabled and box is not None and all(holds(span, at) for span, at in zip(box, packet, strict=True)):
            return one.action == "allow"
    return False


def packet(dice: random.Random) -> Packet:
    addresses = [dice.choice((0x0A010203, 0x0A010204, 0x0A020304, 0xC0000201, 0x08080808)) for _ in range(2)]
    ports = [dice.choice((1, 79, 80, 85, 90, 91, 443, 444)) for _ in range(2)]
    return (dice.choice((6, 17, 1, 47)), *addresses, *ports)  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(60))
def test_first_match_of_it_is_what_both_let_through(seed: int) -> None:
    dice = random.Random(seed)
    one = tuple(rule(dice) for _ in range(dice.randint(0, 7)))
    other = tuple(dice.choice(one) if one and dice.random() < 0.6 else rule(dice) for _ in range(dice.randint(0, 7)))
    other = tuple({each.id: each for each in other}.values())
    met = both(one, other)
    for _ in range(200):
        sent = packet(dice)
        assert passes(met, sent) == (passes(one, sent) and passes(other, sent)), (seed, sent)
    ids = [each.id for each in met if each.id]
    assert len(set(ids)) == len(ids), "a policy holds a rule once"


@pytest.mark.parametrize("seed", range(30))
def test_no_moment_is_more_open_and_what_stays_is_never_closed(seed: int) -> None:
    dice = random.Random(seed)

    def state() -> State:
        lists = [Policy("p", "p", tuple(rule(dice) for _ in range(4))) for _ in range(2)]
        return State(Group("g", "g"), *lists)

    before, after = state(), state()
    ways: tuple[Direction, ...] = ("ingress", "egress")
    moments = [before]
    for one in steps(before, after, ways):
        moments.append(moments[-1].having(one.direction, Policy("p", "p", one.rules)))
    for way in ways:
        assert moments[-1].policy(way) == after.policy(way)
    for _ in range(100):
        sent = packet(dice)
        seen = [all(passes(one.policy(way).rules, sent) for way in ways) for one in moments]  # type: ignore[union-attr]
        assert not any(seen) or seen[0] or seen[-1]
        assert all(seen) or not (seen[0] and seen[-1])


def test_rules_that_back_ends_read_differently_have_no_step_between() -> None:
    odd = Rule(id="1", protocol="ipv6-icmp", ip_version=4)
    with pytest.raises(NoStep, match="ipv6-icmp"):
        both([odd], [Rule(id="2")])
    assert both([replace(odd, enabled=False)], [Rule(id="2")]) == ()


def test_a_rule_more_takes_no_list_between() -> None:
    web, ssh = (Rule(id=port, action="allow", protocol="tcp", destination_port=port) for port in ("80", "22"))
    before = State(Group(), Policy("i", "", (web,)), Policy("e", "", (web,)))
    after = State(Group(), Policy("i", "", (ssh, web)), Policy("e", "", (web, ssh)))
    made = steps(before, after, ("ingress", "egress"))
    assert [(one.direction, len(one.rules)) for one in made] == [("egress", 2), ("ingress", 2)]
