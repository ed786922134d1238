"""Processes are ended by process id and start time, so that nobody else's ever is."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import kernel, process
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
    assert kernel.start_time(pid) is None
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


def begin(s, name, program):
    """Starts a Python program and waits until it has printed 'ready'; returns its process id."""
    process.start(s, Process(name, [sys.executable, "-c", program]))
    assert process.wait(lambda: "ready" in (s.log / f"{name}.log").read_text(), 30)
    return process.pid_of(s, name)


FAMILY = f"""
import subprocess, sys, time
subprocess.Popen({SLEEP!r})
print('ready', flush=True)
time.sleep(600)
"""
# the main thread ends and leaves a zombie; the other one keeps the port
HEADLESS = """
import ctypes, socket, threading, time
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=time.sleep, args=(600,)).start()
print("ready", server.getsockname()[1], flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""
# a parent that ends its child by itself; a child told by somebody else would say so
PARENT = """
import signal, subprocess, sys
code = "import signal; signal.signal(15, lambda *_: print('told', flush=True)); print('ready', flush=True); "
def end(*_):
    child.kill()
    print(f"its child ended by {child.wait()}", flush=True)
    raise SystemExit
signal.signal(signal.SIGTERM, end)
child = subprocess.Popen([sys.executable, "-c", code + "signal.pause(); signal.pause()"])
signal.pause()
"""


def test_the_whole_group_ends(s):
    pid = begin(s, "family", FAMILY)
    assert len(kernel.groups()[pid]) == 2
    process.stop(s, "family")
    assert pid not in kernel.groups()


def test_a_parent_ends_its_children_by_itself(s):
    begin(s, "parent", PARENT)
    process.stop(s, "parent")
    told = (s.log / "parent.log").read_text()
    assert "its child ended by -9" in told
    assert "told" not in told


def test_one_that_does_not_listen_is_ended_all_the_same(s):
    pid = begin(
        s, "deaf", "import signal; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
    )
    process.stop(s, "deaf", patience=0.5)
    assert kernel.start_time(pid) is None


def test_threads_that_outlive_the_main_thread_hold_the_port_and_are_waited_for(s):
    pid = begin(s, "headless", HEADLESS)
    assert process.wait(lambda: Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z", 30)
    assert process.pid_of(s, "headless") == pid
    port = int((s.log / "headless.log").read_text().split()[1])
    process.stop(s, "headless")
    assert not process.listening(port)


def test_what_a_killed_leader_left_behind_is_ended_before_the_next_start(s):
    pid = begin(s, "family", FAMILY)
    (child,) = [p for p in kernel.groups()[pid] if p != pid]
    os.kill(pid, signal.SIGKILL)
    assert process.wait(lambda: process.pid_of(s, "family") is None, 30)
    assert process.orphans(s, "family") == [child]
    process.clear(s)
    assert kernel.start_time(child) is None


def test_a_number_from_before_the_machine_started_anew_means_nothing(s):
    stranger = subprocess.Popen(SLEEP)
    try:
        (s.run / "old.started").write_text(f"{stranger.pid} {kernel.start_time(stranger.pid)} another-boot")
        process.stop(s, "old")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


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
