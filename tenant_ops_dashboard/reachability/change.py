"""What an edit of one policy would gain and lose, as exact sets, before it is applied."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .boxes import WHOLE, Box, clip
from .budget import Budget
from .build import first_permit
from .diagram import NOTHING, Diagrams, Reference
from .policy import ordered
from .rules import NEUTRON, FirewallRule, read_rule

#: With more rules changed than this, both policies are compared whole instead of change by change.
MANY = 6


@dataclass(frozen=True)
class Change:
    """The traffic a policy permits only afterwards (gained) and only before (lost), per IP version."""

    stores: Mapping[int, Diagrams]
    gained: Mapping[int, Reference]
    lost: Mapping[int, Reference]

    def boxes(self, which: str, version: int) -> list[Box]:
        """The set named 'gained' or 'lost' as disjoint boxes."""
        root = (self.gained if which == "gained" else self.lost)[version]
        return [box for box, _ in self.stores[version].boxes(root)]

    @property
    def nothing(self) -> bool:
        """Say whether the edit changes no packet's fate."""
        return all(root == NOTHING for roots in (self.gained, self.lost) for root in roots.values())


def preview(
    before: Sequence[Mapping[str, Any] | FirewallRule],
    after: Sequence[Mapping[str, Any] | FirewallRule],
    profile: str = NEUTRON,
    budget: Budget | None = None,
) -> Change:
    """Compare two versions of a policy. Only packets that a changed rule matches are looked at.

    Raises BadInput for a rule that cannot be read and TooComplex where the exact answer passes the budget.
    """
    budget = budget or Budget()
    stores = {version: Diagrams(version, budget) for version in WHOLE}
    gained: dict[int, Reference] = {}
    lost: dict[int, Reference] = {}
    old, new = _read(before), _read(after)
    old_matches, new_matches = ordered(old, profile), ordered(new, profile)
    for version, store in stores.items():
        first = [(match, old[index]) for index, match in old_matches[version]]
        second = [(match, new[index]) for index, match in new_matches[version]]
        gained[version], lost[version] = _compare(store, first, second)
    return Change(stores, gained, lost)


Entry = tuple[Box, FirewallRule]


def _compare(store: Diagrams, old: list[Entry], new: list[Entry]) -> tuple[Reference, Reference]:
    regions = _changed(old, new)
    if len(regions) > MANY:
        regions = [WHOLE[store.version]]
    gained = lost = NOTHING
    for region in regions:
        was, now = (_permits(store, entries, region) for entries in (old, new))
        gained = store.apply(max, gained, store.apply(lambda a, b: b & ~a & 1, was, now))
        lost = store.apply(max, lost, store.apply(lambda a, b: a & ~b & 1, was, now))
    return gained, lost


def _permits(store: Diagrams, entries: list[Entry], region: Box) -> Reference:
    """The packets of a region that the policy permits, as a diagram of 0 and 1."""
    clipped = [(clip(match, region), rule.action == "allow") for match, rule in entries]
    alive = [(match, allow) for match, allow in clipped if match is not None]
    return first_permit(store, [match for match, _ in alive], [allow for _, allow in alive])


def _changed(old: list[Entry], new: list[Entry]) -> list[Box]:
    """The matches of rules that were added, removed, altered or moved; the others keep their order."""
    places = {_key(entry): index for index, entry in enumerate(old)}
    shared = [(index, places[_key(entry)]) for index, entry in enumerate(new) if _key(entry) in places]
    kept = longest_rise([place for _, place in shared])
    kept_new = {shared[index][0] for index in kept}
    kept_old = {shared[index][1] for index in kept}
    boxes = [entry[0] for index, entry in enumerate(old) if index not in kept_old]
    boxes += [entry[0] for index, entry in enumerate(new) if index not in kept_new]
    return list(dict.fromkeys(boxes))


def _key(entry: Entry) -> tuple[str, Box, bool]:
    return entry[1].id, entry[0], entry[1].action == "allow"


def longest_rise(values: list[int]) -> list[int]:
    """Indices of a longest strictly rising subsequence."""
    tails: list[int] = []
    tail_index: list[int] = []
    previous: list[int] = []
    for index, value in enumerate(values):
        place = bisect_left(tails, value)
        previous.append(tail_index[place - 1] if place else -1)
        tails[place : place + 1] = [value]
        tail_index[place : place + 1] = [index]
    found = []
    index = tail_index[-1] if tail_index else -1
    while index >= 0:
        found.append(index)
        index = previous[index]
    return found[::-1]


def _read(rules: Sequence[Mapping[str, Any] | FirewallRule]) -> list[FirewallRule]:
    return [rule if isinstance(rule, FirewallRule) else read_rule(rule) for rule in rules]
