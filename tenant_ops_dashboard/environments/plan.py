"""Plan before apply."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Plan, Request


def plan(cloud: Cloud, request: Request, folders: Sequence[str | Path] = ()) -> Plan:
    raise NotImplementedError
