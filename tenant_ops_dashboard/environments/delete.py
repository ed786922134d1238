"""Take an environment away."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Environment, Loss


def losses(cloud: Cloud, environment: Environment) -> Loss:
    raise NotImplementedError


def delete(cloud: Cloud, name_or_id: str, data: bool = False) -> Environment:
    raise NotImplementedError
