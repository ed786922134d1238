"""A mask: an SQL script that is applied to the rows of a volume by a guest that does nothing else, then switches off.

The rows stand in one table of a database in memory, `rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL)`, and go back to
the volume as a whole once the script has ended: a script that fails leaves the volume as it was. The script may read
and change that table and nothing else. Standard library only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sandbox_drivers import records
from sandbox_drivers.rows import Rows, RowsError

SECONDS = 60.0
MEMORY = 512 << 20
LONGEST_VALUE = 1 << 20
LONGEST_REASON = 200
NONCE = re.compile(r"[A-Za-z0-9._-]{1,128}")
ALLOWED = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT,
}  # fmt: skip
FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer"}
NAMES = (
    "ATTACH", "DETACH", "PRAGMA", "ANALYZE", "REINDEX", "ALTER TABLE", "CREATE TABLE", "CREATE TEMP TABLE",
    "CREATE INDEX", "CREATE TEMP INDEX", "CREATE TRIGGER", "CREATE TEMP TRIGGER", "CREATE VIEW", "CREATE TEMP VIEW",
    "DROP TABLE", "DROP INDEX", "DROP TRIGGER", "DROP VIEW",
)  # fmt: skip
NAME_OF = {getattr(sqlite3, f"SQLITE_{name.replace(' ', '_')}"): name for name in NAMES}
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}


class MaskError(Exception):
    """The script was not applied; the text says why."""


def run(folder: Path, mask: dict[str, str], path: str | None, say: Callable[[str], object]) -> None:
    """Applies `mask` ({"script": base64, "nonce": …}) to the volume at `path`, says how it went, and remembers that.

    What is said is one line of ASCII: Nova gives a console's text in nothing else.
    """
    nonce = mask["nonce"] if NONCE.fullmatch(mask["nonce"]) else "-"
    try:
        if nonce == "-":
            raise MaskError("TENANT_OPS_NONCE has 1 to 128 letters, digits, dots, dashes and underscores")
        script = decoded(mask["script"])
        count = apply(path, script)
        line = f"done rows={count} sha256={hashlib.sha256(script).hexdigest()}"
    except (MaskError, RowsError) as e:
        line = f"failed {' '.join(str(e).split())[:LONGEST_REASON]}"
    say(f"tenant-ops mask {nonce} {line}".encode("ascii", "backslashreplace").decode())
    (folder / records.MASKED).touch()


def decoded(script: str) -> bytes:
    try:
        return base64.b64decode(script, validate=True)
    except (binascii.Error, ValueError):
        raise MaskError("TENANT_OPS_MASK is not base64") from None


def apply(path: str | None, script: bytes, seconds: float = SECONDS) -> int:
    """How many rows the volume has afterwards. Raises MaskError or RowsError, and the volume is as it was."""
    if path is None:
        raise MaskError("the server has no data volume")
    try:
        text = script.decode()
    except UnicodeDecodeError:
        raise MaskError("the script is not UTF-8") from None
    rows = Rows(path)
    try:
        after = masked(rows.all(), text, seconds)
        rows.replace(after)
        return len(after)
    finally:
        rows.close()


def masked(texts: Sequence[str], script: str, seconds: float) -> list[str]:
    """The rows as the script leaves them, by id. Raises MaskError."""
    end, refused = time.monotonic() + seconds, []

    def allowed(action: int, first: str | None, second: str | None, *_: Any) -> int:
        if action in ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second not in FORBIDDEN_FUNCTIONS):
            return sqlite3.SQLITE_OK
        refused.append(NAME_OF.get(action) or second or "this statement")
        return sqlite3.SQLITE_DENY

    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        fill(database, texts)
        database.set_authorizer(allowed)
        database.set_progress_handler(lambda: time.monotonic() > end, 1000)
        database.executescript(script)
        if database.in_transaction:
            raise MaskError("the script leaves a transaction open")
        database.set_authorizer(None)
        database.text_factory = bytes  # SQLite's own complaint of a row that is no UTF-8 quotes the row
        return checked([text for (text,) in database.execute("SELECT text FROM rows ORDER BY id")])
    except MemoryError:
        raise MaskError(f"the script needs more than {MEMORY >> 20} MiB of memory") from None
    except (sqlite3.Error, sqlite3.Warning, ValueError) as e:
        if refused:
            raise MaskError(f"{refused[0]} is not allowed in a mask") from None
        if time.monotonic() > end:
            raise MaskError(f"the script took longer than {seconds:g} seconds") from None
        raise MaskError(str(e)) from None
    finally:
        database.close()


def fill(database: sqlite3.Connection, texts: Sequence[str]) -> None:
    """The rows in a table that takes nothing but text; nothing of it ever is in a temporary file."""
    database.execute("PRAGMA temp_store = memory")
    database.execute(f"PRAGMA hard_heap_limit = {MEMORY}")
    database.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
    database.execute("BEGIN")
    database.executemany("INSERT INTO rows (text) VALUES (?)", ((text,) for text in texts))
    database.execute("COMMIT")
    for limit, value in LIMITS.items():
        database.setlimit(limit, value)


def checked(rows: list[bytes]) -> list[str]:
    """Their texts. Raises MaskError where one is none, or has a line break: the database speaks in lines."""
    try:
        texts = [row.decode() for row in rows]
    except UnicodeDecodeError:
        raise MaskError("a row is not UTF-8") from None
    if any("\n" in text or "\r" in text for text in texts):
        raise MaskError("a row has a line break")
    return texts
