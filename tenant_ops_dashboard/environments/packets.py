"""Proofs with packets: HTTP to the address, TCP where nothing may answer. Each has its own bound in seconds."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tenant_ops_dashboard.environments.model import Proof

SECONDS = 5.0
TRY = 2.0
_LINE = re.compile(r"^(\S+)(?: rows=(\d+))?")
Made = Callable[[], list[Proof]]


@dataclass(frozen=True)
class Answer:
    """What one server said; `rows` is None where it did not reach a database."""

    status: int
    server: str
    rows: int | None
    words: str


@dataclass(frozen=True)
class Way:
    """How packets get there: through an HTTP proxy (forwarding and CONNECT), or directly where it is None."""

    proxy: str | None = None

    def get(self, address: str, path: str, seconds: float) -> Answer:
        """One GET on port 80. Raises OSError or http.client.HTTPException."""
        host, port = self._hop(address, 80)
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
        try:
            target = f"http://{address}{path}" if self.proxy else path
            headers = {"Host": address, "Accept": "application/json, text/plain", "Connection": "close"}
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            body = response.read(4096).decode(errors="replace")
        finally:
            connection.close()
        return read(response.status, body)

    def opens(self, address: str, port: int, seconds: float) -> bool:
        """Whether a TCP connection to `port` comes about. Raises OSError where the proxy itself cannot be reached."""
        host, hop = self._hop(address, port)
        if not self.proxy:
            try:
                socket.create_connection((host, hop), timeout=seconds).close()
            except OSError:
                return False
            return True
        with socket.create_connection((host, hop), timeout=seconds) as proxy:
            proxy.sendall(f"CONNECT {address}:{port} HTTP/1.1\r\nHost: {address}:{port}\r\n\r\n".encode())
            try:
                return b" 200 " in proxy.recv(256).split(b"\r\n", 1)[0] + b" "
            except TimeoutError:
                return False

    def _hop(self, address: str, port: int) -> tuple[str, int]:
        if not self.proxy:
            return address, port
        parts = urlsplit(self.proxy)
        return parts.hostname or "127.0.0.1", parts.port or 80


def read(status: int, body: str) -> Answer:
    """An answer from JSON ({"server", "database", "rows"}) or from a line such as 'app-1 rows=3'."""
    with contextlib.suppress(ValueError):
        found = json.loads(body)
        if isinstance(found, dict) and found.get("server"):
            rows = found.get("rows")
            return Answer(status, str(found["server"]), rows if isinstance(rows, int) else None, body[:200])
    line = _LINE.match(body.strip())
    return Answer(status, line[1] if line else "", int(line[2]) if line and line[2] else None, body.strip()[:200])


def turns(way: Way, address: str, members: int, database: bool) -> list[Proof]:
    """That the address answers, by every server in turn, and that they reach the database; one or two proofs."""
    deadline = time.monotonic() + SECONDS
    answers: list[Answer] = []
    trouble = ""
    while time.monotonic() < deadline and len({one.server for one in answers}) < members and len(answers) < members * 4:
        try:
            answers.append(way.get(address, "/", min(TRY, max(0.2, deadline - time.monotonic()))))
        except (OSError, http.client.HTTPException) as error:
            trouble = _words(error)
            time.sleep(0.1)
    good = [one for one in answers if one.status == 200]
    servers = sorted({one.server for one in good if one.server})
    told = ", then ".join(list(dict.fromkeys(one.server for one in good if one.server)))
    title = "Answers from outside, by all servers in turn" if members > 1 else "Answers from outside"
    if len(servers) >= members and good:
        first = Proof("http", title, "good", f"http://{address}/ was answered by {told}.")
    elif good:
        first = Proof("http", title, "warning", f"http://{address}/ was answered by {told or 'a server'} alone.")
    else:
        said = f"HTTP {answers[-1].status} {answers[-1].words}".strip() if answers else trouble or "no answer"
        first = Proof(
            "http", title, "failed", f"http://{address}/ gave no good answer within {SECONDS:.0f} seconds: {said}."
        )
    return [first, _database(answers)] if database else [first]


def _database(answers: Sequence[Answer]) -> Proof:
    title = "The application reaches the database"
    counted = {one.server: one.rows for one in answers if one.rows is not None}
    asked = {one.server for one in answers if one.server}
    if counted and len(counted) == len(asked):
        told = ", ".join(f"{server} read {rows} rows" for server, rows in sorted(counted.items()))
        return Proof("database", title, "good", f"{told}.")
    if counted:
        return Proof("database", title, "warning", f"Not from {', '.join(sorted(asked - set(counted)))}.")
    said = answers[-1].words if answers else "no server answered"
    return Proof(
        "database", title, "failed" if answers else "building", f"No server told how many rows it read: {said}."
    )


def closed(way: Way, addresses: Sequence[str], port: int, *, reachable: bool) -> Proof:
    """That nobody outside gets a connection to `port`, neither at the floating IP nor at the server's own address.

    `reachable` says that the way itself works: silence proves nothing where it does not.
    """
    title = "The database is closed to the outside"
    deadline = time.monotonic() + SECONDS
    open_ = []
    try:
        for address in addresses:
            if way.opens(address, port, min(TRY, max(0.2, deadline - time.monotonic()))):
                open_.append(f"{address}:{port}")
    except OSError as error:
        return Proof("closed", title, "building", f"The way to the floating IPs does not work: {_words(error)}.")
    if open_:
        return Proof("closed", title, "failed", f"{', '.join(open_)} accepts connections from outside.")
    told = " and ".join(f"{address}:{port}" for address in addresses)
    if not reachable:
        return Proof("closed", title, "building", f"{told} did not answer, but neither did the application.")
    return Proof("closed", title, "good", f"{told} accept no connection from outside.")


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return str(getattr(error, "strerror", "") or error or type(error).__name__)
