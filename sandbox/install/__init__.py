"""Everything a bare Debian 12 or 13 lacks, installed once and finished where it was broken off."""

from __future__ import annotations

import shutil

from sandbox import progress
from sandbox.errors import SandboxError
from sandbox.install import debian, machines, ovn, python
from sandbox.settings import Settings

NEEDED_GIGABYTES = 6


def everything(s: Settings, times: dict[str, float], tests: bool = False) -> None:
    """Debian packages, Python environments, OVN; what a stamp calls done is skipped.

    Raises SandboxError where the disk is full or a download fails.
    """
    free = shutil.disk_usage(s.state).free / 1e9
    needed = 1 if (s.state / "stamps").exists() else NEEDED_GIGABYTES
    if free < needed:
        raise SandboxError(
            f"The disk below {s.state} has only {free:.1f} GB free.",
            f"Free {needed} GB there, or set SANDBOX_STATE to a folder on another disk.",
        )
    with progress.step("Debian packages", times):
        debian.install(s, tests)
        if tests:
            debian.install_database(s)
    with progress.step("Open vSwitch and OVN", times):
        ovn.install(s)
    if s.real:
        with progress.step("Image of the servers", times):
            machines.install(s)
    with progress.step("Python environment of the cloud", times):
        python.cloud(s)
    with progress.step("Python environment of Horizon", times):
        python.horizon(s, tests)


def servers(s: Settings) -> None:
    """The image of servers that are whole systems alone; where it stands, in no time."""
    with progress.step("Image of the servers"):
        machines.install(s)


def unit(s: Settings) -> None:
    """Horizon, the plugin and the test tools alone."""
    debian.install(s, cloud=False)
    python.horizon(s, tests=True)


def docs(s: Settings) -> None:
    """Horizon, the plugin and Sphinx alone."""
    debian.install(s, cloud=False)
    python.docs(s)


def release(s: Settings, name: str, interpreter: str = "") -> None:
    """Another release's Horizon, the plugin and the test tools alone."""
    debian.install(s, cloud=False)
    python.release(s, name, interpreter)
