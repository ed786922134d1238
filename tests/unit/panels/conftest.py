"""People who look at pages, and a service layer that answers with the cases' environments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from unittest import mock

import pytest
from django.core.cache import cache
from openstack_auth import user as auth_user
from openstack_auth import utils as auth_utils
from openstack_dashboard import api
from openstack_dashboard.test import helpers
from openstack_dashboard.test.test_data import keystone_data, utils

from tenant_ops_dashboard import cloud as door
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import blueprint, defaults, launch, plan, prove, reconcile, restart, trust, watch
from tenant_ops_dashboard.environments import delete as deleting
from tenant_ops_dashboard.environments.model import Environment, Request
from tests.unit.fake_openstack import server as fake
from tests.unit.fake_openstack.world import World
from tests.unit.panels import cases, plans

SERVICES = (*fake.SERVICES, "volumev3")


@pytest.fixture(autouse=True)
def no_leftovers() -> Iterator[None]:
    """Every test begins with empty caches and without Keystone; Horizon's other panels stay out of the way."""
    cache.clear()
    helpers._apply_panel_mocks()
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

    def run(*roles: str, services: tuple[str, ...] = SERVICES) -> None:
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
                id=data.user.id,
                token=data.token,
                user="owner",
                user_domain_id=data.domain.id,
                tenant_id="project",
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

    def wired(login: Callable[..., Cloud]) -> Callable[..., Cloud]:
        def run(*arguments: object, **options: object) -> Cloud:
            cloud = login(*arguments, **options)
            cloud.session.session.mount("http://", made.wire)
            return cloud

        return run

    monkeypatch.setattr(door, "from_request", wired(door.from_request))
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    return made


@pytest.fixture
def begun(world: World) -> Environment:
    """An environment that was asked for; nothing of it is up yet."""
    made = launch.launch(world.cloud(), Request("shop", "tomcat-oracle"), token="token")
    world.calls()
    return made


@pytest.fixture
def shop(world: World) -> Environment:
    """An environment that stands, with its firewall group."""
    return stand(world, "shop")


def stand(world: World, name: str, blueprint_: str = "tomcat-oracle") -> Environment:
    """Launch one and let it come up; it answers at 203.0.113.50."""
    cloud = world.cloud()
    made = launch.launch(cloud, Request(name, blueprint_), token="token")
    world.heat.finish(made.id)
    reconcile.reconcile(cloud, made)
    world.calls()
    return made


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The functions that the panels call, each a mock that answers with a case."""
    calls = SimpleNamespace(
        listing=mock.Mock(return_value=(cases.environment(), cases.warning().environment)),
        details=mock.Mock(side_effect=lambda cloud, name: cases.details("good")),
        plan=mock.Mock(side_effect=lambda cloud, request, folders: plans.plan(request)),
        launch=mock.Mock(return_value=cases.building().environment),
        retry=mock.Mock(),
        rollback=mock.Mock(),
        delete=mock.Mock(),
        losses=mock.Mock(return_value=cases.LOSS),
        give=mock.Mock(),
        revoke=mock.Mock(),
        reconcile=mock.Mock(),
        restart=mock.Mock(return_value=cases.picture().boxes[7]),
        prove=mock.Mock(side_effect=lambda cloud, details: (*details.proofs, *cases.PACKETS)),
    )
    for module, *names in (
        (watch, "listing", "details"),
        (plan, "plan"),
        (launch, "launch", "retry", "rollback"),
        (deleting, "delete", "losses"),
        (trust, "give", "revoke"),
        (reconcile, "reconcile"),
        (restart, "restart"),
        (prove, "prove"),
    ):
        for name in names:
            monkeypatch.setattr(module, name, getattr(calls, name))
    monkeypatch.setattr(watch, "version", repr)
    monkeypatch.setattr(blueprint, "catalogue", lambda folders: plans.BLUEPRINTS)
    monkeypatch.setattr(defaults, "form", lambda cloud, chosen: chosen.parameters)
    return calls
