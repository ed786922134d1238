"""Measures the preview of a draft and prints JSON: `python -m bench.firewall [--quick]`.

One environment of two tiers (four servers, a floating address) whose firewall group has so many rules in all, most of
them about its subnets. Milliseconds of processor time of one edit of one rule; the snapshot is in memory, as it is on
a page. `traffic` is what is gained and lost, `findings` what linting before and after costs beside it.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it also runs as a script

from bench.policies import policy
from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.model import Draft, Rule
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.preview import preview
from tenant_ops_dashboard.firewall.snapshot import Seen
from tests.unit.reachability.cloudmaker import EVERYTHING, Cloud

NEAR = ("10.20.1.0/24", "10.20.2.0/24", "10.20.1.10", "10.20.2.10", "10.20.2.0/28")
OPENED = Rule(action="allow", protocol="tcp", destination_ip_address="10.20.2.10", destination_port="1521")


def cloud(rules: int, seed: int, profile: str) -> dict[str, Any]:
    """The snapshot, half of the rules in either direction."""
    made, rng = Cloud(), random.Random(seed)
    made.group("open", *EVERYTHING)
    made.network("ext", "203.0.113.0/24", external=True)
    made.network("dmz", "10.20.1.0/24")
    made.network("db", "10.20.2.0/24")
    made.router("r1", ("dmz", "10.20.1.1"), ("db", "10.20.2.1"), external="ext", address="203.0.113.2")
    for number in range(3):
        made.port(f"app{number}", "dmz", f"10.20.1.{10 + number}")
    made.port("data", "db", "10.20.2.10")
    made.floating("203.0.113.10", "app0", "10.20.1.10", router_id="r1")
    sides = {side: _near(rng, policy(rules // 2, seed + number)) for number, side in enumerate(("ingress", "egress"))}
    made.firewall("fw", ["r1-dmz", "r1-db"], **sides)
    return {**made.raw, "meta": {"profile": profile}}


def _near(rng: random.Random, rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for rule in rules:
        ends = {
            key: rng.choice(NEAR) if rule[key] and rng.random() < 0.6 else rule[key]
            for key in ("source_ip_address", "destination_ip_address")
        }
        found.append({key: value for key, value in (rule | ends).items() if key != "id"})
    return found


def edits(rng: random.Random, draft: Draft) -> list[Draft]:
    """A rule more, one less, one turned round, one moved."""
    side = rng.choice(("ingress", "egress"))
    whole = draft.state.policy(side)
    assert whole is not None
    rules, place = whole.rules, rng.randrange(len(whole.rules))
    turned = replace(rules[place], action="deny" if rules[place].action == "allow" else "allow")
    rest = (*rules[:place], *rules[place + 1 :])
    variants = [(OPENED, *rules), rest, (*rules[:place], turned, *rules[place + 1 :]), (rules[place], *rest)]
    return [replace(draft, state=replace(draft.state, **{side: replace(whole, rules=one)})) for one in variants]


def clock(work: Callable[[], Any]) -> float:
    """Milliseconds of processor time."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def measure(rules: int, seeds: int, profile: str) -> dict[str, Any]:
    """Median and worst of all edits; linting once a seed."""
    traffic: list[float] = []
    findings: list[float] = []
    for seed in range(seeds):
        ends = Ends(Seen(cloud(rules, seed, profile)), Names(None))
        draft, group = read.draft(ends.seen, "fw"), read.find(ends.seen, "fw")
        edited = edits(random.Random(seed), draft)
        for one in edited:
            traffic.append(clock(lambda e=ends, d=one, g=group: preview(e, d, g, findings=False)))
        both = clock(lambda e=ends, d=edited[0], g=group: preview(e, d, g))
        findings.append(max(0.0, both - traffic[-len(edited)]))
    return {
        "traffic": {"median": round(statistics.median(traffic), 1), "worst": round(max(traffic), 1)},
        "findings": round(statistics.median(findings)),
    }


def main() -> None:
    """Run everything and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer seeds")
    seeds = 2 if parser.parse_args().quick else 6
    found = {
        profile: {str(rules): measure(rules, seeds, profile) for rules in (100, 1_000, 4_000)}
        for profile in ("ovn", "l3-agent")
    }
    sys.stdout.write(json.dumps({"preview": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
