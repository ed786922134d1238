"""The application tier: HTTP/1.1 with keep-alive, whose answer names the server and counts the database's rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sandbox_drivers.loop import Loop, Stream
from sandbox_drivers.remote import Remote

LONGEST_HEAD = 16384
LONGEST_BODY = 65536
LONGEST_ROW = 1024
REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 413: "Content Too Large", 503: "Service Unavailable"}
Reply = Callable[[int, str, str], None]


class Request:
    """The head of one request. Raises ValueError where it is not HTTP."""

    def __init__(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.method, target, version = lines[0].split(" ")
        if not version.startswith("HTTP/1."):
            raise ValueError(version)
        self.path = target.partition("?")[0]
        pairs = (line.partition(":") for line in lines[1:])
        self.headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        self.length = int(self.headers.get("content-length") or 0)
        connection = self.headers.get("connection", "").lower()
        self.close = "close" in connection or (version == "HTTP/1.0" and "keep-alive" not in connection)
        self.body = b""

    @property
    def json(self) -> bool:
        return self.path == "/status" or "application/json" in self.headers.get("accept", "")


class WebTier:
    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.name = ""
        self.remote = Remote(loop)
        self.slow, self.fail = 0.0, False

    def configure(self, name: str, database: str | None, fault: dict[str, Any]) -> None:
        self.name, self.slow, self.fail = name, float(fault["slow"]), bool(fault["fail"])
        self.remote.configure(database)

    def welcome(self, stream: Stream) -> None:
        Conversation(self, stream)

    def answer(self, request: Request, reply: Reply) -> None:
        """Calls `reply` with status, content type and body; at once, or when the database has spoken or is given up."""
        if self.slow:
            self.loop.later(self.slow, lambda: self.work(request, reply))
        else:
            self.work(request, reply)

    def work(self, request: Request, reply: Reply) -> None:
        if self.fail:
            reply(503, "text/plain", f"{self.name} was told to fail\n")
        elif request.path == "/health":
            reply(200, "text/plain", f"{self.name} ok\n")
        elif request.method == "POST" and request.path == "/rows":
            text = " ".join(request.body.decode(errors="replace").split())[:LONGEST_ROW] or f"row from {self.name}"
            self.remote.ask(f"ADD {text}", lambda answer: self.added(answer, reply))
        else:
            self.remote.ask("COUNT", lambda answer: self.counted(request, answer, reply))

    def added(self, answer: str | None, reply: Reply) -> None:
        rows = number(answer)
        if rows is None:
            reply(503, "text/plain", f"{self.name}: {answer or 'database unreachable'}\n")
        else:
            reply(201, "text/plain", f"{self.name} rows={rows}\n")

    def counted(self, request: Request, answer: str | None, reply: Reply) -> None:
        rows = number(answer)
        state = "none" if not self.remote.address else "ok" if rows is not None else "unreachable"
        if request.json:
            reply(200, "application/json", json.dumps({"server": self.name, "database": state, "rows": rows}) + "\n")
        else:
            words = {"none": "", "ok": f" rows={rows}", "unreachable": " database=unreachable"}
            reply(200, "text/plain", f"{self.name}{words[state]}\n")


def number(answer: str | None) -> int | None:
    """The n of the database's 'OK n'."""
    word, _, rest = (answer or "").partition(" ")
    return int(rest) if word == "OK" and rest.isdigit() else None


class Conversation:
    """One client's connection; its requests are answered one after the other, in their order."""

    def __init__(self, tier: WebTier, stream: Stream) -> None:
        self.tier, self.stream = tier, stream
        self.buffer = b""
        self.busy = False
        stream.received = self.received

    def received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) > LONGEST_HEAD + LONGEST_BODY:
            self.stream.close()
        self.advance()

    def advance(self) -> None:
        while not self.busy and self.stream.open and not self.stream.ending:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if not found:
                if len(head) > LONGEST_HEAD:
                    self.refuse(400, "The head of the request is too long.")
                return
            try:
                request = Request(head)
            except ValueError:
                self.refuse(400, "This is not an HTTP request.")
                return
            if request.length > LONGEST_BODY:
                self.refuse(413, f"At most {LONGEST_BODY} bytes.")
                return
            if len(rest) < request.length:
                return
            request.body, self.buffer = rest[: request.length], rest[request.length :]
            self.busy = True
            self.tier.answer(request, lambda *reply, request=request: self.reply(request, *reply))

    def reply(self, request: Request, status: int, kind: str, body: str) -> None:
        self.stream.send(response(self.tier.name, status, kind, body, request.close, request.method == "HEAD"))
        if request.close:
            self.stream.finish()
        self.busy = False
        if self.buffer:
            self.tier.loop.soon(self.advance)

    def refuse(self, status: int, sentence: str) -> None:
        self.stream.send(response(self.tier.name, status, "text/plain", sentence + "\n", True, False))
        self.stream.finish()


def response(name: str, status: int, kind: str, body: str, close: bool, head_only: bool) -> bytes:
    content = body.encode()
    lines = [
        f"HTTP/1.1 {status} {REASONS[status]}",
        "Server: sandbox",
        f"X-Served-By: {name}",
        f"Content-Type: {kind}; charset=utf-8",
        f"Content-Length: {len(content)}",
        "Cache-Control: no-store",
        *(["Connection: close"] if close else []),
        "\r\n",
    ]
    return "\r\n".join(lines).encode() + (b"" if head_only else content)
