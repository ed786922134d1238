"""One wire with ports to read and to make."""

from __future__ import annotations

import pytest

from tests.unit.fake_openstack.server import Wire


@pytest.fixture
def wire() -> Wire:
    made = Wire()
    made.on("GET", "/network/v2.0/ports")(lambda query, body: {"ports": [{"id": "port-1"}]})
    made.on("POST", "/network/v2.0/ports")(lambda query, body: (201, {"port": body["port"]}))
    return made
