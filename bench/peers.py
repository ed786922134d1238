"""The same policy analysed with binary decision diagrams: CUDD through `dd`, and `oxidd`."""

from collections.abc import Sequence
from typing import Any

from tenant_ops_dashboard.reachability.boxes import FIELDS, Box
from tenant_ops_dashboard.reachability.spans import Spans

BITS = {"protocol": 8, "src": 32, "dst": 32, "dst_port": 16, "src_port": 16}
#: Field orders tried for the peers; the fastest counts.
ORDERS = (
    ("protocol", "src", "dst", "dst_port", "src_port"),
    ("dst", "src", "protocol", "dst_port", "src_port"),
    ("protocol", "dst", "dst_port", "src", "src_port"),
)


class Peer:
    """A BDD library over the bits of a packet, most significant first."""

    name = ""

    def __init__(self, order: Sequence[str]) -> None:
        self.place = {(field, bit): 0 for field in order for bit in range(BITS[field])}
        self.place = {key: index for index, key in enumerate(self.place)}
        #: The fields from the last in the order up, with their place in a match and the set of all their values.
        self.upwards = [(field, FIELDS.index(field), ((0, (1 << BITS[field]) - 1),)) for field in reversed(order)]
        self.variables: dict[tuple[str, int], Any] = {}
        self.true: Any = None
        self.false: Any = None

    def interval(self, field: str, low: int, high: int) -> Any:
        """The values low..high of a field. From the last bit up, so that each step puts one node on top."""
        width = BITS[field]
        bits = [self.variables[field, width - 1 - power] for power in range(width)]
        shared = (low ^ high).bit_length()
        above = below = self.true
        if low & (1 << shared) - 1 or ~high & (1 << shared) - 1:
            for power in range(shared):
                bit = bits[power]
                above = bit & above if low >> power & 1 else bit | above
                below = ~bit | below if high >> power & 1 else ~bit & below
        found = above & below
        for power in range(shared, width):
            found = (bits[power] if low >> power & 1 else ~bits[power]) & found
        return found

    def analyse(self, matches: Sequence[Box], allows: Sequence[bool]) -> list[int]:
        """Permit set, what each rule decides, and the indices of the rules that decide nothing."""
        known: dict[tuple[str, Spans], Any] = {}
        seen = permit = self.false
        dead, decides = [], []
        for index, match in enumerate(matches):
            rule = self.true
            for field, level, whole in self.upwards:
                spans = match[level]
                if spans != whole:
                    key = (field, spans)
                    if key not in known:
                        known[key] = self.interval(field, *spans[0])  # a firewall rule has one interval a field
                    rule = known[key] & rule
            new = rule & ~seen
            decides.append(new)
            if new == self.false:
                dead.append(index)
                continue
            seen = seen | new
            if allows[index]:
                permit = permit | new
        self.permit, self.decides = permit, decides
        return dead


class Cudd(Peer):
    """CUDD, as `dd.cudd` wraps it; no reordering."""

    name = "dd.cudd"

    def __init__(self, order: Sequence[str]) -> None:
        super().__init__(order)
        from dd import cudd

        self.manager = cudd.BDD()
        self.manager.configure(reordering=False)
        self.manager.declare(*(f"{field}_{bit}" for field, bit in self.place))
        self.true, self.false = self.manager.true, self.manager.false
        self.variables = {key: self.manager.var(f"{key[0]}_{key[1]}") for key in self.place}


class Oxidd(Peer):
    """oxidd's BDDs, one thread as the others."""

    name = "oxidd"

    def __init__(self, order: Sequence[str]) -> None:
        super().__init__(order)
        from oxidd.bdd import BDDManager

        self.manager = BDDManager(8_000_000, 1_000_000, 1)
        self.manager.add_vars(len(self.place))
        self.true, self.false = self.manager.true(), self.manager.false()
        self.variables = {key: self.manager.var(index) for key, index in self.place.items()}


PEERS = (Cudd, Oxidd)
