"""Interval decision diagrams: which rule decides a packet, for all packets at once.

A node asks for one field, by its level in the order of its diagrams, and cuts its values into intervals, each with a
child; equal nodes are one node. A reference is a whole number: 0 and above is a node, below zero is a leaf holding the
value `-1 - reference` (see `leaf`).
"""

from collections.abc import Callable, Iterable

from .boxes import WHOLE, Box
from .budget import Budget
from .order import BY_SOURCE, Order

Reference = int
Node = tuple[int, tuple[int, ...], tuple[Reference, ...]]


def leaf(value: int) -> Reference:
    """The reference of a leaf. Value 0 says 'nothing'; a deciding rule has its index plus 1."""
    return -1 - value


NOTHING = leaf(0)
SOMETHING = leaf(1)


class Diagrams:
    """The nodes of one IP version, shared by all diagrams made here; all ask for the fields in one order."""

    def __init__(self, version: int, budget: Budget | None = None, order: Order = BY_SOURCE) -> None:
        self.version = version
        self.budget = budget or Budget()
        self.order = order
        self.tops = tuple(WHOLE[version][field][0][1] for field in order)
        self.nodes: list[Node] = []
        self._known: dict[Node, int] = {}

    def node(self, level: int, ends: list[int], kids: list[Reference]) -> Reference:
        """The node with these intervals (by their last values) and children; merged and shared."""
        if len(kids) == 1:
            return kids[0]
        key = (level, tuple(ends), tuple(kids))
        found = self._known.get(key)
        if found is None:
            found = len(self.nodes)
            self._known[key] = found
            self.nodes.append(key)
            if not found & 1023:
                self.budget.check(found, 0)
        return found

    def apply(self, op: Callable[[int, int], int], left: Reference, right: Reference, zero: str = "") -> Reference:
        """Combine two diagrams leaf by leaf: op(left value, right value) is the value there.

        `zero` says which side's 0 makes the result 0 whatever the other side holds: 'left' or 'both'.
        """
        memo: dict[tuple[int, int], int] = {}
        nodes, tops = self.nodes, self.tops
        dead_left = NOTHING if zero else 1 << 62
        dead_right = NOTHING if zero == "both" else 1 << 62

        def go(a: int, b: int) -> int:
            if a < 0 and b < 0:
                return -1 - op(-1 - a, -1 - b)
            found = memo.get((a, b))
            if found is not None:
                return found
            level_a = nodes[a][0] if a >= 0 else 9
            level_b = nodes[b][0] if b >= 0 else 9
            level = min(level_a, level_b)
            top = (tops[level],)
            ends_a, kids_a = nodes[a][1:] if level_a == level else (top, (a,))
            ends_b, kids_b = nodes[b][1:] if level_b == level else (top, (b,))
            ends: list[int] = []
            kids: list[int] = []
            i = j = 0
            while i < len(ends_a):
                end_a, end_b = ends_a[i], ends_b[j]
                kid_a, kid_b = kids_a[i], kids_b[j]
                kid = NOTHING if kid_a == dead_left or kid_b == dead_right else go(kid_a, kid_b)
                end = end_a if end_a < end_b else end_b
                if kids and kids[-1] == kid:
                    ends[-1] = end
                else:
                    ends.append(end)
                    kids.append(kid)
                i += end_a <= end_b
                j += end_b <= end_a
            memo[a, b] = found = self.node(level, ends, kids)
            if not len(memo) & 4095:
                self.budget.check(len(memo), 0)
            return found

        return go(left, right)

    def leaves(self, root: Reference) -> set[int]:
        """The leaf values a packet can come to."""
        nodes = self.nodes
        seen = fresh = {root}
        while fresh:
            fresh = set().union(*[nodes[reference][2] for reference in fresh if reference >= 0]) - seen
            seen = seen | fresh
        return {-1 - reference for reference in seen if reference < 0}

    def boxes(self, root: Reference) -> Iterable[tuple[Box, int]]:
        """The diagram as disjoint boxes, each with its leaf value; boxes of value 0 are left out."""
        whole = WHOLE[self.version]
        count = 0

        def go(reference: int, done: Box) -> Iterable[tuple[Box, int]]:
            nonlocal count
            if reference < 0:
                if reference != NOTHING:
                    count += 1
                    self.budget.spend_boxes(count)
                    yield done, -1 - reference
                return
            level, ends, kids = self.nodes[reference]
            parts: dict[int, list[tuple[int, int]]] = {}
            low = 0
            for end, kid in zip(ends, kids, strict=True):
                parts.setdefault(kid, []).append((low, end))
                low = end + 1
            for kid, spans in parts.items():
                if kid != NOTHING:
                    field = self.order[level]
                    yield from go(kid, (*done[:field], tuple(spans), *done[field + 1 :]))  # type: ignore[arg-type]

        return go(root, whole)
