"""`manage.py tenant_ops_clones`: copies are made and taken away, for a timer; safe on several hosts at once."""

from __future__ import annotations

import os
import socket
from typing import Any

from tenant_ops_dashboard.care import clones
from tenant_ops_dashboard.cloud import CloudError
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.records.clones import NotKept, kept


class Command(rounds.Rounds):
    """Exit code 0 where every clone is as it should be, 1 with a sentence for each that waits for a person."""

    help = "Make the copies that were asked for and approved, and take away those whose lease has ended."
    without = "the one of TENANT_OPS_SERVICE_CLOUD."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.care = clones.Care(rounds.service, f"{socket.gethostname()[:48]}.{os.getpid()}")

    def round(self, names: list[str]) -> list[str]:
        try:
            with kept():
                return self.care.round()
        except (CloudError, NotKept) as error:
            return [f"{error} {error.todo}"]
