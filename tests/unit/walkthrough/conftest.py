"""A cloud whose two projects are marked for demonstrations, a presenter, and who answers at floating IPs."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.core.cache import cache

from tenant_ops_dashboard.care.walkthrough import Desk
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.heat import deletion
from tenant_ops_dashboard.environments.proofs import sending
from tenant_ops_dashboard.firewall import commit
from tenant_ops_dashboard.walkthrough import marked, steps
from tenant_ops_dashboard.walkthrough.acts import shop
from tenant_ops_dashboard.walkthrough.model import Progress, Taken
from tests.unit.fake_openstack.server import Login
from tests.unit.fake_openstack.world import World


@dataclass
class Outside:
    """Who is asked, and what is answered: `servers` take turns with `rows`, nobody answers where there are none."""

    servers: list[str] = field(default_factory=lambda: ["app-1", "app-2"])
    rows: int | None = 50
    asked: list[str] = field(default_factory=list)
    #: By address, where it is another's than the shop's.
    others: dict[str, int] = field(default_factory=dict)

    def get(self, way: sending.Way, address: str, path: str, seconds: float) -> sending.Answer:
        self.asked.append(address)
        if not self.servers:
            raise TimeoutError("timed out")
        rows = self.others.get(address, self.rows)
        name = self.servers[len(self.asked) % len(self.servers)]
        return sending.Answer(200, name, rows, name if rows is None else f"{name} rows={rows}")

    def post(self, way: sending.Way, address: str, path: str, text: str, seconds: float) -> sending.Answer:
        self.asked.append(f"POST {address}{path}")
        self.others[address] = self.others.get(address, 0) + 1
        return sending.Answer(201, "app-1", self.others[address], f"app-1 rows={self.others[address]}")


class Stage:
    """Presses the buttons of one presenter in production; the clock goes on where a test says so."""

    def __init__(self, world: World, cloud: Cloud) -> None:
        self.world, self.cloud, self.desk = world, cloud, Desk()

    def do(self, scenario: str, step: str) -> Taken:
        return steps.do(self.cloud, self.desk, scenario, step).taken(step)

    def check(self, scenario: str, step: str) -> Taken:
        return steps.check(self.cloud, self.desk, scenario, step).taken(step)

    def take(self, scenario: str, step: str) -> Taken:
        """Do it, and look once."""
        assert self.do(scenario, step).state in ("waiting", "passed")
        return self.check(scenario, step)

    def progress(self, scenario: str) -> Progress:
        return steps.progress(self.cloud, self.desk, scenario)

    def stand(self, scenario: str = "orchestration", step: str = "launch") -> Taken:
        """Launch the environment, and have Heat make it."""
        self.do(scenario, step)
        self.world.heat.finish(self.progress(scenario).facts["environment_id"])
        found = self.check(scenario, step)
        assert found.state == "passed", found
        return found


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The fake keeps a stack, and tells of a delete, at once; what a cache knows of another test is forgotten."""
    for module, name in ((launch, "SETTLE_SECONDS"), (deletion, "BEGINS"), (deletion, "PAUSE")):
        monkeypatch.setattr(module, name, 0.0)
    monkeypatch.setattr(commit, "WAIT", 0.0, raising=False)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    found = World()
    found.wire_all(monkeypatch)
    found.keystone.tags = {"project": [marked.TAG], "development": [marked.TAG]}
    for project in ("project", "development"):
        roles = frozenset({"member", "reader"})
        found.wire.logins[f"presenter in {project}"] = Login(project, roles, "owner")
    return found


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    found = Outside()
    monkeypatch.setattr(sending.Way, "get", lambda *told: found.get(*told))
    monkeypatch.setattr(sending.Way, "post", lambda *told: found.post(*told))
    monkeypatch.setattr(sending.Way, "opens", lambda way, address, port, seconds: False)
    return found


@pytest.fixture
def stage(world: World, outside: Outside) -> Stage:
    return Stage(world, world.cloud("member", name="owner", service_user="a" * 32))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The clock of the steps goes on by so many seconds."""

    def run(seconds: float) -> None:
        then = steps.now() + datetime.timedelta(seconds=seconds)
        monkeypatch.setattr(steps, "now", lambda: then)

    return run


NAME = shop.NAME
