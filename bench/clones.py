"""Clones beside the same by hand, in one run: ready after request, the source's pause, a queue, the end of a lease.

`python -m bench.clones GIGABYTES [PART...]` takes those parts alone, with a volume of that size. Clones are asked for
by the dashboard's API in this process; by hand are `openstack` commands, and beside them the calls alone that those
make, by openstacksdk in this process.
"""

from __future__ import annotations

import datetime
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openstack

from bench import clones_hand as hand
from bench.clones_stage import ASK, LOOK, Stage, api, held, release, stage, until
from bench.launch import TENANT_OPS
from sandbox.settings import settings

#: Gigabytes of a volume that are no hole, by its size; and how often each of them is measured.
WRITTEN = {1: 1, 5: 5, 20: 8}
ROUNDS = {1: 3, 5: 2, 20: 1}
AT_ONCE = 5
_FAILED = ("failed", "denied", "parked", "orphaned")


class Watch(threading.Thread):
    """Somebody who looks at the source's server ten times a second; `away` are the seconds in which it did not run."""

    def __init__(self, one: Stage) -> None:
        super().__init__(daemon=True)
        self.cloud, self.id = openstack.connect(cloud="owner", api_timeout=60), one.server.id
        self.over, self.seen = threading.Event(), list[tuple[float, bool]]()

    def run(self) -> None:
        while not self.over.wait(0.1):
            runs = self.cloud.compute.get(f"/servers/{self.id}").json()["server"]["status"] == "ACTIVE"
            self.seen.append((time.monotonic(), runs))

    def away(self, act: Callable[[], Any]) -> tuple[Any, float]:
        """What the act gives, and for how long the server was away meanwhile."""
        self.start()
        try:
            found = act()
        finally:
            self.over.set()
            self.join()
        gone = next((at for at, runs in self.seen if not runs), None)
        back = next((at for at, runs in self.seen if gone is not None and at > gone and runs), None)
        return found, round(back - gone, 2) if gone is not None and back is not None else 0.0


def ready(one: Stage, offer: dict[str, Any], get: str = "volume", **more: str) -> dict[str, Any]:
    """A clone from the request until it is ready; `took` are the seconds. Raises RuntimeError where it is not."""
    asked = {"offer": offer["id"], "name": one.name(get), "get": get, "lease": "1h", **more}
    began = time.monotonic()
    made = api(one.developer, "POST", "/clones", asked)

    def stands() -> Any:
        found = api(one.developer, "GET", f"/clones/{made['id']}")
        if found["state"] in _FAILED:
            raise RuntimeError(f"{asked['name']} is {found['state']}: {found['says'] or found['reason']}")
        return found["state"] == "ready" and found

    found = until(stands, "a clone", ASK)
    return {**found, "took": time.monotonic() - began}


def beside(one: Stage, offer: dict[str, Any], origin: str, get: str, rounds: int) -> dict[str, Any]:
    """Seconds by the plugin, by commands and by calls, in turn, of a source or a golden copy (the volume `origin`).

    An environment takes minutes, and its calls alone are hardly faster than the commands: they are left out.
    """
    ours, commands, calls, steps = [], [], [], []
    for _ in range(rounds):
        clone = ready(one, offer, get)
        ours.append(clone["took"])
        steps.append(clone["seconds"])
        of = hand.model(one, clone) if get != "volume" else None
        release(one, clone)
        began, name = time.monotonic(), one.name("hand")
        made = hand.commanded(one, origin, name)
        stack = hand.commanded_stand(of, made, name) if of else ""
        commands.append(time.monotonic() - began)
        hand.drop(one, made, stack)
        if get == "environment":
            continue
        began, name = time.monotonic(), one.name("hand")
        made = hand.volume(one, {"source_volume_id": origin}, name)
        stack = hand.stand(one, of, made, name) if of else ""
        calls.append(time.monotonic() - began)
        hand.drop(one, made, stack)
    return {**told(ours, commands), **(bare(ours, calls) if calls else {}), "steps": middle(steps)}


def told(ours: list[float], theirs: list[float]) -> dict[str, Any]:
    """Beside plain `openstack` commands."""
    mine, plain = statistics.median(ours), statistics.median(theirs)
    return {
        "plugin_seconds": round(mine, 1), "by_hand_seconds": round(plain, 1), "ratio": round(mine / plain, 2),
        "rounds": len(ours),
    }  # fmt: skip


def bare(ours: list[float], theirs: list[float]) -> dict[str, Any]:
    """Beside the calls alone that those commands make."""
    mine, plain = statistics.median(ours), statistics.median(theirs)
    return {"by_calls_seconds": round(plain, 1), "ratio_to_calls": round(mine / plain, 2)}


def middle(steps: list[dict[str, float]]) -> dict[str, float]:
    """Of each step the middle one of the seconds that the clones' JSON tells."""
    return {step: round(statistics.median(one[step] for one in steps if step in one), 1) for step in steps[0]}


def made(one: Stage, *gets: str) -> dict[str, Any]:
    """Ready after request, of the source and of a golden copy of it."""
    plain, golden = one.offer(), one.offer(golden="24h")
    kept = golden["golden"]["copies"][0]["volume_id"]
    found = {}
    for get in gets:
        rounds = ROUNDS[one.size] if get == "volume" else 1
        found[get] = {
            "of_the_source": beside(one, plain, one.source.id, get, rounds),
            "of_a_golden_copy": beside(one, golden, kept, get, rounds),
        }
    return found


def by_command(one: Stage) -> dict[str, Any]:
    """The same of a volume with `tenant-ops` beside `openstack`: what a person at a terminal waits for."""
    ours, theirs = [], []
    offer = one.offer()
    environment = {**settings().environment, "OS_CLIENT_CONFIG_FILE": os.environ["OS_CLIENT_CONFIG_FILE"]}
    for _ in range(ROUNDS[one.size]):
        words = [*TENANT_OPS[:1], "--os-cloud", "developer", "clone", "request", offer["id"], "--name",
                 one.name("volume"), "--wait", "-f", "json"]  # fmt: skip
        began = time.monotonic()
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
        ours.append(time.monotonic() - began)
        release(one, json.loads(done.stdout))
        began = time.monotonic()
        volume = hand.commanded(one, one.source.id, one.name("hand"))
        theirs.append(time.monotonic() - began)
        hand.drop(one, volume)
    return told(ours, theirs)


def away(one: Stage) -> dict[str, Any]:
    """How long the source's server is away with consistency paused, as its Nova status tells."""
    offer = one.offer(consistency="paused")
    clone, mine = Watch(one).away(lambda: ready(one, offer))
    release(one, clone)
    began = time.monotonic()
    volume, plain = Watch(one).away(lambda: hand.paused(one, one.name("hand")))
    took = time.monotonic() - began
    hand.drop(one, volume)
    return {
        "plugin_seconds": round(clone["took"], 1), **bare([clone["took"]], [took]), "steps": clone["seconds"],
        "server_away_seconds": mine, "server_away_by_hand_seconds": plain,
    }  # fmt: skip


def at_once(one: Stage) -> dict[str, Any]:
    """Requests for one source at one moment: when each is ready, and the places that it was told."""
    offer = one.offer()
    asked = [{"offer": offer["id"], "name": one.name("queue"), "lease": "1h"} for _ in range(AT_ONCE)]
    places: dict[str, list[int]] = {}
    took: dict[str, float] = {}

    def mine() -> list[dict[str, Any]]:
        return [clone for clone in api(one.developer, "GET", "/clones")["clones"] if clone["offer"] == offer["id"]]

    def every() -> bool:
        for clone in mine():
            if clone["place"] is not None:
                places.setdefault(clone["name"], []).append(clone["place"])
            if clone["state"] == "ready":
                took.setdefault(clone["name"], round(time.monotonic() - began, 1))
        return len(took) == AT_ONCE

    with ThreadPoolExecutor(AT_ONCE) as people:
        began = time.monotonic()
        for answer in [people.submit(api, one.developer, "POST", "/clones", body) for body in asked]:
            answer.result()
        until(every, "the clones", ASK)
        for clone in mine():
            release(one, clone)
        again = time.monotonic()

        def by_hand(_number: int) -> tuple[float, str]:
            volume = hand.volume(one, {"source_volume_id": one.source.id}, one.name("hand"))
            return round(time.monotonic() - again, 1), volume

        plain = sorted(people.map(by_hand, range(AT_ONCE)))
    for _took, volume in plain:
        hand.drop(one, volume)
    return {
        "clones": [{"ready_seconds": took[name], "places": _turns(places.get(name, []))} for name in
                   sorted(took, key=took.__getitem__)],
        "by_hand_seconds": [seconds for seconds, _volume in plain],
        "ratio_of_the_last": round(max(took.values()) / plain[-1][0], 2),
    }  # fmt: skip


def _turns(places: list[int]) -> list[int]:
    """Each place once, in the order in which they were told."""
    return list(dict.fromkeys(places))


def reclaim(one: Stage, *gets: str) -> dict[str, float]:
    """Seconds from the end of a lease until both projects hold what they held before the request."""
    found = {}
    offer = one.offer()
    for get in gets:
        before = [held(one.owner), held(one.developer)]
        clone = ready(one, offer, get, lease="10s")
        end = datetime.datetime.fromisoformat(clone["expires_at"])
        wait = (end - datetime.datetime.now(datetime.UTC)).total_seconds()
        time.sleep(max(0.0, wait))
        until(lambda before=before: [held(one.owner), held(one.developer)] == before, "the lease's end", LOOK)
        found[get] = round((datetime.datetime.now(datetime.UTC) - end).total_seconds(), 1)
    return found


PARTS: dict[str, Callable[[Stage], Any]] = {
    "volume": lambda one: made(one, "volume"), "server": lambda one: made(one, "server"),
    "environment": lambda one: made(one, "environment"), "by-command": by_command, "away": away, "at-once": at_once,
    "reclaim": lambda one: reclaim(one, "volume", "server"),
    "reclaim-environment": lambda one: reclaim(one, "environment"),
}  # fmt: skip
WHOLE: dict[int, tuple[str, ...]] = {1: tuple(PARTS), 5: ("volume", "server", "away"), 20: ("volume", "server")}


def measure(gigabytes: int, *parts: str) -> dict[str, Any]:
    """These parts, or all, with a volume of that size; one that fails leaves the others their turn."""
    found: dict[str, Any] = {}
    with stage(gigabytes, WRITTEN[gigabytes]) as one:
        found["written_gigabytes"] = one.written
        for part in parts or WHOLE[gigabytes]:
            try:
                found[part] = PARTS[part](one)
            except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
                found[part] = {"failed": f"{type(error).__name__}: {error}"}
            print(part, json.dumps(found[part]), file=sys.stderr, flush=True)
    return found


def whole() -> dict[str, Any]:
    """All of them; some twenty minutes."""
    return {f"{gigabytes}_GB": measure(gigabytes) for gigabytes in WHOLE}


if __name__ == "__main__":
    # Who is told to stop leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    size, *chosen = sys.argv[1:] or [""]
    print(json.dumps(measure(int(size), *chosen) if size else whole(), indent=1))
