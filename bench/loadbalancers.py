"""The page of load balancers beside octavia-dashboard's: what a poll costs, how soon a change shows, many viewers.

Run by `python -m bench` with the name of an environment that stands.
"""

from __future__ import annotations

import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import openstack
import requests

from bench import octavia_dashboard as peer
from bench import served, viewers
from sandbox.settings import PROJECT, settings

CHANGES, PEOPLE, POLLS, SECONDS = 20, 5, 12, 60
PATIENCE = 60.0
_WEIGHTS = re.compile(r"lb-members__weight[^>]*>(?:<span[^>]*>[^<]*</span>)?\s*(\d+)")


class Page(threading.Thread):
    """Our page in somebody's browser; `seen` has the moment at which it first showed each weight."""

    def __init__(self, viewer: viewers.Viewer) -> None:
        super().__init__(daemon=True)
        self.viewer = viewer
        self.seen: dict[int, float] = {}
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(self.viewer.pause()):
            self.viewer.poll()
            for weight in _WEIGHTS.findall(self.viewer.body):
                self.seen.setdefault(int(weight), self.viewer.heard[-1][0])


def measure(name: str, person: str = "owner") -> dict[str, Any]:
    """All figures but those of `bench.many`, taken by one person on the load balancer of one environment."""
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(settings().clouds_yaml)
    cloud = openstack.connect(cloud=person, api_timeout=60)
    stack = cloud.orchestration.find_stack(name)
    found = [r for r in cloud.orchestration.resources(stack) if r.resource_type == "OS::Octavia::LoadBalancer"]
    balancer = cloud.load_balancer.get_load_balancer(found[0].physical_resource_id)
    pool = next(iter(cloud.load_balancer.pools(loadbalancer_id=balancer.id)))
    member = next(iter(cloud.load_balancer.members(pool)))
    with served.horizon() as horizon:
        session = horizon.log_in(person)
        page = f"{viewers.PAGE}?open={balancer.id}"
        return {
            "load_balancers": sum(1 for _ in cloud.load_balancer.load_balancers(project_id=balancer.project_id)),
            "idle_poll": idle(horizon, session, page, pool.id),
            "change_to_page": changes(horizon, session, page, cloud, balancer, pool, member),
            "viewers": load(horizon, session, page),
        }


def idle(horizon: served.Served, session: requests.Session, page: str, pool_id: str) -> dict[str, Any]:
    """Calls to OpenStack and bytes of one poll while nothing changes; ours shows members, the peer's list none."""
    viewer = viewers.Viewer(horizon, session, page)
    viewer.open()

    def ours() -> int:
        time.sleep(viewer.pause())
        return len(viewer.poll().content)

    def theirs(tick: Callable[[Callable[[str], Any]], Any]) -> Callable[[], int]:
        sizes: list[int] = []

        def get(path: str) -> Any:
            answer = session.get(horizon.address + path, headers=peer.AJAX, timeout=120)
            sizes.append(len(answer.content))
            return answer.json()

        def run() -> int:
            sizes.clear()
            tick(get)
            return sum(sizes)

        return run

    return {
        "tenant_ops": _each(horizon, ours),
        "octavia_dashboard_list": _each(horizon, theirs(peer.list_tick)),
        "octavia_dashboard_pool": _each(horizon, theirs(lambda get: peer.pool_tick(get, pool_id))),
    }


def _each(horizon: served.Served, poll: Callable[[], int]) -> dict[str, Any]:
    poll()
    horizon.calls()
    made, sizes = [], []
    for _ in range(POLLS):
        sizes.append(poll())
        made.append(horizon.calls())
    return {
        "calls": statistics.median(len(one) for one in made),
        "calls_mean": round(statistics.mean(len(one) for one in made), 1),
        "tokens": statistics.median(served.tokens(one) for one in made),
        "bytes_to_the_browser": statistics.median(sizes),
        "bytes_from_openstack": statistics.median(served.size(one) for one in made),
    }


def changes(
    horizon: served.Served, session: requests.Session, page: str, cloud: Any, balancer: Any, pool: Any, member: Any
) -> dict[str, Any]:
    """Seconds from Octavia's answer to a change of a weight until open pages show it; the weight is put back."""
    first = viewers.Viewer(horizon, session, page)
    first.open()
    pages = [
        Page(viewers.Viewer(horizon, viewers.copy(session), page, first.etag, first.every, 0.0, first.live))
        for _ in range(PEOPLE)
    ]
    other = peer.PoolPage(horizon, viewers.copy(session), pool.id, member.id)
    ours: list[float] = []
    theirs: list[float] = []
    before = int(member.weight)
    for one in (*pages, other):
        one.start()
    try:
        for weight in range(101, 101 + CHANGES):
            _settled(cloud, balancer)
            time.sleep(random.uniform(0.0, 2.5))
            cloud.load_balancer.update_member(member.id, pool.id, weight=weight)
            at = time.monotonic()
            ours += [max(0.0, _moment(one, weight) - at) for one in pages]
            theirs.append(max(0.0, _moment(other, weight) - at))
    finally:
        for one in (*pages, other):
            one.over.set()
        for one in (*pages, other):
            one.join()
        _settled(cloud, balancer)
        cloud.load_balancer.update_member(member.id, pool.id, weight=before)
    return {
        "changes": CHANGES,
        "pages": PEOPLE,
        "tenant_ops": _seconds(ours),
        "octavia_dashboard_pool": _seconds(theirs),
    }


def load(horizon: served.Served, session: requests.Session, page: str) -> dict[str, Any]:
    """One viewer for a minute against fifty, and what the opening of all their pages adds."""
    one, fifty = (viewers.crowd(horizon, session, number, SECONDS, page) for number in (1, 50))
    return {"one": one, "fifty": fifty, "ratio": round(fifty["openstack_calls"] / one["openstack_calls"], 2)}


def many(person: str = "owner") -> Any:
    """Calls at 1, 10 and 100 load balancers; see bench/many.py."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "openstack_dashboard.settings",
        "PYTHONPATH": f"{settings().conf / 'horizon'}:{PROJECT}",
        "BENCH_PERSON": person,
        "BENCH_PASSWORD": settings().passwords[person],
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.many"], env=environment, capture_output=True, text=True
    )
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr.strip().splitlines()[-1]}


def _settled(cloud: Any, balancer: Any) -> None:
    end = time.monotonic() + PATIENCE
    while cloud.load_balancer.get_load_balancer(balancer.id).provisioning_status != "ACTIVE":
        if time.monotonic() > end:
            raise RuntimeError(f"{balancer.name} is busy for more than {PATIENCE:.0f} seconds.")
        time.sleep(0.3)


def _moment(page: Page | peer.PoolPage, weight: int) -> float:
    end = time.monotonic() + PATIENCE
    while weight not in page.seen:
        if time.monotonic() > end or not page.is_alive():
            raise RuntimeError(f"The weight {weight} was not shown within {PATIENCE:.0f} seconds.")
        time.sleep(0.02)
    return page.seen[weight]


def _seconds(values: list[float]) -> dict[str, float]:
    return {
        "median": round(viewers.percentile(values, 50), 2),
        "p95": round(viewers.percentile(values, 95), 2),
        "most": round(max(values), 2),
    }


if __name__ == "__main__":
    served.told({**measure(*sys.argv[1:]), "by_number": many(*sys.argv[2:])})
