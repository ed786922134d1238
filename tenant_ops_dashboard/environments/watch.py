"""What runs, and is it well?"""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Details, Environment


def listing(cloud: Cloud) -> tuple[Environment, ...]:
    raise NotImplementedError


def details(cloud: Cloud, name_or_id: str) -> Details:
    raise NotImplementedError


def version(details: Details) -> str:
    raise NotImplementedError
