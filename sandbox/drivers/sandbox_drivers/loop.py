"""One selector, timers, and connections that never block. Standard library only."""

from __future__ import annotations

import heapq
import itertools
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Callable

IDLE_SECONDS = 120
Callback = Callable[[], object]


class Timer:
    def __init__(self, call: Callback) -> None:
        self.call: Callback | None = call

    def cancel(self) -> None:
        self.call = None


class Loop:
    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.timers: list[tuple[float, int, Timer]] = []
        self.count = itertools.count()
        self.ready: deque[Callback] = deque()
        self.streams: dict[Stream, None] = {}
        self.going = True
        # a signal wakes the selector through this pair
        self.wake, waker = socket.socketpair()
        self.wake.setblocking(False)
        waker.setblocking(False)
        self.waker = waker
        self.watch(self.wake, read=lambda: self.wake.recv(4096))
        self.later(IDLE_SECONDS, self._drop_idle)

    def watch(self, s: socket.socket, read: Callback | None = None, write: Callback | None = None) -> None:
        """Calls `read` and `write` whenever the socket is ready; neither means: keep it, but wait for nothing."""
        events = (selectors.EVENT_READ if read else 0) | (selectors.EVENT_WRITE if write else 0)
        known = s in self.selector.get_map()
        if not events:
            if known:
                self.selector.unregister(s)
        elif known:
            self.selector.modify(s, events, (read, write))
        else:
            self.selector.register(s, events, (read, write))

    def forget(self, s: socket.socket) -> None:
        self.watch(s)
        s.close()

    def later(self, seconds: float, call: Callback) -> Timer:
        timer = Timer(call)
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.count), timer))
        return timer

    def soon(self, call: Callback) -> None:
        self.ready.append(call)

    def stop(self) -> None:
        self.going = False

    def run(self) -> None:
        signal.set_wakeup_fd(self.waker.fileno(), warn_on_full_buffer=False)
        while self.going:
            self.turn()

    def turn(self, patience: float = 60.0) -> None:
        """Waits for the next event, at most `patience` seconds, and handles everything that is due."""
        wait = 0.0 if self.ready else patience
        if self.timers:
            wait = min(wait, max(0.0, self.timers[0][0] - time.monotonic()))
        for key, events in self.selector.select(wait):
            read, write = key.data
            if events & selectors.EVENT_WRITE and write:
                write()
            # the write may have closed the socket
            if events & selectors.EVENT_READ and read and key.fileobj.fileno() >= 0:  # type: ignore[union-attr]
                read()
        while self.timers and self.timers[0][0] <= time.monotonic():
            call = heapq.heappop(self.timers)[2].call
            if call:
                call()
        for _ in range(len(self.ready)):
            self.ready.popleft()()

    def _drop_idle(self) -> None:
        since = time.monotonic() - IDLE_SECONDS
        for stream in [s for s in self.streams if s.moved < since and not s.keep]:
            stream.close()
        self.later(IDLE_SECONDS / 4, self._drop_idle)

    def drop_oldest(self) -> None:
        """Makes room where the process has no descriptor left for another connection."""
        idle = [s for s in self.streams if not s.keep]
        if idle:
            min(idle, key=lambda s: s.moved).close()


class Stream:
    """One connection. `received` is called with each piece of data, `closed` once when the other side is gone."""

    def __init__(self, loop: Loop, s: socket.socket, keep: bool = False) -> None:
        self.loop, self.socket, self.keep = loop, s, keep
        self.received: Callable[[bytes], object] = lambda data: None
        self.closed: Callback = lambda: None
        self.out = b""
        self.ending = False
        self.moved = time.monotonic()
        s.setblocking(False)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop.streams[self] = None
        loop.watch(s, read=self._readable)

    @property
    def open(self) -> bool:
        return self.socket.fileno() >= 0

    def send(self, data: bytes) -> None:
        """Sends now what the socket takes, the rest when it can."""
        if self.open:
            self.out += data
            self._writable()

    def finish(self) -> None:
        """Closes as soon as everything is sent."""
        self.ending = True
        if self.open and not self.out:
            self.close()

    def close(self) -> None:
        if self.open:
            self.loop.streams.pop(self, None)
            self.loop.forget(self.socket)
            self.closed()

    def _readable(self) -> None:
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.moved = time.monotonic()
        if data:
            self.received(data)
        else:
            self.close()

    def _writable(self) -> None:
        try:
            sent = self.socket.send(self.out)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        self.moved = time.monotonic()
        self.out = self.out[sent:]
        if not self.out and self.ending:
            self.close()
        else:
            self.loop.watch(self.socket, read=self._readable, write=self._writable if self.out else None)
