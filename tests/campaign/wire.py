"""A wire on which one call goes wrong: refused, lost after it was taken, answered with an error or with half a body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from tests.unit.fake_openstack.server import Wire, _as_the_system_says, _response

KINDS = ("refused", "lost", "half", 403, 404, 409, 500, 503)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with the call number `at` (from 0) of those that change something, or of those that read."""

    kind: str | int
    at: int = 0
    reads: bool = False

    def __str__(self) -> str:
        return f"{self.kind} at {'read' if self.reads else 'change'} {self.at}"


class FaultyWire(Wire):
    """`arm` a fault; `struck` says whether it came to pass."""

    def __init__(self) -> None:
        super().__init__()
        self.fault: Fault | None = None
        self.seen = 0
        self.struck = False

    def arm(self, fault: Fault | None) -> None:
        self.fault, self.seen, self.struck = fault, 0, False

    def send(self, request: requests.PreparedRequest, timeout: Any = None, **options: Any) -> requests.Response:
        if not self._now(request):
            return super().send(request, timeout, **options)
        fault, self.fault, self.struck = self.fault, None, True
        assert fault is not None
        if fault.kind == "refused":
            refused = requests.ConnectionError("[Errno 111] Connection refused")
            raise refused from _as_the_system_says(refused)
        if isinstance(fault.kind, int):
            return _response(request, fault.kind, {"message": f"told to answer {fault.kind}"})
        answer = super().send(request, timeout, **options)
        if fault.kind == "lost":
            raise requests.ConnectionError("Connection reset by peer")
        whole = answer._content or b""
        answer._content = whole[: len(whole) // 2]
        return answer

    def _now(self, request: requests.PreparedRequest) -> bool:
        if self.fault is None or (request.method == "GET") is not self.fault.reads:
            return False
        self.seen += 1
        return self.seen == self.fault.at + 1
