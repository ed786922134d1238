"""How a diagram is built from ordered matches: a mask says which rules still match, field after field."""

from collections.abc import Iterable, Sequence

from .boxes import Box
from .diagram import NOTHING, Diagrams, Reference

#: A field with more live rules than FEW is cut in pieces of PIECE turns each (both found by measuring).
FEW = 24
PIECE = 16
FAN = 4

Part = tuple[list[int], list[Reference]]
#: (rules at its begin, rules that touch it, rules that cover it and all fields after, turns, end, smaller ones, memo)
Piece = tuple[int, int, int, list[tuple[int, int]], int, "list[Piece]", dict[int, Part]]


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
        for low, high in rule[0]:
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
        chosen = [rules[index] for index in key]
        found = made[key] = _Build(store, chosen, [names[index] for index in key], combinations).run()
    return found


class _Build:
    """One construction: a mask says which rules still match, field after field."""

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
        self.keep_all = combinations is not None
        self.rules = rules
        self.fields = len(store.tops)
        self.wide = [0] * (self.fields + 1)
        self.full = [0] * self.fields
        self.groups: list[list[tuple[tuple[tuple[int, int], ...], int]]] = []
        self.memo: list[dict[int, int]] = [{} for _ in range(self.fields)]
        self.pieces: list[Piece | None] = [None] * self.fields
        self.masks = 0
        self._prepare()

    def _prepare(self) -> None:
        everyone = (1 << len(self.rules)) - 1
        # Bytes first, numbers after: setting bits one by one in a Python int is quadratic in the number of rules.
        size = (len(self.rules) + 7) // 8
        for level, top in enumerate(self.store.tops):
            whole = ((0, top),)
            sets: dict[tuple[tuple[int, int], ...], list[int]] = {}
            for index, rule in enumerate(self.rules):
                sets.setdefault(rule[level], []).append(index)
            self.store.budget.check(0, self.masks)
            groups = []
            for spans, members in sets.items():
                if len(members) == 1:
                    mask = 1 << members[0]
                else:
                    raw = bytearray(size)
                    for index in members:
                        raw[index >> 3] |= 1 << (index & 7)
                    mask = int.from_bytes(raw, "little")
                if spans == whole:
                    self.full[level] = mask
                else:
                    groups.append((spans, mask))
                self.masks += size
                self.store.budget.check(0, self.masks)
            self.groups.append(groups)
        self.wide[self.fields] = everyone
        for level in range(self.fields - 1, -1, -1):
            self.wide[level] = self.wide[level + 1] & self.full[level]

    def run(self) -> Reference:
        """Build from the field after the protocol with every rule alive."""
        return self._step(1, self._cut(1, self.wide[self.fields]))

    def _cut(self, level: int, mask: int) -> int:
        """Drop every rule after the first that matches whatever the remaining fields are."""
        if self.keep_all:
            return mask
        wide = mask & self.wide[level]
        return mask & ((wide & -wide) * 2 - 1) if wide else mask

    def _leaf(self, mask: int) -> Reference:
        if self.combinations is None:
            return -1 - self.names[(mask & -mask).bit_length() - 1]
        named = tuple(self.names[index] for index in _bits(mask))
        return -1 - self.combinations.setdefault(named, len(self.combinations))

    def _step(self, level: int, mask: int) -> Reference:
        if not mask:
            return NOTHING
        if level == self.fields or ((mask & -mask) & self.wide[level] and not self.keep_all):
            return self._leaf(mask)
        memo = self.memo[level]
        found = memo.get(mask)
        if found is None:
            found = memo[mask] = self._split(level, mask)
            self.masks += mask.bit_length() >> 3
            if not len(memo) & 63:
                self.store.budget.check(len(self.store.nodes), self.masks)
        return found

    def _split(self, level: int, mask: int) -> Reference:
        """Cut this field only where a live rule begins or ends."""
        alive = mask & self.full[level]
        narrow = mask ^ alive
        if not narrow:
            return self._step(level + 1, alive)
        count = narrow.bit_count()
        if count > FEW:
            return self._by_pieces(level, mask)
        turns: dict[int, int] = {}
        get = turns.get
        rules = self.rules
        while narrow:
            bit = narrow & -narrow
            narrow ^= bit
            for low, high in rules[bit.bit_length() - 1][level]:
                turns[low] = get(low, 0) ^ bit
                turns[high + 1] = get(high + 1, 0) ^ bit
        alive ^= turns.pop(0, 0)
        top = self.store.tops[level]
        turns.pop(top + 1, None)
        ends: list[int] = []
        kids: list[int] = []
        self._sweep(level, alive, sorted(turns.items()), top, ends, kids)
        return self.store.node(level, ends, kids)

    def _sweep(
        self, level: int, mask: int, turns: list[tuple[int, int]], top: int, ends: list[int], kids: list[int]
    ) -> None:
        """Walk from turn to turn up to `top`, adding an interval and its child for each."""
        below = level + 1
        memo = self.memo[below].get if below < self.fields else None
        wide_below = 0 if self.keep_all else self.wide[below]
        step = self._step
        turns.append((top + 1, 0))
        for start, turn in turns:
            live = mask
            wide = live & wide_below
            if wide:
                live &= (wide & -wide) * 2 - 1
            kid = memo(live) if memo else None
            if kid is None:
                kid = step(below, live)
            if kids and kids[-1] == kid:
                ends[-1] = start - 1
            else:
                ends.append(start - 1)
                kids.append(kid)
            mask ^= turn

    def _by_pieces(self, level: int, mask: int) -> Reference:
        """Cut a field with many live rules piece by piece: a stretch on which two masks agree is cut once."""
        piece = self.pieces[level]
        if piece is None:
            piece = self.pieces[level] = self._cut_into_pieces(level)
        ends, kids = self._stretch(level, piece, mask)
        return self.store.node(level, ends, kids)

    def _stretch(self, level: int, piece: Piece, mask: int) -> Part:
        """The intervals and children of one stretch of a field, remembered by the rules that matter there."""
        begin, touching, covering, turns, top, inner, known = piece
        key = mask & touching
        wide = key & covering
        if wide:
            key &= (wide & -wide) * 2 - 1
        part = known.get(key)
        if part is not None:
            return part
        ends: list[int] = []
        kids: list[int] = []
        if inner:
            for smaller in inner:
                more_ends, more_kids = self._stretch(level, smaller, key)
                if kids and kids[-1] == more_kids[0]:
                    ends.pop()
                    kids.pop()
                ends += more_ends
                kids += more_kids
        else:
            live = [(place, some) for place, turn in turns if (some := turn & key)]
            self._sweep(level, key & begin, live, top, ends, kids)
        self.masks += (key.bit_length() >> 3) + 16 * len(ends)
        if not len(known) & 63:
            self.store.budget.check(len(self.store.nodes), self.masks)
        known[key] = ends, kids
        return ends, kids

    def _cut_into_pieces(self, level: int) -> Piece:
        """Cut a field's values into stretches of PIECE turns, and those into ever longer ones, to the whole field."""
        turns: dict[int, int] = {}
        for spans, members in self.groups[level]:
            for low, high in spans:
                turns[low] = turns.get(low, 0) ^ members
                turns[high + 1] = turns.get(high + 1, 0) ^ members
        full = self.full[level]
        wide = 0 if self.keep_all else self.wide[level + 1]
        mask = turns.pop(0, 0) | full
        top = self.store.tops[level]
        turns.pop(top + 1, None)
        places = sorted(turns.items())
        row: list[Piece] = []
        for first in range(0, len(places) or 1, PIECE):
            mine = places[first : first + PIECE]
            if first:
                mask ^= mine.pop(0)[1]
            last = places[first + PIECE][0] - 1 if first + PIECE < len(places) else top
            begin, turned = mask, 0
            for _, turn in mine:
                turned |= turn
                mask ^= turn
            row.append((begin, begin | turned, begin & ~turned & wide, mine, last, [], {}))
            self.masks += 3 * (self.wide[self.fields].bit_length() >> 3)
            self.store.budget.check(0, self.masks)
        while len(row) > 1:
            longer: list[Piece] = []
            for first in range(0, len(row), FAN):
                inner = row[first : first + FAN]
                touching, covering = 0, wide
                for piece in inner:
                    touching |= piece[1]
                    covering &= piece[2]
                longer.append((inner[0][0], touching, covering, [], inner[-1][4], inner, {}))
            row = longer
        return row[0]


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        mask ^= low
        yield low.bit_length() - 1
