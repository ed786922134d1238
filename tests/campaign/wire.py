"""A wire on which one call goes wrong, and before one call of which somebody else does something.

A call is refused, lost after it was taken, answered with an error or with half a body; or whoever sends it is killed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import requests

from tests.unit.fake_openstack.server import Wire, _as_the_system_says, _response

KINDS = ("refused", "lost", "half", 403, 404, 409, 500, 503)
#: What ends whoever calls: before the call is sent, before its answer is seen, and before what came of it is kept.
DEATHS = ("killed", "killed after", "killed at a save")


class Killed(BaseException):
    """No more of it runs: from here on it sends nothing and keeps nothing."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the call number `at` (from 0) of those that change something, or of those that read."""

    kind: str | int
    at: int = 0
    reads: bool = False

    def __str__(self) -> str:
        return f"{self.kind} at {'read' if self.reads else 'change'} {self.at}"


class FaultyWire(Wire):
    """`arm` a fault; `struck` says whether it came to pass, `came` whether somebody else's turn did.

    `dead` says that the caller was killed, and stays so until somebody else goes on.
    `taken` are the methods of the changes that the cloud accepted since, whatever became of its answers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.dead = False
        self.arm(None)

    def arm(self, fault: Fault | None, at: int = 0, other: Callable[[], None] | None = None) -> None:
        """`other` is called before the call number `at` of all, and nothing of what it calls is counted."""
        self.fault, self.seen, self.struck = fault, 0, False
        self.other, self.at, self.called, self.came = other, at, 0, False
        self.taken: list[str] = []

    @contextmanager
    def armed(self, fault: Fault | None, at: int = 0, other: Callable[[], None] | None = None) -> Iterator[None]:
        """The same for a while; what was armed before goes on after it."""
        kept = (self.fault, self.seen, self.struck, self.other, self.at, self.called, self.came, self.taken)
        self.arm(fault, at, other)
        try:
            yield
        finally:
            self.fault, self.seen, self.struck, self.other, self.at, self.called, self.came, self.taken = kept

    def save(self) -> None:
        """Something is about to be kept. Raises Killed where that is the moment."""
        if self.dead:
            raise Killed
        if self.fault is not None and self.fault.kind == "killed at a save":
            self.seen += 1
            if self.seen == self.fault.at + 1:
                self._kill()

    def send(self, request: requests.PreparedRequest, timeout: Any = None, **options: Any) -> requests.Response:
        if self.dead:
            raise Killed
        if self.other is not None and self.called == self.at:
            other, self.other, self.came = self.other, None, True
            other()
        self.called += 1
        if not self._now(request):
            return self._taken(request, timeout, **options)
        fault, self.fault, self.struck = self.fault, None, True
        assert fault is not None
        if fault.kind == "refused":
            refused = requests.ConnectionError("[Errno 111] Connection refused")
            raise refused from _as_the_system_says(refused)
        if isinstance(fault.kind, int):
            return _response(request, fault.kind, {"message": f"told to answer {fault.kind}"})
        if fault.kind == "killed":
            self._kill()
        answer = self._taken(request, timeout, **options)
        if fault.kind == "killed after":
            self._kill()
        if fault.kind == "lost":
            raise requests.ConnectionError("Connection reset by peer")
        whole = answer._content or b""
        answer._content = whole[: len(whole) // 2]
        return answer

    def _taken(self, request: requests.PreparedRequest, timeout: Any = None, **options: Any) -> requests.Response:
        answer = super().send(request, timeout, **options)
        if request.method != "GET" and answer.status_code < 300:
            self.taken.append(str(request.method))
        return answer

    def _kill(self) -> NoReturn:
        self.fault, self.struck, self.dead = None, True, True
        raise Killed

    def _now(self, request: requests.PreparedRequest) -> bool:
        reads = request.method == "GET"
        if self.fault is None or self.fault.kind == "killed at a save" or reads is not self.fault.reads:
            return False
        self.seen += 1
        return self.seen == self.fault.at + 1
