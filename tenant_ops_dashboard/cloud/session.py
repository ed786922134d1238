"""keystoneauth's session as this plugin uses it: it sends what changes something only while a change says so."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from keystoneauth1 import session as keystone

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What is asked by POST and changes nothing, by the end of its path.
READS = {
    "a token of Keystone": re.compile(r"/v3/auth/tokens$"),
    "a template checked by Heat": re.compile(r"/v1/[^/]+/validate$"),
    "a stack previewed by Heat": re.compile(r"/v1/[^/]+/stacks/preview$"),
    "measures added up by Gnocchi": re.compile(r"/v1/aggregates$"),
    "resources looked for by Gnocchi": re.compile(r"/v1/search/resource/[^/]+$"),
}
#: Actions of a server that change nothing, by their names in Nova's API reference.
_LOOKS = frozenset({"os-getConsoleOutput"})
_ACTION = re.compile(r"/servers/[^/]+/action$")


class OutsideChange(RuntimeError):
    """A mistake in this plugin, and nothing a user could mend: something was to be written, and no change says so.

    Nothing was sent.
    """

    def __init__(self, method: str, path: str) -> None:
        super().__init__(
            f"{method} {path} changes something in OpenStack, and no change says so: it would be neither checked nor"
            " audited. Write it as a Change and let changes.perform run it. Nothing was sent."
        )


def writes(method: str, address: str, body: Any = None) -> bool:
    """Whether such a request changes something."""
    if method.upper() in _SAFE:
        return False
    path = urlsplit(address).path.rstrip("/")
    if method.upper() != "POST":
        return True
    looks = isinstance(body, dict) and bool(body) and _LOOKS.issuperset(body) and bool(_ACTION.search(path))
    return not looks and not any(one.search(path) for one in READS.values())


class _Said(threading.local):
    """What each thread that uses a session is changing."""

    what = ""


class Session(keystone.Session):
    """Every request of a login goes through here, whichever client library makes it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._said = _Said()

    @contextlib.contextmanager
    def changing(self, what: str) -> Iterator[None]:
        """While it lasts, this thread may send what changes something through this session."""
        outer = self._said.what
        self._said.what = what
        try:
            yield
        finally:
            self._said.what = outer

    def request(self, url: str, method: str, *arguments: Any, **options: Any) -> requests.Response:
        """As keystoneauth's. Raises OutsideChange."""
        # What carries no token is a login.
        if options.get("authenticated") is not False:
            self.guard(method, url, options.get("json"))
        return super().request(url, method, *arguments, **options)

    def guard(self, method: str, address: str, body: Any = None) -> None:
        """Raises OutsideChange where that may not be sent now."""
        if not self._said.what and writes(method, address, body):
            raise OutsideChange(method.upper(), urlsplit(address).path)
