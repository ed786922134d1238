"""One server of an environment is restarted, and nothing else."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud, Conflict
from tenant_ops_dashboard.environments import errors, restart
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.environments import members
from tests.unit.fake_openstack.world import World


def sent(world: World) -> list[tuple[str, object]]:
    """What was changed: path and body."""
    both = zip(world.wire.calls, world.wire.bodies, strict=True)
    return [(call.rpartition("/servers/")[2], body) for call, body in both if not call.startswith("GET")]


@pytest.mark.parametrize(("status", "how"), [("ACTIVE", "SOFT"), ("SHUTOFF", "HARD"), ("ERROR", "HARD")])
def test_a_well_server_shuts_down_first(
    world: World, cloud: Cloud, standing: Environment, status: str, how: str
) -> None:
    server = next(one for one in world.things.kept["servers"].values() if one["name"] == "shop-application-2")
    server["status"] = status
    world.calls()
    box = restart.restart(cloud, "shop", "application-2")
    assert box.title == "shop-application-2"
    assert sent(world) == [(f"{server['id']}/action", {"reboot": {"type": how}})]


def test_a_server_that_runs_shuts_down_first_though_its_application_does_not_answer(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    members.unwell(world, "ERROR")
    world.calls()
    box = restart.restart(cloud, "shop", "application-2")
    assert (box.state, box.itself) == ("failed", "good")
    assert [body for _, body in sent(world)] == [{"reboot": {"type": "SOFT"}}]


@pytest.mark.parametrize("key", ["balancer", "data", "nothing", "application"])
def test_only_a_server_of_the_environment(world: World, cloud: Cloud, standing: Environment, key: str) -> None:
    world.calls()
    with pytest.raises(errors.NotFound, match=f"no server called {key}"):
        restart.restart(cloud, "shop", key)
    assert sent(world) == []


def test_nothing_before_it_is_there(cloud: Cloud, building: Environment) -> None:
    with pytest.raises(errors.NotFound):
        restart.restart(cloud, "shop", "database")


def test_a_reader_may_not(world: World, standing: Environment) -> None:
    world.calls()
    with pytest.raises(errors.NotAllowed):
        restart.restart(world.cloud("reader"), "shop", "database")
    assert sent(world) == []


def test_one_that_restarts_already_says_so(world: World, cloud: Cloud, standing: Environment) -> None:
    world.wire.trouble["POST .*/action"] = [409]
    with pytest.raises(Conflict):
        restart.restart(cloud, "shop", "database")
