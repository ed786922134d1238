"""The step between two lists of rules: what both let through, as a list of rules itself. Pure.

A change of both directions that is not one transaction passes through it, so that at no moment more gets through than
before or afterwards.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from tenant_ops_dashboard.firewall import content
from tenant_ops_dashboard.firewall.checks import MOST_ON_OVN
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Policy, Rule, State
from tenant_ops_dashboard.sentences import say

Net = ipaddress.IPv4Network | ipaddress.IPv6Network
_ADDRESSES = ("source_ip_address", "destination_ip_address")
_PORTS = ("source_port", "destination_port")
_OTHERS = {4: ("ipv6-icmp", "dccp"), 6: ("icmp", "dccp")}


class NoStep(Exception):
    """What both let through is no list that a policy takes; the words say why."""


@dataclass(frozen=True)
class Step:
    """One list that a direction's policy gets."""

    direction: Direction
    rules: tuple[Rule, ...]


def steps(now: State, wanted: State, directions: Sequence[Direction]) -> tuple[Step, ...]:
    """One list after the other, so that whatever passes on the way passes before or afterwards, too.

    With lists In and Out, traffic passes what both pass. (what In and In' both let through, Out) passes no more than
    (In, Out), and (the same, Out') no more than (In', Out'): one direction is narrowed, the other one is changed, then
    the first is widened. What passes before and afterwards passes all the time. Raises NoStep.
    """
    if len(directions) < 2:
        return tuple(Step(one, _rules(wanted.policy(one))) for one in directions)
    found: list[tuple[Step, ...]] = []
    why = NoStep("")
    for first, second in (DIRECTIONS, DIRECTIONS[::-1]):
        have, want = _rules(now.policy(first)), _rules(wanted.policy(first))
        try:
            narrow = both(have, want)
        except NoStep as error:
            why = error
            continue
        middle = Step(second, _rules(wanted.policy(second)))
        before = () if _same(narrow, have) else (Step(first, narrow),)
        after = () if _same(narrow, want) else (Step(first, want),)
        found.append((*before, middle, *after))
    if not found:
        raise why
    return min(found, key=lambda all_: (len(all_), sum(len(one.rules) for one in all_)))


def both(one: Sequence[Rule], other: Sequence[Rule]) -> tuple[Rule, ...]:
    """First match of these lets through what first match of both lists does, with the default drop behind all of them.

    In the order of `one`, then of `other`, each pair's common packets are decided by both. A rule that is whole in it
    is that of the lists itself, any other one is new. Raises NoStep.
    """
    left, right = ([rule for rule in rules if rule.enabled] for rules in (one, other))
    for rule in (*left, *right):
        if rule.protocol in _OTHERS[rule.ip_version]:
            raise NoStep(
                say(
                    "back ends differ in what {protocol} is in a rule of IPv{ip_version}",
                    protocol=rule.protocol,
                    ip_version=rule.ip_version,
                )
            )
    made: list[Rule] = []
    for rule in _pairs(left, right):
        if any(_covers(earlier, rule) for earlier in made):
            continue
        made.append(rule)
        if len(made) > MOST_ON_OVN:
            raise NoStep(say("it has more than {most_on_ovn} rules", most_on_ovn=MOST_ON_OVN))
    while made and made[-1].action != "allow":
        made.pop()
    return tuple(made)


def _pairs(left: Sequence[Rule], right: Sequence[Rule]) -> Iterator[Rule]:
    for mine in left:
        for theirs in right:
            met = _met(mine, theirs)
            if met is None:
                continue
            allows = mine.action == theirs.action == "allow"
            whole = (rule for rule in (mine, theirs) if _match(rule) == _match(met) and _allows(rule) == allows)
            action = "allow" if allows else mine.action if mine.action != "allow" else theirs.action
            yield next(whole, replace(met, action=action))
            if _covers(theirs, mine):
                break


def _met(mine: Rule, theirs: Rule) -> Rule | None:
    """A rule for the packets that both match; None where there are none."""
    if mine.ip_version != theirs.ip_version:
        return None
    if mine.protocol and theirs.protocol and mine.protocol != theirs.protocol:
        return None
    told: dict[str, Any] = {"protocol": mine.protocol or theirs.protocol}
    for field in _ADDRESSES:
        here, there = getattr(mine, field), getattr(theirs, field)
        if here and there:
            if not _net(here).overlaps(_net(there)):
                return None
            here = here if _net(here).prefixlen >= _net(there).prefixlen else there
        told[field] = here or there
    for field in _PORTS:
        low, high = _span(getattr(mine, field)), _span(getattr(theirs, field))
        first, last = max(low[0], high[0]), min(low[1], high[1])
        if first > last:
            return None
        span = str(first) if first == last else f"{first}:{last}"
        told[field] = None if (first, last) == _span(None) else span
    return replace(mine, id=None, **told)


def _match(rule: Rule) -> tuple[object, ...]:
    addresses = (_net(told) if (told := getattr(rule, field)) else None for field in _ADDRESSES)
    return (rule.ip_version, rule.protocol, *addresses, *(_span(getattr(rule, field)) for field in _PORTS))


def _covers(wide: Rule, rule: Rule) -> bool:
    """Whether all that `rule` matches is matched by `wide`."""
    if wide.ip_version != rule.ip_version or wide.protocol not in (None, rule.protocol):
        return False
    for field in _ADDRESSES:
        outer, inner = getattr(wide, field), getattr(rule, field)
        if outer and (not inner or not _inside(_net(inner), _net(outer))):
            return False
    for field in _PORTS:
        out, in_ = _span(getattr(wide, field)), _span(getattr(rule, field))
        if in_[0] < out[0] or in_[1] > out[1]:
            return False
    return True


def _inside(inner: Net, outer: Net) -> bool:
    return inner.prefixlen >= outer.prefixlen and inner.overlaps(outer)


def _allows(rule: Rule) -> bool:
    return rule.action == "allow"


@lru_cache(maxsize=4096)
def _net(told: str) -> Net:
    return ipaddress.ip_network(told, strict=False)


@lru_cache(maxsize=4096)
def _span(told: str | None) -> tuple[int, int]:
    first, _, last = (told or "0:65535").partition(":")
    return int(first), int(last or first)


def _same(one: Sequence[Rule], other: Sequence[Rule]) -> bool:
    return [content.of(rule) for rule in one] == [content.of(rule) for rule in other]


def _rules(policy: Policy | None) -> tuple[Rule, ...]:
    return policy.rules if policy else ()
