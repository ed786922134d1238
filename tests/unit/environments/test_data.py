"""Data that was promised to be kept is kept: the last answered wish counts, and only the very delete takes it along."""

from __future__ import annotations

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain
from tenant_ops_dashboard.environments import delete, errors, follow, reconcile, watch
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import deletion, stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.standstill import standstill
from tests.unit.fake_openstack.world import World

HEAT = "DELETE /orchestration/.*"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "BEGINS", 0.0)
    monkeypatch.setattr(follow, "EVERY", 0.0)


def marks(world: World) -> list[bool]:
    return [data_volumes.MARK in one["metadata"] for one in world.things.kept["volumes"].values()]


def detach(world: World) -> None:
    """What holds the volume lets go of it: a server that is deleted, or shelved."""
    for volume in world.things.kept["volumes"].values():
        volume.update(status="available", attachments=[])


def by_hand(world: World, id_: str) -> None:
    """Somebody deletes the stack by Heat's own client."""
    world.heat.become(id_, "DELETE_IN_PROGRESS")
    world.heat.gone(id_)


def sweep_everywhere(cloud: Cloud, standing: Environment) -> None:
    """A page view, the timer, and another environment's launch --wait."""
    reconcile.reconcile(cloud, standing)
    reconcile.sweep(cloud, "another environment")
    data_actions.remove_marked(cloud, "another environment")


@pytest.mark.parametrize(
    "trouble", [503, 500, 409, 403, requests.ConnectionError("reset"), requests.ReadTimeout("slow")]
)
def test_a_delete_that_fails_leaves_no_mark(
    world: World, cloud: Cloud, standing: Environment, trouble: int | Exception
) -> None:
    world.wire.trouble[HEAT] = [trouble]
    with pytest.raises(CloudError):
        delete.delete(cloud, "shop", data=True)
    assert marks(world) == [False]
    detach(world)
    sweep_everywhere(cloud, standing)
    assert delete.delete(cloud, "shop").status == "deleting"
    world.heat.gone(standing.id)
    sweep_everywhere(cloud, standing)
    assert len(data_volumes.of(data_volumes.volumes(cloud), standing.id)) == 1


def test_a_blocked_delete_leaves_no_mark(world: World, cloud: Cloud, standing: Environment) -> None:
    fixed = [{"subnet_id": "s", "ip_address": "10.20.1.77"}]
    there = next(id_ for id_, one in world.things.kept["networks"].items() if one["name"] == "dmz_network")
    world.things.add("ports", name="printer", network_id=there, device_id="x", fixed_ips=fixed, status="ACTIVE")
    with pytest.raises(errors.Blocked):
        delete.delete(cloud, "shop", data=True)
    assert marks(world) == [False]


def test_an_answer_that_was_lost_after_heat_began_counts(world: World, cloud: Cloud, standing: Environment) -> None:
    sent = world.heat.delete

    def begun_then_lost(*arguments: object, **named: object) -> object:
        sent(*arguments, **named)  # type: ignore[arg-type]
        raise requests.ConnectionError("reset")

    method, path, _ = next(one for one in world.wire.handlers if one[0] == "DELETE" and "/stacks/" in one[1].pattern)
    world.wire.handlers.insert(0, (method, path, begun_then_lost))  # type: ignore[arg-type]
    assert delete.delete(cloud, "shop", data=True).status == "deleting"
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert not world.things.kept["volumes"]


@pytest.mark.parametrize("last", [False, True])
def test_the_last_wish_counts_while_it_goes(world: World, cloud: Cloud, standing: Environment, last: bool) -> None:
    delete.delete(cloud, "shop", data=not last)
    delete.delete(cloud, "shop", data=last)
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert bool(world.things.kept["volumes"]) is not last


def test_the_mark_goes_with_a_delete_that_fails_later(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop", data=True)
    assert marks(world) == [True]
    world.heat.become(standing.id, "DELETE_FAILED")
    reconcile.reconcile(cloud, standing)
    assert marks(world) == [False]


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_mark_of_another_delete_takes_nothing(
    world: World, cloud: Cloud, standing: Environment, forgotten: bool
) -> None:
    """It failed, nobody looked, and the stack went later by other means; or Heat has forgotten how it went."""
    delete.delete(cloud, "shop", data=True)
    world.heat.become(standing.id, "DELETE_FAILED")
    by_hand(world, standing.id)
    if forgotten:
        world.heat.forget()
    detach(world)
    sweep_everywhere(cloud, standing)
    (volume,) = data_volumes.of(data_volumes.volumes(cloud), standing.id)
    left = next(one for one in watch.listing(cloud) if one.id == standing.id)
    assert left.status == "warning"
    assert f"volume {volume['name']} was marked by a delete that did not end it, and is kept" in left.status_reason


def test_a_marked_volume_is_safe_while_its_stack_stands(world: World, cloud: Cloud, standing: Environment) -> None:
    """Whatever the mark says: an older version's, one that was copied, one set by hand."""
    for mark in ("yes", "event-1 volu-1"):
        for volume in world.things.kept["volumes"].values():
            volume["metadata"][data_volumes.MARK] = mark
        detach(world)
        sweep_everywhere(cloud, standing)
        assert len(data_volumes.of(data_volumes.volumes(cloud), standing.id)) == 1
    (shown,) = watch.details(cloud, "shop").marks
    assert (shown.volume, shown.size, shown.counts) == ("shop-data", 20, False)


def test_metadata_copied_to_another_volume_takes_nothing(world: World, cloud: Cloud, standing: Environment) -> None:
    """Cinder restores a backup's metadata to the volume it makes."""
    delete.delete(cloud, "shop", data=True)
    (volume,) = world.things.kept["volumes"].values()
    restored = world.things.add("volumes", **{**volume, "id": "restored", "name": "restored"})
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert [one["id"] for one in world.things.kept["volumes"].values()] == [restored["id"]]


def test_what_is_marked_is_shown_and_can_be_taken_back(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop", data=True)
    (shown,) = watch.details(cloud, "shop").marks
    assert shown.counts
    assert data_actions.keep(cloud, standing.id) == ("shop-data",)
    assert watch.details(cloud, "shop").marks == ()
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert len(world.things.kept["volumes"]) == 1
    assert watch.listing(cloud) == ()


def test_a_reader_takes_nothing_back(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop", data=True)
    with pytest.raises(errors.NotAllowed):
        data_actions.keep(world.cloud("reader"), standing.id)
    assert marks(world) == [True]


@pytest.mark.parametrize("with_data", [False, True])
def test_what_is_left_of_what_is_gone_is_kept_or_removed(
    world: World, cloud: Cloud, standing: Environment, with_data: bool
) -> None:
    delete.delete(cloud, "shop", data=True)
    by_hand(world, standing.id)
    world.heat.forget()
    delete.delete(cloud, "shop", data=with_data)
    assert bool(world.things.kept["volumes"]) is not with_data
    assert watch.listing(cloud) == ()


@pytest.mark.parametrize("status", ["UPDATE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "CHECK_FAILED"])
def test_an_application_that_was_up_never_counts_as_empty(
    world: World, cloud: Cloud, standing: Environment, status: str
) -> None:
    world.heat.become(standing.id, status)
    assert any("database's data" in one for one in delete.losses(cloud, standing).kept)
    delete.delete(cloud, "shop")
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert len(world.things.kept["volumes"]) == 1


@pytest.mark.parametrize("then", ["UPDATE_FAILED", "DELETE_FAILED"])
def test_a_launch_that_never_ended_well_leaves_nothing(
    world: World, cloud: Cloud, building: Environment, then: str
) -> None:
    """Tried again or taken away in vain, it is as empty as before."""
    world.heat.fail(building.id, "balancer", "told to fail")
    world.heat.become(building.id, then)
    assert any("it holds nothing" in one for one in delete.losses(cloud, building).lost)
    delete.delete(cloud, "shop")
    world.heat.gone(building.id)
    reconcile.reconcile(cloud, building)
    assert not world.things.kept["volumes"]


def test_where_heat_forgot_the_beginning_data_is_kept(world: World, cloud: Cloud, building: Environment) -> None:
    world.heat.fail(building.id, "balancer", "told to fail")
    world.heat.become(building.id, "UPDATE_FAILED")
    del world.heat.stacks[building.id]["log"][0]
    assert not any("it holds nothing" in one for one in delete.losses(cloud, building).lost)


def test_a_mark_that_cinder_refuses_is_told(world: World, cloud: Cloud, standing: Environment) -> None:
    world.wire.trouble["POST .*/metadata"] = [503, 503]
    with pytest.raises(errors.DataStays, match="is being taken away, but its data could not be marked"):
        delete.delete(cloud, "shop", data=True)
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert len(world.things.kept["volumes"]) == 1


def test_of_two_that_are_gone_and_had_one_name_none_is_taken_for_the_other(world: World, cloud: Cloud) -> None:
    for number in (1, 2):
        id_ = f"00000000-0000-0000-0000-00000000000{number}"
        metadata = {data_volumes.OWNER: id_, data_volumes.NAME: "shop", data_volumes.MARK: "of another delete"}
        volume = {"id": f"v{number}", "name": f"v{number}", "size": 1, "status": "available", "attachments": [],
                  "created_at": "", "project_id": cloud.project_id}  # fmt: skip
        world.things.kept["volumes"][f"v{number}"] = {**volume, "metadata": metadata}
    with pytest.raises(errors.NotFound, match="-000000000001, 00000000-"):
        delete.delete(cloud, "shop", data=True)
    assert len(world.things.kept["volumes"]) == 2
    delete.delete(cloud, "00000000-0000-0000-0000-000000000002", data=True)
    assert [one["name"] for one in world.things.kept["volumes"].values()] == ["v1"]


def test_a_wish_to_keep_that_is_answered_last_counts_against_one_of_the_same_moment(
    world: World, cloud: Cloud, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One deletes it with its data while another's plain delete is on its way, and marks it for that one's event."""
    send, began, waiting = delete._send, deletion.began, list[Stack]()

    def sent(of: Cloud, found: Stack) -> Uncertain | None:
        if waiting:
            return send(of, found)
        waiting.append(found)
        delete.delete(cloud, "shop", data=True)
        return None

    def begun(of: Cloud, found: Stack, before: str) -> str:
        send(of, waiting[0])
        return began(of, found, before)

    monkeypatch.setattr(delete, "_send", sent)
    monkeypatch.setattr(deletion, "began", begun)
    delete.delete(cloud, "shop")
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert len(world.things.kept["volumes"]) == 1


def test_waiting_outlasts_a_service_that_is_away(world: World, cloud: Cloud, standing: Environment) -> None:
    """503 when Heat is asked to delete, then with two looks at what is left."""
    world.wire.trouble[HEAT] = [503]
    seen: list[int] = []

    def tell(done: int, total: int) -> None:
        if not seen:
            world.wire.trouble["GET .*/stacks"] = [503] * 4
            world.heat.gone(standing.id)
        seen.append(done)

    gone, left = follow.away(cloud, "shop", 60, tell, data=True)
    assert (gone.name, left) == ("shop", None)
    assert not world.things.kept["volumes"]


def test_the_second_try_has_the_same_wish(world: World, cloud: Cloud, standing: Environment) -> None:
    """Heat fails to delete it once: the data still goes with the second try that --wait makes."""
    gone = delete.delete(cloud, "shop", data=True)
    world.heat.become(standing.id, "DELETE_FAILED")

    def tell(done: int, total: int) -> None:
        world.heat.gone(standing.id)

    assert follow.down(cloud, gone, 60, tell, data=True) is None
    assert not world.things.kept["volumes"]


@pytest.mark.parametrize("how", ["keep", "delete again"])
def test_the_second_try_of_who_waits_takes_no_wish_back(
    world: World, cloud: Cloud, standing: Environment, how: str
) -> None:
    """A colleague keeps the data while the first one waits; then Heat fails, and he tries again."""
    gone = delete.delete(cloud, "shop", data=True)
    if how == "keep":
        data_actions.keep(world.cloud(), standing.id)
    else:
        delete.delete(world.cloud(), "shop")
    world.heat.become(standing.id, "DELETE_FAILED")
    assert follow.down(cloud, gone, 60, lambda done, total: world.heat.gone(standing.id), data=True) is None
    assert len(world.things.kept["volumes"]) == 1


def test_going_on_with_a_delete_takes_no_wish_back(
    world: World, cloud: Cloud, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody keeps the data while Heat begins anew."""
    delete.delete(cloud, "shop", data=True)
    began = deletion.began

    def meanwhile(*arguments: object) -> str:
        assert data_actions.keep(world.cloud(), standing.id) == ("shop-data",)
        return began(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(deletion, "began", meanwhile)
    standstill.go_on(cloud, stack.find(cloud, standing.id))
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert len(world.things.kept["volumes"]) == 1


def test_a_wish_between_two_looks_of_a_sweep_counts(
    world: World, cloud: Cloud, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete.delete(cloud, "shop", data=True)
    world.heat.gone(standing.id)
    ended = deletion.ended_all

    def meanwhile(*arguments: object) -> dict[str, str]:
        found = ended(*arguments)  # type: ignore[arg-type]
        assert data_actions.keep(world.cloud(), standing.id) == ("shop-data",)
        return found

    monkeypatch.setattr(deletion, "ended_all", meanwhile)
    data_actions.remove_marked(cloud, standing.id)
    assert len(world.things.kept["volumes"]) == 1


def test_a_mark_whose_answer_was_lost_is_not_told_as_none(world: World, cloud: Cloud, standing: Environment) -> None:
    """Cinder took the mark, then was away: nobody says that the data is kept, and its page can keep it."""
    world.wire.trouble["POST .*/metadata"] = [requests.ConnectionError("reset")]
    for volume in world.things.kept["volumes"].values():
        volume["metadata"][data_volumes.MARK] = "half made"
    world.wire.trouble["DELETE .*/metadata"] = [200, 503, 503]
    with pytest.raises(errors.DataStays, match="whether its data goes with it is not known"):
        delete.delete(cloud, "shop", data=True)


def test_a_lost_delete_is_not_taken_for_an_earlier_one(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop")
    world.heat.become(standing.id, "DELETE_FAILED")
    world.heat.become(standing.id, "CHECK_FAILED")
    world.wire.trouble[HEAT] = [requests.ConnectionError("reset")]
    with pytest.raises(CloudError):
        delete.delete(cloud, "shop", data=True)
    assert marks(world) == [False]


def test_a_stack_that_lost_its_tag_stands_all_the_same(world: World, cloud: Cloud, standing: Environment) -> None:
    world.heat.stacks[standing.id]["row"]["tags"] = []
    (volume,) = world.things.kept["volumes"].values()
    volume["metadata"][data_volumes.MARK] = "yes"
    detach(world)
    assert watch.listing(cloud) == ()
    with pytest.raises(errors.NotFound):
        delete.delete(cloud, standing.id, data=True)
    assert len(world.things.kept["volumes"]) == 1
