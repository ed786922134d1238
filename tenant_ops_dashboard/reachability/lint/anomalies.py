"""The classical anomalies of one ordered policy, exactly: shadowed, redundant, generalization, correlation.

A rule is shadowed when no packet reaches it and some of its packets are decided the other way, redundant when leaving
it out changes no packet's fate. Generalization and correlation are told for neighbours that overlap with opposite
actions. Names after Al-Shaer and Hamed (2003). A last word on all packets ('deny everything else') is meant: it is no
generalization, nor redundant because the default denies, too.
"""

from collections.abc import Iterator, Sequence

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
    listed = f"{', '.join(named)} together match" if len(named) > 1 else f"{named[0]} matches"
    if next(found.takes(index, found.opposed(index)), None) is None:
        return Finding(
            "redundant", "low", policy, (rule.id, *named),
            f"rule {rule.id} never decides: {listed} all it matches, with the same action",
            f"remove rule {rule.id}",
        )  # fmt: skip
    return Finding(
        "shadowed", "medium" if rule.action == "allow" else "high", policy, (rule.id, *named),
        f"rule {rule.id} never decides: {listed} all it matches, not all of it with the same action",
        f"move rule {rule.id} before {named[0]}, or remove it",
    )  # fmt: skip


def _redundant(policy: str, found: Relations, index: int) -> Finding:
    """A live rule whose packets would meet the same fate from the rules after it, or the default."""
    rule = found.rules[index]
    named: tuple[str, ...] = ()
    by = "later rules or the default" if found.drops else "later rules"
    why = f"what rule {rule.id} denies would be denied without it, by {by}"
    if rule.action == "allow":
        later = found.meeting(index) & found.allows
        named = tuple(found.rules[o].id for o in bits(later) if o > index and o not in found.dead())
        why = f"later rules {', '.join(named)} allow all that rule {rule.id} decides"
    return Finding("redundant", "info", policy, (rule.id, *named), why, f"remove rule {rule.id}")


def _pairs(policy: str, found: Relations, index: int, last_word: bool) -> Iterator[Finding]:
    """Overlapping live rules with opposite actions: the later one wider, or neither inside the other."""
    rule = found.rules[index]
    inside, across = found.exceptions(index)
    for other in () if last_word else inside:
        first = found.rules[other]
        yield Finding(
            "generalization", "info", policy, (rule.id, first.id),
            f"rule {rule.id} decides otherwise for all that rule {first.id} matches, and more",
            f"keep rule {first.id} before rule {rule.id} if it is meant as the exception",
        )  # fmt: skip
    for other in across:
        first = found.rules[other]
        # What is kept out of all that follows stands first, as it should.
        severity, fix = "low", f"state which of {first.id} and {rule.id} is to win, or make them disjoint"
        if first.action != "allow":
            severity, fix = "info", f"keep rule {first.id} before rule {rule.id} if the denial is to win"
        yield Finding(
            "correlation", severity, policy, (first.id, rule.id),
            f"rules {first.id} and {rule.id} overlap with opposite actions: their order decides", fix,
        )  # fmt: skip
