"""All of it together, and a login."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud
from tests.unit.fake_openstack.heat import Heat
from tests.unit.fake_openstack.keystone import Keystone
from tests.unit.fake_openstack.server import SERVICES, Wire, connect
from tests.unit.fake_openstack.things import Things


@dataclass
class World:
    """One cloud; `cloud()` logs in, `calls` are the requests since the last look."""

    firewall: bool = True
    wire: Wire = field(default_factory=Wire)

    def __post_init__(self) -> None:
        self.things = Things(self.wire, self.firewall)
        self.heat = Heat(self.wire, self.things)
        self.keystone = Keystone(self.wire, self.things)

    def cloud(self, *roles: str, services: tuple[str, ...] = tuple(SERVICES), **options: Any) -> Cloud:
        """A new login."""
        return connect(self.wire, *roles, services=services, **options)

    def wire_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From here on every HTTP request of this process comes here, whoever logs in."""
        monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: self.wire)

    def calls(self) -> list[str]:
        """What was sent since the last time."""
        made = list(self.wire.calls)
        self.wire.calls.clear()
        self.wire.bodies.clear()
        return made
