"""The database tier: a line protocol over the rows of its volume.

On connecting it says one line. Then COUNT, ADD text, LIST and QUIT; answers begin with OK, ROW or ERR.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox_drivers import sample
from sandbox_drivers.loop import Loop, Stream
from sandbox_drivers.rows import Rows, RowsError

LONGEST_LINE = 4096
NO_VOLUME = "no data volume"


class DatabaseTier:
    def __init__(self, loop: Loop, say: Callable[[str], object]) -> None:
        self.loop, self.say = loop, say
        self.name = ""
        self.path: str | None = None
        self.rows: Rows | None = None
        self.slow, self.fail = 0.0, False

    def configure(self, name: str, path: str | None, fault: dict[str, Any], first_rows: int = 0) -> None:
        """`first_rows`: how many sample rows a volume gets that was never written."""
        self.name, self.slow, self.fail = name, float(fault["slow"]), bool(fault["fail"])
        if path == self.path:
            return
        if self.rows:
            self.rows.close()
        self.path, self.rows = path, Rows(path) if path else None
        self.say(f"data volume: {Path(path).name if path else 'none'}")
        if self.rows and first_rows:
            self._fill(self.rows, first_rows)

    def _fill(self, rows: Rows, count: int) -> None:
        try:
            if rows.fill(sample.orders(count)):
                self.say(f"the volume was empty: {count} sample rows")
        except RowsError as e:
            self.say(str(e))

    def welcome(self, stream: Stream) -> None:
        stream.send(f"{self.name} database, {self.summary()}\n".encode())
        Session(self, stream)

    def summary(self) -> str:
        try:
            return f"{self.rows.count()} rows" if self.rows else NO_VOLUME
        except RowsError as e:
            return str(e)

    def answer(self, line: str) -> list[str]:
        """The lines that answer one command."""
        order, _, text = line.strip().partition(" ")
        if self.fail:
            return ["ERR told to fail"]
        if order.upper() not in ("COUNT", "ADD", "LIST"):
            return ["ERR the commands are COUNT, ADD text, LIST and QUIT"]
        if self.rows is None:
            return [f"ERR {NO_VOLUME}"]
        try:
            if order.upper() == "ADD":
                return [f"OK {self.rows.add(text)}"]
            listed = self.rows.all() if order.upper() == "LIST" else []
            return [f"ROW {row}" for row in listed] + [f"OK {self.rows.count()}"]
        except RowsError as e:
            return [f"ERR {e}"]


class Session:
    """One client; its commands are answered in their order."""

    def __init__(self, tier: DatabaseTier, stream: Stream) -> None:
        self.tier, self.stream = tier, stream
        self.buffer = b""
        self.busy = False
        stream.received = self.received

    def received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) > 64 * LONGEST_LINE:
            self.stream.close()
        self.advance()

    def advance(self) -> None:
        while not self.busy and self.stream.open and not self.stream.ending:
            line, found, rest = self.buffer.partition(b"\n")
            if not found:
                if len(line) > LONGEST_LINE:
                    self.stream.close()
                return
            self.buffer = rest
            text = line.decode(errors="replace")
            if text.strip().upper() == "QUIT":
                self.stream.finish()
            elif text.strip() and self.tier.slow:
                self.busy = True
                self.tier.loop.later(self.tier.slow, lambda text=text: self.late(text))
            elif text.strip():
                self.reply(text)

    def late(self, text: str) -> None:
        self.busy = False
        self.reply(text)
        self.advance()

    def reply(self, text: str) -> None:
        self.stream.send("".join(f"{line}\n" for line in self.tier.answer(text)).encode())
