"""An environment stands on another volume from now on, and all else of its stack is as it was."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import change_volume, errors, launch, reconcile, watch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.environments.test_volume import GOLDEN, OTHER, asked, marks, volume
from tests.unit.fake_openstack.server import Json
from tests.unit.fake_openstack.world import World


@pytest.fixture
def brought(world: World, cloud: Cloud) -> Environment:
    """It stands on one of two volumes."""
    volume(world)
    volume(world, OTHER, "newer")
    made = launch.launch(cloud, asked(), (), "token")
    world.heat.finish(made.id)
    reconcile.reconcile(cloud, made)
    return made


def body(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """What Heat is sent from now on."""
    sent: list[Json] = []
    patch = Cloud.patch
    monkeypatch.setattr(
        Cloud, "patch", lambda self, service, path, body: (sent.append(body), patch(self, service, path, body))[1]
    )
    return sent


def test_one_parameter_and_one_tag_are_changed(
    world: World, cloud: Cloud, brought: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, before = body(world, monkeypatch), set(world.heat.stacks[brought.id]["row"]["tags"])
    made = change_volume.change_volume(cloud, brought.id, GOLDEN, OTHER)
    assert (made.action, made.state, made.volumes) == ("UPDATE", "IN_PROGRESS", frozenset({OTHER}))
    assert change_volume.change_volume(cloud, brought.id, GOLDEN, OTHER).volumes == made.volumes, "asked for once"
    (told,) = sent
    assert (told["existing"], told["parameters"]) == (True, {"data_volume": OTHER})
    assert set(told["tags"].split(",")) ^ before == {f"volume={GOLDEN}", f"volume={OTHER}"}
    group = told["template"]["resources"]["application"]["properties"]
    assert group["desired_capacity"] == 2, "its groups are as large as they are"
    world.heat.attach(brought.id)
    world.heat.become(brought.id, "UPDATE_COMPLETE")
    change_volume.move_marks(cloud, stack.find(cloud, brought.id), GOLDEN)
    kept = world.things.kept["volumes"]
    assert marks(kept[GOLDEN]) == {}
    assert set(marks(kept[OTHER])) == {data_volumes.OWNER, data_volumes.NAME, data_volumes.BROUGHT}
    assert OTHER in {box.resource_id for box in watch.details(cloud, brought.id).picture.boxes}


@pytest.mark.parametrize(
    ("status", "says"),
    [("UPDATE_IN_PROGRESS", "Heat is changing it"), ("SUSPEND_COMPLETE", "It is suspended"),
     ("DELETE_FAILED", "It could not be taken away")],
)  # fmt: skip
def test_not_while_heat_takes_no_change(
    world: World, cloud: Cloud, brought: Environment, status: str, says: str
) -> None:
    world.heat.become(brought.id, status)
    with pytest.raises(errors.Blocked, match=says):
        change_volume.change_volume(cloud, brought.id, GOLDEN, OTHER)


def test_not_where_it_stands_on_something_else(world: World, cloud: Cloud, brought: Environment) -> None:
    with pytest.raises(errors.Blocked, match="does not stand on the volume elsewhere"):
        change_volume.change_volume(cloud, brought.id, "elsewhere", OTHER)
    with pytest.raises(errors.NotFound):
        change_volume.change_volume(cloud, "00000000-0000-0000-0000-00000000ffff", GOLDEN, OTHER)


def test_after_an_update_that_failed_it_is_asked_for_again(world: World, cloud: Cloud, brought: Environment) -> None:
    change_volume.change_volume(cloud, brought.id, GOLDEN, OTHER)
    world.heat.become(brought.id, "UPDATE_FAILED")
    assert change_volume.change_volume(cloud, brought.id, GOLDEN, OTHER).state == "IN_PROGRESS"
    row: Any = world.heat.stacks[brought.id]["row"]
    assert row["stack_status"] == "UPDATE_IN_PROGRESS"
