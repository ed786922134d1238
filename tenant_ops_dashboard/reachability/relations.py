"""How the rules of one ordered policy stand to each other, exactly: who takes what from whom, and who is left over.

Every question comes down to one: is anything of a box left when others are taken out of it (`left`)? Masks of whole
numbers say first which rules can matter at all, and most questions end there.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

from .boxes import Box
from .budget import Budget
from .build import first_match
from .diagram import Diagrams
from .overlaps import Overlaps, Point, as_box, bits, common, lowest
from .rules import FirewallRule

#: Steps of the search for a packet that nobody takes before it is done exactly.
WANDER = 40
#: More rules than FEW that nobody alone covers are settled by one diagram, more than MANY before one rule likewise.
FEW, MANY = 8, 40
#: Witness sets of up to this many rules are searched among up to that many candidates; larger ones are thinned out.
SMALL, CANDIDATES = 3, 24


class Relations(Overlaps):
    """The enabled rules of one IP version in order, with their matches. An index counts these rules.

    `drops` says that what no rule matches is dropped for certain.

    Every method raises TooComplex where its exact answer passes the budget.
    """

    def __init__(
        self, entries: Sequence[tuple[FirewallRule, Box]], version: int, budget: Budget, drops: bool = True
    ) -> None:
        self.rules = [rule for rule, _ in entries]
        self.drops = drops
        super().__init__([tuple(spans[0] for spans in match) for _, match in entries], version, budget)
        self.allows = int("".join("01"[rule.action == "allow"] for rule in reversed(self.rules)) or "0", 2)
        self._witness: dict[int, Point] = {}
        self._dead: set[int] | None = None
        self._alive = -1

    # Masks of rules

    def opposed(self, index: int) -> int:
        """The rules of the other action (allow, or one of deny and reject)."""
        everyone = (1 << len(self.rules)) - 1
        return everyone & ~self.allows if self.allows >> index & 1 else self.allows

    # Who is reached

    def dead(self) -> set[int]:
        """The rules no packet comes to."""
        if self._dead is None:
            dead: set[int] = set()
            open_: list[int] = []
            for index in range(len(self.rules)):
                if not index & 63:
                    self.budget.check(0, 0)
                if self.covering(index) & ((1 << index) - 1):
                    dead.add(index)
                elif not self._wander(index):
                    open_.append(index)
            self._alive = ~sum(1 << index for index in dead)
            dead |= self._dead_among(open_)
            self._alive = ~sum(1 << index for index in dead)
            self._dead = dead
        return self._dead

    def _dead_among(self, indices: list[int]) -> set[int]:
        """Those of some rules that several earlier ones match together: one by one, or many in one diagram."""
        if len(indices) > FEW:
            kept = [index for index in range(len(self.rules)) if self._alive >> index & 1]
            store = Diagrams(self.version, self.budget)
            leaves = store.leaves(first_match(store, [as_box(self.blocks[index]) for index in kept]))
            return set(indices) - {kept[value - 1] for value in leaves if value}
        found = set()
        for index in indices:
            rest = self.left(self.blocks[index], bits(self._earlier(index)))
            if rest is None:
                found.add(index)
            else:
                self._witness[index] = tuple(low for low, _ in rest)
        return found

    def _earlier(self, index: int) -> int:
        """The earlier rules that share a packet with a rule, without those known as dead."""
        return self.meeting(index) & self._alive & ((1 << index) - 1)

    def _wander(self, index: int) -> bool:
        """Look for a packet that a rule decides: from one corner on, out of each earlier rule that has it, by turns."""
        block = self.blocks[index]
        point = [low for low, _ in block]
        for turn in range(WANDER):
            first = lowest(self.matching(tuple(point)))
            if first == index:
                self._witness[index] = tuple(point)
                return True
            ways = [
                (field, value)
                for field, ((low, high), (begin, end)) in enumerate(zip(block, self.blocks[first], strict=True))
                for value in (end + 1, begin - 1)
                if low <= value <= high
            ]
            if not ways:
                break
            field, value = ways[turn * 7 % len(ways)]
            point[field] = value
        return False

    # Who takes what

    def takes(self, index: int, which: int) -> Iterator[int]:
        """Those of the earlier rules `which` (a mask) that decide some packet a rule matches, in order."""
        earlier = self._earlier(index)
        for other in bits(earlier & which):
            shared = common(self.blocks[other], self.blocks[index])
            before = earlier & self.meeting(other) & ((1 << other) - 1)
            if shared is not None and (not before or self.left(shared, bits(before)) is not None):
                yield other

    def _deciding(self, index: int) -> list[int]:
        """The earlier rules that decide some packet of a rule's match."""
        earlier = list(bits(self._earlier(index)))
        if len(earlier) <= MANY:
            return list(self.takes(index, -1))
        store = Diagrams(self.version, self.budget)
        parts = [common(self.blocks[other], self.blocks[index]) for other in earlier]
        root = first_match(store, [as_box(part) for part in parts if part is not None])
        return [earlier[value - 1] for value in sorted(store.leaves(root)) if value]

    def cover(self, index: int, candidates: int = CANDIDATES, thin: bool = True) -> list[int]:
        """A small set of earlier rules that match all a dead rule matches: the smallest where it has up to SMALL rules.

        Searched among up to so many candidates; larger sets are thinned until none can go (`thin`), else they hold
        every rule that decides a part.
        """
        self.dead()
        earlier = self._earlier(index)
        block = self.blocks[index]
        alone = self.covering(index) & earlier
        for point in (tuple(low for low, _ in block), tuple(high for _, high in block)):
            first = lowest(self.matching(point))
            if alone >> first & 1:
                return [first]
        for other in bits(alone):
            before = earlier & ((1 << other) - 1)
            if not before or self.left(block, bits(before)) is not None:
                return [other]
        deciding = self._deciding(index)
        if len(deciding) <= candidates:
            for size in range(2, SMALL + 1):
                for some in combinations(deciding, size):
                    if self.left(block, some) is None:
                        return list(some)
        kept = list(deciding)
        for other in deciding[::-1] if thin else ():
            rest = [one for one in kept if one != other]
            if rest and self.left(block, rest) is None:
                kept = rest
        return kept

    def redundant(self, index: int) -> bool:
        """Say whether every packet a live rule decides would meet the same action without it."""
        later = self.meeting(index) >> (index + 1) << (index + 1)
        allow = bool(self.allows >> index & 1)
        dropped = not allow and self.drops
        if not later & self.allows and (allow or dropped):
            return dropped
        point = self._witness.get(index)
        if point is not None:
            heirs = self.matching(point) & later
            if bool(heirs & -heirs & self.allows) != allow:
                return False
        earlier = self._earlier(index)
        block = self.blocks[index]
        for other in bits(later & self.opposed(index)):
            shared = common(self.blocks[other], block)
            before = (earlier | later & ((1 << other) - 1)) & self.meeting(other)
            if shared is not None and self.left(shared, bits(before)) is not None:
                return False
        return dropped or self.left(block, bits(earlier | later)) is None

    def exceptions(self, index: int) -> tuple[list[int], list[int]]:
        """Earlier live rules of the other action that share packets with a live rule: (inside it, not inside it)."""
        inside: list[int] = []
        across: list[int] = []
        block = self.blocks[index]
        for other in bits(self.meeting(index) & self.opposed(index) & ((1 << index) - 1)):
            if other not in self.dead():
                within = all(a[0] <= b[0] and b[1] <= a[1] for a, b in zip(block, self.blocks[other], strict=True))
                (inside if within else across).append(other)
        return inside, across
