"""The same policy analysed with binary decision diagrams: CUDD through `dd`, and `oxidd`."""

from collections.abc import Sequence
from typing import Any

from tenant_ops_dashboard.reachability.boxes import FIELDS, Box

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
        self.variables: dict[tuple[str, int], Any] = {}
        self.true: Any = None
        self.false: Any = None

    def interval(self, field: str, low: int, high: int) -> Any:
        """The values low..high of a field, as a union of prefixes."""
        width, found = BITS[field], self.false
        while low <= high:
            size = low & -low or 1 << width
            while size > high - low + 1:
                size >>= 1
            part = self.true
            for bit in range(width - size.bit_length(), -1, -1):
                variable = self.variables[field, bit]
                part = part & (variable if low >> (width - 1 - bit) & 1 else ~variable)
            found, low = found | part, low + size
        return found

    def analyse(self, matches: Sequence[Box], allows: Sequence[bool]) -> list[int]:
        """Permit set, what each rule decides, and the indices of the rules that decide nothing."""
        known: dict[tuple[str, int, int], Any] = {}
        seen = permit = self.false
        dead, decides = [], []
        for index, match in enumerate(matches):
            rule = self.true
            for field, spans in zip(FIELDS, match, strict=True):
                for low, high in spans:
                    if (low, high) != (0, (1 << BITS[field]) - 1):
                        key = (field, low, high)
                        if key not in known:
                            known[key] = self.interval(field, low, high)
                        rule = rule & known[key]
            new = rule & ~seen
            decides.append(new)
            if new == self.false:
                dead.append(index)
                continue
            seen = seen | rule
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
