"""One wire with ports to read and to make."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import session
from tests.unit.fake_openstack.server import Wire


@pytest.fixture(autouse=True)
def changing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handle itself is looked at here, whatever it sends; who may send it: tests/unit/changes/test_guard.py."""
    monkeypatch.setattr(session._Said, "what", "tests of the handle")


@pytest.fixture
def wire() -> Wire:
    made = Wire()
    made.on("GET", "/network/v2.0/ports")(lambda query, body: {"ports": [{"id": "port-1"}]})
    made.on("POST", "/network/v2.0/ports")(lambda query, body: (201, {"port": body["port"]}))
    return made
