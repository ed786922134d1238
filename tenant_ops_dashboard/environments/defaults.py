"""The launch form's questions, answered with what exists in this cloud."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Blueprint, Parameter


def form(cloud: Cloud, blueprint: Blueprint) -> tuple[Parameter, ...]:
    raise NotImplementedError
