"""A cloud at the HTTP level, and an environment that stands in it."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch, reconcile
from tenant_ops_dashboard.environments.heat import deletion
from tenant_ops_dashboard.environments.model import Environment, Request
from tests.unit.fake_openstack.world import World

NAME = "shop"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake keeps a stack, and tells of a delete, at once."""
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(deletion, "BEGINS", 0.0)
    monkeypatch.setattr(deletion, "PAUSE", 0.0)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def cloud(world: World) -> Cloud:
    return world.cloud()


@pytest.fixture
def building(world: World, cloud: Cloud) -> Environment:
    """Asked for, not up."""
    return world.once("building", lambda: launch.launch(cloud, Request(NAME, "tomcat-oracle", {}), (), "token"))


@pytest.fixture
def standing(world: World, cloud: Cloud) -> Environment:
    """Up, with its firewall group."""

    def make() -> Environment:
        made = launch.launch(cloud, Request(NAME, "tomcat-oracle", {}), (), "token")
        world.heat.finish(made.id)
        reconcile.reconcile(cloud, made)
        return made

    return world.once("standing", make)
