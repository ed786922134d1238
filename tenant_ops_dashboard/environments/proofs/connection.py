"""One TCP connection with one deadline over all of it: a server that drips a byte a second holds nobody up."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit


class Line:
    """An open connection; every step raises TimeoutError once its deadline has passed, else an OSError."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection, self._deadline = connection, deadline

    def send(self, data: bytes) -> None:
        """All of it."""
        self._hurry().sendall(data)

    def first(self, most: int) -> bytes:
        """The bytes of the first line, or the first `most`."""
        found = b""
        while len(found) < most and b"\n" not in found:
            more = self._hurry().recv(most - len(found))
            if not more:
                break
            found += more
        return found

    def response(self) -> http.client.HTTPResponse:
        """The answer to a GET, its head read. Raises http.client.HTTPException where it is none."""
        response = http.client.HTTPResponse(_Reads(self), method="GET")  # type: ignore[arg-type]
        response.begin()
        return response

    def take(self, buffer: Any) -> int:
        """The next bytes into `buffer`; 0 at the end."""
        return self._hurry().recv_into(buffer)

    def encrypt(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        """TLS from here on, without a name: the other side is an address. Raises ssl.SSLError, too."""
        self._connection = context.wrap_socket(self._hurry(), do_handshake_on_connect=False)
        self._hurry()
        self._connection.do_handshake()
        return self._connection

    def close(self) -> None:
        """Whatever it has become since it was opened."""
        self._connection.close()

    def _hurry(self) -> socket.socket:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection


class _Reads(io.RawIOBase):
    """What http.client wants of a socket: something to read from."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._line.take(buffer)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)


@contextmanager
def connect(place: tuple[str, int], seconds: float) -> Iterator[Line]:
    """A connection to host and port, all of it within `seconds`. Raises OSError."""
    deadline = time.monotonic() + seconds
    line = Line(socket.create_connection(place, timeout=seconds), deadline)
    try:
        yield line
    finally:
        line.close()


def place(proxy: str) -> tuple[str, int]:
    """Host and port of a proxy's address."""
    parts = urlsplit(proxy)
    return parts.hostname or "127.0.0.1", parts.port or 80
