"""One field of a list of rules: its values cut wherever a rule begins or ends, and which rules hold each piece."""

from collections.abc import Sequence
from dataclasses import dataclass

from .budget import Budget
from .spans import Spans


@dataclass(frozen=True, slots=True)
class Grid:
    """The pieces of the field's values, called places and numbered from 0; a mask says which rules.

    `ends`: the last value before each place but the first, then the field's last value. `at`: the rules that hold each
    place. `edges`: where each rule's intervals begin and where they are over, by turns; nothing for rules that hold
    every value, which `full` names. `size`: what the masks take, in bytes.
    """

    ends: list[int]
    at: list[int]
    edges: list[Sequence[int]]
    full: int
    size: int


def make_grid(column: Sequence[Spans], top: int, budget: Budget, held: int) -> Grid:
    """The grid of a field whose values are 0 to `top`, from each rule's set of them, none of which is empty.

    Raises TooComplex where the time is over or its masks, with the bytes `held` already, pass the budget.
    """
    whole = ((0, top),)
    values = {0, top + 1}
    for spans in column:
        for low, high in spans:
            values.add(low)
            values.add(high + 1)
    starts = sorted(values)
    number = {start: place for place, start in enumerate(starts)}
    at = [0] * len(starts)
    edges: list[Sequence[int]] = []
    # Bytes first, a number after: setting bits one by one in a Python int is quadratic in the number of rules.
    full = bytearray(len(column) + 7 >> 3)
    size = 0
    for index, spans in enumerate(column):
        if spans == whole:
            full[index >> 3] |= 1 << (index & 7)
            edges.append(())
            continue
        mine = tuple([number[edge] for low, high in spans for edge in (low, high + 1)])
        edges.append(mine)
        bit = 1 << index
        for place in mine:
            at[place] ^= bit
        size += index >> 2
        if not index & 255:
            budget.check(0, held + size)
    everywhere = mask = int.from_bytes(full, "little")
    size = 0
    for place, turn in enumerate(at):
        at[place] = mask = mask ^ turn
        size += mask.bit_length() >> 3
        if not place & 255:
            budget.check(0, held + size)
    at.pop()  # behind the field's last value
    return Grid([start - 1 for start in starts[1:]], at, edges, everywhere, size)
