"""`make bench`: one JSON object with the figures of this machine, taken on the running sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench import clones, firewall_pages, launch, loadbalancers, packets
from sandbox.settings import PROJECT, settings, url

PAGES = [
    "/tenant_ops/", "/tenant_ops/state/", "/tenant_ops/launch/", "/tenant_ops/loadbalancers/",
    "/tenant_ops/loadbalancers/state/", "/tenant_ops/clones/", "/tenant_ops/clones/state/",
]  # fmt: skip


def status() -> dict[str, Any]:
    shown = subprocess.run(
        [sys.executable, "-m", "sandbox", "status", "-f", "json"], cwd=PROJECT, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(shown.stdout)
    if not found["up"]:
        sys.exit("The sandbox is not up: run 'make demo' first.")
    return found


def memory(found: dict[str, Any]) -> dict[str, Any]:
    largest = sorted(found["processes"], key=lambda row: -row["memory"])[:5]
    return {"MiB": found["memory"], "largest": {row["process"]: row["memory"] for row in largest}}


def pages(password: str, paths: list[str]) -> Any:
    """In a process with Horizon's settings; see bench/pages.py."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "openstack_dashboard.settings",
        "PYTHONPATH": f"{settings().conf / 'horizon'}:{PROJECT}",
        "OWNER_PASSWORD": password,
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "bench.pages", *paths], env=environment, capture_output=True, text=True
    )
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr.strip().splitlines()[-1]}


def offline(name: str) -> Any:
    """A measurement that needs no cloud, in a process of its own."""
    script = Path(__file__).with_name(f"{name}.py")
    done = subprocess.run([sys.executable, str(script)], cwd=PROJECT, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr.strip().splitlines()[-1]}


def main() -> None:
    found = status()
    starts = settings().state / "figures.json"
    figures: dict[str, Any] = {
        "starts": json.loads(starts.read_text()) if starts.exists() else {},
        "memory_at_rest": memory(found),
        "door": url("door"),
    }
    figures["launch"], name = launch.measure()
    try:
        page = f"/tenant_ops/environment/{launch.tenant_ops('environment', 'show', name)['id']}/"
        figures["memory_with_one_environment"] = memory(status())
        figures["pages"] = pages(
            found["logins"]["owner"],
            [*PAGES, page, f"{page}state/"],
        )
        figures["loadbalancers"] = {**loadbalancers.measure(name), "by_number": loadbalancers.many()}
        if found["data_plane"]:
            figures["packets"] = packets.measure(name)
            figures["firewall_pages"] = firewall_pages.measure(name)
    finally:
        launch.delete(name)
    figures["clones"] = clones.whole()
    figures["reachability"] = offline("reachability")
    figures["firewall"] = offline("firewall")
    figures["posture"] = offline("posture")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
