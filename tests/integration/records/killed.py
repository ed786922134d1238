"""The care job is killed as a process, by SIGKILL, at each of its calls; run by test_killed.py on every database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection
from django.utils import timezone

from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records import models
from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
SETTINGS = "tests.integration.records.database_settings"
#: More calls than a clone takes; and processes, one after another, until it is there or gone.
MANY, PROCESSES = 60, 8


class Cloud(HTTPServer):
    """The fakes, over HTTP, as the proxy that all calls go through. At the change number `at` its caller is killed.

    `pid` is the caller; `after` says that the call is done before he is killed, `hit` which one that was.
    """

    def __init__(self, machine: Machine) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.machine = machine
        self.pid, self.known = 0, threading.Event()
        self.at, self.after, self.seen, self.hit = 0, False, 0, ""

    def arm(self, at: int, after: bool) -> None:
        self.at, self.after, self.seen, self.hit = at, after, 0, ""

    def kill(self) -> None:
        assert self.known.wait(60)
        os.kill(self.pid, signal.SIGKILL)


class Handler(BaseHTTPRequestHandler):
    """One call, as it comes through the proxy."""

    server: Cloud

    def do_GET(self) -> None:
        cloud, body = self.server, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = requests.Request(self.command, self.path, dict(self.headers), data=body or None).prepare()
        changes = self.command != "GET" and not self.path.endswith("/auth/tokens")
        cloud.seen += changes
        dies = changes and cloud.seen == cloud.at
        if dies:
            cloud.hit = f"{self.command} {self.path}"
        if dies and not cloud.after:
            cloud.kill()
            return
        if not changes:
            # What was begun is done once somebody looks.
            cloud.machine.settle()
        answer = cloud.machine.world.wire.send(request)
        if dies:
            cloud.kill()
            return
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written of calls."""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """The world of the tests of clones, at this moment: the processes have no other clock."""
    made = Machine(monkeypatch, tmp_path)
    made.now, made.world.wire.now = timezone.now(), None
    return made


@pytest.fixture
def cloud(machine: Machine) -> Iterator[Cloud]:
    with Cloud(machine) as served:
        threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield served
        served.shutdown()


@pytest.fixture
def processes(cloud: Cloud, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """What forks the care job, on the database of this test."""
    database = {name: str(value) for name, value in connection.settings_dict.items()
                if name in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")}  # fmt: skip
    told = {"HISTORY_DATABASE": json.dumps(database), "DJANGO_SETTINGS_MODULE": SETTINGS, "PYTHONPATH": str(ROOT),
            "http_proxy": f"http://127.0.0.1:{cloud.server_port}", "no_proxy": ""}  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.records.care_process"], cwd=ROOT, env={**os.environ, **told}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(tmp_path / "care.log").open("w"),
    ) as forks:  # fmt: skip
        yield forks
        assert forks.stdin
        forks.stdin.close()


def care(cloud: Cloud, forks: subprocess.Popen[str]) -> int:
    """One process, to its end: how it ended."""
    assert forks.stdin and forks.stdout
    cloud.known.clear()
    forks.stdin.write("\n")
    forks.stdin.flush()
    cloud.pid = int(forks.stdout.readline())
    cloud.known.set()
    return int(forks.stdout.readline())


def until_done(cloud: Cloud, forks: subprocess.Popen[str]) -> None:
    """Processes one after another until nothing is to do, each once the lease of the last one is over."""
    for _ in range(PROCESSES):
        if not records.due(timezone.now()):
            break
        ended = care(cloud, forks)
        assert ended in (0, -signal.SIGKILL), cloud.hit
        assert (ended == 0) or cloud.hit
        models.Lease.objects.update(until=timezone.now())


@pytest.mark.parametrize("after", [False, True], ids=["before it is sent", "before its answer is seen"])
def test_killed_at_any_change(machine: Machine, cloud: Cloud, processes: subprocess.Popen[str], after: bool) -> None:
    machine.offer(consistency="paused", mask=SCRIPT)
    for number in range(1, MANY):
        machine.now = timezone.now()
        machine.request()
        cloud.arm(number, after)
        until_done(cloud, processes)
        made = machine.clone
        assert (made.state, made.step, made.says) == ("ready", "", ""), cloud.hit
        (copy,) = machine.copies()
        assert (copy["id"], copy["metadata"]["tenant_ops_masked"]) == (made.volume_id, made.nonce), cloud.hit
        assert machine.copies("project") == [], cloud.hit
        machine.stands()
        machine.release()
        until_done(cloud, processes)
        assert (machine.clone.state, machine.clone.step) == ("released", ""), cloud.hit
        machine.nothing_is_left()
        if not cloud.hit:
            break
    assert number > 12
