"""Runs `manage.py tenant_ops_clones` in a process of its own for every line of its input; tells its id, then how it ended.

What takes long, Django and Horizon, is loaded once: each process is a fork that has done nothing yet.
"""

from __future__ import annotations

import os
import sys

import django

django.setup()

from django.core.management import CommandError, call_command  # noqa: E402 (what they import wants Django's settings)
from django.test.utils import override_settings  # noqa: E402

from tenant_ops_dashboard.clones import freeze  # noqa: E402
from tenant_ops_dashboard.management.commands.tenant_ops_clones import Command  # noqa: E402


def main() -> None:
    """Until the input ends. The plugin's settings name the images of the fake cloud, and nothing else."""
    for _line in sys.stdin:
        pid = os.fork()
        if not pid:
            os._exit(care())
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        sys.stdout.flush()


def care() -> int:
    """One round, as the service user; the exit code."""
    command = Command()
    # The fake cloud is done with what it began at the next look.
    command.care.pause = freeze.PAUSE = 0.01
    try:
        with override_settings(TENANT_OPS_MASK_IMAGE="debian-12", TENANT_OPS_MASK_FLAVOR="tiny"):
            call_command(command, os_cloud=["tenant-ops"])
    except CommandError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    main()
