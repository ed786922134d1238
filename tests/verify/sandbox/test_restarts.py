"""Ten restarts of every daemon while an environment runs: afterwards everything is up and the application answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from sandbox import catalogue, process, ready
from sandbox.services import mariadb
from sandbox.settings import PROJECT, settings

pytestmark = pytest.mark.sandbox
ROUNDS = int(os.environ.get("RESTARTS", "10"))


@pytest.fixture(scope="module", autouse=True)
def whole(pytestconfig):
    """Too long for every run: `make verify` asks for it by name."""
    if not any("verify" in str(argument) for argument in pytestconfig.invocation_params.args):
        pytest.skip("ten restarts of every daemon: with make verify")


def tenant_ops(*words):
    command = [str(Path(sys.executable).with_name("tenant-ops")), "--os-cloud", "owner", "environment", *words]
    environment = {**settings().environment, "TENANT_OPS_PROOF_PROXY": "http://127.0.0.1:18081"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment():
    name = f"restarts-{time.monotonic_ns() % 10**6}"
    yield json.loads(tenant_ops("launch", name, "--wait", "-f", "json"))
    tenant_ops("delete", name, "--yes", "--wait")


def answers(environment):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": "http://127.0.0.1:18081"}))
    address = environment["address"].removeprefix("http://").rstrip("/")
    try:
        with opener.open(f"http://{address}/", timeout=10) as reply:
            return reply.status == 200
    except OSError:
        return False


def daemons():
    return [p.name for _, p in catalogue.processes(settings())]


def restart(s, name):
    """Ends it and starts it as `up` does; returns when it answers where it listens."""
    process.stop(s, name)
    p = next(p for _, p in catalogue.processes(s) if p.name == name)
    process.start(s, p)
    process.wait_up(s, p)
    if name == "mariadb":
        assert process.wait(lambda: mariadb.answers(s), 60)


@pytest.mark.parametrize("name", daemons() if settings().ovs_bin.exists() else [])
def test_a_daemon_can_be_restarted(name, environment):
    s = settings()
    for _ in range(ROUNDS):
        restart(s, name)
    assert process.wait(lambda: answers(environment), 120, 1), f"the application after {ROUNDS} restarts of {name}"
    assert process.wait(lambda: not ready.missing(s, ready.REPORTING), 180, 1), ready.missing(s, ready.REPORTING)
    assert process.pid_of(s, name)


def test_afterwards_there_is_nothing_to_mend_and_everything_works(environment):
    before = {name: process.pid_of(settings(), name) for name in daemons()}
    done = subprocess.run([sys.executable, "-m", "sandbox", "up"], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {name: process.pid_of(settings(), name) for name in daemons()} == before
    assert process.wait(lambda: answers(environment), 60)
    name = f"after-{time.monotonic_ns() % 10**6}"
    tenant_ops("launch", name, "--wait")
    tenant_ops("delete", name, "--yes", "--wait")
