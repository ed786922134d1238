"""How soon pages open on the sandbox's own Horizon: `python -m bench.opens [--rounds N]` prints milliseconds as JSON.

With three environments in the project, a pause between two pages as somebody makes who reads, and everything warm.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import requests

from bench.launch import tenant_ops
from bench.served import Served
from bench.viewers import percentile
from sandbox.settings import PORTS
from tests.unit.panels.reading import Node, Page

PAGES = {
    "load balancers": "/tenant_ops/loadbalancers/",
    "load balancers, read before the answer": "/tenant_ops/loadbalancers/?whole=1",
    "environments": "/tenant_ops/",
    "an environment": "/tenant_ops/environment/{id}/",
    "launch": "/tenant_ops/launch/",
}
NAMES, SENT = ("opens-1", "opens-2"), "opens-sent-"
PAUSE = 1.0  # gunicorn ends a connection that lies for two seconds
QUIET = 10.0  # until nothing is left to do of the launch before


def measure(rounds: int) -> dict[str, Any]:
    """Median and 95th percentile of each page; of each launch by POST, which is answered once Heat took the stack."""
    there = {one["name"] for one in tenant_ops("environment", "list")}
    for name in (one for one in there if one.startswith(SENT)):  # a run that broke off left it
        _away(name)
    for name in {"shop", *NAMES} - there:
        tenant_ops("environment", "launch", name, "--wait")
    id_ = tenant_ops("environment", "show", NAMES[0])["id"]
    horizon = Served(Path(), PORTS["horizon"])
    session = horizon.log_in("owner")
    seen: dict[str, list[float]] = {name: [] for name in PAGES}
    for number in range(rounds + 1):
        for name, path in PAGES.items():
            taken = _took(session, horizon.address + path.format(id=id_))
            if number:  # the first round fills caches
                seen[name].append(taken)
            time.sleep(PAUSE)
    seen["launch, sent"] = [_launch(session, horizon.address, f"{SENT}{number}") for number in range(rounds // 3)]
    for name in NAMES:
        tenant_ops("environment", "delete", name, "--data", "--yes", "--wait")
    return {
        name: {"times": len(took), "median": round(percentile(took, 50)), "p95": round(percentile(took, 95))}
        for name, took in seen.items()
    }


def _took(session: requests.Session, address: str) -> float:
    began = time.perf_counter()
    session.get(address, timeout=120).raise_for_status()
    return (time.perf_counter() - began) * 1000


def _launch(session: requests.Session, horizon: str, name: str) -> float:
    """Sends the form as the page has it; the environment goes again."""
    time.sleep(QUIET)
    address = f"{horizon}/tenant_ops/launch/"
    page = Page(session.get(address, timeout=120).text)
    forms = page.find_all("form")
    form = next(one for one in forms if "launch-button" in [node.get("id") for node in one.everything()])
    told = {**_values(form), "name": name, "do": "launch"}
    began = time.perf_counter()
    answer = session.post(address, told, timeout=120, allow_redirects=False, headers={"Referer": address})
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 302:
        raise RuntimeError(f"The launch was answered with {answer.status_code}.")
    _away(name)
    return took


def _away(name: str) -> None:
    try:
        tenant_ops("environment", "delete", name, "--data", "--yes", "--wait")
    except SystemExit:  # Octavia lets go of no load balancer that it has only just begun
        tenant_ops("environment", "delete", name, "--data", "--yes", "--wait")


def _values(form: Node) -> dict[str, str]:
    """What a browser would send of it untouched."""
    told = {}
    for node in form.everything():
        name, kind = node.get("name") or "", node.get("type")
        if name and node.name == "input" and (kind not in ("radio", "checkbox") or "checked" in node.attributes):
            told[name] = node.get("value") or ("on" if kind == "checkbox" else "")
        elif name and node.name == "textarea":
            told[name] = node.words()
        elif name and node.name == "select":
            options = [one for one in node.everything() if one.name == "option"]
            if chosen := [one for one in options if "selected" in one.attributes] or options:
                told[name] = chosen[0].get("value") or ""
    return told


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench.opens", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    json.dump(measure(parser.parse_args().rounds), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
