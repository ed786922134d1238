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

from sandbox import catalogue, process
from sandbox.services import ovn
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
    environment = {**settings().environment, "TENANT_OPS_DOOR": "http://127.0.0.1:18081"}
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
    chassis = {p.name for p in ovn.processes(settings())}
    return [
        p.name for _, p in catalogue.processes(settings()) if p.name not in chassis | {"mariadb", "rabbitmq", "epmd"}
    ]


@pytest.mark.parametrize("name", daemons() if settings().ovs_bin.exists() else [])
def test_a_daemon_can_be_restarted(name, environment):
    s = settings()
    found = {p.name: p for _, p in catalogue.processes(s)}
    for _ in range(ROUNDS):
        process.stop(s, name)
        process.start(s, found[name])
        process.wait_up(s, found[name])
        assert process.pid_of(s, name)
    assert process.wait(lambda: answers(environment), 60), f"the application after {ROUNDS} restarts of {name}"


def test_everything_is_up_afterwards(environment):
    done = subprocess.run([sys.executable, "-m", "sandbox", "up"], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert process.wait(lambda: answers(environment), 60)
