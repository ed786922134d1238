"""Processes are ended by process id and start time, so that nobody else's ever is."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import process
from sandbox.errors import SandboxError
from sandbox.process import Process

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_started_once_and_stopped(s):
    sleeper = Process("sleeper", SLEEP)
    assert process.start(s, sleeper)
    assert not process.start(s, sleeper), "a living process is not started twice"
    pid = process.pid_of(s, "sleeper")
    assert pid
    process.stop(s, "sleeper")
    assert process.pid_of(s, "sleeper") is None
    assert process.start_time(pid) is None
    assert process.known(s) == []


def test_a_process_id_used_again_is_left_alone(s):
    stranger = subprocess.Popen(SLEEP)
    try:
        (s.run / "old.started").write_text(f"{stranger.pid} 1")
        assert process.pid_of(s, "old") is None
        process.stop(s, "old")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def group(pid):
    """The processes of a process group."""
    found = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [p for p in found if process.start_time(p) and os.getpgid(p) == pid]


def test_the_whole_group_ends(s):
    parent = (
        f"import subprocess, sys; subprocess.Popen({SLEEP!r}); print('ready', flush=True); import time; time.sleep(600)"
    )
    process.start(s, Process("family", [sys.executable, "-c", parent]))
    assert process.wait(lambda: "ready" in (s.log / "family.log").read_text(), 30)
    pid = process.pid_of(s, "family")
    children = group(pid)
    assert len(children) == 2
    process.stop(s, "family")
    assert process.wait(lambda: all(process.start_time(c) is None for c in children), 30)


def test_one_that_ends_while_starting_is_told_with_its_last_line(s):
    p = Process("short", [sys.executable, "-c", "print('no such database'); raise SystemExit(3)"], port=1)
    process.start(s, p)
    with pytest.raises(SandboxError, match=r"short ended while starting: no such database.*make demo"):
        process.wait_up(s, p, 30)


def test_one_that_answers_is_up(s):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    p = Process("web", [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)], port=port)
    process.start(s, p)
    try:
        process.wait_up(s, p, 60)
        assert process.answers(port)
    finally:
        process.stop(s, "web")


def test_a_failed_command_becomes_one_sentence(s):
    with pytest.raises(SandboxError) as told:
        process.run(s, "step", [sys.executable, "-c", "print('disk is full'); raise SystemExit(1)"])
    assert "disk is full" in str(told.value)
    assert "\n" not in str(told.value)
    assert str(s.log / "step.log") in str(told.value)
