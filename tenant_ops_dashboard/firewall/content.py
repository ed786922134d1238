"""What firewalls say, whatever it is called and numbered: how drafts and Neutron's rows are compared. Pure.

A policy's revision does not move with its list of rules, and no change of a policy or a rule shows on the group: only
content tells that somebody changed something.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.firewall.model import DIRECTIONS, Policy, Rule, State
from tenant_ops_dashboard.sentences import about, join, say

Content = tuple[Any, ...]
#: What Neutron keeps of a rule and people write; `position`, `shared` and the like are its own.
FIELDS = (
    "name", "description", "action", "protocol", "ip_version", "source_ip_address", "destination_ip_address",
    "source_port", "destination_port", "enabled",
)  # fmt: skip
_TOKEN = 12


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was: `where` is 'group.name' or 'ingress.rules', `rule` a rule's name or id, else ''.

    `how` says what became of it, in words.
    """

    where: str
    how: str
    rule: str = ""

    @property
    def words(self) -> str:
        return about(self.where, join(" ", (self.rule, self.how)) if self.rule else self.how)


def of(rule: Rule) -> Content:
    """What a rule says, its ports and addresses in one way of writing; its id is no part of it."""
    return (
        rule.name, rule.description, rule.action, rule.protocol, rule.ip_version, _address(rule.source_ip_address),
        _address(rule.destination_ip_address), _port(rule.source_port), _port(rule.destination_port), rule.enabled,
    )  # fmt: skip


def chain(policy: Policy | None) -> tuple[Content, ...] | None:
    """What a direction says, in order; None where it has no policy."""
    return None if policy is None else tuple(of(rule) for rule in policy.rules)


def called(rule: Rule) -> str:
    """What people know a rule by."""
    return rule.name or rule.id or say("a rule without a name")


def differences(was: State, now: State) -> tuple[Difference, ...]:
    """What is not in `now` as it was, by content: names and ports of the group, and each rule that is not the same."""
    told = []
    mine, theirs = was.group, now.group
    if mine.name != theirs.name:
        told.append(
            Difference("group.name", say("is {theirs!r} now, it was {mine!r}", theirs=theirs.name, mine=mine.name))
        )
    if mine.admin_state_up != theirs.admin_state_up:
        told.append(
            Difference(
                "group.admin_state_up",
                say("is {admin_state_up} now", admin_state_up=str(theirs.admin_state_up).lower()),
            )
        )
    told += [
        Difference("group.ports", say("{port} was added", port=port)) for port in theirs.ports if port not in mine.ports
    ]
    told += [
        Difference("group.ports", say("{port} was taken out", port=port))
        for port in mine.ports
        if port not in theirs.ports
    ]
    for direction in DIRECTIONS:
        told += _of_direction(f"{direction}.rules", was.policy(direction), now.policy(direction))
    return tuple(told)


def same(one: State, other: State) -> bool:
    """Whether two states of a group say the same."""
    return not differences(one, other)


def digest(*said: Any) -> str:
    """A token that is the same for the same words, and hardly for others."""
    written = json.dumps(said, sort_keys=True, default=str, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:_TOKEN]


def _of_direction(where: str, was: Policy | None, now: Policy | None) -> list[Difference]:
    if was is None or now is None:
        if was is now:
            return []
        return [
            Difference(where.removesuffix(".rules"), say("has a policy now") if now else say("has no policy any more"))
        ]
    if chain(was) == chain(now):
        return []
    before, after = {one.id: one for one in was.rules if one.id}, {one.id: one for one in now.rules if one.id}
    told = [
        Difference(where, say("was changed"), called(before[id_]))
        for id_ in before if id_ in after and of(before[id_]) != of(after[id_])
    ]  # fmt: skip
    left, added = _without(was, now, after), _without(now, was, before)
    told += [Difference(where, say("was taken out"), called(one)) for one in left]
    told += [Difference(where, say("was added"), called(one)) for one in added]
    return told or [Difference(where, say("stand in another order"))]


def _without(mine: Policy, theirs: Policy, known: Mapping[str, Rule]) -> list[Rule]:
    """Rules of mine that theirs has neither by their id nor by what they say; each of theirs counts once."""
    free = [of(one) for one in theirs.rules]
    missing = []
    for one in mine.rules:
        if of(one) in free:
            free.remove(of(one))
        elif one.id is None or one.id not in known:
            missing.append(one)
    return missing


def _address(told: str | None) -> str | None:
    if told is None:
        return None
    try:
        return str(ipaddress.ip_interface(told))
    except ValueError:
        return told


def _port(told: str | None) -> str | None:
    if told is None:
        return None
    ends = told.split(":")
    if not all(end.isascii() and end.isdigit() for end in ends):
        return told
    numbers = [str(int(end)) for end in ends]
    return numbers[0] if len(set(numbers)) == 1 else ":".join(numbers)
