"""Launch, retry, roll back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Environment, Request


def launch(cloud: Cloud, request: Request, folders: Sequence[str | Path] = (), token: str = "") -> Environment:
    raise NotImplementedError


def retry(cloud: Cloud, name_or_id: str) -> Environment:
    raise NotImplementedError


def rollback(cloud: Cloud, name_or_id: str) -> Environment:
    raise NotImplementedError
