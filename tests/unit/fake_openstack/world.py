"""All of it together, and a login."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, from_clouds_yaml
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.heat import Heat
from tests.unit.fake_openstack.keystone import Keystone
from tests.unit.fake_openstack.server import SERVICES, Wire, connect
from tests.unit.fake_openstack.things import Things

_KEPT: dict[str, bytes] = {}


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
        """A new login: the owner's, in his project, or that of `name` in `project`, perhaps with a `credential`."""
        return connect(self.wire, *roles, services=services, **options)

    def service_user(self, monkeypatch: pytest.MonkeyPatch, folder: Path, name: str = "tenant-ops") -> Cloud:
        """The plugin's own user, logged in with a password into a project of its own: it may act through trusts."""
        file = self.keystone.clouds_yaml(folder, name, project="service")
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
        self.wire_all(monkeypatch)
        return from_clouds_yaml(name)

    def wire_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From here on every HTTP request of this process comes here, whoever logs in."""
        monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: self.wire)
        monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda url, no_proxy=None: {})

    def once(self, what: str, make: Callable[[], Environment]) -> Environment:
        """What `make` does to an empty cloud, done once in this process and copied from then on."""
        if self.heat.stacks:
            return make()
        if what not in _KEPT:
            made = make()
            _KEPT[what] = pickle.dumps(
                (made, self.things.kept, self.things.trees, self.things.numbers, self.heat.stacks)
            )
        made, self.things.kept, self.things.trees, self.things.numbers, self.heat.stacks = pickle.loads(_KEPT[what])
        return made

    def expose_database(self, **fields: Any) -> None:
        """Somebody gives the database server a floating IP of the project's."""
        server = next(one for one in self.things.kept["servers"].values() if one["name"].endswith("-database"))
        port = next(one for one in self.things.kept["ports"].values() if one["device_id"] == server["id"])
        given = {"project_id": "project", "floating_ip_address": "203.0.113.77", "fixed_ip_address": "10.20.2.5"}
        self.things.add("floatingips", **{**given, "port_id": port["id"], **fields})
        # Nova tells of it too.
        server["addresses"]["net"].append({"addr": "203.0.113.77", "OS-EXT-IPS:type": "floating"})

    def calls(self) -> list[str]:
        """What was sent since the last time."""
        made = list(self.wire.calls)
        self.wire.calls.clear()
        self.wire.bodies.clear()
        return made
