"""The classical anomalies of one ordered policy, exactly: shadowed, redundant, generalization, correlation.

A rule is shadowed when no packet reaches it and some of its packets are decided the other way, redundant when leaving
it out changes no packet's fate. Generalization and correlation are told for neighbours that overlap with opposite
actions. Names after Al-Shaer and Hamed (2003). A last word on all packets ('deny everything else') is meant: it is no
generalization, nor redundant because the default denies, too.
"""

from collections.abc import Iterator, Sequence

from tenant_ops_dashboard.sentences import say

from ..boxes import WHOLE
from ..budget import Budget
from ..overlaps import bits
from ..policy import drops, ordered
from ..relations import Relations
from ..rules import FirewallRule
from .findings import Finding

#: Pairs are compared in policies of up to this many rules; longer ones only get their dead rules.
PAIRWISE = 400


def anomalies(policy: str, rules: Sequence[FirewallRule], profile: str, budget: Budget) -> Iterator[Finding]:
    """The anomalies of one policy under a back end's reading. Raises TooComplex."""
    for version, matches in ordered(rules, profile).items():
        found = Relations([(rules[index], match) for index, match in matches], version, budget, drops(profile))
        last_words = {place for place, (_, match) in enumerate(matches) if match == WHOLE[version]}
        dead = found.dead()
        for index in sorted(dead):
            yield _dead(policy, found, index)
        if len(matches) <= PAIRWISE:
            live = [index for index in range(len(matches)) if index not in dead]
            for index in live:
                if found.redundant(index) and not (index in last_words and found.rules[index].action != "allow"):
                    yield _redundant(policy, found, index)
            for index in live:
                yield from _pairs(policy, found, index, index in last_words)


def _dead(policy: str, found: Relations, index: int) -> Finding:
    rule = found.rules[index]
    named = tuple(found.rules[other].id for other in found.cover(index))
    listed = (
        say("{named} together match", named=", ".join(named))
        if len(named) > 1
        else say("{name} matches", name=named[0])
    )
    if next(found.takes(index, found.opposed(index)), None) is None:
        return Finding(
            "redundant",
            "low",
            policy,
            (rule.id, *named),
            say(
                "rule {rule_id} never decides: {listed} all it matches, with the same action",
                rule_id=rule.id,
                listed=listed,
            ),
            say("remove rule {rule_id}", rule_id=rule.id),
        )
    return Finding(
        "shadowed",
        "medium" if rule.action == "allow" else "high",
        policy,
        (rule.id, *named),
        say(
            "rule {rule_id} never decides: {listed} all it matches, not all of it with the same action",
            rule_id=rule.id,
            listed=listed,
        ),
        say("move rule {rule_id} before {named}, or remove it", rule_id=rule.id, named=named[0]),
    )


def _redundant(policy: str, found: Relations, index: int) -> Finding:
    """A live rule whose packets would meet the same fate from the rules after it, or the default."""
    rule = found.rules[index]
    named: tuple[str, ...] = ()
    by = say("later rules or the default") if found.drops else say("later rules")
    why = say("what rule {rule_id} denies would be denied without it, by {by}", rule_id=rule.id, by=by)
    if rule.action == "allow":
        later = found.meeting(index) & found.allows
        named = tuple(found.rules[o].id for o in bits(later) if o > index and o not in found.dead())
        why = say("later rules {named} allow all that rule {rule_id} decides", named=", ".join(named), rule_id=rule.id)
    return Finding("redundant", "info", policy, (rule.id, *named), why, say("remove rule {rule_id}", rule_id=rule.id))


def _pairs(policy: str, found: Relations, index: int, last_word: bool) -> Iterator[Finding]:
    """Overlapping live rules with opposite actions: the later one wider, or neither inside the other."""
    rule = found.rules[index]
    inside, across = found.exceptions(index)
    for other in () if last_word else inside:
        first = found.rules[other]
        yield Finding(
            "generalization",
            "info",
            policy,
            (rule.id, first.id),
            say(
                "rule {rule_id} decides otherwise for all that rule {first_id} matches, and more",
                rule_id=rule.id,
                first_id=first.id,
            ),
            say(
                "keep rule {first_id} before rule {rule_id} if it is meant as the exception",
                first_id=first.id,
                rule_id=rule.id,
            ),
        )
    for other in across:
        first = found.rules[other]
        # What is kept out of all that follows stands first, as it should.
        severity, fix = (
            "low",
            say(
                "state which of {first_id} and {rule_id} is to win, or make them disjoint",
                first_id=first.id,
                rule_id=rule.id,
            ),
        )
        if first.action != "allow":
            severity, fix = (
                "info",
                say(
                    "keep rule {first_id} before rule {rule_id} if the denial is to win",
                    first_id=first.id,
                    rule_id=rule.id,
                ),
            )
        yield Finding(
            "correlation",
            severity,
            policy,
            (first.id, rule.id),
            say(
                "rules {first_id} and {rule_id} overlap with opposite actions: their order decides",
                first_id=first.id,
                rule_id=rule.id,
            ),
            fix,
        )
