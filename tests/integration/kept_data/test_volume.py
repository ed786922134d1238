"""A second environment stands on a copy of the first one's data; snapshots on the data are named, and waited for."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1 import exceptions

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, follow, reconcile, watch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.model import Environment
from tests.integration.by_hand import Hand
from tests.integration.environments.conftest import PATIENCE, take_away
from tests.integration.environments.test_2_data import add_row, read, status, until
from tests.integration.environments.test_5_command import tenant_ops

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(PATIENCE)]
SAMPLE = 50
SECOND = f"it-second-{uuid.uuid4().hex[:6]}"
COPY = f"{SECOND}-copy"


def log_in() -> Cloud:
    return clouds.from_clouds_yaml("owner", proof_proxy=os.environ["TENANT_OPS_PROOF_PROXY"], timeout=60)


def there(cloud: Cloud, id_: str) -> dict[str, Any] | None:
    return next((one for one in data_volumes.volumes(cloud) if one["id"] == id_), None)


def snapshot(cloud: Cloud, volume: str, name: str) -> str:
    """Of a volume in use; while it is being detached Cinder makes none."""
    body = {"snapshot": {"volume_id": volume, "name": name, "force": True}}

    def made() -> str:
        try:
            return str(Hand(cloud).post("block-storage", "/snapshots", body)["snapshot"]["id"])
        except exceptions.BadRequest:
            return ""

    return str(until(made, "the snapshot"))


def drop(cloud: Cloud, snapshot_id: str) -> None:
    Hand(cloud).delete("block-storage", f"/snapshots/{snapshot_id}")
    until(lambda: snapshot_id not in {one["id"] for one in data_volumes.snapshots(cloud)}, "the snapshot's end")


@pytest.fixture(scope="module")
def owner() -> Cloud:
    return log_in()


@pytest.fixture(scope="module")
def first(shop: Any) -> Iterator[Environment]:
    """The last test deletes it."""
    yield shop.standing()
    shop.end()


@pytest.fixture(scope="module")
def copy(owner: Cloud, first: Environment) -> Iterator[str]:
    """A copy of its data with one row more than the sample; gone at the end."""
    address = first.address.removeprefix("http://")
    until(lambda: read(owner, address) == SAMPLE, "the application reading rows")
    add_row(owner, address)
    (data,) = data_volumes.of(data_volumes.volumes(owner), first.id)
    wanted = {"source_volid": data["id"], "size": 1, "name": COPY}
    made = str(Hand(owner).post("block-storage", "/volumes", {"volume": wanted})["volume"]["id"])
    until(lambda: status(owner, "volume", made) == "available", "the copy")
    yield made
    if there(owner, made):
        until(lambda: status(owner, "volume", made) in ("available", "error"), "the copy being detached")
        Hand(owner).delete("block-storage", f"/volumes/{made}")


@pytest.fixture(scope="module")
def second(owner: Cloud, first: Environment, copy: str) -> Iterator[dict[str, Any]]:
    """Launched as a pipeline does, by the copy's name."""
    done = tenant_ops(
        "environment", "launch", SECOND, "--set", f"data_volume={COPY}", "--set", f"sample_rows={SAMPLE}", "--wait",
        "-f", "json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout)
    take_away(owner, SECOND)


def test_the_second_application_reads_the_copied_rows(owner: Cloud, second: dict[str, Any], copy: str) -> None:
    address = second["address"].removeprefix("http://")
    assert until(lambda: read(owner, address), "the application reading rows") == SAMPLE + 1
    assert {one["state"] for one in second["proofs"]} == {"good"}
    found = watch.details(owner, SECOND)
    (box,) = [one for one in found.picture.boxes if one.kind == "volume"]
    assert (box.key, box.state, box.resource_id, box.parts) == ("data", "good", copy, (("attached", "good"),))
    assert (dict(found.environment.tiers)["DB"], found.drift) == ("1 server, 1 GB", ())


def test_the_copy_goes_its_own_way(owner: Cloud, first: Environment, second: dict[str, Any]) -> None:
    ways = [one.removeprefix("http://") for one in (first.address, second["address"])]
    add_row(owner, ways[1])
    assert [read(owner, way) for way in ways] == [SAMPLE + 1, SAMPLE + 2]


def test_a_third_launch_on_it_is_refused_at_its_field(second: dict[str, Any]) -> None:
    done = tenant_ops("environment", "launch", "it-third", "--set", f"data_volume={COPY}", "-f", "json")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"data_volume: {COPY} belongs to the environment {SECOND}" in done.stderr


def test_its_delete_keeps_the_volume_and_gives_it_free(owner: Cloud, second: dict[str, Any], copy: str) -> None:
    kept = there(owner, copy)
    assert kept is not None and kept["metadata"][data_volumes.BROUGHT] == second["id"]
    done = tenant_ops("environment", "delete", SECOND, "--yes", "--wait", "-f", "json")
    assert done.returncode == 0, done.stderr
    kept = there(owner, copy)
    assert kept is not None and kept["status"] == "available"
    assert not [name for name in kept["metadata"] if name.startswith("tenant_ops")]


def test_snapshots_on_the_data_are_named_before(owner: Cloud, first: Environment) -> None:
    (data,) = data_volumes.of(data_volumes.volumes(owner), first.id)
    nightly = snapshot(owner, data["id"], f"{first.name}-nightly")
    with pytest.raises(errors.Blocked, match=f"Snapshot {first.name}-nightly stands on volume {data['name']}"):
        delete.delete(log_in(), first.name, data=True)
    assert watch.details(owner, first.name).environment.status == "good"
    drop(owner, nightly)


def test_one_that_comes_later_is_waited_for(owner: Cloud, first: Environment) -> None:
    (data,) = data_volumes.of(data_volumes.volumes(owner), first.id)
    gone = delete.delete(owner, first.name, data=True)
    late = snapshot(owner, data["id"], f"{first.name}-late")
    left = follow.down(owner, gone, PATIENCE, data=True)
    assert left is not None and left.status == "warning"
    assert f"Snapshot {first.name}-late stands on volume {data['name']}" in left.status_reason
    assert reconcile.unfinished(owner, watch.listing(owner)) == ()
    drop(owner, late)
    assert reconcile.unfinished(owner, watch.listing(owner)) == ()
    until(lambda: there(owner, data["id"]) is None, "the volume's end")
    assert first.id not in [one.id for one in watch.listing(owner)]
