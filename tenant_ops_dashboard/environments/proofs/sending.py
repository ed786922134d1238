"""Proofs with packets: HTTP to the address, TCP where nothing may answer. Each has its own bound in seconds.

What answers is a server of somebody's: its words are bounded, printable and one line before anybody reads them.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tenant_ops_dashboard.environments.model import Proof
from tenant_ops_dashboard.environments.proofs import answer, connection
from tenant_ops_dashboard.environments.proofs.answer import LONGEST_WORDS, Answer, tidy
from tenant_ops_dashboard.sentences import join, say, say_many

SECONDS = 5.0
TRY = 2.0
LONGEST_BODY = 4096
NAMED = 6
__all__ = ["Answer", "Way", "closed", "turns", "turns_title"]
_STATUS = re.compile(rb"^HTTP/1\.[01] ([0-9]{3})\b")
Made = Callable[[], list[Proof]]


@dataclass(frozen=True)
class Way:
    """How packets get there: through an HTTP proxy (forwarding and CONNECT), or directly where it is None.

    Addresses are literals; anything else raises ValueError, and no name is looked up but the proxy's own.
    """

    proxy: str | None = None

    def get(self, address: str, path: str, seconds: float) -> Answer:
        """One GET on port 80, no redirect followed. Raises OSError or http.client.HTTPException."""
        return self._ask("GET", address, path, seconds)

    def post(self, address: str, path: str, text: str, seconds: float) -> Answer:
        """One POST of a text on port 80. Raises as `get`."""
        return self._ask("POST", address, path, seconds, text.encode())

    def _ask(self, method: str, address: str, path: str, seconds: float, body: bytes = b"") -> Answer:
        host = host_of(address)
        target = f"http://{host}{path}" if self.proxy else path
        sized = f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n" if body else ""
        with connection.connect(self._hop(address, 80), seconds) as line:
            return said(line, method, target, host, sized, body)

    def opens(self, address: str, port: int, seconds: float) -> bool:
        """Whether a TCP connection to `port` comes about.

        Raises OSError where the proxy cannot be reached, or does not let anybody connect to such a port.
        """
        host = host_of(address)
        if not self.proxy:
            try:
                with connection.connect((str(ipaddress.ip_address(address)), port), seconds):
                    return True
            except OSError:
                return False
        with connection.connect(self._hop(address, port), seconds) as line:
            line.send(_connect(host, port))
            try:
                found = _STATUS.match(line.first(256))
            except TimeoutError:
                return False
        status = int(found[1]) if found else 0
        if 400 <= status < 500:
            raise OSError(say("the proxy refuses (HTTP {status})", status=status))
        return 200 <= status < 300

    @contextmanager
    def tunnel(self, address: str, port: int, seconds: float) -> Iterator[connection.Line]:
        """A connection to `port`, through the proxy where there is one; whoever asks speaks first.

        Raises OSError or http.client.HTTPException.
        """
        host = host_of(address)
        with connection.connect(self._hop(address, port), seconds) as line:
            if self.proxy:
                line.send(_connect(host, port))
                if (status := line.response().status) >= 300:
                    raise OSError(say("the proxy refuses (HTTP {status})", status=status))
            yield line

    def _hop(self, address: str, port: int) -> tuple[str, int]:
        return connection.place(self.proxy) if self.proxy else (str(ipaddress.ip_address(address)), port)


def said(line: connection.Line, method: str, target: str, host: str, more: str = "", body: bytes = b"") -> Answer:
    """The answer to one request on an open connection, with `more` headers. Raises as `Way.get`."""
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json, text/plain\r\n"
        f"Accept-Encoding: identity\r\n{more}Connection: close\r\n\r\n"
    )
    line.send(head.encode("ascii") + body)
    response = line.response()
    told = response.read(LONGEST_BODY).decode(errors="replace")
    return answer.read(response.status, told, response.getheader(answer.SERVED_BY) or "")


def _connect(host: str, port: int) -> bytes:
    return f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode("ascii")


def host_of(address: str) -> str:
    """The address as `ipaddress` prints it, in brackets where it is IPv6. Raises ValueError."""
    found = ipaddress.ip_address(address)
    if getattr(found, "scope_id", None):
        raise ValueError(f"{address!r} has a zone.")
    return f"[{found}]" if found.version == 6 else str(found)


def turns(way: Way, address: str, members: int, database: bool) -> list[Proof]:
    """That the address answers, by every server in turn, and that they reach the database; one or two proofs."""
    deadline = time.monotonic() + SECONDS
    answers: list[Answer] = []
    trouble = ""
    while time.monotonic() < deadline and not _enough(answers, members):
        try:
            answers.append(way.get(address, "/", min(TRY, max(0.2, deadline - time.monotonic()))))
        except (OSError, http.client.HTTPException) as error:
            trouble = words(error)
            time.sleep(0.1)
    first = _answered(f"http://{host_of(address)}/", answers, members, trouble)
    return [first, _database(answers)] if database else [first]


def _enough(answers: Sequence[Answer], members: int) -> bool:
    """Whether every server has answered, or more answers would tell nothing new."""
    named = {one.server for one in answers if one.server}
    most = members * 4 if named or not all(one.good for one in answers) else members
    return len(named) >= members or len(answers) >= most


def _answered(place: str, answers: Sequence[Answer], members: int, trouble: str) -> Proof:
    title = turns_title(members)
    good = [one for one in answers if one.good]
    servers = list(dict.fromkeys(one.server for one in good if one.server))
    told = _named(servers, say(", then "))
    if len(servers) >= members:
        return Proof("http", title, "good", say("{place} was answered by {told}.", place=place, told=told))
    if servers:
        return Proof("http", title, "warning", say("{place} was answered by {told} alone.", place=place, told=told))
    if good and (bad := [one for one in answers if not one.good]):
        said = say(
            "{place}: {n} of {all} requests were answered with HTTP {status}.",
            place=place, n=len(bad), all=len(answers), status=bad[-1].status,
        )  # fmt: skip
        return Proof("http", title, "warning", said)
    if good:
        said = say_many(
            "{place} was answered with HTTP {status}. The answer does not tell which server gave it: this proves that"
            " it answers, and no more.",
            "{place} was answered with HTTP {status}, {n} times. The answers do not tell which servers gave them: this"
            " proves that it answers, and no more.",
            len(good), place=place, status=good[-1].status,
        )  # fmt: skip
        return Proof("http", turns_title(1), "good", said)
    said = f"HTTP {answers[-1].status} {answers[-1].words}".strip() if answers else trouble or say("no answer")
    told = say(
        "{place} gave no good answer within {seconds:.0f} seconds: {said}.", place=place, seconds=SECONDS, said=said
    )
    return Proof("http", title, "failed", told)


def turns_title(members: int) -> str:
    """What is promised of an application with so many servers."""
    return say("Answers from outside, by all servers in turn") if members > 1 else say("Answers from outside")


DATABASE_TITLE = say("The application reaches the database")
DATABASE_UNTOLD = say("Not checked: the application's answers do not tell what it read from its database.")
CLOSED_TITLE = say("The database is closed to the outside")


def _database(answers: Sequence[Answer]) -> Proof:
    title = DATABASE_TITLE
    telling = [one for one in answers if one.tells and one.good]
    if not telling and any(one.good for one in answers):
        return Proof("database", title, "unknown", DATABASE_UNTOLD)
    counted = {one.server: one.rows for one in telling if one.rows is not None}
    asked = {one.server for one in answers if one.server}
    if counted and len(counted) == len(asked):
        told = _named(
            [say("{server} read {rows} rows", server=server, rows=rows) for server, rows in sorted(counted.items())]
        )
        return Proof("database", title, "good", join("", (told, ".")))
    if counted:
        return Proof("database", title, "warning", say("Not from {named}.", named=_named(sorted(asked - set(counted)))))
    said = answers[-1].words if answers else say("no server answered")
    return Proof(
        "database",
        title,
        "failed" if answers else "building",
        say("No server told how many rows it read: {said}.", said=said),
    )


def closed(way: Way, addresses: Sequence[str], port: int, *, reachable: bool) -> Proof:
    """That nobody outside gets a connection to `port`, neither at the floating IP nor at the server's own address.

    `reachable` says that the way itself works: silence proves nothing where it does not. A way that takes nothing for
    IPv6 is told, and what it does for IPv4 counts.
    """
    title = CLOSED_TITLE
    deadline = time.monotonic() + SECONDS
    open_, asked, unasked = [], list[str](), ""
    for address in addresses:
        try:
            if way.opens(address, port, min(TRY, max(0.2, deadline - time.monotonic()))):
                open_.append(_at(address, port))
            asked.append(_at(address, port))
        except OSError as error:
            unasked = words(error)
            if ":" not in address:
                asked.clear()
                break
    if not asked:
        return Proof(
            "closed", title, "building", say("The way to the floating IPs does not work: {words}.", words=unasked)
        )
    if open_:
        return Proof(
            "closed", title, "failed", say("{open_} accepts connections from outside.", open_=", ".join(open_))
        )
    told = join(say(" and "), asked)
    if not reachable:
        return Proof(
            "closed", title, "building", say("{told} did not answer, but neither did the application.", told=told)
        )
    silent = say("{told} accept no connection from outside.", told=told)
    left = say("Not asked by IPv6: {why}.", why=unasked) if unasked else ""
    return Proof("closed", title, "good", join(" ", (silent, left)))


def _at(address: str, port: int) -> str:
    return f"{host_of(address)}:{port}"


def _named(names: Sequence[str], between: str = ", ") -> str:
    more = say(" and {n} more", n=len(names) - NAMED) if len(names) > NAMED else ""
    return join("", (join(between, names[:NAMED]), more))


def words(error: Exception) -> str:
    """What went wrong, for people."""
    if isinstance(error, TimeoutError):
        return say("it took too long")
    return tidy(str(getattr(error, "strerror", "") or error or type(error).__name__), LONGEST_WORDS)
