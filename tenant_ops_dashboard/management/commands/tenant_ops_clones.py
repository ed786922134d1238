"""`manage.py tenant_ops_clones`: copies are made and taken away, for a timer; safe on several hosts at once."""

from __future__ import annotations

import contextlib
import math
import time
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from tenant_ops_dashboard.care import clones
from tenant_ops_dashboard.cloud import CloudError, from_clouds_yaml
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.records.clones import kept, prune
from tenant_ops_dashboard.records.unkept import NotKept
from tenant_ops_dashboard.sentences import say

#: Seconds between two looks for what is too old, for what was asked for between two rounds, and for the region.
PRUNED, LOOK, LEARN = 3600.0, 0.25, 30.0


class Command(rounds.Rounds):
    """Exit code 0 where every clone is as it should be, 1 with a sentence for each that waits for a person."""

    help = "Make the copies that were asked for and approved, and take away those whose lease has ended."
    job = "clones"
    without = "the one of TENANT_OPS_SERVICE_CLOUD."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.prune_at = self.learn_at = 0.0
        self.care = clones.Care(rounds.service, rounds.holder(), settings.read().blueprint_folders)
        self.care.stopped = self.stopped.is_set

    def regions(self) -> list[str]:
        return [] if self.care.region is None else [self.care.region]

    def pause(self, seconds: float) -> None:
        """What is asked for meanwhile, or whose time comes, waits for no round."""
        end = time.monotonic() + seconds
        self.learn()
        while (left := end - time.monotonic()) > 0 and not self.stopped.wait(min(left, LOOK)):
            with contextlib.suppress(NotKept), kept():
                if self.care.asked():
                    break

    def learn(self) -> None:
        """Where nothing was to do yet, one login tells the region: its heartbeat says that somebody is there."""
        if self.care.region is not None or time.monotonic() < self.learn_at:
            return
        self.learn_at = time.monotonic() + LEARN
        with contextlib.suppress(CommandError, CloudError):
            service = self.care.service()
            if service.auth.get("password"):
                self.care.region, self.learn_at = service.region or None, math.inf

    def round(self, names: list[str]) -> list[str]:
        if len(names) > 1:
            raise CommandError(say("One login makes all clones, that of the service user: name one cloud."))
        if names:
            self.care.service = lambda: from_clouds_yaml(names[0], rounds.options())
        try:
            with kept():
                if time.monotonic() >= self.prune_at:
                    prune(timezone.now(), settings.read().clone_days)
                    self.prune_at = time.monotonic() + PRUNED
                return self.care.round()
        except (CloudError, NotKept) as error:
            return [rounds.said(error)]
