"""Measures the reachability engine and prints JSON: `python -m bench.reachability [--quick]`.

Every figure is a median over seeds (milliseconds unless named otherwise); peers run on the same rules in the same run,
each with the fastest of its field orders.
"""

import argparse
import gc
import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it also runs as a script

from bench.peers import ORDERS, PEERS
from bench.policies import policy, towards
from tenant_ops_dashboard.reachability.boxes import Box
from tenant_ops_dashboard.reachability.budget import Budget
from tenant_ops_dashboard.reachability.change import preview
from tenant_ops_dashboard.reachability.drafts import badges, read_draft
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex
from tenant_ops_dashboard.reachability.exposure import exposure
from tenant_ops_dashboard.reachability.lint import lint
from tenant_ops_dashboard.reachability.policy import analyse_policy
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.rules import read_rule
from tenant_ops_dashboard.reachability.snapshot import read_snapshot
from tests.verify.reachability import big_cloud


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of processor time and the result."""
    gc.collect()
    started = time.process_time()
    found = work()
    return (time.process_time() - started) * 1000, found


def analysis(make: Callable[[int, int], list[dict[str, Any]]], count: int, seeds: int) -> dict[str, Any]:
    """Permit set, dead rules and deciding rules of one policy, from Neutron's dictionaries: ours and the peers'.

    The peers use our reader, after us: it knows the addresses by then. A ratio is the median of the seeds' own.
    """
    ours: list[float] = []
    theirs: dict[str, dict[int, list[float]]] = {peer.name: {} for peer in PEERS}
    for seed in range(seeds):
        rules = make(count, seed)
        taken, found = clock(lambda rules=rules: analyse_policy(rules, budget=Budget(seconds=60)))
        ours.append(taken)
        for peer in PEERS:
            for number, order in enumerate(ORDERS):
                one = peer(order)
                taken, dead = clock(lambda one=one, rules=rules: one.analyse(*_read(rules)))
                theirs[peer.name].setdefault(number, []).append(taken)
                assert [rules[index]["id"] for index in dead] == found.never_matched, (peer.name, seed)
                del one
    best = {name: min(orders.values(), key=statistics.median) for name, orders in theirs.items()}
    ratios = {
        name: round(statistics.median(their / our for their, our in zip(times, ours, strict=True)), 2)
        for name, times in best.items()
    }
    medians = {"ours": ours, **best}
    return {name: round(statistics.median(times), 1) for name, times in medians.items()} | {"times_as_fast_as": ratios}


def _read(rules: list[dict[str, Any]]) -> tuple[list[Box], list[bool]]:
    read = [read_rule(rule) for rule in rules]
    matches = [match for rule in read if (match := rule.match()) is not None]
    return matches, [rule.action == "allow" for rule in read]


def previews(count: int, seeds: int) -> dict[str, float]:
    """An edit of one rule."""
    taken = []
    for seed in range(seeds):
        rules = [read_rule(rule) for rule in policy(count, seed)]
        rng = random.Random(seed)
        for _ in range(4):
            edited = list(rules)
            place = rng.randrange(count)
            edited[place] = replace(edited[place], action="deny" if edited[place].action == "allow" else "allow")
            taken.append(clock(lambda e=edited, r=rules: preview(r, e, budget=Budget(seconds=60)))[0])
    return {"median": round(statistics.median(taken), 1), "worst": round(max(taken), 1)}


def drafts(count: int, seeds: int) -> dict[str, float]:
    """What an editor asks after each change: both versions read, badges, and what one altered rule changes."""
    marks, both = [], []
    for seed in range(seeds):
        rules = policy(count, seed)
        edited = list(rules)
        place = random.Random(seed).randrange(count)
        edited[place] = {**edited[place], "action": "deny" if edited[place]["action"] == "allow" else "allow"}
        reading, (before, after) = clock(lambda e=edited, r=rules: (read_draft(r), read_draft(e)))
        marked, _ = clock(lambda a=after: badges(a, "l3-agent", Budget(seconds=60)))
        changed, _ = clock(lambda b=before, a=after: preview(b, a, "l3-agent", Budget(seconds=60)))
        marks.append(marked)
        both.append(reading + marked + changed)
    return {
        "badges": round(statistics.median(marks), 1), "with_preview": round(statistics.median(both), 1),
        "worst": round(max(both), 1),
    }  # fmt: skip


def cloud(ports: int) -> dict[str, float]:
    """A whole cloud: load, exposure of everything from the internet, every finding (with an exposure), one probe."""
    text = json.dumps(big_cloud.make(ports))
    load, engine = clock(lambda: Engine(read_snapshot(text)))
    whole, found = clock(lambda: exposure(engine))
    linted, _ = clock(lambda: lint(engine))
    rng = random.Random(1)
    singles = []
    for _ in range(400):
        ends = [f"port{rng.randrange(ports)}" for _ in range(2)]
        packet = {"src": {"port": ends[0]}, "dst": {"port": ends[1]}, "protocol": "tcp", "dst_port": 80}
        started = time.perf_counter()
        probe(engine, packet)
        singles.append((time.perf_counter() - started) * 1000)
    return {
        "load": round(load), "exposure": round(whole), "lint": round(linted),
        "boxes": sum(len(entry["boxes"]) for entry in found), "probe": round(statistics.median(singles), 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def adversaries() -> dict[str, Any]:
    """Rule sets made to hurt: milliseconds until they are refused or answered."""
    crossing = [
        {"id": f"r{i}", "action": "allow" if i % 2 else "deny", "protocol": "tcp",
         "source_port": f"{i % 30000}:{i % 30000 + 30000}",
         "destination_port": f"{i * 7 % 30000}:{i * 7 % 30000 + 30000}",
         "source_ip_address": f"{i % 223 + 1}.{i * 7 % 256}.0.0/{8 + i % 9}",
         "destination_ip_address": f"{i * 3 % 223 + 1}.{i * 11 % 256}.0.0/{8 + i * 5 % 9}"}
        for i in range(100_000)
    ]  # fmt: skip
    found = {}
    for count in (2_000, 20_000, 100_000):
        rules = crossing[:count]

        def ask(rules: list[dict[str, Any]] = rules) -> str:
            try:
                analyse_policy(rules)
            except TooComplex as error:
                return str(error)
            return "answered"

        taken, answer = clock(ask)
        found[str(count)] = {"milliseconds": round(taken), "answer": answer}
    return found


def main() -> None:
    """Run everything and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer seeds and a smaller cloud")
    quick = parser.parse_args().quick
    seeds = 3 if quick else 12
    found = {
        "clouds": {str(count): cloud(count) for count in ((1_000, 3_000) if quick else (1_000, 3_000, 10_000))},
        "preview": {str(count): previews(count, 2 if quick else 4) for count in (1_000, 4_000)},
        "drafts": {str(count): drafts(count, 3 if quick else 12) for count in (100, 1_000, 4_000)},
        "adversaries": adversaries(),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "analysis": {make.__name__: analysis(make, 1_000, seeds) for make in (policy, towards)},
    }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
