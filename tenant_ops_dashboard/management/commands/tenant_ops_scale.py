"""`manage.py tenant_ops_scale`: scaling by threshold, for a timer or a CronJob; safe on several hosts at once."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud, CloudError, from_clouds_yaml, through_trust
from tenant_ops_dashboard.environments import stack, trusts
from tenant_ops_dashboard.history import scale
from tenant_ops_dashboard.loadbalancers.errors import LoadBalancersError, NoScaling, NotFound
from tenant_ops_dashboard.loadbalancers.scaling import group
from tenant_ops_dashboard.panels import settings


class Command(BaseCommand):
    """Exit code 0 where every environment was looked at, 1 with a sentence for each that could not or stopped."""

    help = "Scale the environments whose scaling is switched on, by the load of their load balancers."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--os-cloud", action="append", default=[], metavar="NAME",
            help="A project's cloud in clouds.yaml; may be repeated. Without it: every environment entrusted to the "
            "service user.",
        )  # fmt: skip
        parser.add_argument("--every", type=float, default=0.0, help="Seconds between rounds; without it one round.")
        parser.add_argument("--seconds", type=float, default=0.0, help="With --every: end after so long.")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        while True:
            problems = self.round(options["os_cloud"])
            left = options["seconds"] - (time.monotonic() - began) if options["seconds"] else options["every"]
            if not options["every"] or left <= 0:
                break
            for problem in problems:
                self.stderr.write(problem)
            time.sleep(min(left, options["every"]))
        if problems:
            raise CommandError("\n".join(problems))

    def round(self, names: list[str]) -> list[str]:
        """One round over all environments; what went wrong."""
        problems = []
        host = f"{socket.gethostname()[:48]}.{os.getpid()}"
        try:
            for cloud, one in self.environments(names):
                try:
                    if not group.switched_on(cloud, one):
                        continue
                    found = scale.round_(cloud, one.id, host, timezone.now())
                except (NoScaling, NotFound):
                    continue
                except (CloudError, LoadBalancersError) as error:
                    problems.append(f"{one.name}: {error}")
                    continue
                words = f"{found.action}, {found.reason}" if found else "another host decides"
                self.stdout.write(f"{one.name}: {words}")
                if found and found.action == "stopped":
                    problems.append(f"{one.name}: {found.reason}")
        except CloudError as error:
            problems.append(f"{error} {error.todo}")
        return problems

    def environments(self, names: list[str]) -> Iterator[tuple[Cloud, stack.Stack]]:
        """Every environment with a login for it."""
        known = settings.read()
        for name in names:
            cloud = from_clouds_yaml(name, known.options())
            for one in stack.environments(cloud):
                yield cloud, one
        if names:
            return
        if not known.service_cloud:
            raise CommandError("Name a cloud: --os-cloud, or the setting TENANT_OPS_SERVICE_CLOUD.")
        service = from_clouds_yaml(known.service_cloud, known.options())
        for trust in trusts.received(service):
            try:
                cloud = through_trust(service, trust["id"])
                wanted = [one for one in stack.environments(cloud) if one.id == trust[trusts.ENVIRONMENT]]
            except CloudError as error:
                # One that was revoked just now keeps nobody else waiting.
                self.stderr.write(str(error))
                continue
            yield from ((cloud, one) for one in wanted)
