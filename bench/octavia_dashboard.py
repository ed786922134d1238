"""octavia-dashboard's pages, asked as their scripts ask: from 250 ms doubling to one tick every five seconds, for ever.

Its REST endpoints run in the same Horizon as ours. Read from its sources: `loadbalancers.service.js` (`backoff`),
`loadbalancers/panel.controller.js`, `pools/details/detail.controller.js`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import requests

from bench.served import Served

#: Seconds between two ticks of a page that was opened more than eight seconds ago.
TICK = 5.0
AJAX = {"X-Requested-With": "XMLHttpRequest"}
ROOT = "/api/lbaas"


def list_tick(get: Callable[[str], Any]) -> Any:
    """What the list of load balancers asks each time: provisioning and operating status, no members."""
    return get(f"{ROOT}/loadbalancers/?full=true")


def pool_tick(get: Callable[[str], Any], pool_id: str) -> Any:
    """What a pool's page, three clicks below, asks each time: the pool, its monitors, its members."""
    get(f"{ROOT}/pools/{pool_id}/")
    get(f"{ROOT}/healthmonitors/?poolId={pool_id}")
    return get(f"{ROOT}/pools/{pool_id}/members/")


class PoolPage(threading.Thread):
    """An open page of a pool; `seen` has the moment at which it first showed each weight of a member."""

    def __init__(self, served: Served, session: requests.Session, pool_id: str, member_id: str) -> None:
        super().__init__(daemon=True)
        self.served, self.session, self.pool_id, self.member_id = served, session, pool_id, member_id
        self.seen: dict[int, float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            members = pool_tick(self.get, self.pool_id)["items"]
            weight = next(one["weight"] for one in members if one["id"] == self.member_id)
            self.seen.setdefault(weight, time.monotonic())
            self.over.wait(TICK)

    def get(self, path: str) -> Any:
        """One answer of its REST API."""
        return self.session.get(self.served.address + path, headers=AJAX, timeout=120).json()
