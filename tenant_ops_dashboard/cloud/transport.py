"""HTTP whose time is the whole answer's, not that of one read: a server that trickles bytes is cut off too."""

from __future__ import annotations

import http.client
import io
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from tenant_ops_dashboard.cloud import errors
from tenant_ops_dashboard.cloud.deadline import Deadline

# Bytes of one answer: many times a list of ten thousand ports.
LONGEST = 64 * 1024 * 1024
_CHUNK = 64 * 1024
# What may be asked once more. A server ends a connection that lies idle, and whoever sends just then does not know
# whether it was heard (RFC 9112, 9.6): everything else has a connection of its own.
_ASKS = frozenset({"GET", "HEAD", "OPTIONS"})
# OpenStack 2025.1 and 2025.2 come with it.
_FIRST = urllib3.__version__.startswith("1.")
_UNSENT = "Nothing of the request was sent."


class TooLong(requests.RequestException):
    """An answer has more than `LONGEST` bytes."""


class _Reader(io.RawIOBase):
    """A socket read until a moment."""

    def __init__(self, sock: socket.socket, mode: str, until: float) -> None:
        self._raw: Any = sock.makefile(mode, buffering=0)  # type: ignore[call-overload]
        self._sock, self._until = sock, until
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        self.ended = count == 0
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Socket:
    """What http.client needs of a socket to read an answer."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until = sock, until

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock, mode, self._until))


class _Response(http.client.HTTPResponse):
    """An answer that has to come until a moment, with its head to the last line."""

    def __init__(self, until: float, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(_Socket(sock, until), *arguments, **options)  # type: ignore[arg-type]

    def begin(self) -> None:
        """As http.client's, which takes a head that breaks off for a whole one without a body."""
        reader: Any = self.fp.raw
        super().begin()
        if reader.ended:
            raise http.client.IncompleteRead(b"")


class _Plain(HTTPConnection):
    """A connection all of whose addresses share the time to connect, and that knows whether it ever was one."""

    def connect(self) -> None:
        try:
            super().connect()
        except Exception as error:
            error.add_note(_UNSENT)
            raise

    def getresponse(self) -> Any:
        # Here urllib3 2 has put what is left of the whole; urllib3 1 into the socket.
        left = self.sock.gettimeout() if _FIRST else self.timeout
        self.response_class = partial(_Response, time.monotonic() + float(left or 0))  # type: ignore[assignment]
        return super().getresponse()

    def _new_conn(self) -> socket.socket:
        until = time.monotonic() + float(self.timeout or 0)
        # What a proxy says before there is TLS is read with this.
        self.response_class = partial(_Response, until)  # type: ignore[assignment]
        made = self._first(until)
        # The time for TLS's handshake.
        made.settimeout(max(0.001, until - time.monotonic()))
        return made

    def _first(self, until: float) -> socket.socket:
        """urllib3 would give each address of a name the whole time."""
        name = self._dns_host
        try:
            addresses = [str(one[4][0]) for one in socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise urllib3.exceptions.NewConnectionError(self, f"{name} has no address: {error}") from error
        try:
            while True:
                self._dns_host = addresses.pop(0)
                self.timeout = max(0.001, (until - time.monotonic()) / (len(addresses) + 1))
                try:
                    return super()._new_conn()
                except urllib3.exceptions.HTTPError:
                    if not addresses:
                        raise
        finally:
            self._dns_host = name


class _Secure(_Plain, HTTPSConnection):
    """The same over TLS."""


class _Measured(urllib3.HTTPResponse):
    """An answer that breaks off before its Content-Length is none: urllib3 1 takes it for a whole one unless asked."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "enforce_content_length": True})


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain
    ResponseCls = _Measured

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._sends = threading.local()

    def urlopen(self, method: str, url: str, *arguments: Any, **options: Any) -> Any:
        self._sends.asks = method in _ASKS
        return super().urlopen(method, url, *arguments, **options)

    def _get_conn(self, timeout: float | None = None) -> Any:
        found: Any = super()._get_conn(timeout)
        if not self._sends.asks:
            found.close()  # it connects anew by itself
        return found


class _SecurePool(_PlainPool, HTTPSConnectionPool):
    ConnectionCls = _Secure
    ResponseCls = _Measured


_POOLS: dict[str, type] = {"http": _PlainPool, "https": _SecurePool}


class Adapter(HTTPAdapter):
    """`timeout` is for connecting, sending and the whole answer together; an answer's size is bounded."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        whole = urllib3.Timeout(total=options.pop("timeout", None))
        response = super().send(request, timeout=whole, **{**options, "stream": True})  # type: ignore[arg-type]
        try:
            response._content = _whole(response)
        except requests.RequestException as error:
            response.close()
            if any(isinstance(one, urllib3.exceptions.ReadTimeoutError) for one in error.args):
                raise requests.ReadTimeout(error, request=request) from error
            raise
        return response


def _whole(response: requests.Response) -> bytes:
    parts = bytearray()
    for part in response.iter_content(_CHUNK):
        parts += part
        if len(parts) > LONGEST:
            raise TooLong(f"An answer has more than {LONGEST} bytes.", response=response)
    return bytes(parts)


class Requests(requests.Session):
    """A session each of whose calls, logins and redirects included, ends with one deadline."""

    def __init__(self, deadline: Deadline, usual: float) -> None:
        super().__init__()
        self.deadline, self.usual = deadline, usual
        for scheme in ("http://", "https://"):
            self.mount(scheme, Adapter())

    def request(self, method: str, url: str | bytes, *arguments: Any, **options: Any) -> requests.Response:
        """As requests'. Raises errors.TimedOut where no time is left: nothing was sent."""
        change = method.upper() not in ("GET", "HEAD", "OPTIONS") and not str(url).endswith("/auth/tokens")
        options["timeout"] = self.deadline.allow(float(options.get("timeout") or self.usual), change)
        return super().request(method, url, *arguments, **options)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that led to it, down to one of ours, which belongs to another call."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, errors.CloudError):
            continue
        seen.add(id(one))
        yield one
        waiting += [other for other in (one.__cause__, one.__context__) if other is not None]


def unsent(error: BaseException) -> bool:
    """Whether the connection never came to be, so that the service cannot have acted."""
    kinds = (ConnectionRefusedError, socket.gaierror, requests.ConnectTimeout, urllib3.exceptions.NewConnectionError)
    return any(isinstance(one, kinds) or _UNSENT in getattr(one, "__notes__", ()) for one in chain(error))
