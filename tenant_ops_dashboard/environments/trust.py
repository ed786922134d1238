"""Unattended care through Keystone trusts."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Environment


def give(cloud: Cloud, environment: Environment) -> str:
    raise NotImplementedError


def revoke(cloud: Cloud, environment: Environment) -> None:
    raise NotImplementedError


def given(cloud: Cloud, environment: Environment) -> str:
    raise NotImplementedError


def reconcile_all(service_cloud: Cloud) -> tuple[str, ...]:
    raise NotImplementedError
