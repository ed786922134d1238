"""People who look at a page: each polls as static/tenant_ops/js/live.js does, with its schedule and its ETag."""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

import requests

from bench.served import Served, services

PAGE = "/tenant_ops/loadbalancers/"
#: Jitter of the script: a pause is between 0.85 and 1.15 times what the page says.
SHORTEST, WIDTH = 0.85, 0.3
_EVERY = re.compile(r'data-to-every="([\d.]+)"')
_ETAG = re.compile(r'data-to-etag="&quot;(\w+)&quot;"')
_LIVE = re.compile(r'data-to-live="([^"]+)"')
_PAGE = re.compile(r'data-to-page="([^"]+)"')


@dataclass
class Viewer:
    """One open page. `heard` grows by (moment, seconds, status, bytes) with every poll."""

    served: Served
    session: requests.Session
    page: str = PAGE
    etag: str = ""
    every: float = 1.5
    again: float = 0.0
    live: str = ""
    mark: str = ""
    body: str = ""
    heard: list[tuple[float, float, int, int]] = field(default_factory=list)

    def open(self) -> None:
        """The whole page, as somebody opens it."""
        answer = self.session.get(self.served.address + self.page, timeout=120)
        answer.raise_for_status()
        self._take(answer.text)

    def poll(self) -> requests.Response:
        """One poll of the page's own address; keeps what it was told."""
        headers = {"X-Requested-With": "XMLHttpRequest", "X-Tenant-Ops-Page": self.mark}
        if self.etag:
            headers["If-None-Match"] = self.etag
        answer = self.session.get(urljoin(self.served.address, self.live), headers=headers, timeout=120)
        now = time.monotonic()
        self.again = float(answer.headers.get("X-Tenant-Ops-Again") or 0)
        self.heard.append((now, answer.elapsed.total_seconds(), answer.status_code, len(answer.content)))
        if answer.status_code == 200:
            self._take(answer.text)
            self.etag = answer.headers["ETag"]
        return answer

    def pause(self) -> float:
        """Seconds until the script asks again."""
        return (self.again or self.every) * (SHORTEST + WIDTH * random.random())

    def watch(self, until: float) -> None:
        """Poll until a moment of `time.monotonic()`."""
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, self.pause()))
            if time.monotonic() < until:
                self.poll()

    def _take(self, html: str) -> None:
        self.body = html
        if found := _EVERY.search(html):
            self.every = float(found[1])
        if found := _PAGE.search(html):
            self.mark = found[1]
        if found := _LIVE.search(html):
            self.live = found[1].replace("&amp;", "&")
        if found := _ETAG.search(html):
            self.etag = f'"{found[1]}"'


def crowd(
    served: Served, session: requests.Session, number: int, seconds: float, page: str = PAGE
) -> dict[str, object]:
    """What `number` viewers of a page cost in so many seconds. One opens it; what that costs is told apart."""
    served.calls()
    first = Viewer(served, session, page)
    first.open()
    opening = len(served.calls())
    viewers = [replace(first, session=copy(session), etag="", heard=[]) for _ in range(number)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=one.watch, args=(until,)) for one in viewers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    made = served.calls()
    heard = [one for viewer in viewers for one in viewer.heard]
    waits = [one[1] * 1000 for one in heard]
    return {
        "viewers": number,
        "seconds": seconds,
        "openstack_calls": len(made),
        "by_service": services(made),
        "calls_to_open_the_page": opening,
        "polls": len(heard),
        "unchanged": sum(one[2] == 304 for one in heard),
        "failed": sum(one[2] not in (200, 304) for one in heard),
        "poll_milliseconds": {"median": round(percentile(waits, 50)), "p95": round(percentile(waits, 95))},
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of them do not exceed; 0 for none."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def copy(session: requests.Session) -> requests.Session:
    """The same person in another tab: a connection of its own."""
    made = requests.Session()
    made.cookies.update(session.cookies)
    return made
