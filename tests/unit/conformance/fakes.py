"""The fakes as a target: time goes by when a case waits for it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud
from tests.conformance.target import Person, Target
from tests.unit.fake_openstack.barbican import WITH_KEY_MANAGER, Barbican
from tests.unit.fake_openstack.server import connect
from tests.unit.fake_openstack.world import World
from tests.unit.loadbalancers.octavia import Octavia

PEOPLE = {
    "owner": ("project", ("member",)),
    "operator": ("project", ("admin", "member")),
    "auditor": ("project", ("reader",)),
    "developer": ("development", ("member",)),
}
NO_BACKEND = "schedule allocate volume:Could not find any available weighted backend."


@dataclass
class Fakes(Target):
    """A cloud of fakes; its load balancers are the fake Octavia's, else those that the world has itself.

    With `agents` its routers are the reference L3 plugin's, else OVN's.
    """

    octavia: Octavia | None = None
    agents: bool = False
    world: World = field(default_factory=World)
    breaking: dict[str, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        Barbican(self.world.wire)
        if self.agents:
            self.world.things.routed_by_agents()
        self.people = {name: self._person(name) for name in PEOPLE}
        if self.octavia:
            self.octavia.slow = 2
            self.octavia.wire.logins = self.world.wire.logins
            self.octavia.network["subnets"] = self.world.things.kept["subnets"].values()  # type: ignore[assignment]

    def person(self, name: str = "owner") -> Person:
        if name not in self.people:
            with self._wired() as patch, tempfile.TemporaryDirectory() as folder:
                self.people[name] = self._here(self.world.service_user(patch, Path(folder), name))
        return self.people[name]

    def through(self, trust: str) -> Person:
        service = self.person("tenant-ops").cloud
        with self._wired():
            return self._here(clouds.through_trust(service, trust))

    def credential(self) -> Person:
        return self._here(connect(self.world.wire, credential=True))

    def until(self, look: Callable[[], bool]) -> None:
        for _ in range(6):
            if look():
                return
            self._time_goes_by()
        raise AssertionError("it does not come true")

    def server(self, network: str) -> str:
        address = {
            "version": 4,
            "addr": "10.77.0.8",
            "OS-EXT-IPS:type": "fixed",
            "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:08",
        }
        made = self.world.things.add(
            "servers", name=self.name, status="ACTIVE", addresses={"net": [address]}, metadata={"a": "b"}
        )
        return str(made["id"])

    def volume(self) -> str:
        made = self.world.things.add(
            "volumes", name=self.name, size=1, status="creating", attachments=[], metadata={"a": "b"}
        )
        return str(made["id"])

    def broken_volume(self) -> str:
        id_ = self.volume()
        self.world.things.storage.fail(id_, NO_BACKEND)
        return id_

    def breaks(self, path: str, resource: str, reason: str) -> None:
        self.breaking[path.rpartition("/")[2]] = (resource, reason)

    def _time_goes_by(self) -> None:
        heat = self.world.heat
        for id_, stack in list(heat.stacks.items()):
            action, _, state = stack["row"]["stack_status"].partition("_")
            if state != "IN_PROGRESS":
                continue
            if id_ in self.breaking:
                heat.fail(id_, *self.breaking[id_])
            elif action == "CREATE":
                heat.finish(id_)
            elif action == "DELETE":
                heat.gone(id_)
            else:
                heat.become(id_, f"{action}_COMPLETE")
        self.world.things.settle()
        if self.octavia:
            self.octavia.settle()

    def _person(self, name: str) -> Person:
        project, roles = PEOPLE[name]
        return self._here(
            connect(self.world.wire, *roles, services=WITH_KEY_MANAGER, project=project, name=name)
        )

    def _here(self, cloud: Cloud) -> Person:
        cloud.session.session.mount("http://", _Both(self))
        return Person(cloud)

    @contextlib.contextmanager
    def _wired(self) -> Iterator[pytest.MonkeyPatch]:
        """Where a login makes its own connections, they come here."""
        with pytest.MonkeyPatch.context() as patch:
            self.world.wire_all(patch)
            yield patch


class _Both(BaseAdapter):
    """The wire of the service that is asked."""

    def __init__(self, fakes: Fakes) -> None:
        super().__init__()
        self.fakes = fakes

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        address = str(request.url)
        own = "/load-balancer/" in address and not any(one in address for one in ("/quotas/", "/providers", "/flavors"))
        apart = self.fakes.octavia if own else None
        return (apart or self.fakes.world).wire.send(request, **options)

    def close(self) -> None:
        """Nothing is open."""
