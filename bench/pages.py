"""What each page costs the cloud: upstream API calls and milliseconds, in a Horizon process of our own.

Run with Horizon's settings, as `python -m bench` does; prints one JSON object.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from typing import Any

import django
import requests

ROUNDS = 5


class Calls:
    """Counts what goes through every `requests` adapter of this process."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        send = requests.adapters.HTTPAdapter.send

        def counted(adapter: Any, request: Any, **options: Any) -> Any:
            self.seen.append(f"{request.method} {request.url}")
            return send(adapter, request, **options)

        requests.adapters.HTTPAdapter.send = counted  # type: ignore[method-assign]


def measure(client: Any, calls: Calls, path: str, **headers: str) -> dict[str, object]:
    """Medians over the rounds, after one that warms caches up."""
    client.get(path, headers=headers)
    times, counts, size = [], [], 0
    for _ in range(ROUNDS):
        calls.seen.clear()
        began = time.perf_counter()
        response = client.get(path, headers=headers)
        times.append((time.perf_counter() - began) * 1000)
        counts.append(len(calls.seen))
        size = len(response.content)
    return {
        "status": response.status_code,
        "calls": statistics.median(counts),
        "milliseconds": round(statistics.median(times)),
        "bytes": size,
        "upstream": sorted(c.split("?")[0] for c in calls.seen),
    }


def main(paths: list[str]) -> None:
    django.setup()
    from django.test import Client

    calls = Calls()
    client = Client(SERVER_NAME="127.0.0.1")
    login = {"region": "default", "username": "owner", "password": os.environ["OWNER_PASSWORD"], "next": "/"}
    response = client.post("/auth/login/", login)
    if response.status_code != 302:
        sys.exit(f"The login was answered with {response.status_code}.")
    print(json.dumps({path: measure(client, calls, path) for path in paths}))


if __name__ == "__main__":
    main(sys.argv[1:])
