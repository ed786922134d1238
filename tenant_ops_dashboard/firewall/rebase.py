"""Rebase: a draft moved onto what is there now, rule by rule; what both changed differently is a conflict. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.errors import InTheWay
from tenant_ops_dashboard.firewall import content, draft
from tenant_ops_dashboard.firewall.apply import stale
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Draft, Group, Policy, Rule, State
from tenant_ops_dashboard.sentences import about, join, say

_NONE = Policy()


@dataclass(frozen=True)
class Clash:
    """One thing that both changed, a rule or a field of the group: what it was and what each has, None for nothing."""

    where: str
    what: str
    was: Any
    mine: Any
    theirs: Any


class Clashes(InTheWay):
    """A draft cannot be moved without a person's word."""

    todo = say("Decide for each which one shall be, change the draft, and rebase it again.")

    def __init__(self, clashes: Sequence[Clash]) -> None:
        words = join(", ", [about(one.where, one.what) for one in clashes])
        super().__init__(
            say("The draft and what is there now changed the same things differently: {words}.", words=words)
        )
        self.clashes = tuple(clashes)

    @property
    def told(self) -> dict[str, Any]:
        """For programs."""
        return {"conflict": {"changed": [vars(one) for one in self.clashes], "by": None}}


def rebase(mine: Draft, now: Current) -> Draft:
    """The draft on what is there now. Raises Clashes, or BadDraft where it does not tell what it was made from."""
    base, theirs = mine.base, now.state
    was = base.was
    if was is None:
        if stale(base, now) or base.group is None:
            raise BadDraft(
                "base.was",
                say(
                    "is missing: without what the draft was made from nobody can tell what it changes. "
                    "Export the group again, and make the change there."
                ),
            )
        was = theirs
    clashes: list[Clash] = []
    group = _group(was.group, mine.state.group, theirs.group, clashes)
    policies = [_direction(one, was, mine.state, theirs, clashes) for one in DIRECTIONS]
    if clashes:
        raise Clashes(clashes)
    return Draft(State(group, *policies), now.base)


def _group(was: Group, mine: Group, theirs: Group, clashes: list[Clash]) -> Group:
    name = _one("group", "name", was.name or theirs.name, mine.name or was.name or theirs.name, theirs.name, clashes)
    up = _one("group", "admin_state_up", was.admin_state_up, mine.admin_state_up, theirs.admin_state_up, clashes)
    ports = [one for one in theirs.ports if one in mine.ports or one not in was.ports]
    ports += [one for one in mine.ports if one not in was.ports and one not in theirs.ports]
    return Group(theirs.id, name, up, tuple(ports))


def _one(where: str, what: str, was: Any, mine: Any, theirs: Any, clashes: list[Clash]) -> Any:
    """Of three values the one that somebody wanted to be another."""
    if mine in (was, theirs):
        return theirs
    if theirs != was:
        clashes.append(Clash(where, what, was, mine, theirs))
    return mine


def _direction(
    direction: Any, was: State, mine: State, theirs: State, clashes: list[Clash]
) -> Policy | None:  # fmt: skip
    before, my, their = (one.policy(direction) for one in (was, mine, theirs))
    if my is None or their is None:
        if content.chain(my) == content.chain(before):
            return their
        if content.chain(their) in (content.chain(before), content.chain(my)):
            return my and replace(my, policy=their.policy if their else None)
        clashes.append(Clash(direction, "policy", before and before.policy, my and my.policy, their and their.policy))
        return their
    rules = _Rules(direction, before or _NONE, my, their)
    merged = rules.merged()
    clashes += rules.clashes
    return Policy(their.policy, their.name, merged)


class _Rules:
    """Three lists of rules; each rule has a key, the same in all lists that it stands in."""

    def __init__(self, direction: str, was: Policy, mine: Policy, theirs: Policy) -> None:
        self.where = f"{direction}.rules"
        self.clashes: list[Clash] = []
        self.was = {f"was {number}": rule for number, rule in enumerate(was.rules)}
        self.mine = _keyed(self.was, mine.rules, "mine")
        self.theirs = _keyed(self.was, theirs.rules, "theirs")

    def merged(self) -> tuple[Rule, ...]:
        """What both wanted; `clashes` has what cannot be both."""
        chosen = {key: rule for key in self._known() if (rule := self._choose(key)) is not None}
        return tuple(chosen[key] for key in self._ordered(chosen))

    def _known(self) -> Iterable[str]:
        return dict.fromkeys([*self.was, *self.mine, *self.theirs])

    def _choose(self, key: str) -> Rule | None:
        was, mine, theirs = self.was.get(key), self.mine.get(key), self.theirs.get(key)
        if _same(mine, was) or _same(mine, theirs):
            return theirs
        if _same(theirs, was):
            return mine
        told = mine or theirs or was
        name = content.called(told) if told else key
        self.clashes.append(Clash(self.where, name, *(one and draft.rule_written(one) for one in (was, mine, theirs))))
        return theirs

    def _ordered(self, chosen: Mapping[str, Rule]) -> list[str]:
        """Theirs, with the order that one of both made, and mine's own behind the rule they stood behind."""
        common = [key for key in self.was if key in self.mine and key in self.theirs and key in chosen]
        mine, theirs = ([key for key in side if key in common] for side in (self.mine, self.theirs))
        if mine != common and theirs not in (common, mine):
            self.clashes.append(
                Clash(self.where, say("the order of the rules"), *map(self._names, (common, mine, theirs)))
            )
        lead, other = (self.theirs, self.mine) if mine == common else (self.mine, self.theirs)
        order = [key for key in lead if key in chosen]
        for key, behind in _places(other, chosen, set(order)):
            at = order.index(behind) + 1 if behind is not None else 0
            beside = order[at] if at < len(order) else None
            if beside is not None and self._opposed(key, beside, chosen):
                self.clashes.append(
                    Clash(self.where, say("two new rules at one place"), None, *self._pair(key, beside, chosen))
                )
            order.insert(at, key)
        return order

    def _opposed(self, one: str, other: str, chosen: Mapping[str, Rule]) -> bool:
        """Whether both are new, of different people, and it matters which comes first."""
        new = {one in self.was, other in self.was} == {False}
        apart = (one in self.mine) != (other in self.mine)
        return new and apart and chosen[one].action != chosen[other].action

    def _pair(self, one: str, other: str, chosen: Mapping[str, Rule]) -> tuple[Any, Any]:
        mine, theirs = (one, other) if one in self.mine else (other, one)
        return draft.rule_written(chosen[mine]), draft.rule_written(chosen[theirs])

    def _names(self, keys: list[str]) -> list[str]:
        return [content.called(self.was[key]) for key in keys]


def _keyed(was: Mapping[str, Rule], rules: Sequence[Rule], side: str) -> dict[str, Rule]:
    """Each rule under the key of the one it was: by id, else by what it says, else by a name that is there once."""
    free = dict(was)
    found: dict[int, str] = {}
    names = [rule.name for rule in rules]

    def take(number: int, fits: Any) -> None:
        key = next((key for key, one in free.items() if fits(one)), None)
        if number not in found and key is not None:
            found[number] = key
            del free[key]

    for number, rule in enumerate(rules):
        take(number, lambda one, rule=rule: rule.id is not None and one.id == rule.id)
    for number, rule in enumerate(rules):
        take(number, lambda one, rule=rule: content.of(one) == content.of(rule))
    once = [one.name for one in was.values()]
    for number, rule in enumerate(rules):
        if rule.name and names.count(rule.name) == once.count(rule.name) == 1:
            take(number, lambda one, rule=rule: one.name == rule.name)
    said: dict[str, Rule] = {}
    for number, rule in enumerate(rules):
        # What both added with the same words is one rule.
        key = found.get(number) or f"new {content.of(rule)!r}"
        said[key if key not in said else f"{side} {number}"] = rule
    return said


def _same(one: Rule | None, other: Rule | None) -> bool:
    if one is None or other is None:
        return one is other
    return content.of(one) == content.of(other)


def _places(side: Mapping[str, Rule], chosen: Mapping[str, Rule], placed: set[str]) -> Iterable[tuple[str, str | None]]:
    """What is not placed yet, in its order, each with the nearest rule before it that is."""
    behind = None
    for key in side:
        if key not in chosen:
            continue
        if key not in placed:
            placed.add(key)
            yield key, behind
        behind = key
