"""Rows on their way to a terminal, a spreadsheet or a shell: nothing that a tenant wrote acts there.

JSON and YAML have escapes of their own and stay exact.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable
from typing import Any

from cliff.columns import FormattableColumn

from tenant_ops_dashboard.escape import cell, line, lines

__all__ = ["EXACT", "Tamed", "cell", "line", "lines", "row"]

# Each writes what a string was into quotes of its own.
EXACT = ("json", "yaml")
_WIDE = 100  # characters of a line in a table's cell
_IN_QUOTES = str.maketrans({"\\": "\\\\", "$": "\\$", "`": "\\`"})


def row(values: Any, formatter: str) -> tuple[Any, ...]:
    """A row for this formatter: strings made harmless, columns with words of their own too, the rest as it is."""
    if formatter in EXACT:
        return tuple(values)
    make = _MAKERS.get(formatter, lambda text: text)

    def harmless(one: Any) -> Any:
        if isinstance(one, FormattableColumn):
            return Tamed(one, make)
        return make(line(one)) if isinstance(one, str) else one

    return tuple(map(harmless, values))


class Tamed(FormattableColumn[Any]):
    """A column whose words, and whose value as text, are made harmless."""

    def __init__(self, inner: FormattableColumn[Any], make: Callable[[str], str]) -> None:
        super().__init__(inner.machine_readable())
        self._inner, self._make = inner, make

    def human_readable(self) -> str:
        return self._make(lines(self._inner.human_readable()))

    def machine_readable(self) -> str:
        return self._make(lines(self._value if isinstance(self._value, str) else json.dumps(self._value)))


def _narrow(text: str) -> str:
    """Long lines broken at blanks; a terminal's tables are fitted to it by cliff."""
    if sys.stdout.isatty():
        return text
    wrapper = textwrap.TextWrapper(_WIDE, break_long_words=False, break_on_hyphens=False)
    return "\n".join(wrapper.fill(one) for one in text.split("\n"))


_MAKERS: dict[str, Callable[[str], str]] = {
    "csv": cell, "shell": lambda text: text.translate(_IN_QUOTES), "table": _narrow,
}  # fmt: skip
