"""What the commands for a timer have in common: whose projects, one round or one every so often, what went wrong."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from tenant_ops_dashboard.cloud import Cloud, CloudError, Options, from_clouds_yaml
from tenant_ops_dashboard.panels import settings

BUDGET = 60.0  # seconds for all reads of one project


class Rounds(BaseCommand):
    """Exit code 0 where the last round met no problem, 1 with a sentence for each; earlier ones are written.

    What stays as it is is written once.
    """

    without = ""

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--os-cloud", action="append", default=[], metavar="NAME",
            help=f"A project's cloud in clouds.yaml; may be repeated. Without it: {self.without}",
        )  # fmt: skip
        parser.add_argument("--every", type=float, default=0.0, help="Seconds between rounds; without it one round.")
        parser.add_argument("--seconds", type=float, default=0.0, help="With --every: end after so long.")

    def handle(self, *args: Any, **options: Any) -> None:
        # Who is told to stop leaves what he holds: the next one need not wait until his lease has ended.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        began, told = time.monotonic(), set[str]()
        while True:
            # A connection that the database closed would be asked again for ever: no request ends here that drops it.
            close_old_connections()
            problems = self.round(options["os_cloud"])
            left = options["seconds"] - (time.monotonic() - began) if options["seconds"] else options["every"]
            if not options["every"] or left <= 0:
                break
            for problem in problems:
                # What stays as it is would fill the log with every round.
                if problem not in told:
                    self.stderr.write(problem)
            told = set(problems)
            self.pause(min(left, options["every"]))
        if problems:
            raise CommandError("\n".join(problems))

    def pause(self, seconds: float) -> None:
        """Between two rounds, so long at most."""
        time.sleep(seconds)

    def round(self, names: list[str]) -> list[str]:
        """One round over the named clouds, or over all that was entrusted; what went wrong."""
        raise NotImplementedError


def named(names: list[str], problems: list[str]) -> Iterator[Cloud]:
    """A login for each of these names in clouds.yaml, made when its turn comes; one that fails is in `problems`."""
    for name in names:
        try:
            yield from_clouds_yaml(name, options())
        except CloudError as error:
            problems.append(f"{name}: {error}")


def service() -> Cloud:
    """The service user's login. Raises CommandError where nobody said who that is, or a CloudError."""
    known = settings.read()
    if not known.service_cloud:
        raise CommandError("Name a cloud: --os-cloud, or the setting TENANT_OPS_SERVICE_CLOUD.")
    return from_clouds_yaml(known.service_cloud, options())


def options() -> Options:
    """As the pages talk to the cloud, but nobody waits for it: each project has a minute of its own."""
    return replace(settings.read().options(), budget=BUDGET)
