"""Requests through floating IP and load balancer from the outside namespace, and how fast a dead member is seen."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import openstack

from sandbox.settings import PROJECT

REQUESTS = 10_000
CONCURRENT = 8

LOAD = """
import collections, http.client, json, sys, threading, time
address, requests, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
seen, lock = collections.Counter(), threading.Lock()
def work(n):
    mine = collections.Counter()
    for _ in range(n):
        try:
            c = http.client.HTTPConnection(address, timeout=5)
            c.request("GET", "/")
            r = c.getresponse()
            body = r.read().split()
            mine[body[0].decode() if r.status == 200 and body else f"status {r.status}"] += 1
            c.close()
        except OSError as e:
            mine["failed: " + type(e).__name__] += 1
    with lock:
        seen.update(mine)
began = time.monotonic()
workers = [threading.Thread(target=work, args=(requests // threads,)) for _ in range(threads)]
[w.start() for w in workers]
[w.join() for w in workers]
print(json.dumps({"seconds": time.monotonic() - began, "seen": seen}))
"""


def sandbox(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "sandbox", *words], cwd=PROJECT, capture_output=True, text=True)
    return done.stdout.strip()


def measure(name: str) -> dict[str, Any]:
    cloud = openstack.connect(cloud="owner", api_timeout=60)
    stack = cloud.orchestration.find_stack(name)
    balancer = _balancer(cloud, stack)
    address = next(iter(cloud.network.ips(port_id=balancer.vip_port_id))).floating_ip_address
    words = ["outside", "--", "/usr/bin/python3", "-c", LOAD, address, str(REQUESTS), str(CONCURRENT)]
    load = json.loads(sandbox(*words))
    failed = sum(n for what, n in load["seen"].items() if what.startswith(("failed", "status")))
    return {
        "requests": REQUESTS,
        "per_second": round(REQUESTS / load["seconds"]),
        "failed": failed,
        "answered_by": load["seen"],
        **_detection(cloud, balancer),
    }


def _balancer(cloud: Any, stack: Any) -> Any:
    for resource in cloud.orchestration.resources(stack):
        if resource.resource_type == "OS::Octavia::LoadBalancer":
            return cloud.load_balancer.get_load_balancer(resource.physical_resource_id)
    sys.exit(f"{stack.name} has no load balancer.")


def _detection(cloud: Any, balancer: Any) -> dict[str, float]:
    pool = next(iter(cloud.load_balancer.pools(loadbalancer_id=balancer.id)))
    member = next(iter(cloud.load_balancer.members(pool)))
    server = next(s for s in cloud.compute.servers() if member.address in json.dumps(s.addresses))

    def becomes(status: str) -> float:
        began = time.monotonic()
        while cloud.load_balancer.get_member(member, pool).operating_status != status:
            if time.monotonic() - began > 120:
                sys.exit(f"The member did not become {status}.")
            time.sleep(0.2)
        return round(time.monotonic() - began, 1)

    sandbox("tell", server.id, "die")
    seconds = {"seconds_until_ERROR": becomes("ERROR")}
    sandbox("tell", server.id, "heal")
    return {**seconds, "seconds_until_ONLINE": becomes("ONLINE")}
