"""Counts the HTTP requests a piece of code makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import requests


@contextmanager
def requests_made() -> Iterator[list[str]]:
    """The list grows by 'METHOD address' with every request sent in the block."""
    made: list[str] = []
    send = requests.Session.send

    def count(self: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
        made.append(f"{request.method} {request.url}")
        return send(self, request, **options)  # type: ignore[arg-type]

    with mock.patch.object(requests.Session, "send", count):
        yield made
