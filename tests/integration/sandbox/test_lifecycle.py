"""The sandbox as it runs: everything up, on loopback alone, and mended by the same command that started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sandbox
PROJECT = Path(__file__).resolve().parents[3]


def sandbox(*words):
    return subprocess.run([sys.executable, "-m", "sandbox", *words], cwd=PROJECT, capture_output=True, text=True)


def status():
    return json.loads(sandbox("status", "-f", "json").stdout)


def own_processes():
    """Every process whose environment names this sandbox's state folder."""
    wanted = f"SANDBOX_STATE={status()['state']}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(folder)
        except OSError:
            continue
    return found


def test_every_process_is_up_and_tells_port_and_memory():
    found = status()
    assert found["up"], [row for row in found["processes"] if row["state"] != "up"]
    wanted = "keystone neutron nova octavia heat cinder glance placement memcached horizon"
    assert set(wanted.split()) <= {row["process"] for row in found["processes"]}
    assert all(row["memory"] > 0 for row in found["processes"])
    assert [row["processes"] for row in found["processes"] if row["process"] == "horizon"] == [3], "two workers"


def test_nothing_listens_beyond_loopback():
    sockets = set()
    for folder in own_processes():
        for fd in folder.glob("fd/*"):
            try:
                sockets.add(str(fd.readlink()))
            except OSError:
                continue
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    listening = [f[1].rsplit(":", 1) for f in lines if f[3] == "0A" and f"socket:[{f[9]}]" in sockets]
    assert len(listening) >= 12
    loopback = {"0100007F", "0" * 24 + "01000000", "0000000000000000FFFF00000100007F"}
    assert [address for address, _ in listening if address not in loopback] == []


def test_secrets_are_for_their_owner_alone():
    found = status()
    state = Path(found["state"])
    files = [Path(found["clouds"]), *(state / "passwords").iterdir(), *(state / "conf").rglob("*.conf")]
    assert len(files) > 20
    assert [f for f in files if f.stat().st_mode & 0o077] == []


def test_a_dead_service_is_started_again_and_the_living_are_left_alone():
    before = {row["process"]: row for row in status()["processes"]}
    run = Path(status()["state"]) / "run"
    victim = int((run / "placement.started").read_text().split()[0])
    glance = (run / "glance.started").read_text()
    os.kill(victim, signal.SIGKILL)
    done = sandbox("up", "--tests")
    assert done.returncode == 0, done.stderr
    assert "Ready after" in done.stdout
    assert status()["up"]
    assert int((run / "placement.started").read_text().split()[0]) != victim
    assert (run / "glance.started").read_text() == glance
    assert before.keys() == {row["process"] for row in status()["processes"]}
