"""What open tabs and other pages feel while a service of OpenStack is stopped (SIGSTOP): each in turn, then it goes on.

`python -m bench.stopped [SERVICE...]` on the running sandbox with at least one environment; prints one JSON object.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import requests

from bench import launch, served, viewers
from sandbox import process
from sandbox.settings import settings

SERVICES = ("keystone", "nova", "neutron", "glance", "cinder", "octavia", "heat", "memcached")
TABS, SECONDS, EVERY, LONGEST = 30, 40.0, 0.5, 60
# Pages of Horizon that ask OpenStack nothing: the login form, and a user's own settings.
OTHERS = ("/auth/login/", "/settings/")
LIST, BALANCERS = "/tenant_ops/", viewers.PAGE


@contextlib.contextmanager
def stopped(service: str) -> Iterator[None]:
    """The API process of a service does not run in this block; what it is asked hangs."""
    leader = process.pid_of(settings(), service)
    if leader is None:
        raise SystemExit(f"{service} does not run: 'make demo' first.")
    os.killpg(leader, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(leader, signal.SIGCONT)


def measure(horizon: served.Served, session: requests.Session, pages: list[str], service: str) -> dict[str, Any]:
    """Polls of the open tabs, and how long other pages took meanwhile."""
    firsts = [viewers.Viewer(horizon, session, page) for page in pages]
    for one in firsts:
        one.open()
    tabs = [replace(firsts[n % len(firsts)], session=viewers.copy(session), heard=[]) for n in range(TABS)]
    with stopped(service):
        until = time.monotonic() + SECONDS
        threads = [threading.Thread(target=one.watch, args=(until,)) for one in tabs]
        for one in threads:
            one.start()
        others = _others(horizon, session, until)
        for one in threads:
            one.join()
    heard = [entry for one in tabs for entry in one.heard]
    waits = [entry[1] for entry in heard]
    return {
        "polls": len(heard),
        "answers": {str(code): sum(entry[2] == code for entry in heard) for code in sorted({e[2] for e in heard})},
        "poll_seconds": _spread(waits),
        **others,
    }


def _others(horizon: served.Served, session: requests.Session, until: float) -> dict[str, Any]:
    mine = viewers.copy(session)
    took: dict[str, list[float]] = {page: [] for page in OTHERS}
    failed = 0
    while time.monotonic() < until:
        for page, seconds in took.items():
            began = time.monotonic()
            try:
                answer = (requests if page == OTHERS[0] else mine).get(horizon.address + page, timeout=LONGEST)
                failed += answer.status_code != 200
            except requests.Timeout:
                failed += 1
            seconds.append(time.monotonic() - began)
        time.sleep(EVERY)
    return {**{page: _spread(seconds) for page, seconds in took.items()}, "others_failed": failed}


def _spread(seconds: list[float]) -> dict[str, float]:
    return {
        "median": round(viewers.percentile(seconds, 50), 3),
        "p95": round(viewers.percentile(seconds, 95), 3),
        "worst": round(max(seconds, default=0.0), 3),
    }


def main(names: list[str]) -> None:
    rows = launch.tenant_ops("environment", "list")
    pages = [BALANCERS, LIST, *(f"/tenant_ops/environment/{one['id']}/" for one in rows[:1])]
    with served.horizon() as horizon:
        session = horizon.log_in("owner")
        served.told({name: measure(horizon, session, pages, name) for name in names or SERVICES})


if __name__ == "__main__":
    main(sys.argv[1:])
