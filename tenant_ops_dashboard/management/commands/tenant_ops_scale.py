"""`manage.py tenant_ops_scale`: scaling by threshold, for a timer or a CronJob; safe on several hosts at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from django.utils import timezone

from tenant_ops_dashboard.care import scaling
from tenant_ops_dashboard.cloud import Cloud, CloudError, through_trust
from tenant_ops_dashboard.environments import trusts
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers.errors import NoScaling, NotFound
from tenant_ops_dashboard.loadbalancers.scaling import group
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.records import heartbeats
from tenant_ops_dashboard.sentences import about, say

_LOG = logging.getLogger(__name__)


class Command(rounds.Rounds):
    """Exit code 0 where every environment was looked at, 1 with a sentence for each that could not or stopped."""

    help = "Scale the environments whose scaling is switched on, by the load of their load balancers."
    job = "scale"
    without = "every environment entrusted to the service user."

    def round(self, names: list[str]) -> list[str]:
        problems: list[str] = []
        try:
            for cloud, one in self.environments(names, problems):
                if not self.goes_on(cloud.region):
                    break
                try:
                    # Said of one that does not scale as well: whoever is about to switch it on is told.
                    heartbeats.looked(cloud.project_id, f"{self.job} {one.id}", timezone.now())
                    if not group.switched_on(cloud, one):
                        continue
                    found = scaling.round_(cloud, one.id, rounds.holder(), timezone.now())
                except (NoScaling, NotFound):
                    continue
                except TenantOpsError as error:
                    problems.append(about(one.name, error.sentence))
                    continue
                except Exception:  # noqa: BLE001 (whatever it is, the other environments have their turn)
                    _LOG.exception("Scaling of the environment %s (%s) broke off", one.name, one.id)
                    problems.append(about(one.name, say("it cannot be looked at; the log says why.")))
                    continue
                words = f"{found.action}, {found.reason}" if found else "another host decides"
                self.stdout.write(f"{one.name}: {words}")
                if found and found.action == "stopped":
                    problems.append(about(one.name, found.reason))
        except CloudError as error:
            problems.append(rounds.said(error))
        return problems

    def environments(self, names: list[str], problems: list[str]) -> Iterator[tuple[Cloud, stack.Stack]]:
        """Every environment with a login for it; a project that cannot be asked is told in `problems`."""
        for cloud in rounds.named(names, problems):
            try:
                known = stack.environments(cloud)
            except CloudError as error:
                problems.append(about(cloud.project_name, error.sentence))
                continue
            # A project without an environment was looked after as well.
            if not self.goes_on(cloud.region):
                return
            yield from ((cloud, one) for one in known)
        if names and not self.entrusted:
            return
        service = self.service()
        if not self.goes_on(service.region):
            return
        for trust in trusts.received(service):
            try:
                cloud = through_trust(service, trust["id"])
                wanted = [one for one in stack.environments(cloud) if one.id == trust[trusts.ENVIRONMENT]]
            except CloudError as error:
                # One that was revoked just now keeps nobody else waiting.
                self.stderr.write(str(error))
                continue
            yield from ((cloud, one) for one in wanted)
