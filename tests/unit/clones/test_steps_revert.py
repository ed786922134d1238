"""A clone goes back to how it was handed over: a snapshot of the copy is kept, and Cinder brings the volume back to it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.errors import InTheWay
from tenant_ops_dashboard.clones.model import Clone, Get
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_refreshing as refreshing
from tenant_ops_dashboard.records import clone_reverting as reverting
from tests.unit.clones.machine import SCRIPT, Machine
from tests.unit.clones.test_steps_refresh_environment import heat

pytestmark = pytest.mark.django_db


def request(machine: Machine, get: Get = "volume", **terms: Any) -> None:
    machine.offer(**terms)
    told = (machine.developer, "db", "ci", "2h", "a test", machine.now, get)
    changes.request(*told, revertible=True)


def ready(machine: Machine, get: Get = "volume", **terms: Any) -> Clone:
    request(machine, get, **terms)
    machine.meanwhile = lambda: heat(machine)
    made = machine.until_done()
    assert (made.state, made.says) == ("ready", "")
    machine.forward(600)
    return made


def revert(machine: Machine) -> Clone:
    return reverting.revert(machine.developer, "ci", machine.now)


def volume(machine: Machine) -> dict[str, Any]:
    (copy,) = machine.copies()
    return copy


def snapshots(machine: Machine) -> list[dict[str, Any]]:
    kept = machine.world.things.kept["snapshots"].values()
    return [one for one in kept if one["id"] not in machine.before["snapshots"]]


def ends(machine: Machine) -> None:
    machine.release()
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


def test_a_snapshot_is_kept_where_the_copy_is_and_goes_with_it(machine: Machine) -> None:
    made = ready(machine, mask=SCRIPT, consistency="paused")
    (one,) = snapshots(machine)
    assert (one["id"], one["volume_id"], one["project_id"]) == (made.baseline_id, made.volume_id, "development")
    assert one["metadata"] == {markers.BASELINE: made.id}
    assert "keep" in made.seconds
    ends(machine)


def test_it_goes_back(machine: Machine) -> None:
    before = ready(machine)
    asked = revert(machine)
    assert asked.state == "refreshing"
    assert revert(machine).version == asked.version, "asked for once"
    made = machine.until_done()
    assert (made.state, made.says, made.volume_id) == ("ready", "", before.volume_id)
    assert (made.expires_at, made.data_at, made.reverting) == (before.expires_at, before.data_at, None)
    assert (volume(machine)["reverted"], volume(machine)["status"]) == (1, "available")
    revert(machine)
    machine.until_done()
    assert volume(machine)["reverted"] == 2
    ends(machine)


def test_its_server_has_it_again(machine: Machine) -> None:
    ready(machine)
    things = machine.world.things
    server = things.add("servers", name="mine", status="ACTIVE", metadata={}, project_id="development")
    things.servers._attach(server, volume(machine))
    revert(machine)
    assert machine.until_done().state == "ready"
    copy = volume(machine)
    assert (copy["reverted"], copy["status"], copy["attachments"][0]["server_id"]) == (1, "in-use", server["id"])


@pytest.mark.parametrize("get", ["server", "environment"])
def test_what_stands_on_it_stays(machine: Machine, get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    before = ready(machine, get)
    revert(machine)
    made = machine.until_done()
    assert (made.state, made.says, made.address) == ("ready", "", before.address)
    copy = volume(machine)
    assert (copy["reverted"], copy["attachments"][0]["server_id"]) == (1, before.server_id)
    ends(machine)


def test_cinder_says_no(machine: Machine) -> None:
    """It takes the latest snapshot alone: somebody made another one."""
    made = ready(machine)
    more = {"name": "mine", "status": "available", "metadata": {}, "size": 20, "project_id": "development"}
    machine.world.things.add("snapshots", volume_id=made.volume_id, **more)
    revert(machine)
    made = machine.until_done()
    assert made.state == "ready"
    assert made.says.startswith("It was not brought back:")
    assert "not the latest one" in made.says
    ends(machine)


def test_the_snapshot_is_gone(machine: Machine) -> None:
    made = ready(machine)
    del machine.world.things.kept["snapshots"][made.baseline_id]
    revert(machine)
    made = machine.until_done()
    assert (made.state, made.says) == ("ready", "It was not brought back: the snapshot of how it was handed over is gone.")
    ends(machine)


def test_several_servers_have_it(machine: Machine) -> None:
    ready(machine)
    copy = volume(machine)
    copy.update(status="in-use", attachments=[{"server_id": one, "volume_id": copy["id"]} for one in ("a", "b")])
    revert(machine)
    made = machine.until_done()
    assert (made.state, made.says) == ("ready", "It was not brought back: several servers have its volume.")


def test_only_what_was_asked_for_so(machine: Machine) -> None:
    machine.offer()
    machine.request()
    with pytest.raises(InTheWay, match="a clone is reverted while it is ready"):
        revert(machine)
    machine.until_done()
    with pytest.raises(InTheWay, match="not asked for as revertible"):
        revert(machine)
    assert snapshots(machine) == []


def test_there_is_no_room_for_the_snapshot(machine: Machine) -> None:
    request(machine)
    machine.world.things.storage.limits["development"] = {"gigabytes": 30}
    full = machine.world.things.storage.snapshot
    over = {"overLimit": {"code": 413, "message": "SnapshotLimitExceeded: Maximum number of snapshots allowed (0)"}}
    machine.world.things.storage.snapshot = lambda asked: (413, over)
    made = machine.round()
    assert made.state == "parked"
    assert made.says.startswith("The project development has no room for the snapshot that the clone can go back to")
    machine.world.things.storage.snapshot = full
    made = machine.until_done()
    assert (made.state, bool(made.baseline_id)) == ("ready", True)
    ends(machine)


def test_newer_data_has_a_snapshot_of_its_own(machine: Machine) -> None:
    before = ready(machine)
    refreshing.refresh(machine.developer, "ci", machine.now)
    made = machine.until_done()
    assert (made.state, made.says) == ("ready", "")
    assert made.baseline_id != before.baseline_id
    (one,) = snapshots(machine)
    assert (one["id"], one["volume_id"]) == (made.baseline_id, made.volume_id)
    revert(machine)
    assert machine.until_done().state == "ready"
    assert volume(machine)["reverted"] == 1
    ends(machine)


@pytest.mark.parametrize("step", ["detach", "revert", "attach"])
def test_its_lease_ends_meanwhile(machine: Machine, step: str) -> None:
    ready(machine)
    revert(machine)

    def meanwhile() -> None:
        if machine.clone.step == step:
            machine.meanwhile = lambda: None
            machine.forward(7300)

    machine.meanwhile = meanwhile
    meanwhile()
    made = machine.until_done()
    if made.state == "ready":
        machine.forward(7300)
        made = machine.until_done()
    assert made.state == "released"
    machine.nothing_is_left()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), requests.ReadTimeout("slow")], ids=["stopped", "lost"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_broken_off(machine: Machine, error: Any, after: bool) -> None:
    """At each change of a request and of a way back; the server has the volume in the end."""
    things = machine.world.things
    server = things.add("servers", name="mine", status="ACTIVE", metadata={}, project_id="development")
    machine.before["servers"].add(server["id"])
    machine.offer()
    for number in range(1, 40):
        changes.request(machine.developer, "db", "ci", "2h", "a test", machine.now, revertible=True)
        with machine.breaks(number, error, after, writes=True) as hit:
            try:
                machine.round()
                machine.until_done()
                things.servers._attach(server, volume(machine))
                revert(machine)
                machine.round()
            except KeyboardInterrupt:
                machine.settle()
        made = machine.until_done()
        assert (made.state, made.says) == ("ready", ""), hit
        (one,) = snapshots(machine)
        assert one["id"] == made.baseline_id, hit
        ends(machine)
        if not hit:
            break
    assert number > 5


def attached(machine: Machine) -> dict[str, Any]:
    """A server of development's that has the clone's volume."""
    things = machine.world.things
    server = things.add("servers", name="mine", status="ACTIVE", metadata={}, project_id="development")
    machine.before["servers"].add(server["id"])
    things.servers._attach(server, volume(machine))
    found: dict[str, Any] = server
    return found


def test_its_server_does_not_let_it_go(machine: Machine) -> None:
    """Nova takes the call, the guest keeps the disk, and Nova says that it is in use as before."""
    ready(machine)
    server = attached(machine)

    def kept(*asked: Any, **more: Any) -> tuple[int, None]:
        return 202, None

    wire = machine.world.wire
    wire.on("DELETE", "/compute/v2.1/servers/([^/]+)/os-volume_attachments/([^/]+)")(kept)
    wire.handlers.insert(0, wire.handlers.pop())
    changes.pin(machine.owner, "ci", True, machine.now)
    revert(machine)
    machine.round()
    machine.forward(700)
    made = machine.round()
    said = f"It was not brought back: the server {server['id']} does not let its volume go."
    assert (made.state, made.says) == ("ready", said)
    assert (volume(machine)["status"], volume(machine).get("reverted")) == ("in-use", None)


def test_its_server_does_not_get_it_again(machine: Machine) -> None:
    """Nova takes the call and fails later: somebody is told, and it goes on by itself."""
    ready(machine)
    server = attached(machine)

    def never(*asked: Any, **more: Any) -> tuple[int, Any]:
        return 200, {"volumeAttachment": {}}

    wire = machine.world.wire
    wire.on("POST", "/compute/v2.1/servers/([^/]+)/os-volume_attachments")(never)
    wire.handlers.insert(0, wire.handlers.pop())
    changes.pin(machine.owner, "ci", True, machine.now)
    revert(machine)
    machine.round()
    machine.forward(700)
    made = machine.round()
    said = f"The server {server['id']} does not get its volume again: look at it, or release the clone."
    assert (made.state, made.says) == ("parked", said)
    wire.handlers.pop(0)
    made = machine.round(2)
    assert (made.state, made.says) == ("ready", "")
    assert (volume(machine)["reverted"], volume(machine)["status"]) == (1, "in-use")
    ends(machine)
