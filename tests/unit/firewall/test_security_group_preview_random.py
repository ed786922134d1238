"""Random drafts of security groups on random clouds: gained and lost are all that two whole snapshots differ in."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.firewall import read as firewall_read
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.security_groups import read, substitute
from tenant_ops_dashboard.firewall.security_groups.model import Draft, Rule, State
from tenant_ops_dashboard.firewall.security_groups.preview import compared, preview
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.substitute import substitute as put_firewall
from tenant_ops_dashboard.reachability.engine import Engine
from tests.unit.firewall.test_preview_random import all_of, cloud, edited, inside, packets, whole, worth
from tests.verify.reachability import random_clouds

PREFIXES = [None, "0.0.0.0/0", "10.0.1.0/24", "10.0.2.10/32", "198.51.100.0/25", "203.0.113.0/24", "10.0.3.7/24"]


def rule(rng: random.Random, groups: list[str]) -> Rule:
    protocol = rng.choice(["tcp", "tcp", "udp", "icmp", None])
    low, high = rng.choice([(None, None), (80, 80), (1, 1521), (443, 5000)]) if protocol in ("tcp", "udp") else (None, None)
    remote = {"remote_group_id": rng.choice(groups)} if rng.random() < 0.3 else {"remote_ip_prefix": rng.choice(PREFIXES)}
    way = rng.choice(["ingress", "egress"])
    return Rule(None, way, "IPv4", protocol, low, high, **remote)  # type: ignore[arg-type]


def changed(rng: random.Random, state: State, groups: list[str]) -> State:
    rules = list(state.rules)
    for _ in range(rng.choice([1, 1, 2])):
        if rules and rng.random() < 0.45:
            rules.pop(rng.randrange(len(rules)))
        else:
            rules.append(rule(rng, groups))
    return replace(state, rules=tuple(rules) if rng.random() < 0.9 else ())


@pytest.mark.parametrize("seed", range(24))
def test_gained_and_lost_are_what_probes_say(seed: int) -> None:
    rng = random.Random(seed)
    seen = Seen(cloud(rng))
    group = rng.choice(["open", "narrow"])
    draft = read.draft(seen, group)
    draft = Draft(changed(rng, draft.state, ["open", "narrow"]), draft.base)
    found = preview(Ends(seen, Names(None)), draft, read.find(seen, group), findings=False)
    after = Engine(substitute.put(seen.engine.snapshot, draft.state))
    assert not any("too complex" in one for one in found.traffic.unknown)
    assert all_of(found) == whole(seen.engine, after)
    for packet in packets(rng, 60):
        was, now = worth(seen.engine, packet), worth(after, packet)
        told = {
            name: any(inside(box, packet) for box in getattr(found.traffic, name))
            for name in ("gained", "lost", "breaks_replies")
        }
        assert told == {"gained": now > was, "lost": now < was, "breaks_replies": (was, now) == (2, 1)}, packet


@pytest.mark.parametrize("seed", range(12))
def test_a_firewall_and_two_security_groups_together(seed: int) -> None:
    rng = random.Random(100 + seed)
    seen = Seen(cloud(rng))
    wall = edited(rng, firewall_read.draft(seen, "fw"), seen.engine.profile)
    states = [changed(rng, read.draft(seen, one).state, ["open", "narrow"]) for one in ("open", "narrow")]
    after = put_firewall(seen, wall.state, firewall_read.find(seen, "fw")).after
    for one in states:
        after = substitute.put(after, one)
    found = compared(Ends(seen, Names(None)), after, "fw", states, 1, findings=False)
    assert all_of(found) == whole(seen.engine, Engine(after, seen.engine.profile))


def varied(seed: int) -> tuple[Seen, Any, Draft] | None:
    """A random cloud with all that Neutron has, and a draft of one of its groups."""
    rng = random.Random(seed)
    seen = Seen({**random_clouds.make(seed), "meta": {"profile": random_clouds.PROFILES[seed % 3]}})
    groups = seen.rows("security_groups")
    if not groups:
        return None
    group = rng.choice(groups)
    draft = read.draft(seen, group["id"])
    rules = list(draft.state.rules)
    for _ in range(rng.choice([1, 2])):
        others = [replace(one, id=None) for other in groups for one in read.state(other).rules]
        if rules and rng.random() < 0.5:
            rules.pop(rng.randrange(len(rules)))
        elif others:
            rules.append(rng.choice(others))
    return seen, group, Draft(replace(draft.state, rules=tuple(rules)), draft.base)


def shared(seen: Seen, box: str) -> bool:
    """Whether an address pair's owner sends it: whole snapshots do not tell which of several owners it is."""
    pairs = [one["ip_address"] for port in seen.rows("ports") for one in port.get("allowed_address_pairs") or ()]
    return any(f'"src": ["{one.partition("/")[0]}/' in box for one in pairs)


def test_only_what_can_differ_is_compared_and_that_is_all_that_differs() -> None:
    changes = 0
    for seed in range(60):
        if (made := varied(seed)) is None:
            continue
        seen, group, draft = made
        found = all_of(preview(Ends(seen, Names(None)), draft, group, findings=False))
        wanted = whole(seen.engine, Engine(substitute.put(seen.engine.snapshot, draft.state), seen.engine.profile))
        assert {side: [one for one in found[side] if not shared(seen, one)] for side in found} == {
            side: [one for one in wanted[side] if not shared(seen, one)] for side in wanted
        }, seed
        changes += bool(wanted["gained"] or wanted["lost"])
    assert changes > 4
