"""Pages of an administrator, whom Heat and Neutron show what every project has; and a firewall that cannot be made."""

from __future__ import annotations

import copy

import pytest

from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.model import Request
from tests.unit.fake_openstack.server import Login
from tests.unit.panels.reading import read
from tests.unit.panels.walk import SHOW

INDEX = "/tenant_ops/"
ADMIN = ("admin", "manager", "member", "reader")


@pytest.fixture
def theirs(world):
    """An environment of another project, all up but for its firewall group."""
    cloud = world.cloud(project="victim", name="victim")
    made = launch.launch(cloud, Request("theirs", "tomcat-oracle"))
    world.heat.finish(made.id)
    return made


@pytest.fixture
def operator(world, log_in):
    """An administrator, in a project of his own."""
    world.wire.anybody = Login("project", frozenset(ADMIN), "operator")
    log_in(*ADMIN)


def test_an_administrators_pages_show_and_change_nothing_of_other_projects(client, operator, world, theirs):
    before = copy.deepcopy((world.things.kept, world.heat.stacks))
    assert client.get(INDEX).status_code == 200
    assert "theirs" not in client.get(INDEX).content.decode()
    page = f"/tenant_ops/environment/{theirs.id}/"
    for address in (page, page + "delete/", page + "rollback/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    for act in ("retry", "care", "prove", "restart/database"):
        assert client.post(f"{page}{act}/").status_code == 404
    for old in ("", "delete/", "retry/"):
        assert client.get(f"/tenant_ops/environment/theirs/{old}").status_code == 404
        assert client.post(f"/tenant_ops/environment/theirs/{old}").status_code == 409
    assert (world.things.kept, world.heat.stacks) == before


def test_an_administrator_looking_at_a_colleagues_builds_nothing(client, operator, world, shop):
    world.things.kept["firewall_groups"].clear()
    world.heat.stacks[shop.id]["row"]["stack_owner"] = "colleague"
    before = copy.deepcopy(world.things.kept)
    assert client.get(INDEX).status_code == 200
    assert client.get(SHOW).status_code == 200
    assert world.things.kept == before


def test_a_firewall_that_cannot_be_made_is_told_and_not_tried_by_every_poll(client, owner, world, begun, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    world.heat.finish(begun.id)
    world.things.quota["firewall_rules"] = 5
    client.get(f"{SHOW}state/")
    world.calls()
    for _ in range(5):
        page = client.get(f"{SHOW}state/").content.decode()
        client.get("/tenant_ops/state/")
    assert not [call for call in world.calls() if not call.startswith("GET")]
    assert "Quota exceeded" in page
    assert "It is tried again after" in page
    assert read(client.get(SHOW)).has("#retry")
    world.things.quota.clear()
    client.post(f"{SHOW}retry/")
    assert len(world.things.kept["firewall_groups"]) == 1
    assert "5 of 8 promises kept, 3 not checked" in client.get(SHOW).content.decode()


def test_a_cache_that_is_down_costs_the_memory_alone(client, owner, world, begun, monkeypatch):
    from tenant_ops_dashboard.panels import store

    class Down:
        def __getattr__(self, name):
            raise OSError("memcached is down")

    monkeypatch.setattr(store, "cache", Down())
    world.heat.finish(begun.id)
    client.get(SHOW)
    assert len(world.things.kept["firewall_groups"]) == 1
