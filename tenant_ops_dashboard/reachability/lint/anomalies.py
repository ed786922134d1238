"""The classical anomalies of one ordered policy, exactly: shadowed, redundant, generalization, correlation.

A rule is shadowed when no packet reaches it and some of its packets are decided the other way, redundant when leaving
it out changes no packet's fate. Generalization and correlation are told for neighbours that overlap with opposite
actions. Names after Al-Shaer and Hamed (2003).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from ..boxes import Box, clip
from ..budget import Budget
from ..build import first_match
from ..diagram import Diagrams
from ..firewalls import OVN_TIE
from ..policy import ordered
from ..rules import FirewallRule
from .findings import Finding

#: Witness sets of up to this many rules are searched among up to that many candidates; larger ones are thinned out.
SMALL, CANDIDATES = 3, 24
#: Pairs are compared in policies of up to this many rules; longer ones only get their dead rules.
PAIRWISE = 400

Entry = tuple[FirewallRule, Box]


def anomalies(policy: str, rules: Sequence[FirewallRule], profile: str, budget: Budget) -> Iterator[Finding]:
    """The anomalies of one policy under a back end's reading. Raises TooComplex."""
    considered = list(rules[:OVN_TIE]) if profile == "ovn" else list(rules)
    for version, matches in ordered(considered, profile).items():
        entries = [(considered[index], match) for index, match in matches]
        store = Diagrams(version, budget)
        root = first_match(store, [match for _, match in entries])
        alive = {value - 1 for value in store.leaves(root) if value}
        dead = [index for index in range(len(entries)) if index not in alive]
        for index in dead:
            yield _dead(policy, entries, index, budget)
        if len(entries) <= PAIRWISE:
            live = [index for index in range(len(entries)) if index in alive]
            yield from _redundant(policy, entries, live, budget)
            yield from _pairs(policy, entries, live)


def _dead(policy: str, entries: list[Entry], index: int, budget: Budget) -> Finding:
    rule, match = entries[index]
    earlier = [i for i in range(index) if clip(entries[i][1], match) is not None]
    deciding = _deciding(entries, earlier, match, budget)
    witness = _smallest_cover(entries, deciding, match, budget)
    same = all(_allows(entries[i][0]) == _allows(rule) for i in deciding)
    named = tuple(entries[i][0].id for i in witness)
    together = "together " if len(named) > 1 else ""
    listed = ", ".join(named)
    if same:
        return Finding(
            "redundant", "low", policy, (rule.id, *named),
            f"rule {rule.id} never decides: {listed} {together}match all it matches, with the same action",
            f"remove rule {rule.id}",
        )  # fmt: skip
    return Finding(
        "shadowed", "high" if _allows(rule) is False else "medium", policy, (rule.id, *named),
        f"rule {rule.id} never decides: {listed} {together}match all it matches and decide otherwise",
        f"move rule {rule.id} before {named[0]}, or remove it",
    )  # fmt: skip


def _deciding(entries: list[Entry], earlier: list[int], match: Box, budget: Budget) -> list[int]:
    """The earlier rules that decide some packet of a match."""
    store = Diagrams(_version(entries, earlier), budget)
    clipped = [part for i in earlier if (part := clip(entries[i][1], match)) is not None]
    root = first_match(store, clipped)
    return [earlier[value - 1] for value in sorted(store.leaves(root)) if value]


def _version(entries: list[Entry], indices: list[int]) -> int:
    return entries[indices[0]][0].version if indices else 4


def _smallest_cover(entries: list[Entry], candidates: list[int], match: Box, budget: Budget) -> list[int]:
    """A smallest set of rules that covers a match: searched up to SMALL, else thinned until none can go."""
    if len(candidates) <= CANDIDATES:
        for size in range(1, SMALL + 1):
            for some in combinations(candidates, size):
                if _covers(entries, list(some), match, budget):
                    return list(some)
    kept = list(candidates)
    for index in candidates[::-1]:
        rest = [i for i in kept if i != index]
        if rest and _covers(entries, rest, match, budget):
            kept = rest
    return kept


def _covers(entries: list[Entry], indices: list[int], match: Box, budget: Budget) -> bool:
    version = _version(entries, indices)
    store = Diagrams(version, budget)
    parts = [part for i in indices if (part := clip(entries[i][1], match)) is not None]
    if len(parts) == 1:
        return parts[0] == match
    root = first_match(store, [*parts, match])
    return len(parts) + 1 not in store.leaves(root)


def _redundant(policy: str, entries: list[Entry], live: list[int], budget: Budget) -> Iterator[Finding]:
    """Live rules whose packets would meet the same fate from the rules after them, or the default."""
    for index in live:
        rule, match = entries[index]
        later = [i for i in live if i > index and clip(entries[i][1], match) is not None]
        if any(_allows(entries[i][0]) != _allows(rule) for i in later):
            if not _same_without(entries, index, budget):
                continue
        elif _allows(rule) and not (later and _covers_after(entries, index, later, budget)):
            continue
        if _allows(rule):
            named = tuple(entries[i][0].id for i in later if _allows(entries[i][0]))
            why = f"later rules {', '.join(named)} allow all that rule {rule.id} decides"
        else:
            named = ()
            why = f"what rule {rule.id} denies would be denied without it, by later rules or the default"
        yield Finding("redundant", "info", policy, (rule.id, *named), why, f"remove rule {rule.id}")


def _covers_after(entries: list[Entry], index: int, later: list[int], budget: Budget) -> bool:
    """Say whether later rules match all that a rule decides."""
    match = entries[index][1]
    earlier = [i for i in range(index) if clip(entries[i][1], match) is not None]
    return _covers(entries, [*earlier, *later], match, budget)


def _same_without(entries: list[Entry], index: int, budget: Budget) -> bool:
    """Say whether every packet a rule decides meets the same action without it."""
    rule, match = entries[index]
    others = [i for i in range(len(entries)) if i != index and clip(entries[i][1], match) is not None]
    store = Diagrams(rule.version, budget)
    parts = [part for i in others if (part := clip(entries[i][1], match)) is not None]
    ranks = [i for i in others if clip(entries[i][1], match) is not None]
    root = first_match(store, [*parts, match])
    for value in store.leaves(root):
        if value == 0:
            continue
        decides = ranks[value - 1] if value <= len(ranks) else None
        if decides is not None and decides < index:
            continue
        allowed = decides is not None and _allows(entries[decides][0])
        if allowed != _allows(rule):
            return False
    return True


def _pairs(policy: str, entries: list[Entry], live: list[int]) -> Iterator[Finding]:
    """Overlapping live rules with opposite actions: the later one wider, or neither inside the other."""
    for place, j in enumerate(live):
        rule, match = entries[j]
        for i in live[:place]:
            first, other = entries[i]
            if _allows(first) == _allows(rule):
                continue
            common = clip(other, match)
            if common is None or common == match:
                continue
            if common == other:
                yield Finding(
                    "generalization", "info", policy, (rule.id, first.id),
                    f"rule {rule.id} decides otherwise for all that rule {first.id} matches, and more",
                    f"keep rule {first.id} before rule {rule.id} if it is meant as the exception",
                )  # fmt: skip
            else:
                yield Finding(
                    "correlation", "low", policy, (first.id, rule.id),
                    f"rules {first.id} and {rule.id} overlap with opposite actions: their order decides",
                    f"state which of {first.id} and {rule.id} is to win, or make them disjoint",
                )  # fmt: skip


def _allows(rule: FirewallRule) -> bool:
    return rule.action == "allow"
