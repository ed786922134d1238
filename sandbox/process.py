"""Processes the sandbox started: known by process id and start time, so that nobody else's is ever ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox import kernel
from sandbox.errors import SandboxError
from sandbox.settings import HOST, Settings

PATIENCE = 15.0  # seconds a service has to end by itself


@dataclass(frozen=True)
class Process:
    """One long-running process of a service. `port` is what it listens on, if it does."""

    name: str
    command: Sequence[str]
    port: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    http: bool = True


def _pid_file(s: Settings, name: str) -> Path:
    return s.run / f"{name}.started"


def remember(s: Settings, name: str, pid: int, said: int = 0) -> None:
    """Keeps who was started: process id, start time, run of the machine, and how long its log was by then."""
    _pid_file(s, name).write_text(f"{pid} {kernel.start_time(pid)} {kernel.boot()} {said}")


def _recorded(s: Settings, name: str) -> tuple[int, str] | None:
    """Process id and start time of what we started under that name since the machine started."""
    try:
        pid, began, *more = _pid_file(s, name).read_text().split()
    except (OSError, ValueError):
        return None
    return None if more and more[0] != kernel.boot() else (int(pid), began)


def started_at(s: Settings, name: str) -> float:
    """When it was last started, in seconds since 1970; 0 where it was not."""
    try:
        return _pid_file(s, name).stat().st_mtime
    except OSError:
        return 0.0


def said(s: Settings, name: str) -> str:
    """What its log has got since it was last started."""
    try:
        begin = int(_pid_file(s, name).read_text().split()[3])
    except (OSError, IndexError):
        begin = 0
    try:
        with (s.log / f"{name}.log").open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace")
    except OSError:
        return ""


def pid_of(s: Settings, name: str) -> int | None:
    """The process id where the very process we started is alive."""
    recorded = _recorded(s, name)
    return recorded[0] if recorded and kernel.start_time(recorded[0]) == recorded[1] else None


def known(s: Settings) -> list[str]:
    return sorted(p.stem for p in s.run.glob("*.started"))


def orphans(s: Settings, name: str) -> list[int]:
    """What is left of a process group whose leader, which we started, is gone: it still holds ports and locks.

    The kernel gives nobody the leader's process id while they live; each works in the state folder, as it was started.
    """
    recorded = _recorded(s, name)
    if recorded is None or kernel.start_time(recorded[0]):
        return []
    return [pid for pid in kernel.groups().get(recorded[0], []) if kernel.folder(pid) == str(s.state)]


def clear(s: Settings) -> None:
    """Ends the orphans of every process that is gone."""
    lost = [pid for name in known(s) if pid_of(s, name) is None for pid in orphans(s, name)]
    for pid in lost:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait(lambda: not any(map(kernel.start_time, lost)), 5)


def start(s: Settings, process: Process) -> bool:
    """Starts it unless it is alive; True where it had to be started."""
    if pid_of(s, process.name):
        return False
    log = s.log / f"{process.name}.log"
    with log.open("ab") as out:
        length = out.tell()
        child = subprocess.Popen(
            list(process.command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            env={**s.environment, **process.environment},
            cwd=s.state,
        )
    remember(s, process.name, child.pid, length)
    return True


def stop(s: Settings, name: str, sig: int = signal.SIGTERM, patience: float = PATIENCE) -> None:
    """Ends one process and all it started, and waits until they are gone."""
    stop_all(s, [name], sig, patience)


def stop_all(s: Settings, names: Iterable[str], sig: int = signal.SIGTERM, patience: float = PATIENCE) -> None:
    """Ends processes at once, and waits until they and all they started are gone.

    The signal goes to the leaders alone: a service that is told to end ends its children in its own order, and waits
    for ever for one that was ended before by somebody else.
    """
    names = list(names)
    leaders = {name: pid for name in names if (pid := pid_of(s, name))}
    for pid in leaders.values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sig)
    left = set(leaders)

    def ended() -> bool:
        for name in [n for n in left if pid_of(s, n) is None]:
            left.discard(name)
            _end_group(leaders[name])
        return not left

    wait(ended, patience)
    for name in left:
        _end_group(leaders[name])
    wait(lambda: kernel.groups().keys().isdisjoint(leaders.values()), 5)
    for name in names:
        for pid in orphans(s, name):
            os.kill(pid, signal.SIGKILL)
        _pid_file(s, name).unlink(missing_ok=True)


def _end_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


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
