"""`manage.py tenant_ops_collect`: history and statistics without viewers, for a systemd timer, a CronJob, or a loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from tenant_ops_dashboard.care import collect, intents, notices
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers.refresh import Seen
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.records import applies, audit, drafts, heartbeats, notes, posture, walkthrough
from tenant_ops_dashboard.sentences import about, say

_LOG = logging.getLogger(__name__)


class Command(rounds.Rounds):
    """Exit code 0 where every project could be looked at, 1 with a sentence for each that could not."""

    help = "Keep members' changes and statistics, check intents, tell the message bus, and forget what is too old."
    job = "collect"
    without = "the projects of all entrusted environments, as the service user."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.seen: dict[str, Seen] = {}
        self.checked: dict[str, float] = {}

    def round(self, names: list[str]) -> list[str]:
        problems = self.observe(names)
        known, now = settings.read(), timezone.now()
        notes.prune(now)
        drafts.prune(now)
        applies.prune(now)
        audit.prune(now, known.audit_days)
        posture.prune(now, known.posture_days)
        heartbeats.prune(now)
        walkthrough.prune(now)
        if known.audit_notify_url:
            try:
                notices.tell(known.audit_notify_url, known.audit_notify_topics, rounds.holder(), now)
            except notices.NotTold as error:
                problems.append(rounds.said(error))
        return problems

    def observe(self, names: list[str]) -> list[str]:
        """One look at every project; what went wrong."""
        problems: list[str] = []
        try:
            for cloud in self.clouds(names, problems):
                if not self.goes_on(cloud.region):
                    break
                for look in (self._balancers, self._intents):
                    try:
                        look(cloud)
                    except TenantOpsError as error:
                        problems.append(about(cloud.project_name, error.sentence))
                    except Exception:  # noqa: BLE001 (whatever it is, the other looks and projects have their turn)
                        _LOG.exception("A look at the project %s (%s) broke off", cloud.project_name, cloud.project_id)
                        problems.append(about(cloud.project_name, say("it cannot be looked at; the log says why.")))
        except CloudError as error:
            problems.append(rounds.said(error))
        return problems

    def clouds(self, names: list[str], problems: list[str]) -> Iterator[Cloud]:
        """A login for each project; one that is named and entrusted an environment as well has its turn once."""
        done = set[str]()
        for cloud in rounds.named(names, problems):
            done.add(cloud.project_id)
            yield cloud
        if names and not self.entrusted:
            return
        service = self.service()
        if self.goes_on(service.region):
            yield from (one for one in collect.entrusted(service, problems) if one.project_id not in done)

    def _balancers(self, cloud: Cloud) -> None:
        self.seen[cloud.project_id] = collect.observe(cloud, self.seen.get(cloud.project_id))
        heartbeats.looked(cloud.project_id, f"{self.job} {cloud.region}", timezone.now())

    def _intents(self, cloud: Cloud) -> None:
        now = time.monotonic()
        if now - self.checked.get(cloud.project_id, -intents.EVERY) >= intents.EVERY:
            self.checked[cloud.project_id] = now
            intents.check(cloud, settings.read().blueprint_folders)
