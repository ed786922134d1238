"""Eight tasks counted beside Horizon's own pages: `python -m bench.tasks [--rounds N] [TASK ...]` prints JSON.

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
from pathlib import Path
from typing import Any

from openstack.exceptions import SDKException

from bench import plugins, tasks_here, tasks_there
from bench.counted import Count, Hand
from tests.browser.person import opened
from tests.browser.stage import Stage, stage
from tests.pictures.scenes import OFFICE, Scenes

NAME, PEOPLE = "tasks", ("tasks-owner", "tasks-developer")
COPY = "copy"
#: What Horizon and its plugins have no page for.
NONE = {
    "launch": "every part by hand, in its order; not done by this script",
    "reach_database": "no page tells what gets through or which rule decides",
    "open_port": "neutron-fwaas-dashboard's 'Insert Rule' ends with 'Unable to retrieve policy details' here",
    "take_back": "the owner has no right to a volume that was handed over",
    "posture": "no page tells what is exposed",
}


class Tasks:
    """Each task does its part at both sides and puts back what it changed; gives the counts by side."""

    def __init__(self, one: Stage, hands: dict[str, Hand]) -> None:
        self.one, self.hands, self.round = one, hands, 0

    def launch(self) -> dict[str, Count]:
        name = f"shop-{self.round + 2}"
        try:
            return {"here": self._by("anna", lambda hand: tasks_here.launch(hand, name))}
        finally:
            if name in (one["name"] for one in self.one.anna.tenant_ops("environment", "list")):
                self.one.anna.tenant_ops("environment", "delete", name, "--data", "--yes", "--wait")

    def health(self) -> dict[str, Count]:
        return {side: self._by("anna", it.health) for side, it in (("here", tasks_here), ("there", tasks_there))}

    def drain_and_back(self) -> dict[str, Count]:
        sides = (("here", tasks_here), ("there", tasks_there))
        return {side: self._by("anna", it.drain_and_back) for side, it in sides}

    def reach_database(self) -> dict[str, Count]:
        return {"here": self._by("anna", tasks_here.reach_database)}

    def open_port(self) -> dict[str, Count]:
        try:
            return {"here": self._by("anna", tasks_here.open_port)}
        finally:
            self._close_port()

    def clone(self) -> dict[str, Count]:
        here = self._by("ben", tasks_here.clone)
        told: list[tuple[str, str]] = []
        gave = self._by("anna", lambda hand: told.append(tasks_there.give_copy(hand, COPY)))
        took = self._by("ben", lambda hand: tasks_there.take_copy(hand, COPY, *told[0]))
        ben = self.one.ben.cloud.block_storage
        ben.delete_volume(ben.find_volume(COPY))
        both = {key: getattr(gave, key) + getattr(took, key) for key in asdict(gave)}
        return {"here": here, "there": Count(**both)}

    def take_back(self) -> dict[str, Count]:
        standing = [one for one in self.one.ben.tenant_ops("clone", "list") if one["state"] == "ready"]
        if not standing:
            raise RuntimeError("No copy stands that could be taken back: count 'clone' first.")
        for later in standing[1:]:
            self.one.ben.tenant_ops("clone", "release", later["id"])
        return {"here": self._by("anna", lambda hand: tasks_here.take_back(hand, standing[0]["name"]))}

    def posture(self) -> dict[str, Count]:
        return {"here": self._by("anna", tasks_here.posture)}

    def _by(self, who: str, do: Callable[[Hand], Any]) -> Count:
        hand = self.hands[who]
        hand.begin()
        do(hand)
        return hand.end()

    def _close_port(self) -> None:
        """The rules for one network go again, and the policy is as it was."""
        network, mine = self.one.anna.cloud.network, {"project_id": self.one.anna.project_id}
        for policy in network.firewall_policies(**mine):
            for rule in network.firewall_rules(**mine):
                if rule.source_ip_address == OFFICE and rule.id in policy.firewall_rules:
                    network.remove_rule_from_policy(policy.id, firewall_rule_id=rule.id)
        for rule in network.firewall_rules(**mine):
            if rule.source_ip_address == OFFICE:
                with contextlib.suppress(SDKException):
                    network.delete_firewall_rule(rule)
        for rule in network.security_group_rules(**mine):
            if rule.remote_ip_prefix == OFFICE:
                network.delete_security_group_rule(rule)


TASKS = ("launch", "health", "drain_and_back", "reach_database", "open_port", "clone", "take_back", "posture")


def measure(rounds: int, names: tuple[str, ...], keep: bool, pictures: Path | None = None) -> dict[str, Any]:
    """Medians by task and side; what Horizon cannot do is a sentence. Below `pictures` both pages as a task failed."""
    with stage(NAME, PEOPLE, keep=keep) as one, contextlib.ExitStack() as last:
        Scenes(one, {}).make("standing")
        if not one.anna.tenant_ops("clone", "offers"):
            one.anna.tenant_ops("clone", "offer", "shop", "--to", one.ben.project, "--approve", "auto")
        address = last.enter_context(plugins.horizon()).address
        hands = {}
        for key, person in (("anna", one.anna), ("ben", one.ben)):
            browser = last.enter_context(opened(address))
            browser.log_in(person.name, person.password)
            hands[key] = Hand(browser)
        tasks, seen, failed = Tasks(one, hands), dict[str, list[dict[str, Count]]](), dict[str, str]()
        for tasks.round in range(rounds + 1):
            for name in (one for one in names if one not in failed):
                try:
                    found = getattr(tasks, name)()
                except RuntimeError as error:  # the others are counted all the same
                    failed[name] = str(error)
                    for key, hand in hands.items() if pictures else ():
                        hand.browser.driver.save_screenshot(str(pictures / f"{name}-{key}.png"))
                    continue
                print(tasks.round, name, found, file=sys.stderr)
                if tasks.round:  # the first round fills caches, and counts for nothing
                    seen.setdefault(name, []).append(found)
        return {name: {"failed": failed[name]} if name in failed else _told(name, seen[name]) for name in names}


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
    parser.add_argument("--pictures", type=Path, help="the folder for the pages where a task failed")
    told = parser.parse_args()
    if unknown := set(told.names) - set(TASKS):
        parser.error(f"no such task: {', '.join(sorted(unknown))}")
    names = tuple(one for one in TASKS if not told.names or one in told.names)
    json.dump(measure(told.rounds, names, told.keep, told.pictures), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
