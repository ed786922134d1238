"""What one answer tells: its status, who gave it, and what was read from a database on the way. Pure.

Who answered stands in the header X-Served-By, else in JSON ({"server", "database", "rows"}) or in a line of text such
as 'app-1 rows=3'. A page that says none of it proves that it answers, and no more.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from typing import Any

LONGEST_WORDS = 200
LONGEST_NAME = 60
MOST_ROWS = 10**15
SERVED_BY = "X-Served-By"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\s+rows=(\d{1,15})\b.*|\s+database\b.*)?", re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """What one server said; `rows` is None where it did not reach a database.

    `server` is '' where the answer does not name it. `tells` says that it is one of an application that tells of its
    database: where it has no rows, it did not reach it.
    """

    status: int
    server: str
    rows: int | None
    words: str
    tells: bool = True

    @property
    def good(self) -> bool:
        """Whether it is what a client wants: a page, or where to find it (RFC 9110, 15.3 and 15.4)."""
        return 200 <= self.status < 400


def read(status: int, body: str, served_by: str = "") -> Answer:
    """One answer of HTTP: its status, the beginning of its body, and its header SERVED_BY."""
    words = tidy(body, LONGEST_WORDS)
    header = tidy(served_by, LONGEST_NAME)
    served = header if _NAME.fullmatch(header) else ""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(body)
        if isinstance(found, dict) and found.get("server"):
            server = served or tidy(str(found["server"]), LONGEST_NAME)
            return Answer(status, server, _rows(found.get("rows")), words, bool({"rows", "database"} & set(found)))
    if line := _LINE.fullmatch(body.strip()):
        return Answer(status, served or tidy(line[1], LONGEST_NAME), int(line[2]) if line[2] else None, words)
    return Answer(status, served, None, words, tells=False)


def tidy(text: str, longest: int) -> str:
    """The beginning of a text as one line of what can be printed."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: longest * 4])
    return " ".join(shown.split())[:longest]


def _rows(said: Any) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= MOST_ROWS else None
