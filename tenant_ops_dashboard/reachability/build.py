"""How a diagram is built from ordered matches: a mask says which rules still match, field after field."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from .boxes import Box
from .covered import uncovered
from .diagram import NOTHING, Diagrams, Reference
from .grid import Grid, make_grid
from .spans import normal

#: A field is cut anew only where rules differ from the last cut, if they are less than one in so many (by measuring).
ONE_IN = 4

#: A field cut into intervals: the places of its grid from which on another child follows, and the children.
Cut = tuple[list[int], list[Reference]]


def first_match(store: Diagrams, rules: Sequence[Box]) -> Reference:
    """The diagram whose leaf is the first rule that matches (index plus 1), or NOTHING."""
    return _by_protocol(store, rules, range(1, len(rules) + 1), None)


def first_permit(store: Diagrams, rules: Sequence[Box], permits: Sequence[bool]) -> Reference:
    """The diagram with 1 where the first rule that matches permits, else 0."""
    return _by_protocol(store, rules, [int(permit) for permit in permits], None)


def all_matches(store: Diagrams, rules: Sequence[Box]) -> tuple[Reference, list[tuple[int, ...]]]:
    """The diagram whose leaf names every rule that matches: leaf values index the returned list of rule indices."""
    known: dict[tuple[int, ...], int] = {(): 0}
    root = _by_protocol(store, rules, range(len(rules)), known)
    return root, list(known)


def _by_protocol(
    store: Diagrams, rules: Sequence[Box], names: Sequence[int], combinations: dict[tuple[int, ...], int] | None
) -> Reference:
    """Cut by protocol first: what follows then only carries the rules of that protocol."""
    turns: dict[int, list[int]] = {}
    store.budget.check(0, 0)
    for index, rule in enumerate(rules):
        for low, high in rule[0] if all(rule) else ():  # an empty set in any field matches nothing
            turns.setdefault(low, []).append(index)
            turns.setdefault(high + 1, []).append(index)
    alive: set[int] = set()
    made: dict[tuple[int, ...], Reference] = {}
    ends: list[int] = []
    kids: list[int] = []
    for start in sorted(turns):
        if start:
            _add(ends, kids, start - 1, _part(store, rules, names, combinations, alive, made))
        alive.symmetric_difference_update(turns[start])
    if not ends or ends[-1] < store.tops[0]:
        _add(ends, kids, store.tops[0], _part(store, rules, names, combinations, alive, made))
    return store.node(0, ends, kids)


def _add(ends: list[int], kids: list[Reference], end: int, kid: Reference) -> None:
    if kids and kids[-1] == kid:
        ends[-1] = end
    else:
        ends.append(end)
        kids.append(kid)


def _part(
    store: Diagrams, rules: Sequence[Box], names: Sequence[int], combinations: dict[tuple[int, ...], int] | None,
    alive: set[int], made: dict[tuple[int, ...], Reference],
) -> Reference:  # fmt: skip
    key = tuple(sorted(alive))
    found = made.get(key)
    if found is None:
        chosen = key
        if key and combinations is None:
            left = uncovered([rules[index] for index in key], store.order[1:], store.budget)
            chosen = tuple(key[index] for index in left)
        build = _Build(store, [rules[index] for index in chosen], [names[index] for index in chosen], combinations)
        found = made[key] = build.run()
    return found


class _Build:
    """One construction: a mask says which rules still match, field after field from the one after the protocol."""

    def __init__(
        self,
        store: Diagrams,
        rules: Sequence[Box],
        names: Sequence[int],
        combinations: dict[tuple[int, ...], int] | None,
    ) -> None:
        self.store = store
        self.names = names
        self.combinations = combinations
        self.everyone = (1 << len(rules)) - 1
        self.fields = len(store.tops)
        self.held = 0
        self.grids: dict[int, Grid] = {}
        for level in range(1, self.fields):
            field = store.order[level]
            column = [rule[field] for rule in rules]
            self.grids[level] = grid = make_grid(column, store.tops[level], store.budget, self.held)
            self.held += grid.size
        #: Per field the rules that match whatever it and those after it are; nobody where every match counts.
        self.wide = [0] * (self.fields + 1)
        if combinations is None:
            self.wide[self.fields] = self.everyone
            for level in range(self.fields - 1, 0, -1):
                self.wide[level] = self.wide[level + 1] & self.grids[level].full
        self.memo: list[dict[int, Reference]] = [{} for _ in range(self.fields + 1)]
        #: Per field the last cut of each set of rules that are full there: its other rules, and where it was cut.
        self.bases: list[dict[int, tuple[int, Cut]]] = [{} for _ in range(self.fields)]

    def run(self) -> Reference:
        """Build with every rule alive."""
        return self._step(1, self.everyone)

    def _step(self, level: int, mask: int) -> Reference:
        """The diagram of the fields from this one on, for packets that these rules match so far."""
        if not mask:
            return NOTHING
        memo = self.memo[level]
        found = memo.get(mask)
        if found is None:
            if level == self.fields or mask & -mask & self.wide[level]:
                found = self._leaf(mask)
            else:
                found = self._split(level, mask)
            memo[mask] = found
            self.held += mask.bit_length() >> 3
            if not len(memo) & 63:
                self.store.budget.check(len(self.store.nodes), self.held)
        return found

    def _leaf(self, mask: int) -> Reference:
        if self.combinations is None:
            return -1 - self.names[(mask & -mask).bit_length() - 1]
        named = tuple(self.names[index] for index in _bits(mask))
        return -1 - self.combinations.setdefault(named, len(self.combinations))

    def _split(self, level: int, mask: int) -> Reference:
        """Cut this field only where a live rule begins or ends."""
        grid = self.grids[level]
        full = mask & grid.full
        others = mask ^ full
        if not others:
            return self._step(level + 1, full)
        bases = self.bases[level]
        before, cut = bases.get(full, (0, ([], [])))
        changed = others ^ before
        if changed.bit_count() * ONE_IN < others.bit_count():
            starts, kids = self._patched(level, mask, changed, cut)
        else:
            places = {0}
            edges = grid.edges
            rest = others
            while rest:
                index = rest.bit_length() - 1
                rest ^= 1 << index
                places.update(edges[index])
            places.discard(len(grid.at))
            starts, kids = self._sweep(level, mask, sorted(places))
        bases[full] = others, (starts, kids)
        self.held += len(starts) << 4
        ends = [grid.ends[start - 1] for start in starts]
        ends.append(ends.pop(0))  # a list's place -1 is its last: the field's end
        return self.store.node(level, ends, kids)

    def _sweep(self, level: int, mask: int, places: Iterable[int]) -> Cut:
        """Walk from place to place and find the child of each."""
        below = level + 1
        at = self.grids[level].at
        wide_below = self.wide[below]
        memo = self.memo[below].get
        step = self._step
        starts: list[int] = []
        kids: list[Reference] = []
        last = None
        for place in places:
            live = mask & at[place]
            wide = live & wide_below
            if wide:  # no rule after the first of these decides anything
                live &= wide ^ (wide - 1)
            kid = memo(live)
            if kid is None:
                kid = step(below, live)
            if kid != last:
                starts.append(place)
                kids.append(kid)
                last = kid
        return starts, kids

    def _patched(self, level: int, mask: int, changed: int, cut: Cut) -> Cut:
        """The last cut, made anew where one of the changed rules is."""
        at, edges = self.grids[level].at, self.grids[level].edges
        lost_or_won = [edges[index] for index in _bits(changed)]
        pairs = (pair for mine in lost_or_won for pair in zip(mine[::2], mine[1::2], strict=True))
        for first, last in normal((first, end - 1) for first, end in pairs):
            places = [first, *(place for place in range(first + 1, last + 1) if (at[place] ^ at[place - 1]) & mask)]
            cut = _replaced(cut, first, last + 1, self._sweep(level, mask, places), len(at))
        return cut


def _replaced(cut: Cut, first: int, end: int, piece: Cut, count: int) -> Cut:
    """A cut of `count` places whose places from `first` to before `end` are those of a piece."""
    starts, kids = cut
    left, right = bisect_left(starts, first), bisect_left(starts, end)
    before = starts[:left], kids[:left]
    after = starts[right:], kids[right:]
    if end < count and starts[right : right + 1] != [end]:  # what went on there goes on behind the piece
        after = [end, *after[0]], [kids[right - 1], *after[1]]
    return _joined(_joined(before, piece), after)


def _joined(left: Cut, right: Cut) -> Cut:
    same = left[1][-1:] == right[1][:1]
    return left[0] + right[0][same:], left[1] + right[1][same:]


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        mask ^= low
        yield low.bit_length() - 1
