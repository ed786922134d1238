"""`manage.py tenant_ops_care`: all that goes on while nobody looks, in one process; safe on several hosts at once."""

from __future__ import annotations

import functools
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.management.commands import (
    tenant_ops_clones,
    tenant_ops_collect,
    tenant_ops_reconcile,
    tenant_ops_scale,
)
from tenant_ops_dashboard.management.jobs import Job
from tenant_ops_dashboard.panels import settings

#: Seconds between two rounds of each job but the quickest, that of clones.
COLLECT, SCALE, RECONCILE = 10.0, 30.0, 60.0
#: Seconds that jobs have to come to an end once the command is told to stop.
ENDS = 20.0
#: Seconds after which the command looks whether it was told to.
WAKES = 1.0


class Command(BaseCommand):
    """Exit code 0 where the last round of each job met no problem, 1 with a sentence for each that did not go well.

    A job that hangs or breaks off keeps no other waiting.
    """

    help = "Do all that must happen while nobody looks: clones, history and intents, scaling, unattended care."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--os-cloud", default="", metavar="NAME",
            help="The service user's cloud in clouds.yaml. Without it: the one of TENANT_OPS_SERVICE_CLOUD.",
        )  # fmt: skip
        parser.add_argument(
            "--project-cloud", action="append", default=[], metavar="NAME",
            help="A project's own cloud in clouds.yaml, whose history is kept and whose environments scale even where"
            " nothing was entrusted; may be repeated.",
        )  # fmt: skip
        parser.add_argument(
            "--every", type=float, default=0.0,
            help="The longest pause, in seconds, between two rounds of the quickest job; the others rest longer, each"
            " as it needs. Without it one round of each.",
        )  # fmt: skip
        parser.add_argument("--seconds", type=float, default=0.0, help="With --every: end after so long.")

    def handle(self, *args: Any, **options: Any) -> None:
        rounds.leave_when_told()
        jobs = self.jobs(options["os_cloud"], options["project_cloud"], options["every"])
        try:
            for one in jobs:
                # Whoever hangs at the end must not keep the process: what it holds ends by itself.
                threading.Thread(target=one.run, args=[options["seconds"]], daemon=True).start()
            for one in jobs:
                # Not by join(): Python takes a thread for ended once a signal broke off waiting for it. Nor without an
                # end: a signal that another thread was given wakes nobody.
                while not one.over.wait(WAKES):
                    pass
        finally:
            for one in jobs:
                one.part.stopped.set()
            end = time.monotonic() + ENDS
            for one in jobs:
                one.over.wait(max(0.0, end - time.monotonic()) if one.began.is_set() else 0.0)
        if problems := [said for one in jobs for said in one.problems]:
            raise CommandError("\n".join(problems))

    def jobs(self, service: str, projects: list[str], every: float) -> list[Job]:
        """Each with the logins it takes and the pause it makes; `service` names the service user's cloud, or is ''."""
        out: dict[str, Any] = {"stdout": self.stdout, "stderr": self.stderr}
        user = [service] if service else []
        made = [Job(tenant_ops_clones.Command(**out), user, every, leased=False)]
        parts: tuple[tuple[rounds.Rounds, list[str], float], ...] = (
            (tenant_ops_collect.Command(**out), projects, COLLECT),
            (tenant_ops_scale.Command(**out), projects, SCALE),
            (tenant_ops_reconcile.Command(**out), [], RECONCILE),
        )
        for part, names, pause in parts:
            part.service = functools.partial(rounds.service, service)
            part.entrusted = bool(service or settings.read().service_cloud)
            made.append(Job(part, names, max(every, pause) if every else 0.0))
        return made
