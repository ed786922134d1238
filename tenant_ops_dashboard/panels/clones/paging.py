"""One page of a list that is known whole: what stands on it, and the addresses of the pages beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tenant_ops_dashboard.panels.clones.presenters import Row

#: Lines of one page.
SIZE = 50


@dataclass(frozen=True)
class Part:
    """`newer` and `older` are what follows the '?' of those pages' addresses, None where there are none.

    `first` and `last` are the numbers of its lines, `total` is how many lines all pages have.
    """

    rows: Sequence[Row]
    first: int
    total: int
    newer: str | None = None
    older: str | None = None

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def part(rows: Sequence[Row], name: str, asked: Mapping[str, str]) -> Part:
    """The page behind the clone whose id is `asked[name]`; the first one where that stands in the list no more.

    What else was `asked` for stays in the addresses.
    """
    ids = [one.clone.id for one in rows]
    marker = asked.get(name, "")
    begin = ids.index(marker) + 1 if marker in ids else 0
    begin = begin if begin < len(rows) else 0
    end, before = begin + SIZE, begin - SIZE

    def address(behind: str) -> str:
        kept = {key: value for key, value in asked.items() if key != name}
        return urlencode({**kept, name: behind} if behind else kept)

    return Part(
        rows[begin:end], begin + 1, len(rows),
        address(ids[before - 1] if before > 0 else "") if begin else None,
        address(ids[end - 1]) if end < len(rows) else None,
    )  # fmt: skip
