"""Waits until the services that work in the background say that they do. Runs in the cloud's environment."""

from __future__ import annotations

import sys
import time
from typing import Any

import openstack

from sandbox import catalogue, process
from sandbox.settings import settings

COMPUTE = {"nova-conductor", "nova-scheduler", "nova-compute"}
STORAGE = {"cinder-scheduler", "cinder-volume", "cinder-backup"}
PATIENCE = 180


def ended() -> list[str]:
    """Processes of the cloud that are gone, each with its last words."""
    s = settings()
    names = [p.name for service in catalogue.CLOUD for p in service.processes(s)]
    return [f"{name} ended: {process.last_line(s, name)}" for name in names if not process.pid_of(s, name)]


def missing(cloud: Any) -> set[str]:
    """What has not reported."""
    late: set[str] = set()
    for wanted, services in ((COMPUTE, cloud.compute.services), (STORAGE, cloud.block_storage.services)):
        late |= wanted - {x.binary for x in services() if x.state == "up"}
    if not list(cloud.orchestration.get("/services").json()["services"]):
        late.add("heat-engine")
    log = settings().log / "octavia-worker.log"
    if "Starting V2 consumer" not in log.read_text(errors="replace"):
        late.add("octavia-worker")
    return late


def main() -> int:
    cloud = openstack.connect(cloud="operator", project_name="admin", api_timeout=120)
    end = time.monotonic() + PATIENCE
    while late := missing(cloud):
        if gone := ended():
            print(gone[0])
            return 1
        if time.monotonic() > end:
            print("These do not report for work: " + ", ".join(sorted(late)))
            return 1
        time.sleep(0.5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
