"""`tenant-ops doctor`: is everything there that the dashboard needs, and how to mend what is not.

The cloud is looked at from here; what only the dashboard knows it tells by its API.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any

from cliff.lister import Lister

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cloud import Cloud, NotFound, Unreadable
from tenant_ops_dashboard.doctor import model
from tenant_ops_dashboard.doctor.checks import CHECKS
from tenant_ops_dashboard.doctor.model import COLUMNS, Check, Finding, Found

NAME = "Dashboard"
MISSING = "This cloud's catalogue has no service 'tenant-ops', so the dashboard itself is not looked at."
OLDER = "At the dashboard's address in the catalogue there is nothing that could look at itself."
UPGRADE = "Upgrade tenant-ops-dashboard in Horizon, or put its right address into the catalogue."
FIX = (
    "Install tenant-ops-dashboard into Horizon, then: openstack service create --name tenant-ops tenant-ops; openstack"
    " endpoint create tenant-ops public https://HORIZON/tenant_ops/api (docs/install.md)."
)


class Doctor(base.Reported, Lister):
    """Look whether everything is there that the dashboard needs; exit code 1, and the fix, where something failed."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], list[Sequence[Any]]]:
        found = model.look(self.cloud(parsed_args), (*CHECKS, Check(NAME, of_dashboard)))
        if any(one.state == "failed" for one in found):
            self.exit_code = base.FAILED
        return COLUMNS, [dataclasses.astuple(one) for one in found]


def of_dashboard(cloud: Cloud) -> Found:
    """What the dashboard finds of itself, under 'Dashboard: …'. Raises a CloudError."""
    if not cloud.has(SERVICE):
        yield Finding(NAME, "skipped", MISSING, FIX)
        return
    try:
        told = cloud.get(SERVICE, "/doctor")["findings"]
    except NotFound:
        yield Finding(NAME, "failed", OLDER, UPGRADE)
        return
    try:
        findings = [Finding(**{**one, "check": f"{NAME}: {one['check']}"}) for one in told]
    except (LookupError, TypeError) as error:
        raise Unreadable("The dashboard's answer cannot be read: is it of another release?", SERVICE) from error
    yield from findings
