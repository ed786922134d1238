"""What an editor says beside each rule of a policy that is being written; quick enough to ask after every change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from tenant_ops_dashboard.sentences import say

from .budget import Budget
from .errors import TooComplex
from .policy import drops, ordered
from .relations import Relations
from .rules import NEUTRON, OVN_TIE, FirewallRule, read_rule

Kind = Literal[
    "never-matched", "redundant", "contradicted", "generalization", "dead-by-position", "opens-wide", "too-complex"
]
#: A badge names up to this many other rules; sets of up to so many are searched for the smallest that covers a rule.
NAMED, SEARCHED = 5, 8


@dataclass(frozen=True, slots=True)
class Badge:
    """One remark about one rule of a list.

    `place` is the rule's place in the list, from 0, or None for the list as a whole ('too-complex'); `by` are the
    places of the rules that make it so: together they cover a rule that is never matched, each takes a part of one that
    is contradicted, each is an exception to one that generalises. `why` counts rules from 1.
    """

    place: int | None
    kind: Kind
    by: tuple[int, ...]
    why: str


def read_draft(rules: Sequence[Mapping[str, Any] | FirewallRule]) -> list[FirewallRule]:
    """Read Neutron firewall rules of which some may be new and have no id yet: such a rule is called by its number.

    Read once and given to both `badges` and `change.preview`, a list costs its reading once. Raises BadInput.
    """
    return [rule if isinstance(rule, FirewallRule) else _read(rule, place) for place, rule in enumerate(rules)]


def badges(
    rules: Sequence[Mapping[str, Any] | FirewallRule], profile: str = NEUTRON, budget: Budget | None = None
) -> tuple[Badge, ...]:
    """Look at Neutron firewall rules in policy order, by place; a rule that is new needs no id yet.

    Disabled rules count for positions and get no badge where the back end honours that. What passes the budget is left
    out and said by one badge 'too-complex', with everything else still true. Raises BadInput for a rule it cannot read.
    """
    budget = budget or Budget()
    read = read_draft(rules)
    found = [badge for place, rule in enumerate(read) if rule.active(profile) for badge in _alone(place, rule, profile)]
    try:
        for badge in _among(read, profile, budget):
            found.append(badge)
    except TooComplex as error:
        found.append(
            Badge(None, "too-complex", (), say("{error}; what is not said of a rule is not known", error=error))
        )
    return tuple(sorted(found, key=lambda badge: (badge.place is None, badge.place or 0)))


def _read(rule: Mapping[str, Any], place: int) -> FirewallRule:
    return read_rule(rule if rule.get("id") else {**rule, "id": say("number {place}", place=place + 1)})


def _alone(place: int, rule: FirewallRule, profile: str) -> Iterator[Badge]:
    """What a rule is by itself."""
    if rule.any_port:
        why = say(
            "Neutron keeps a port range that begins at 0 as any port: this rule matches every port. Begin it at 1."
        )
        yield Badge(place, "opens-wide", (), why)
    if rule.any_protocol(profile):
        why = say("OVN gets no protocol for {protocol}: this rule matches every protocol.", protocol=rule.protocol)
        yield Badge(place, "opens-wide", (), why)
    if profile == "ovn" and place >= OVN_TIE:
        wins = (
            say("OVN does not define whether it or the default drop wins")
            if place == OVN_TIE
            else say("OVN drops before it")
        )
        yield Badge(
            place,
            "dead-by-position",
            (),
            say("Only {ovn_tie} rules fit before OVN's default drop: {wins}.", ovn_tie=OVN_TIE, wins=wins),
        )
    elif rule.match(profile) is None:
        yield Badge(place, "never-matched", (), say("This back end makes a match of it that no packet has."))


def _among(rules: Sequence[FirewallRule], profile: str, budget: Budget) -> Iterator[Badge]:
    """What the rules are to each other. Raises TooComplex."""
    for version, matches in ordered(rules, profile, budget).items():
        places = [place for place, _ in matches]
        entries = [(rules[place], match) for place, match in matches]
        relations = Relations(entries, version, budget, drops(profile))
        dead = relations.dead()
        for index in sorted(dead):
            yield _dead(relations, places, index)
        live = [index for index in range(len(places)) if index not in dead]
        for index in live:
            yield from _mixed(relations, places, index)
        for index in live:
            if relations.redundant(index):
                yield _redundant(relations, places[index], index)


def _dead(relations: Relations, places: list[int], index: int) -> Badge:
    cover = relations.cover(index, SEARCHED, thin=False)
    by = tuple(places[other] for other in cover)
    opposed = relations.opposed(index)
    if any(opposed >> other & 1 for other in cover):
        end = say("and decide otherwise") if len(by) > 1 else say("and decides otherwise")
    else:
        end = say("with the same action")
    verb = say("together match") if len(by) > 1 else say("matches")
    return Badge(
        places[index],
        "never-matched",
        by,
        say("Never matched: {named} {verb} all it matches, {end}.", named=_named(by), verb=verb, end=end),
    )


def _mixed(relations: Relations, places: list[int], index: int) -> Iterator[Badge]:
    """Earlier rules of the other action: exceptions inside the rule, and those that take a part and reach beyond."""
    inside, across = relations.exceptions(index)
    if inside:
        by = tuple(places[other] for other in inside)
        why = say(
            "Decides otherwise than {named}, and more: keep it behind if an exception is meant.", named=_named(by)
        )
        yield Badge(places[index], "generalization", by, why)
    takers = relations.takes(index, sum(1 << other for other in across)) if across else iter(())
    by = tuple(places[other] for other in islice(takers, NAMED))
    if by:
        does = (
            say("take a part of its packets and decide")
            if len(by) > 1
            else say("takes a part of its packets and decides")
        )
        why = say("Contradicted: before it, {named} {does} otherwise.", named=_named(by), does=does)
        yield Badge(places[index], "contradicted", by, why)


def _redundant(relations: Relations, place: int, index: int) -> Badge:
    if relations.allows >> index & 1:
        return Badge(place, "redundant", (), say("Redundant: rules after it allow all that it decides."))
    by = say("rules after it or by the default") if relations.drops else say("rules after it")
    why = say("Redundant: what it denies would be denied without it, by {by}.", by=by)
    return Badge(place, "redundant", (), why)


def _named(places: tuple[int, ...]) -> str:
    shown = [str(place + 1) for place in places[:NAMED]]
    if len(places) > NAMED:
        return say("rules {shown} and {n} more", shown=", ".join(shown), n=len(places) - NAMED)
    return (
        say("rule {shown}", shown=shown[0])
        if len(shown) == 1
        else say("rules {shown} and {last}", shown=", ".join(shown[:-1]), last=shown[-1])
    )
