"""The processes of a guest: the one that plays its tier is started, told and read here. Standard library only."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from sandbox_drivers import links, machine, places, records
from sandbox_drivers.places import IP, PYTHON, GuestError

HERE = Path(__file__).parent
SERVE = str(HERE / "serve.py")
READY_SECONDS = 20
LOG_BYTES = 65536


def pids(uuid: str) -> list[int]:
    return links.pids(places.namespace(uuid))


def kill(uuid: str, sig: int = signal.SIGKILL) -> None:
    """Sends a signal to every process of the guest."""
    links.kill(places.namespace(uuid), sig)


def serve(uuid: str) -> None:
    """Starts the tier's process unless it runs; returns when it listens. Raises GuestError with its last words."""
    record = records.read(uuid)
    if record is None or servers(uuid):
        return
    if machine.wanted(record):
        machine.boot(uuid, record)
        return
    if not record["tier"].get("listen") and not records.mask_waits(uuid, record):
        return
    told, tell_ = os.pipe()
    # until it can read its record again on SIGHUP, it must not be ended by one
    command = [
        "/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", IP, "netns", "exec", places.namespace(uuid),
        "/usr/bin/setsid", "-f", PYTHON, "-I", "-S", SERVE, str(places.folder(uuid)), str(tell_),
    ]  # fmt: skip
    try:
        with log_file(uuid).open("ab") as out:
            subprocess.run(
                command,
                pass_fds=(tell_,),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                timeout=READY_SECONDS,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as e:
        os.close(told)
        raise GuestError(f"The process of {record['name']} did not start: {e}") from e
    finally:
        os.close(tell_)
    try:
        ready = bool(select.select([told], [], [], READY_SECONDS)[0]) and os.read(told, 1) == b"1"
    finally:
        os.close(told)
    if not ready:
        raise GuestError(f"The process of {record['name']} ended at once: {console(uuid).strip()[-200:]}")


def tell(uuid: str, words: str) -> str:
    """Makes the guest's process misbehave or well again: `slow SECONDS`, `fail`, `die`, `heal`.

    Returns a sentence that says what was done. Raises GuestError on other words.
    """
    order, *rest = words.split() or [""]
    with records.changed(uuid) as record:
        fault, name = record["fault"], record["name"]
        whole = machine.wanted(record)
        if whole and order in ("slow", "fail"):
            raise GuestError(f"{name} is a whole system: it can die and heal, and the rest you do inside.")
        if order == "slow" and len(rest) == 1 and rest[0].replace(".", "", 1).isdigit():
            fault["slow"] = float(rest[0])
        elif order == "fail" and not rest:
            fault["fail"] = True
        elif order == "die" and not rest:
            fault["dead"] = True
        elif order == "heal" and not rest:
            fault.update(records.NO_FAULT)
        else:
            raise GuestError("Say one of: slow SECONDS, fail, die, heal.")
    if not links.exists(places.namespace(uuid)):
        raise GuestError(f"{name} is switched off.")
    log(uuid, f"told to {words}")
    if order == "die":
        for pid in pids(uuid) if whole else servers(uuid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return f"{name}: its process is gone."
    if order == "heal":
        serve(uuid)
    read_again(uuid)
    return {"slow": f"{name} answers after {' '.join(rest)} seconds.", "fail": f"{name} fails its health checks.",
            "heal": f"{name} is as new."}[order]  # fmt: skip


def console(uuid: str) -> str:
    """The end of the guest's own log."""
    try:
        with log_file(uuid).open("rb") as f:
            f.seek(max(0, os.fstat(f.fileno()).st_size - LOG_BYTES))
            return f.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def log(uuid: str, line: str) -> None:
    path = log_file(uuid)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > 4 * LOG_BYTES:
        path.write_bytes(path.read_bytes()[-LOG_BYTES:])
    with path.open("a") as f:
        f.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}\n")


def servers(uuid: str) -> list[int]:
    """The tier's own process, among all in the namespace, whichever checkout it was started from."""
    script, found = Path(SERVE).name.encode(), []
    for pid in pids(uuid):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if any(word.rpartition(b"/")[2] == script for word in words):
                found.append(pid)
    return found


def read_again(uuid: str) -> None:
    """Tells whoever plays the guest that its record is another one, its volumes above all."""
    record = records.read(uuid)
    if record is not None and machine.wanted(record):
        machine.volumes(uuid, record)
    for pid in servers(uuid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGHUP)


def log_file(uuid: str) -> Path:
    return places.folder(uuid) / "console.log"


def speak(uuid: str, port: dict[str, Any]) -> None:
    """Announces the VIPs of a port, in the background: the first time may be before the switch has its flows."""
    if port.get("vips"):
        command = [
            "/usr/bin/setsid",
            "-f",
            PYTHON,
            "-I",
            "-S",
            str(HERE / "announce.py"),
            port["dev"],
            port["mac"],
            *port["vips"],
        ]
        with log_file(uuid).open("ab") as out:
            subprocess.run(
                [IP, "netns", "exec", places.namespace(uuid), *command],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=READY_SECONDS, check=False,
            )  # fmt: skip
