"""`manage.py tenant_ops_collect`: history and statistics without viewers, for a systemd timer, a CronJob, or a loop."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud, CloudError, from_clouds_yaml
from tenant_ops_dashboard.history import gather, notes
from tenant_ops_dashboard.panels import settings


class Command(BaseCommand):
    """Exit code 0 where every project could be looked at, 1 with a sentence for each that could not."""

    help = "Keep members' changes and statistics of load balancers, and forget what is too old."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--os-cloud", action="append", default=[], metavar="NAME",
            help="A project's cloud in clouds.yaml; may be repeated. Without it: the projects of all entrusted "
            "environments, as the service user.",
        )  # fmt: skip
        parser.add_argument("--every", type=float, default=0.0, help="Seconds between looks; without it one look.")
        parser.add_argument("--seconds", type=float, default=0.0, help="With --every: end after so long.")

    def handle(self, *args: Any, **options: Any) -> None:
        began, problems = time.monotonic(), []
        seen: dict[str, gather.Seen] = {}
        while True:
            problems = self.look(options["os_cloud"], seen)
            notes.prune(timezone.now())
            left = options["seconds"] - (time.monotonic() - began) if options["seconds"] else options["every"]
            if not options["every"] or left <= 0:
                break
            for problem in problems:
                self.stderr.write(problem)
            time.sleep(min(left, options["every"]))
        if problems:
            raise CommandError("\n".join(problems))

    def look(self, names: list[str], seen: dict[str, gather.Seen]) -> list[str]:
        """One look at every project; what went wrong."""
        problems = []
        try:
            clouds = self.clouds(names)
        except CloudError as error:
            return [f"{error} {error.todo}"]
        for cloud in clouds:
            try:
                seen[cloud.project_id] = gather.look(cloud, seen.get(cloud.project_id))
            except CloudError as error:
                problems.append(f"{cloud.project_name}: {error}")
        return problems

    def clouds(self, names: list[str]) -> list[Cloud]:
        """A login for every project."""
        known = settings.read()
        if names:
            return [from_clouds_yaml(name, known.options()) for name in names]
        if not known.service_cloud:
            raise CommandError("Name a cloud: --os-cloud, or the setting TENANT_OPS_SERVICE_CLOUD.")
        return gather.entrusted(from_clouds_yaml(known.service_cloud, known.options()))
