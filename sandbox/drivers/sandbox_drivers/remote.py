"""The application's one connection to the database: questions in a row, answers in the same order."""

from __future__ import annotations

import errno
import socket
import time
from collections import deque
from collections.abc import Callable

from sandbox_drivers.loop import Loop, Stream, Timer

PORT = 1521
PATIENCE = 1.5  # below the shortest sensible timeout of a health monitor
REST = 1.0  # how long an unreachable database is taken for one without asking again
Answer = Callable[["str | None"], object]


class Question:
    def __init__(self, text: str, done: Answer) -> None:
        self.text, self.waiting, self.again = text, [done], False

    def answered(self, answer: str | None) -> None:
        for done in self.waiting:
            done(answer)


def parse(address: str) -> tuple[str, int]:
    """'10.0.2.10:1521', '10.0.2.10', '[fd00::1]:1521' or 'fd00::1' as host and port."""
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        return host, int(rest.lstrip(":") or PORT)
    host, colon, port = address.rpartition(":")
    return (host, int(port)) if colon and ":" not in host else (address, PORT)


class Remote:
    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.address: str | None = None
        self.stream: Stream | None = None
        self.asked: deque[Question] = deque()
        self.timer: Timer | None = None
        self.greeted = self.served = False
        self.rest_until = 0.0
        self.buffer = b""

    def configure(self, address: str | None) -> None:
        if address != self.address:
            self.address, self.rest_until = address, 0.0
            self.drop()

    def ask(self, text: str, done: Answer) -> None:
        """Calls `done` with the database's line, or with None where there is no database or it does not answer in time.

        Those who ask for the count while the same question is on its way share its answer.
        """
        if not self.address or time.monotonic() < self.rest_until:
            done(None)
            return
        if text == "COUNT" and self.asked and self.asked[-1].text == text:
            self.asked[-1].waiting.append(done)
            return
        self.asked.append(Question(text, done))
        if self.stream is None:
            self.connect()
        else:
            self.stream.send(text.encode() + b"\n")
        self.watch_clock()

    def watch_clock(self) -> None:
        if self.timer is None and self.asked:
            self.timer = self.loop.later(PATIENCE, self.give_up)

    def connect(self) -> None:
        host, port = parse(self.address or "")
        s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        s.setblocking(False)
        if s.connect_ex((host, port)) not in (0, errno.EINPROGRESS):
            s.close()
            self.loop.soon(self.give_up)
            return
        self.buffer, self.greeted, self.served = b"", False, False
        self.stream = Stream(self.loop, s, keep=True)
        self.stream.received, self.stream.closed = self.received, self.lost
        self.stream.out = b"".join(q.text.encode() + b"\n" for q in self.asked)
        self.loop.watch(s, read=self.stream._readable, write=self.stream._writable)

    def received(self, data: bytes) -> None:
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            if not self.greeted:
                self.greeted = True
            elif self.asked:
                self.served = True
                if self.timer:
                    self.timer.cancel()
                    self.timer = None
                self.asked.popleft().answered(line.decode(errors="replace"))
                self.watch_clock()

    def lost(self) -> None:
        """The connection is gone: what may be asked twice is, once, where it had worked before."""
        self.stream = None
        if not self.asked:
            return
        if self.served and all(q.text == "COUNT" and not q.again for q in self.asked):
            for question in self.asked:
                question.again = True
            self.connect()
        else:
            self.give_up()

    def give_up(self) -> None:
        self.rest_until = time.monotonic() + REST
        self.drop()

    def drop(self) -> None:
        """Closes the connection; everybody who waits is told that there is no answer."""
        if self.timer:
            self.timer.cancel()
            self.timer = None
        waiting, self.asked = self.asked, deque()
        if self.stream:
            self.stream.closed = lambda: None
            self.stream.close()
            self.stream = None
        for question in waiting:
            question.answered(None)
