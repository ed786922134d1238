"""What comes after the stack: level-triggered, idempotent."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Environment


def reconcile(cloud: Cloud, environment: Environment) -> None:
    raise NotImplementedError
