"""Launch: one stack, however often and through whatever trouble it is asked for."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, Uncertain
from tenant_ops_dashboard.environments import doubles, errors, launch, reconcile, watch
from tenant_ops_dashboard.environments.model import Environment, Request
from tests.unit.fake_openstack.server import Json, Query
from tests.unit.fake_openstack.world import World

REQUEST = Request("shop", "tomcat-oracle", {})


def stacks(world: World) -> list[str]:
    return [one["row"]["stack_name"] for one in world.heat.stacks.values()]


def test_a_launch_is_one_tagged_stack(world: World, building: Environment) -> None:
    assert building.status == "building"
    row = next(iter(world.heat.stacks.values()))["row"]
    assert row["id"] == building.id
    assert row["tags"][:3] == ["tenant-ops", "blueprint=tomcat-oracle", "firewall"]
    assert [tag.partition("=")[0] for tag in row["tags"][3:]] == ["inputs", "token"]
    assert all(len(tag) <= 80 for tag in row["tags"])
    assert row["parameters"]["database_size"] == "20"


@pytest.mark.parametrize("token", ["token", "another", ""])
def test_the_same_again_is_the_same_while_it_builds(
    world: World, cloud: Cloud, building: Environment, token: str
) -> None:
    assert launch.launch(cloud, REQUEST, (), token).id == building.id
    assert stacks(world) == ["shop"]


def test_once_it_stands_only_the_same_form_is_the_same(world: World, cloud: Cloud, standing: Environment) -> None:
    assert launch.launch(cloud, REQUEST, (), "token").id == standing.id
    with pytest.raises(errors.NotValid) as caught:
        launch.launch(cloud, REQUEST, (), "another")
    assert caught.value.problems == {"name": "This project already has a stack called shop."}
    assert stacks(world) == ["shop"]


def test_other_answers_are_another_launch(cloud: Cloud, building: Environment) -> None:
    with pytest.raises(errors.NotValid):
        launch.launch(cloud, Request("shop", "tomcat-oracle", {"database_size": "7"}), (), "another")


def test_a_token_counts_for_the_one_who_has_it(world: World, cloud: Cloud, building: Environment) -> None:
    object.__setattr__(cloud, "user_id", "user-2")
    with pytest.raises(errors.NotValid):
        launch.launch(cloud, Request("shop", "tomcat-oracle", {"database_size": "7"}), (), "token")


def test_somebody_was_quicker_between_plan_and_create(world: World, cloud: Cloud) -> None:
    slow, slower = launch.Launch(cloud, REQUEST, (), "token"), launch.Launch(cloud, REQUEST)
    slow.prepare()
    slower.prepare()
    made = launch.launch(world.cloud(), REQUEST, (), "token")
    with cloud.changing("tests"):
        assert slow.send().id == made.id
        world.heat.finish(made.id)
        with pytest.raises(errors.NotValid):
            slower.send()


@pytest.mark.parametrize(("rival_began", "stays"), [(0, "rival"), (59, "mine")])
@pytest.mark.parametrize("inputs", ["the same", "others"])
def test_of_two_stacks_made_at_one_moment_the_elder_stays(
    world: World, cloud: Cloud, rival_began: int, stays: str, inputs: str
) -> None:
    create = world.heat.create

    def twice(query: Query, body: Json) -> tuple[int, Json]:
        made = create(query, body)
        row = world.heat.stacks[made[1]["stack"]["id"]]
        row["row"]["creation_time"] = "2026-11-21T06:00:30Z"
        world.heat.stacks["rival"] = copy.deepcopy(row)
        world.heat.stacks["rival"]["row"].update(id="rival", creation_time=f"2026-11-21T06:00:{rival_began:02d}Z")
        if inputs == "others":
            world.heat.stacks["rival"]["row"]["tags"] = ["tenant-ops", "blueprint=tomcat-oracle", "inputs=others"]
        return made

    world.wire.handlers.insert(0, ("POST", world.wire.handlers[_index(world)][1], twice))
    if stays == "rival" and inputs == "others":
        with pytest.raises(errors.NotValid, match="already has a stack called shop"):
            launch.launch(cloud, REQUEST, (), "token")
    else:
        assert (launch.launch(cloud, REQUEST, (), "token").id == "rival") == (stays == "rival")
    left = [id_ for id_, one in world.heat.stacks.items() if one["row"]["stack_status"] == "CREATE_IN_PROGRESS"]
    assert [("rival" if id_ == "rival" else "mine") for id_ in left] == [stays]


def test_a_second_click_finds_the_one_that_stays(
    world: World, cloud: Cloud, building: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(seconds: float) -> None:
        rival = copy.deepcopy(world.heat.stacks[building.id])
        rival["row"].update(id="rival", creation_time="2026-11-21T05:59:59Z")
        world.heat.stacks["rival"] = rival

    monkeypatch.setattr(launch.time, "sleep", meanwhile)
    assert launch.launch(cloud, REQUEST, (), "token").id == "rival"


def rival(world: World, building: Environment, second: int) -> None:
    """Another launch of the same name, of that second of the same minute."""
    made = copy.deepcopy(world.heat.stacks[building.id])
    world.heat.stacks[building.id]["row"]["creation_time"] = "2026-11-21T06:00:30Z"
    made["row"].update(id="rival", creation_time=f"2026-11-21T06:00:{second:02d}Z")
    world.heat.stacks["rival"] = made


@pytest.mark.parametrize(("second", "stays"), [(29, "rival"), (31, "mine")])
def test_a_launch_that_does_not_wait_is_settled_by_the_next_look(
    world: World, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, second: int, stays: str
) -> None:
    monkeypatch.setattr(launch.time, "sleep", lambda seconds: pytest.fail("it waits"))
    made = launch.launch(cloud, REQUEST, (), "token", settle=False)
    rival(world, made, second)
    seen = {one.id: one for one in watch.listing(cloud)}
    assert doubles.settle(world.cloud(), seen[made.id]) == (stays == "rival")
    left = [id_ for id_, one in world.heat.stacks.items() if one["row"]["stack_status"] == "CREATE_IN_PROGRESS"]
    assert [("rival" if id_ == "rival" else "mine") for id_ in left] == [stays]
    world.calls()
    assert not doubles.settle(world.cloud(), replace(seen[left[0]], id=left[0]))
    assert [call.partition("?")[0].rpartition("/")[2] for call in world.calls()] == ["stacks"]


def test_nobody_is_withdrawn_too_soon_by_a_reader_or_once_it_may_have_been_up(
    world: World, cloud: Cloud, building: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival(world, building, 29)
    world.calls()
    assert not doubles.settle(world.cloud("reader"), building)
    young = replace(building, created_at=cloud.now())
    assert not doubles.settle(cloud, young)
    assert [call.partition("?")[0].rpartition("/")[2] for call in world.calls()] == ["stacks"], "the reader's look"
    world.heat.finish(building.id)
    assert not doubles.settle(world.cloud(), building)
    assert "DELETE" not in str([one["row"]["stack_status"] for one in world.heat.stacks.values()])


@pytest.mark.parametrize("trouble", [requests.ReadTimeout("slow"), requests.ConnectionError("reset"), 504, 500])
def test_a_lost_answer_is_looked_up_and_adopted(world: World, cloud: Cloud, trouble: Exception | int) -> None:
    create = world.heat.create

    def lose(query: object, body: dict[str, object]) -> object:
        create(query, body)  # type: ignore[arg-type]
        if isinstance(trouble, Exception):
            raise trouble
        return trouble, {"error": {"message": "lost"}}

    world.wire.handlers.insert(0, ("POST", world.wire.handlers[_index(world)][1], lose))  # type: ignore[arg-type]
    made = launch.launch(cloud, REQUEST, (), "token")
    assert made.id == next(iter(world.heat.stacks))
    assert stacks(world) == ["shop"]


def test_a_lost_answer_that_made_nothing_is_told(world: World, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "LOOK_SECONDS", 0.0)
    world.wire.trouble["POST .*/stacks$"] = [requests.ReadTimeout("slow")]
    with pytest.raises(Uncertain, match="Heat did not answer within 60 seconds"):
        launch.launch(cloud, REQUEST)
    assert stacks(world) == []


def test_what_heat_refuses_is_told_in_its_words(world: World, cloud: Cloud) -> None:
    world.heat.refused.append((400, {"error": {"message": "Property error: no such flavor"}}))
    with pytest.raises(errors.NotValid) as caught:
        launch.launch(cloud, REQUEST)
    assert caught.value.problems == {"": "Heat: Property error: no such flavor"}


def test_quota_is_its_own_error(world: World, cloud: Cloud) -> None:
    world.things.quota["instances"] = 2
    with pytest.raises(errors.QuotaExceeded, match="Servers: 3 more are needed, 1 of 2"):
        launch.launch(cloud, REQUEST)
    assert stacks(world) == []


def test_a_reader_may_not(world: World) -> None:
    with pytest.raises(errors.NotAllowed):
        launch.launch(world.cloud("reader"), REQUEST)
    assert world.calls() == []


def test_retry_lets_heat_go_on(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.fail(building.id, "balancer", "told to fail")
    assert launch.retry(cloud, "shop").status == "building"
    assert world.heat.stacks[building.id]["row"]["stack_status"] == "UPDATE_IN_PROGRESS"


def test_rollback_takes_the_empty_volume_too(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.fail(building.id, "balancer", "told to fail")
    assert launch.rollback(cloud, "shop").status == "deleting"
    world.heat.gone(building.id)
    reconcile.reconcile(cloud, building)
    assert not world.things.kept["volumes"]


def _index(world: World) -> int:
    return next(
        i
        for i, (method, path, _) in enumerate(world.wire.handlers)
        if method == "POST" and path.match("/orchestration/v1/project/stacks")
    )


@pytest.mark.parametrize("elder", ["CREATE_FAILED", "DELETE_FAILED"])
def test_what_failed_takes_no_name_from_a_younger_launch(world: World, cloud: Cloud, elder: str) -> None:
    made = launch.launch(cloud, REQUEST, (), "token", settle=False)
    rival(world, made, 29)
    world.heat.stacks["rival"]["row"]["stack_status"] = elder
    seen = next(one for one in watch.listing(cloud) if one.id == made.id)
    assert not doubles.settle(world.cloud(), seen)
    assert world.heat.stacks[made.id]["row"]["stack_status"] == "CREATE_IN_PROGRESS"
