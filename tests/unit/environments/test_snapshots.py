"""Somebody's snapshot stands on the data: it is named before and never deleted, and no delete hangs on it."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, follow, listing, reconcile, watch
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.world import World


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "EVERY", 0.0)


def snapshot(world: World, name: str = "nightly", status: str = "available") -> str:
    """Somebody keeps the data as it is now."""
    (volume,) = world.things.kept["volumes"]
    return str(world.things.add("snapshots", name=name, volume_id=volume, size=20, status=status)["id"])


def volumes(world: World) -> list[str]:
    return [one["name"] for one in world.things.kept["volumes"].values()]


def test_what_stands_on_the_data_is_named_before(world: World, cloud: Cloud, standing: Environment) -> None:
    snapshot(world)
    assert delete.losses(cloud, standing).holds == ("Snapshot nightly stands on volume shop-data.",)
    world.calls()
    with pytest.raises(errors.Blocked, match=r"^Snapshot nightly stands on volume shop-data\. Cinder deletes no volume"):
        delete.delete(cloud, "shop", data=True)
    assert [call for call in world.calls() if not call.startswith("GET")] == []
    assert watch.details(cloud, "shop").environment.status == "good"


def test_of_many_the_first_are_named(world: World, cloud: Cloud, standing: Environment) -> None:
    for number in range(7):
        snapshot(world, f"nightly-{number}")
    nameless = snapshot(world, "")
    (said,) = delete.losses(cloud, standing).holds
    assert said == (
        "8 snapshots, nightly-0, nightly-1, nightly-2, nightly-3, nightly-4 and 3 more, stand on volume shop-data."
    )
    for id_ in [one for one in world.things.kept["snapshots"] if one != nameless]:
        del world.things.kept["snapshots"][id_]
    assert delete.losses(cloud, standing).holds == (f"Snapshot {nameless} stands on volume shop-data.",)


def test_without_the_data_a_snapshot_is_in_nobody_s_way(world: World, cloud: Cloud, standing: Environment) -> None:
    snapshot(world)
    delete.delete(cloud, "shop")
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert watch.listing(cloud) == ()
    assert (volumes(world), len(world.things.kept["snapshots"])) == (["shop-data"], 1)


def test_a_snapshot_of_another_volume_is_in_nobody_s_way(world: World, cloud: Cloud, standing: Environment) -> None:
    world.things.add("snapshots", name="other", volume_id="another", size=1, status="available")
    assert delete.losses(cloud, standing).holds == ()
    assert delete.delete(cloud, "shop", data=True).status == "deleting"


def test_one_that_is_being_deleted_is_waited_for(world: World, cloud: Cloud, standing: Environment) -> None:
    id_ = snapshot(world, status="deleting")
    delete.delete(cloud, "shop", data=True)
    world.heat.gone(standing.id)
    assert reconcile.unfinished(cloud, watch.listing(cloud)) == ()
    assert [one.status for one in watch.listing(cloud)] == ["deleting"]
    del world.things.kept["snapshots"][id_]
    assert reconcile.unfinished(cloud, watch.listing(cloud)) == ()
    assert (volumes(world), watch.listing(cloud)) == ([], ())


def test_one_made_after_the_delete_began_ends_it_and_says_what_to_do(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    """No look asks Cinder for what it refuses; once the snapshot is gone the next look finishes it."""
    delete.delete(cloud, "shop", data=True)
    id_ = snapshot(world)
    world.heat.gone(standing.id)
    assert reconcile.unfinished(cloud, watch.listing(cloud)) == ()
    (left,) = watch.listing(cloud)
    assert (left.status, left.status_reason) == (
        "warning",
        "It is gone; its data volume shop-data is kept so far: Snapshot nightly stands on volume shop-data. Take away "
        "what is in its way and the volume goes with the next look, or keep the data.",
    )
    assert watch.details(cloud, "shop").environment == left
    assert (world.things.kept["firewall_groups"], volumes(world)) == ({}, ["shop-data"])
    world.calls()
    reconcile.unfinished(cloud, watch.listing(cloud))
    reconcile.by_id(cloud, standing.id)
    assert [call for call in world.calls() if not call.startswith("GET")] == []
    del world.things.kept["snapshots"][id_]
    assert reconcile.unfinished(cloud, watch.listing(cloud)) == ()
    assert (volumes(world), watch.listing(cloud)) == ([], ())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("in-use", "It is attached to a server."),
        ("awaiting-transfer", "It is offered to another"),
        ("error_deleting", "Cinder failed to delete it"),
    ],
)
def test_whatever_holds_it_ends_the_delete_too(
    world: World, cloud: Cloud, standing: Environment, status: str, said: str
) -> None:
    delete.delete(cloud, "shop", data=True)
    world.heat.gone(standing.id)
    (kept,) = world.things.kept["volumes"].values()
    kept.update(status=status)
    assert reconcile.unfinished(cloud, watch.listing(cloud)) == ()
    (left,) = watch.listing(cloud)
    assert left.status == "warning" and f"is kept so far: {said}" in left.status_reason
    kept.update(status="available")
    assert reconcile.unfinished(cloud, watch.listing(cloud)) == ()
    assert (volumes(world), watch.listing(cloud)) == ([], ())


def test_who_waits_is_told(world: World, cloud: Cloud, standing: Environment) -> None:
    def tell(done: int, total: int) -> None:
        snapshot(world)
        world.heat.gone(standing.id)

    _, left = follow.away(cloud, "shop", 60, tell, data=True)
    assert left is not None and "Snapshot nightly stands on volume shop-data" in left.status_reason


def test_what_is_left_of_what_is_gone_is_kept_or_waits(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop", data=True)
    snapshot(world)
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert delete.losses(cloud, standing).holds == ("Snapshot nightly stands on volume shop-data.",)
    with pytest.raises(errors.Blocked, match="delete those first, or keep the data"):
        delete.delete(cloud, "shop", data=True)
    assert data_actions.keep(cloud, standing.id) == ("shop-data",)
    assert (volumes(world), watch.listing(cloud)) == (["shop-data"], ())


def test_one_made_between_the_look_and_the_delete_is_told(
    world: World, cloud: Cloud, standing: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete.delete(cloud, "shop", data=True)
    world.heat.gone(standing.id)
    prepare = data_actions.RemoveVolume.prepare

    def meanwhile(change: data_actions.RemoveVolume) -> bool | None:
        snapshot(world)
        return prepare(change)

    monkeypatch.setattr(data_actions.RemoveVolume, "prepare", meanwhile)
    reconcile.reconcile(cloud, standing)
    assert [one.status for one in watch.listing(cloud)] == ["warning"]


def test_what_never_held_data_stays_where_somebody_keeps_it(world: World, cloud: Cloud, building: Environment) -> None:
    """A launch that failed goes whole; but not under a snapshot that somebody made of its volume."""
    world.heat.fail(building.id, "balancer", "told to fail")
    snapshot(world)
    assert any("Volume shop-data, 20 GB" in one for one in delete.losses(cloud, building).kept)
    delete.delete(cloud, "shop")
    world.heat.gone(building.id)
    reconcile.reconcile(cloud, building)
    assert (volumes(world), watch.listing(cloud)) == (["shop-data"], ())


def test_a_list_stands_where_cinder_tells_no_snapshots(world: World, cloud: Cloud, standing: Environment) -> None:
    delete.delete(cloud, "shop", data=True)
    world.heat.gone(standing.id)
    world.wire.trouble["GET .*/snapshots/detail"] = [403, 403]
    assert [one.status for one in listing.listing(cloud)] == ["deleting"]
