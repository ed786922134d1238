"""The keepalived of an amphora that is one of two (ACTIVE_STANDBY): by VRRP the two settle who holds the VIP.

vrrp/ in the amphora's folder holds what its own agent would keep in /var/lib/octavia/vrrp. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from sandbox_drivers import guest, places, records
from sandbox_drivers.haproxy import Amphora
from sandbox_drivers.places import GuestError

PATIENCE = 10  # seconds until it runs, and until it has ended
# As the agent's own: without a haproxy, or with one that is gone, the other amphora shall have the VIP.
CHECK = """#!/bin/sh
for one in "${0%/*/*}"/*/*.pid; do kill -0 "$(head -n 1 "$one")" || exit 1; done
"""


def config(amphora: Amphora) -> Path:
    return amphora.base / "vrrp" / "octavia-keepalived.conf"


def configure(amphora: Amphora, text: str) -> None:
    """What Octavia rendered, with the paths of this amphora, becomes the current configuration."""
    folder = config(amphora).parent
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    check = folder / "check_script.sh"
    check.write_text(CHECK)
    check.chmod(0o755)
    new = folder / "new.conf"
    new.write_text(text)
    new.replace(config(amphora))


def pid(amphora: Amphora) -> int | None:
    """The running keepalived, its first process."""
    return amphora.process(config(amphora).with_name("pid"), "keepalived")


def run(amphora: Amphora, reload: bool = True) -> None:
    """Starts it where the amphora is one of two; a running one reads its configuration anew. Raises GuestError."""
    if not config(amphora).exists():
        return
    with records.locked(amphora.base / "lock"):
        if old := pid(amphora):
            if reload:
                os.kill(old, signal.SIGHUP)
            return
        folder = config(amphora).parent
        # One that was killed left its files, and the id in them may be somebody else's by now.
        for left in ("pid", "pid-vrrp"):
            (folder / left).unlink(missing_ok=True)
        command = [
            places.IP, "netns", "exec", guest.netns(amphora.compute), "/usr/bin/setsid", "-f", places.keepalived(),
            "--vrrp", "--dont-fork", "--log-console", "--use-file", str(config(amphora)),
            "--pid", str(folder / "pid"), "--vrrp_pid", str(folder / "pid-vrrp"),
        ]  # fmt: skip
        with (folder / "log").open("ab") as out:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=PATIENCE, check=False)
        if not _until(lambda: pid(amphora) is not None):
            raise GuestError(f"keepalived did not start: {(folder / 'log').read_text(errors='replace')[-200:]}")


def stop(amphora: Amphora) -> None:
    """Ends keepalived, which gives the VIP up first, until there is another configuration for it."""
    # Whoever keeps it alive would start it again.
    config(amphora).unlink(missing_ok=True)
    if old := pid(amphora):
        with contextlib.suppress(ProcessLookupError):
            os.kill(old, signal.SIGTERM)
        _until(lambda: pid(amphora) is None)


def _until(test: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not (found := test()) and time.monotonic() < end:
        time.sleep(0.05)
    return found
