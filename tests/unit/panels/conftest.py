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
from openstack_dashboard.test.test_data import utils as test_data

from tenant_ops_dashboard.environments import blueprint, defaults, launch, plan, prove, reconcile, restart, trust, watch
from tenant_ops_dashboard.environments import delete as deleting
from tests.unit.panels import cases, plans

SERVICES = ("orchestration", "compute", "network", "load-balancer", "identity", "volumev3", "image")


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
def data() -> SimpleNamespace:
    """Horizon's own test data."""
    found = SimpleNamespace()
    test_data.load_test_data(found)
    return found


@pytest.fixture
def log_in(monkeypatch: pytest.MonkeyPatch, data: SimpleNamespace) -> Callable[..., None]:
    """Make every request come from somebody with these roles, in a cloud with these services."""

    def run(*roles: str, services: tuple[str, ...] = SERVICES) -> None:
        catalogue = [
            {
                "type": service,
                "name": service,
                "endpoints": [{"interface": "public", "region": "RegionOne", "url": f"http://{service}.test"}],
            }
            for service in services
        ]

        def get_user(request: object) -> auth_user.User:
            found = auth_user.User(
                id=data.user.id,
                token=data.token,
                user="owner",
                user_domain_id=data.domain.id,
                tenant_id=data.tenant.id,
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
