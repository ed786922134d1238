"""`manage.py tenant_ops_reconcile`: unattended care, for a systemd timer or a CronJob. Safe to run twice at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenant_ops_dashboard.cloud import CloudError, from_clouds_yaml
from tenant_ops_dashboard.environments import unattended
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.panels import settings


class Command(BaseCommand):
    """Exit code 0 where every entrusted environment is as it should be, 1 with a sentence for each that is not."""

    help = "Finish and mend the environments that people entrusted to the plugin's service user."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--os-cloud", default="", help="The service user's cloud in clouds.yaml.")

    def handle(self, *args: Any, **options: Any) -> None:
        known = settings.read()
        name = options["os_cloud"] or known.service_cloud
        if not name:
            raise CommandError("Name the service user's cloud: --os-cloud, or the setting TENANT_OPS_SERVICE_CLOUD.")
        try:
            problems = unattended.reconcile_all(from_clouds_yaml(name, rounds.options()))
        except CloudError as error:
            raise CommandError(f"{error} {error.todo}") from error
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write("Every entrusted environment is as it should be.")
