"""People who look at pages, and the cloud at the HTTP level that the pages look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from unittest import mock

import pytest
from django.core.cache import cache
from django.test import Client
from openstack_auth import user as auth_user
from openstack_auth import utils as auth_utils
from openstack_dashboard import api
from openstack_dashboard.test.test_data import keystone_data, utils

from tenant_ops_dashboard.environments import launch, reconcile
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.panels import belonging
from tests.unit.fake_openstack import server as fake
from tests.unit.fake_openstack.world import World
from tests.unit.firewall import standing
from tests.unit.panels import walk

SERVICES = (*fake.SERVICES, "volumev3")


@pytest.fixture(autouse=True)
def no_leftovers(db: None) -> Iterator[None]:
    """Every test begins with empty caches and without Keystone; pages ask the database for intents."""
    cache.clear()
    mock.patch.object(api.keystone, "keystoneclient").start()
    yield
    mock.patch.stopall()
    cache.clear()


@pytest.fixture(scope="session")
def data() -> utils.TestData:
    """Horizon's own people; all of its test data would replace the clients' exceptions for good."""
    return utils.TestData(keystone_data.data)


@pytest.fixture
def log_in(monkeypatch: pytest.MonkeyPatch, data: utils.TestData) -> Callable[..., None]:
    """Make every request come from somebody with these roles, in a cloud with these services."""

    def run(*roles: str, services: tuple[str, ...] = SERVICES, user_id: str = "", project: str = "project") -> None:
        catalogue = [
            {
                "type": service,
                "name": service,
                "endpoints": [{"interface": "public", "region": "RegionOne", "url": fake.SERVICES.get(service, "")}],
            }
            for service in services
        ]

        def get_user(request: object) -> auth_user.User:
            found = auth_user.User(
                id=user_id or data.user.id,
                token=data.token,
                user="owner",
                user_domain_id=data.domain.id,
                tenant_id=project,
                tenant_name=data.tenant.name,
                service_catalog=catalogue,
                roles=[{"id": role, "name": role} for role in roles],
                authorized_tenants=data.tenants.list(),
                enabled=True,
                endpoint="http://identity.test",
                services_region="RegionOne",
            )
            found._is_system_user = False
            return found

        monkeypatch.setattr(auth_utils, "get_user", get_user)

    return run


@pytest.fixture
def client() -> Client:
    """A browser whose pages belong where its session is, as every form and poll of a page says."""
    return Client(headers={belonging.HEADER: "project@RegionOne"})


@pytest.fixture
def projects(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """The projects that Keystone lists to who is logged in."""
    made = [
        SimpleNamespace(id=id_, name=name, enabled=True, domain_id="default")
        for id_, name in (("project", "production"), ("development", "development"))
    ]
    monkeypatch.setattr(auth_utils, "get_project_list", lambda **known: made)
    monkeypatch.setattr(auth_utils, "get_system_access", lambda **known: False)
    return made


@pytest.fixture
def owner(log_in: Callable[..., None]) -> None:
    """Somebody who may do everything in the project."""
    log_in("member", "reader")


@pytest.fixture
def auditor(log_in: Callable[..., None]) -> None:
    """Somebody who may only look."""
    log_in("reader")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A cloud at the HTTP level, where the logins of the pages and of the command line end."""
    made = World()
    made.wire_all(monkeypatch)
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(launch, "LOOK_SECONDS", 0.0)
    return made


@pytest.fixture
def begun(world: World) -> Environment:
    """An environment that was asked for; nothing of it is up yet."""
    return world.once("begun", lambda: begin(world, "shop"))


@pytest.fixture
def shop(world: World) -> Environment:
    """An environment that stands, with its firewall group."""
    made = world.once("shop", lambda: stand(world, "shop"))
    assert made.id == walk.ID
    return made


def begin(world: World, name: str, blueprint: str = "tomcat-oracle") -> Environment:
    """Launch one."""
    made = launch.launch(world.cloud(), Request(name, blueprint), token="token")
    world.calls()
    return made


def stand(world: World, name: str, blueprint: str = "tomcat-oracle") -> Environment:
    """Launch one and let it come up; it answers at 203.0.113.50."""
    made = begin(world, name, blueprint)
    world.heat.finish(made.id)
    reconcile.reconcile(world.cloud(), made)
    if blueprint == "tomcat-oracle":
        standing.complete(world)
    world.calls()
    return made
