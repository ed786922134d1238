"""Which rules of a list share packets, by masks of whole numbers; and what of a block others leave, exactly."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from .boxes import FIELDS, Box
from .budget import Budget
from .build import first_match
from .diagram import Diagrams
from .spans import Span

#: Steps of plain subtraction before a diagram takes over, and with how many boxes a diagram begins at once.
STEPS, BOXES = 2_000, 120

#: One interval a field: a firewall rule never has more.
Block = tuple[Span, ...]
Point = tuple[int, ...]


class _Axis:
    """One field: which rules begin at or before a value, which end at or after it."""

    def __init__(self, spans: Sequence[Span], budget: Budget) -> None:
        places = len({low for low, _ in spans}) + len({high for _, high in spans})
        self.held = places * len(spans) >> 4  # a mask is half as long as the rules are many, on average
        budget.check(0, self.held)
        self.starts, self._begun = _running(enumerate(low for low, _ in spans))
        downward, masks = _running((index, -high) for index, (_, high) in enumerate(spans))
        self.ends, self._unended = [-value for value in downward[::-1]], masks[::-1]

    def holding(self, begun: int, unended: int) -> int:
        """Those that begin at or before a value and end at or after another."""
        return self._begun[bisect_right(self.starts, begun)] & self._unended[bisect_left(self.ends, unended)]


def _running(values: Iterable[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Values in order, and for each place between them the mask of all indices before it."""
    at: dict[int, int] = {}
    for index, value in values:
        at[value] = at.get(value, 0) | 1 << index
    places = sorted(at)
    masks = [0]
    for place in places:
        masks.append(masks[-1] | at[place])
    return places, masks


class Overlaps:
    """Blocks of one IP version in order; a mask of whole numbers stands for some of them.

    Every method raises TooComplex where its exact answer passes the budget.
    """

    def __init__(self, blocks: Sequence[Block], version: int, budget: Budget) -> None:
        self.blocks = blocks
        self.version = version
        self.budget = budget
        self._axes = [_Axis([block[level] for block in blocks], budget) for level in range(len(FIELDS))]
        self._meeting: dict[int, int] = {}
        budget.check(0, sum(axis.held for axis in self._axes))

    def meeting(self, index: int) -> int:
        """The blocks that share a packet with one of them, itself included."""
        found = self._meeting.get(index)
        if found is None:
            found = -1
            for axis, (low, high) in zip(self._axes, self.blocks[index], strict=True):
                found &= axis.holding(high, low)
            self._meeting[index] = found
        return found

    def covering(self, index: int) -> int:
        """The blocks that alone hold all of one of them, itself included."""
        found = -1
        for axis, (low, high) in zip(self._axes, self.blocks[index], strict=True):
            found &= axis.holding(low, high)
        return found

    def matching(self, point: Point) -> int:
        """The blocks that hold one packet."""
        found = -1
        for axis, value in zip(self._axes, point, strict=True):
            found &= axis.holding(value, value)
        return found

    def left(self, block: Block, others: Iterable[int]) -> Block | None:
        """Some part of a block that none of the others holds; None where they hold all of it."""
        taken = [part for other in others if (part := common(self.blocks[other], block)) is not None]
        self.budget.check(0, 0)
        if len(taken) > BOXES:
            return self._left_by_diagram(block, taken)
        try:
            return _subtract(block, taken, 0, [STEPS])
        except _Enough:
            return self._left_by_diagram(block, taken)

    def _left_by_diagram(self, block: Block, taken: list[Block]) -> Block | None:
        store = Diagrams(self.version, self.budget)
        boxes = [as_box(part) for part in (*taken, block)]
        root = first_match(store, boxes)
        if len(boxes) not in store.leaves(root):
            return None
        return next(tuple(s[0] for s in box) for box, value in store.boxes(root) if value == len(boxes))


class _Enough(Exception):
    """Subtracting box by box takes too many steps."""


def _subtract(block: Block, taken: list[Block], place: int, steps: list[int]) -> Block | None:
    """Cut a block along the next box that meets it; the first piece that nobody takes is the answer."""
    shared = None
    while shared is None:
        if place == len(taken):
            return block
        shared = common(taken[place], block)
        place += 1
    steps[0] -= 1
    if not steps[0]:
        raise _Enough
    for field, ((low, high), (first, last)) in enumerate(zip(block, shared, strict=True)):
        for piece in ((low, first - 1), (last + 1, high)):
            if piece[0] <= piece[1]:
                rest = _subtract((*shared[:field], piece, *block[field + 1 :]), taken, place, steps)
                if rest is not None:
                    return rest
    return None


def as_box(block: Block) -> Box:
    """A block as a match."""
    return tuple((span,) for span in block)  # type: ignore[return-value]


def common(left: Block, right: Block) -> Block | None:
    """What two blocks share, None where that is nothing."""
    found = []
    for (a, b), (c, d) in zip(left, right, strict=True):
        low, high = (a if a > c else c), (b if b < d else d)
        if low > high:
            return None
        found.append((low, high))
    return tuple(found)


def lowest(mask: int) -> int:
    """The first index in a mask that has one."""
    return (mask & -mask).bit_length() - 1


def bits(mask: int) -> Iterator[int]:
    """The indices in a mask, lowest first."""
    while mask:
        low = mask & -mask
        mask ^= low
        yield low.bit_length() - 1
