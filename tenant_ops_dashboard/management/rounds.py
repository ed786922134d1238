"""What the commands for a timer have in common: whose projects, one round or one every so often, what went wrong."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections
from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud, CloudError, Options, from_clouds_yaml
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.records import heartbeats
from tenant_ops_dashboard.sentences import about, join, say

_LOG = logging.getLogger(__name__)
BUDGET = 60.0  # seconds for all reads of one project
BEHIND = 10.0  # seconds after which a round that goes on says so again


class Rounds(BaseCommand):
    """Exit code 0 where the last round met no problem, 1 with a sentence for each; earlier ones are written.

    What stays as it is is written once. `job` is what its heartbeats are called; `hold` says whether this host may go
    on, `entrusted` that it looks after what was entrusted as well where projects are named.
    """

    without = ""
    job = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stopped = threading.Event()
        self.started = timezone.now()
        self.looked: dict[str, float] = {}
        self.hold: Callable[[str], bool] = lambda region: True
        self.service: Callable[[], Cloud] = service
        self.entrusted = False

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--os-cloud", action="append", default=[], metavar="NAME",
            help=f"A project's cloud in clouds.yaml; may be repeated. Without it: {self.without}",
        )  # fmt: skip
        parser.add_argument("--every", type=float, default=0.0, help="Seconds between rounds; without it one round.")
        parser.add_argument("--seconds", type=float, default=0.0, help="With --every: end after so long.")

    def handle(self, *args: Any, **options: Any) -> None:
        leave_when_told()
        names = options["os_cloud"]
        problems = self.rounds(lambda: self.round(names), options["every"], options["seconds"])
        if problems:
            raise CommandError("\n".join(problems))

    def rounds(self, one: Callable[[], list[str] | None], every: float, seconds: float) -> list[str]:
        """One round, or one `every` so many seconds until `seconds` are over or it is stopped; the last one's problems.

        A round that says None did nothing, since another host is at it.
        """
        began, told = time.monotonic(), set[str]()
        while True:
            # A connection that the database closed would be asked again for ever: no request ends here that drops it.
            close_old_connections()
            self.looked.clear()
            at = time.monotonic()
            found = one()
            problems = found or []
            if found is not None:
                took = time.monotonic() - at
                with written():
                    heartbeats.ended(self.job, self.regions(), self.started, timezone.now(), took, problems)
            left = seconds - (time.monotonic() - began) if seconds else every
            if not every or left <= 0 or self.stopped.is_set():
                return problems
            for problem in problems:
                # What stays as it is would fill the log with every round.
                if problem not in told:
                    self.stderr.write(problem)
            told = set(problems)
            self.pause(min(left, every))
            if self.stopped.is_set():
                return problems

    def pause(self, seconds: float) -> None:
        """Between two rounds, so long at most."""
        self.stopped.wait(seconds)

    def regions(self) -> list[str]:
        """Those that this round looked after."""
        return list(self.looked)

    def goes_on(self, region: str) -> bool:
        """The round looks after a region at this moment; False where it is to end, or another host does it."""
        if self.stopped.is_set():
            return False
        if time.monotonic() - self.looked.get(region, -BEHIND) >= BEHIND:
            if not self.hold(region):
                return False
            self.looked[region] = time.monotonic()
            with written():
                heartbeats.beat(self.job, region, timezone.now())
        return True

    def round(self, names: list[str]) -> list[str]:
        """One round over the named clouds, or over all that was entrusted; what went wrong."""
        raise NotImplementedError


def leave_when_told() -> None:
    """Who is told to stop leaves what he holds: the next one need not wait until his lease has ended."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))


@contextlib.contextmanager
def written() -> Iterator[None]:
    """A database that does not answer keeps no job from its work: its heartbeat is missing then, as it should."""
    try:
        yield
    except (Error, ImproperlyConfigured) as error:
        _LOG.warning("No heartbeat is written: %s", error)


def said(error: TenantOpsError | CommandError) -> str:
    """What is told of an error, as a Sentence where it has one: what is the matter, and what helps."""
    if isinstance(error, TenantOpsError):
        return join(" ", (error.sentence, error.todo))
    return error.args[0] if error.args and isinstance(error.args[0], str) else str(error)


def holder() -> str:
    """Who this process is to others that would do the same."""
    return f"{socket.gethostname()[:48]}.{os.getpid()}"


def named(names: list[str], problems: list[str]) -> Iterator[Cloud]:
    """A login for each of these names in clouds.yaml, made when its turn comes; one that fails is in `problems`."""
    for name in names:
        try:
            yield from_clouds_yaml(name, options())
        except CloudError as error:
            problems.append(about(name, error.sentence))


def service(name: str = "") -> Cloud:
    """The service user's login, or that of a name. Raises CommandError where nobody said which, a CloudError."""
    name = name or settings.read().service_cloud
    if not name:
        raise CommandError(say("Name a cloud: --os-cloud, or the setting TENANT_OPS_SERVICE_CLOUD."))
    return from_clouds_yaml(name, options())


def options() -> Options:
    """As the pages talk to the cloud, but nobody waits for it: each project has a minute of its own."""
    return replace(settings.read().options(), budget=BUDGET)
