"""A project with Octavia, and one load balancer in it."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import create, settle
from tests.unit.loadbalancers.octavia import Octavia


@pytest.fixture
def octavia(monkeypatch: pytest.MonkeyPatch) -> Octavia:
    monkeypatch.setattr(settle, "PAUSE", 0.0)
    monkeypatch.setattr(create, "SETTLE", 0.0)
    monkeypatch.setattr(create.Create, "patience", 0.0)
    return Octavia()


@pytest.fixture
def cloud(octavia: Octavia) -> Cloud:
    return octavia.cloud()


@pytest.fixture
def shop(octavia: Octavia) -> str:
    """The id of a load balancer with two members."""
    return octavia.build()
