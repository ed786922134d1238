"""The pages on an Octavia at the HTTP level."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import create, settle
from tenant_ops_dashboard.panels import poll
from tests.unit.loadbalancers.octavia import Octavia


@pytest.fixture
def octavia(monkeypatch: pytest.MonkeyPatch) -> Octavia:
    """Every request's cloud is this one, with the roles of who is logged in."""
    made = Octavia()

    def login(request: object) -> Cloud:
        roles = [role["name"] for role in request.user.roles]  # type: ignore[attr-defined]
        return made.cloud(*roles)

    monkeypatch.setattr(poll, "connect", login)
    monkeypatch.setattr(settle, "PAUSE", 0.0)
    monkeypatch.setattr(create, "SETTLE", 0.0)
    monkeypatch.setattr(create.Create, "patience", 0.0)
    return made


@pytest.fixture
def shop(octavia: Octavia) -> str:
    return octavia.build()


@pytest.fixture
def fresh(settings: object) -> Callable[[], None]:
    """Nothing is cached from here on."""
    settings.TENANT_OPS_CACHE_SECONDS = 0  # type: ignore[attr-defined]
    return lambda: None
