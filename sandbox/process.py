"""Processes the sandbox started: known by process id and start time, so that nobody else's is ever ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.settings import HOST, Settings


@dataclass(frozen=True)
class Process:
    """One long-running process of a service. `port` is what it listens on, if it does."""

    name: str
    command: Sequence[str]
    port: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    http: bool = True
    stop_signal: int = signal.SIGTERM


def start_time(pid: int) -> str | None:
    """The kernel's start time of a process (proc(5), field 22); None where it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return None if fields[0] == "Z" else fields[19]


def _pid_file(s: Settings, name: str) -> Path:
    return s.run / f"{name}.started"


def remember(s: Settings, name: str, pid: int) -> None:
    _pid_file(s, name).write_text(f"{pid} {start_time(pid)}")


def pid_of(s: Settings, name: str) -> int | None:
    """The process id where the very process we started is alive."""
    try:
        pid, began = _pid_file(s, name).read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if start_time(int(pid)) == began else None


def known(s: Settings) -> list[str]:
    return sorted(p.stem for p in s.run.glob("*.started"))


def start(s: Settings, process: Process) -> bool:
    """Starts it unless it is alive; True where it had to be started."""
    if pid_of(s, process.name):
        return False
    log = s.log / f"{process.name}.log"
    with log.open("ab") as out:
        child = subprocess.Popen(
            list(process.command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={**s.environment, **process.environment},
            cwd=s.state,
        )
    remember(s, process.name, child.pid)
    return True


def stop(s: Settings, name: str, sig: int = signal.SIGTERM, patience: float = 20) -> None:
    """Ends the process and its group, and waits until it is gone."""
    pid = pid_of(s, name)
    if pid:
        _signal(pid, sig)
        if not wait(lambda: pid_of(s, name) is None, patience):
            _signal(pid, signal.SIGKILL)
            wait(lambda: pid_of(s, name) is None, 5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    _pid_file(s, name).unlink(missing_ok=True)


def _signal(pid: int, sig: int) -> None:
    try:
        os.killpg(pid, sig)
    except ProcessLookupError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sig)


def wait(test: Callable[[], object], seconds: float, interval: float = 0.1) -> bool:
    """Until `test` is true; False when it did not become so in `seconds`."""
    end = time.monotonic() + seconds
    while not test():
        if time.monotonic() > end:
            return False
        time.sleep(interval)
    return True


def listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def answers(port: int) -> bool:
    """Whether an HTTP server gives any reply there."""
    try:
        with socket.create_connection((HOST, port), timeout=2) as c:
            c.settimeout(30)
            c.sendall(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
            return c.recv(5).startswith(b"HTTP")
    except OSError:
        return False


def wait_up(s: Settings, process: Process, seconds: float = 180) -> None:
    """Until the process answers on its port; raises SandboxError at once when it is gone.

    A port that is taken by somebody else is told before the start, by `ports.check`.
    """
    port = process.port
    if port is None:
        return
    test = answers if process.http else listening

    def ready() -> bool:
        if pid_of(s, process.name) is None:
            raise SandboxError(
                f"{process.name} ended while starting: {last_line(s, process.name)}",
                f"See {s.log / process.name}.log, then run 'make demo' again.",
            )
        return test(port)

    if not wait(ready, seconds):
        raise SandboxError(
            f"{process.name} did not answer on port {process.port} within {seconds:.0f} seconds.",
            f"See {s.log / process.name}.log, then run 'make demo' again.",
        )


def last_line(s: Settings, name: str) -> str:
    try:
        lines = (s.log / f"{name}.log").read_text(errors="replace").strip().splitlines()
    except OSError:
        return "it wrote no log"
    return lines[-1][:300] if lines else "it wrote no log"


def run(
    s: Settings,
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Runs a command to its end, its output in the log `name`; raises SandboxError with its last line."""
    log = s.log / f"{name}.log"
    with log.open("ab") as out:
        start_at = out.tell()
        done = subprocess.run(
            [str(c) for c in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**s.environment, **(environment or {})},
            cwd=cwd or s.state,
        )
    if done.returncode:
        raise SandboxError(
            f"'{Path(str(command[0])).name}' failed ({name}): {last_line(s, name)}",
            f"See {log}, then run the command again: what is done stays done.",
        )
    with log.open("rb") as f:
        f.seek(start_at)
        return f.read().decode(errors="replace")


def succeeds(s: Settings, command: Sequence[str]) -> bool:
    """Whether a short command ends with 0 within ten seconds."""
    try:
        return subprocess.run(list(command), capture_output=True, timeout=10, env=s.environment).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
