"""Tasks counted beside Horizon's own pages: `python -m bench.tasks [--rounds N] [TASK ...]` prints JSON.

On the running sandbox, in two projects of its own, by a real browser. Both sides are pages of one Horizon with
octavia-dashboard and neutron-fwaas-dashboard in it, taken in turn, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from bench import plugins, tasks_here, tasks_there
from bench.counted import Count, Hand
from tests.browser.person import opened
from tests.browser.stage import Stage, stage
from tests.pictures.scenes import Scenes

NAME, PEOPLE = "tasks", ("tasks-owner", "tasks-developer")
#: What Horizon and its plugins have no page for.
NONE = {
    "reach_database": "no page tells what gets through or which rule decides",
    "posture": "no page tells what is exposed",
}


class Tasks:
    """Each task does its part at both sides and puts back what it changed; gives the counts by side."""

    def __init__(self, one: Stage, hands: dict[str, Hand]) -> None:
        self.one, self.hands, self.round = one, hands, 0

    def health(self) -> dict[str, Count]:
        return {side: self._by("anna", it.health) for side, it in (("here", tasks_here), ("there", tasks_there))}

    def drain_and_back(self) -> dict[str, Count]:
        sides = (("here", tasks_here), ("there", tasks_there))
        return {side: self._by("anna", it.drain_and_back) for side, it in sides}

    def reach_database(self) -> dict[str, Count]:
        return {"here": self._by("anna", tasks_here.reach_database)}

    def posture(self) -> dict[str, Count]:
        return {"here": self._by("anna", tasks_here.posture)}

    def _by(self, who: str, do: Callable[[Hand], Any]) -> Count:
        hand = self.hands[who]
        hand.begin()
        do(hand)
        return hand.end()

TASKS = ("health", "drain_and_back", "reach_database", "posture")


def measure(rounds: int, names: tuple[str, ...], keep: bool) -> dict[str, Any]:
    """Medians by task and side; what Horizon cannot do is a sentence."""
    with stage(NAME, PEOPLE, keep=keep) as one, contextlib.ExitStack() as last:
        Scenes(one, {}).make("standing")
        address = last.enter_context(plugins.horizon()).address
        hands = {}
        for key, person in (("anna", one.anna), ("ben", one.ben)):
            browser = last.enter_context(opened(address))
            browser.log_in(person.name, person.password)
            hands[key] = Hand(browser)
        tasks, seen = Tasks(one, hands), dict[str, list[dict[str, Count]]]()
        for tasks.round in range(rounds + 1):
            for name in names:
                found = getattr(tasks, name)()
                if tasks.round:  # the first round fills caches, and counts for nothing
                    seen.setdefault(name, []).append(found)
        return {name: _told(name, seen[name]) for name in names}


def _told(name: str, found: list[dict[str, Count]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for side in found[0]:
        rows = [asdict(one[side]) for one in found]
        told[side] = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    return told if "there" in told else {**told, "there": NONE[name]}


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench.tasks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="TASK", help=f"of {', '.join(TASKS)}; without one all are done")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="leave the projects for the next time")
    told = parser.parse_args()
    if unknown := set(told.names) - set(TASKS):
        parser.error(f"no such task: {', '.join(sorted(unknown))}")
    names = tuple(one for one in TASKS if not told.names or one in told.names)
    json.dump(measure(told.rounds, names, told.keep), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
