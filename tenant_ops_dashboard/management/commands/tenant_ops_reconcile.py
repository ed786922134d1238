"""`manage.py tenant_ops_reconcile`: unattended care, for a systemd timer or a CronJob. Safe to run twice at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from tenant_ops_dashboard.cloud import CloudError
from tenant_ops_dashboard.environments import unattended
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.sentences import say


class Command(rounds.Rounds):
    """Exit code 0 where every entrusted environment is as it should be, 1 with a sentence for each that is not."""

    help = "Finish and mend the environments that people entrusted to the plugin's service user."
    job = "reconcile"
    without = "the one of TENANT_OPS_SERVICE_CLOUD."

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        self.stdout.write("Every entrusted environment is as it should be.")

    def round(self, names: list[str]) -> list[str]:
        if len(names) > 1:
            raise CommandError(say("One login mends all environments, that of the service user: name one cloud."))
        try:
            service = rounds.service(names[0]) if names else self.service()
            if not self.goes_on(service.region):
                return []
            return list(unattended.reconcile_all(service, lambda: self.goes_on(service.region)))
        except CloudError as error:
            return [rounds.said(error)]
