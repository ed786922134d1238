"""What the panel knows: what was found of the cloud and of the dashboard, of some seconds ago or now."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.doctor import checks, model
from tenant_ops_dashboard.doctor.model import Finding
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.doctor.checks import OWN

NAME = "doctor"
#: Seconds for which a look serves, for which it is shown at all, and that one may take.
SERVES, SHOWN, LONGEST = 60, 600, 60


@dataclass(frozen=True)
class Looked:
    """All findings, worst first."""

    findings: tuple[Finding, ...]


def looked(request: HttpRequest) -> poll.Snapshot[Looked]:
    """What is found: looked at now where nobody did lately. What this person may see is his own."""
    poll.connect(request, LONGEST)
    return poll.snapshot(request, NAME, _look, lambda found: SERVES, personal=True, longest=LONGEST)


def known(request: HttpRequest) -> poll.Snapshot[Looked] | None:
    """The same where it is known: nothing is asked for it."""
    return poll.recent(request, NAME, SHOWN, personal=True)


def forget(request: HttpRequest) -> None:
    """The next look asks anew."""
    poll.forget(request, NAME, personal=True)


def _look(cloud: Cloud) -> Looked:
    return Looked(model.look(cloud, (*checks.CHECKS, *OWN)))
