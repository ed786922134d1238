"""Which rules of a long policy a page shows: a hundred of each direction, those that match what was searched for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import HttpRequest

from tenant_ops_dashboard.firewall.matrix import LAYERS
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Rule

ROWS = 100
ALL = 10_000  # more rules than a draft can have
LONGEST = 80  # letters of a search


@dataclass(frozen=True)
class Window:
    """What the address says: the number, from 1, at which each direction begins, what to find, and the layer."""

    begins: Mapping[Direction, int] = field(default_factory=dict)
    find: str = ""
    layer: str = ""
    rows: int = ROWS

    @classmethod
    def of(cls, request: HttpRequest) -> Window:
        """As the address has it; what cannot be is taken as the beginning."""
        told = {one: request.GET.get(one, "") for one in DIRECTIONS}
        begins = {one: int(said) for one, said in told.items() if said.isdecimal() and len(said) < 6}
        layer = next((one for one in LAYERS[1:] if one == request.GET.get("layer")), "")
        return cls(begins, request.GET.get("find", "").strip()[:LONGEST], layer)

    @property
    def query(self) -> str:
        """The address's query, with its question mark; '' for the page as it opens."""
        told: dict[str, str] = {one: str(begin) for one, begin in self.begins.items() if begin > 1}
        told |= {"find": self.find} if self.find else {}
        told |= {"layer": self.layer} if self.layer else {}
        return f"?{urlencode(told)}" if told else ""

    def at(self, direction: Direction, begin: int) -> str:
        """The query with this direction beginning elsewhere."""
        return replace(self, begins={**self.begins, direction: begin}).query or "?"

    def places(self, direction: Direction, rules: Sequence[Rule]) -> tuple[list[int], int, int]:
        """The places of the rules to show, where the first of them stands among those that match, and how many do."""
        matching = [place for place, rule in enumerate(rules) if _matches(rule, self.find.lower())]
        asked = self.begins.get(direction, 1) - 1
        begin = max(0, min(asked, (len(matching) - 1) // self.rows * self.rows))
        return matching[begin : begin + self.rows], begin, len(matching)


def _matches(rule: Rule, find: str) -> bool:
    if not find:
        return True
    told = (
        rule.name, rule.description, rule.action, rule.protocol, rule.source_ip_address, rule.destination_ip_address,
        rule.source_port, rule.destination_port, rule.id,
    )  # fmt: skip
    return any(find in one.lower() for one in told if one)
