"""Measures posture and prints JSON: `python -m bench.posture [--quick]`.

A cloud of 10,000 ports and 5,000 firewall rules in 40 projects: judging it, keeping it, and the drift after one change.
Figures are milliseconds of processor time unless named otherwise.
"""

import argparse
import copy
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it also runs as a script

from tenant_ops_dashboard.posture import export
from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.drift import drift
from tenant_ops_dashboard.posture.keeping import pack, unpack
from tenant_ops_dashboard.posture.look import Look
from tests.verify.reachability.big_cloud import make

PROJECTS = {f"project{number}": f"team {number}" for number in range(40)}
Json = dict[str, Any]


def clock(work: Callable[[], Any]) -> tuple[int, Any]:
    """Milliseconds of processor time and the result."""
    started = time.process_time()
    found = work()
    return round((time.process_time() - started) * 1000), found


def cloud(ports: int) -> Json:
    """Half as many firewall rules as ports, all in some project."""
    found: Json = make(ports, firewalls=ports // 200, rules=65)
    for rows in found.values():
        if isinstance(rows, list):
            for number, row in enumerate(rows):
                row["project_id"] = f"project{number % len(PROJECTS)}"
    return found


def moved(found: Json) -> Json:
    """One server gets another security group."""
    made = copy.deepcopy(found)
    port = next(one for one in made["ports"] if one["device_owner"] == "compute:nova")
    port["security_groups"] = ["sg1"]
    return made


def measure(ports: int) -> Json:
    """Everything that is done with one reading."""
    raw = cloud(ports)
    look = Look(raw, PROJECTS, "cloud")
    reading, _ = clock(lambda: look.seen.engine)
    judging, posture = clock(lambda: assess(look))
    packing, kept = clock(lambda: pack(look))
    unpacking, _ = clock(lambda: unpack(kept).seen)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    changed, _ = clock(lambda: drift(look, Look(moved(raw), PROJECTS, "cloud"), posture, posture))
    writing, text = clock(lambda: export.csv(posture))
    return {
        "firewall_rules": len(raw["firewall_rules"]), "findings": len(posture.findings), "engine": reading,
        "assess": judging, "pack": packing, "kept_kB": len(kept) // 1024, "unpack": unpacking,
        "drift_of_one_port": changed, "csv": writing, "csv_kB": len(text) // 1024, "peak_memory_mb": peak,
    }  # fmt: skip


def main() -> None:
    """Run everything and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smaller cloud alone")
    sizes = (1_000,) if parser.parse_args().quick else (1_000, 10_000)
    sys.stdout.write(json.dumps({str(ports): measure(ports) for ports in sizes}, indent=1) + "\n")


if __name__ == "__main__":
    main()
