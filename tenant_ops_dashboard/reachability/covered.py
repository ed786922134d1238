"""Which rules of a list one earlier rule covers alone: nothing is left for them, whatever the others do."""

from collections.abc import Iterable, Sequence
from operator import and_

from .boxes import Box
from .budget import Budget
from .spans import Spans

#: So many rules at the front of a list may cover others: longer masks would cost more than they save.
FRONT = 4096


def uncovered(rules: Sequence[Box], fields: Iterable[int], budget: Budget) -> list[int]:
    """The indices of the rules that no earlier one covers in each of these fields, in order.

    A set of several intervals covers no other one; it is covered where one interval holds all of it. Raises TooComplex.
    """
    bits = [1 << index for index in range(min(len(rules), FRONT))]
    covering: list[int] = [-1] * len(rules)
    for field in fields:
        budget.check(0, 0)
        column = [rule[field] for rule in rules]
        if column.count(column[0]) < len(column):
            covering = list(map(and_, covering, _covering(column, bits)))
    kept = [index for index, (bit, mask) in enumerate(zip(bits, covering, strict=False)) if not mask & (bit - 1)]
    return kept + [index for index in range(len(bits), len(rules)) if not covering[index]]


def _covering(column: Sequence[Spans], bits: Sequence[int]) -> Iterable[int]:
    """Per rule, the mask of those whose one interval of a field holds all of its values there."""
    lows = [spans[0][0] for spans in column]
    highs = [spans[-1][1] for spans in column]
    begun = dict.fromkeys(lows, 0)
    unended = dict.fromkeys(highs, 0)
    for spans, low, high, bit in zip(column, lows, highs, bits, strict=False):
        if len(spans) == 1:
            begun[low] |= bit
            unended[high] |= bit
    mask = 0
    for low in sorted(begun):
        begun[low] = mask = mask | begun[low]
    mask = 0
    for high in sorted(unended, reverse=True):
        unended[high] = mask = mask | unended[high]
    return map(and_, map(begun.__getitem__, lows), map(unended.__getitem__, highs))
