"""Rebase: what only one of both changed is taken, what both changed is named; generated edits lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenant_ops_dashboard.firewall import content
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Base, Draft, Group, Policy, Rule, State
from tenant_ops_dashboard.firewall.rebase import Clashes, rebase

Rules = tuple[Rule, ...]
A, B, C = (
    Rule(id=name, name=name, action="allow", protocol="tcp", destination_port=port)
    for name, port in (("a", "1"), ("b", "2"), ("c", "3"))
)
NEW = Rule(name="new", action="allow", protocol="udp")
OTHER = Rule(id="o", name="other", action="deny", protocol="icmp")
GROUP = Group("g", "edge", True, ("p1", "p2"))
OLD: Rules = (A, B, C)
B8 = replace(B, destination_port="8")
B9 = replace(B, id="b-again", destination_port="9")


def state(rules: Rules | None, group: Group = GROUP, policy: str = "old") -> State:
    return State(group, None if rules is None else Policy(policy, policy, rules), Policy("out", "out", ()))


def look(now: State) -> Current:
    row = {"id": "g", "name": now.group.name, "revision_number": 7, "ports": list(now.group.ports)}
    ids = {"ingress_firewall_policy_id": now.ingress and now.ingress.policy, "egress_firewall_policy_id": "out"}
    return Current(now, {**row, **ids}, (), {}, {})


def moved(was: Rules | None, mine: Rules | None, theirs: Rules | None) -> list[str] | None:
    made = rebase(Draft(state(mine), Base(1, was=state(was))), look(state(theirs, policy="new")))
    assert made.base.was == state(theirs, policy="new")
    assert made.base.group == 7
    if made.state.ingress is None:
        return None
    assert made.state.ingress.policy == ("new" if theirs is not None else None)
    return [rule.name + (rule.destination_port or "") for rule in made.state.ingress.rules]


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (OLD, OLD, ["a1", "b2", "c3"]),
        ((A, NEW, B, C), OLD, ["a1", "new", "b2", "c3"]),
        (OLD, (A, B, OTHER, C), ["a1", "b2", "other", "c3"]),
        ((NEW, A, B, C), (A, B, C, OTHER), ["new", "a1", "b2", "c3", "other"]),
        ((A, B8, C), (A, B, OTHER, C), ["a1", "b8", "other", "c3"]),
        ((A, B, C, NEW), (A, B9, C), ["a1", "b9", "c3", "new"]),
        ((A, C), (A, B, OTHER, C), ["a1", "other", "c3"]),
        ((A, B8, C), (A, B8, C), ["a1", "b8", "c3"]),
        ((C, B, A), (A, B, C, OTHER), ["c3", "other", "b2", "a1"]),
        ((A, B, C, NEW), (C, A, B), ["c3", "new", "a1", "b2"]),
        ((NEW, A, B, C), (replace(NEW, id="n"), A, B, C), ["new", "a1", "b2", "c3"]),
        ((), OLD, []),
    ],
)  # fmt: skip
def test_what_one_of_both_changed_is_taken(mine: Rules, theirs: Rules, expected: list[str]) -> None:
    assert moved(OLD, mine, theirs) == expected


@pytest.mark.parametrize(
    ("mine", "theirs", "what"),
    [
        ((A, B8, C), (A, B9, C), "b"),
        ((A, B8, C), (A, C), "b"),
        ((A, C), (A, B9, C), "b"),
        ((C, B, A), (B, A, C), "the order of the rules"),
        ((A, NEW, B, C), (A, OTHER, B, C), "two new rules at one place"),
        (None, (A, B), "policy"),
        ((A, B), None, "policy"),
    ],
)
def test_what_both_changed_in_their_own_way_is_named(mine: Rules | None, theirs: Rules | None, what: str) -> None:
    with pytest.raises(Clashes) as found:
        moved(OLD, mine, theirs)
    (told,) = found.value.told["conflict"]["changed"]
    assert told["what"] == what
    assert {"was", "mine", "theirs"} <= set(told)


def test_a_policy_that_only_one_of_both_took_away_stays_away() -> None:
    assert moved(OLD, None, OLD) is None
    assert moved(OLD, OLD, None) is None
    assert moved(None, (NEW,), None) == ["new"]


def test_ports_are_put_together_and_a_name_that_both_changed_is_named() -> None:
    mine = replace(GROUP, ports=("p1", "p3"))
    theirs = replace(GROUP, name="front", ports=("p1", "p2", "p4"))
    made = rebase(Draft(state(OLD, mine), Base(1, was=state(OLD))), look(state(OLD, theirs)))
    assert made.state.group == Group("g", "front", True, ("p1", "p4", "p3"))
    with pytest.raises(Clashes, match="group: name"):
        rebase(Draft(state(OLD, replace(GROUP, name="back")), Base(1, was=state(OLD))), look(state(OLD, theirs)))


def test_a_draft_that_does_not_say_what_it_was_made_from_moves_only_where_nothing_did() -> None:
    now = look(state(OLD))
    base = replace(now.base, was=None)
    made = rebase(Draft(state((NEW, *OLD)), base), now)
    assert made.state.ingress is not None
    assert made.state.ingress.rules == (NEW, *OLD)
    with pytest.raises(BadDraft, match=r"base\.was"):
        rebase(Draft(state(OLD), replace(base, group=6)), now)
    with pytest.raises(BadDraft, match=r"base\.was"):
        rebase(Draft(state(OLD)), now)


def edits(prefix: str) -> st.SearchStrategy[Callable[[Rules], Rules]]:
    """Somebody's edit of three rules: some go, some change, some come."""
    added = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=2)

    def make(gone: set[int], changed: set[int], new: list[tuple[int, int]]) -> Callable[[Rules], Rules]:
        def run(rules: Rules) -> Rules:
            left = [
                replace(rule, destination_port=f"{prefix}{number}") if number in changed else rule
                for number, rule in enumerate(rules) if number not in gone
            ]  # fmt: skip
            for at, port in new:
                left.insert(
                    at, Rule(name=f"{prefix}-new", action="allow", protocol="tcp", destination_port=f"{prefix}9{port}")
                )
            return tuple(left)

        return run

    few = st.sets(st.integers(0, 2), max_size=1)
    return st.builds(make, few, few, added)


@given(edits("4"), edits("5"))
def test_of_any_two_edits_nothing_is_lost_or_it_is_told(
    mine: Callable[[Rules], Rules], theirs: Callable[[Rules], Rules]
) -> None:
    my, their = mine(OLD), theirs(OLD)
    try:
        made = rebase(Draft(state(my), Base(1, was=state(OLD))), look(state(their)))
    except Clashes:
        assert my != OLD
        assert their != OLD
        return
    assert made.state.ingress is not None
    have, before = {content.of(rule) for rule in made.state.ingress.rules}, {content.of(rule) for rule in OLD}
    for side in (my, their):
        said = {content.of(rule) for rule in side}
        assert said - before <= have, "what somebody wrote is there"
        assert not (before - said) & have, "what somebody took out or changed is gone"
