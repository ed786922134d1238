"""What goes wrong in either project ends in a state with a sentence; nothing is left, the source runs."""

from __future__ import annotations

import datetime
import json
import logging
from typing import Any

import pytest

from tenant_ops_dashboard.care import clones as care
from tenant_ops_dashboard.clones import freeze, markers
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.records import notes
from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db


def asked(machine: Machine, **terms: Any) -> None:
    machine.offer(**{"consistency": "paused", **terms})
    machine.request()


def good_in_the_end(machine: Machine) -> None:
    """It is there now, and goes with its release."""
    made = machine.until_done()
    assert (made.state, made.step, made.says) == ("ready", "", ""), made.says
    (copy,) = machine.copies()
    assert copy["id"] == made.volume_id
    machine.stands()
    machine.release()
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


def failed(machine: Machine, says: str) -> None:
    made = machine.until_done()
    assert (made.state, made.step, says in made.reason) == ("failed", "", True), (made.reason, made.says)
    machine.nothing_is_left()


# --- the source


@pytest.mark.parametrize("step", ["check", "freeze", "copy"])
def test_the_source_is_deleted(machine: Machine, step: str) -> None:
    asked(machine, consistency="running" if step == "copy" else "paused")
    if step == "copy":
        machine.world.wire.trouble["POST .*/volumes$"] = [503]
    machine.stop_at(step)
    for kind in ("volumes", "snapshots"):
        for id_ in [one for one in machine.things()[kind] if one not in machine.before[kind]]:
            del machine.world.things.kept[kind][id_]
    del machine.world.things.kept["volumes"][machine.volume["id"]]
    machine.before["volumes"].discard(machine.volume["id"])
    failed(machine, "The volume db was deleted meanwhile")


def test_the_source_is_between_two_states(machine: Machine) -> None:
    machine.volume["status"] = "extending"
    asked(machine)
    made = machine.round()
    assert (made.state, made.says[:27]) == ("parked", "The volume db is extending:")
    machine.volume["status"] = "in-use"
    good_in_the_end(machine)


def test_the_source_is_extended_after_the_check(machine: Machine) -> None:
    asked(machine, consistency="running")
    machine.world.wire.trouble["POST .*/volumes$"] = [503]
    machine.stop_at("copy")
    assert (machine.clone.size, machine.clone.volume_id) == (20, "")
    machine.volume["size"] = 30
    good_in_the_end(machine)
    assert machine.clone.size == 30


def told(caplog: pytest.LogCaptureFixture, made: Clone, words: str, project: str) -> None:
    """Once, in the audit trail of the project that it is about; never where the other one reads it."""
    events = [json.loads(one.getMessage()) for one in caplog.records if one.name == "tenant_ops.audit"]
    mine = [one for one in events if one["action"] == "evaluate/clone" and words in str(one.get("reason"))]
    assert [one["initiator"]["project_id"] for one in mine] == [project], [one["reason"] for one in events if "reason" in one]
    assert words not in made.says


def test_a_locked_server_is_left_alone(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    machine.server["locked"] = True
    asked(machine)
    made = machine.round(2)
    assert (made.state, made.says[:33]) == ("parked", "The server that has db is locked:")
    told(caplog, made, "It is the server database (", "project")
    machine.stands()
    machine.server["locked"] = False
    good_in_the_end(machine)


def test_a_server_that_does_not_run(machine: Machine) -> None:
    machine.server["status"] = "SUSPENDED"
    asked(machine)
    assert machine.round().says.startswith("The server that has db is SUSPENDED")
    machine.server["status"] = "ACTIVE"
    good_in_the_end(machine)


def test_the_server_loses_the_volume_while_it_stands_still(machine: Machine) -> None:
    asked(machine)
    machine.stop_at("freeze")
    machine.server["metadata"][freeze.KEY] = f"{machine.clone.id},2026-11-21T07:00:00+00:00"
    machine.server["status"] = "PAUSED"
    machine.volume.update(status="available", attachments=[])
    made = machine.until_done()
    assert made.state == "ready"
    machine.stands(source=False)


def test_what_another_clone_left_paused_goes_on(machine: Machine) -> None:
    machine.server["metadata"][freeze.KEY] = "another,2026-11-21T05:00:00+00:00"
    machine.server["status"] = "PAUSED"
    asked(machine)
    good_in_the_end(machine)


def test_another_copy_holds_the_source_for_a_moment(machine: Machine) -> None:
    machine.server["metadata"][freeze.KEY] = "another,2026-11-21T06:00:50+00:00"
    asked(machine)
    good_in_the_end(machine)


def test_the_snapshot_comes_to_nothing(machine: Machine) -> None:
    asked(machine)

    def meanwhile() -> None:
        for one in machine.world.things.kept["snapshots"].values():
            one["status"] = "error"

    machine.meanwhile = meanwhile
    failed(machine, "Cinder could not make a snapshot of db")


def test_the_snapshot_takes_too_long(machine: Machine) -> None:
    asked(machine)

    def meanwhile() -> None:
        for one in machine.world.things.kept["snapshots"].values():
            one["status"] = "creating" if machine.clone.step == "freeze" else "available"

    machine.meanwhile = meanwhile
    failed(machine, "The snapshot was not made within 60 s")


def test_no_room_for_a_snapshot_pauses_the_source_once(machine: Machine) -> None:
    asked(machine)
    machine.world.wire.trouble["POST .*/snapshots"] = [413] * 9
    failed(machine, "has no room for a snapshot")
    assert sum("snapshots" in one for one in machine.world.calls() if one.startswith("POST")) == 1


# --- room


@pytest.mark.parametrize("who", ["production", "development"])
def test_no_room_at_the_check(machine: Machine, who: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    limits = machine.world.things.storage.limits
    limits["project" if who == "production" else who] = {"gigabytes": 30 if who == "production" else 10}
    asked(machine)
    made = machine.round(2)
    assert (made.state, made.step) == ("parked", "check")
    assert made.says.startswith(f"The project {who} has no room:"), made.says
    told(caplog, made, "9 GB and ", "project" if who == "production" else who)
    limits.clear()
    good_in_the_end(machine)


def test_no_room_for_the_copy_after_all(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    asked(machine)
    machine.world.wire.trouble["POST .*/volumes$"] = [413]
    made = machine.round()
    assert (made.state, made.step) == ("parked", "copy")
    assert made.says.startswith("The project production has no room for it, says Cinder."), made.says
    told(caplog, made, "told to fail", "project")
    machine.stands()
    good_in_the_end(machine)


def test_no_room_for_whoever_asked_when_it_is_handed_over(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    asked(machine)
    limits, accept = machine.world.things.storage.limits, []

    def meanwhile() -> None:
        if machine.clone.step == "copy" and not accept:
            accept.append(1)
            limits["development"] = {"volumes": 1}

    machine.meanwhile = meanwhile
    made = machine.round()
    assert (made.state, made.step) == ("parked", "hand-over")
    assert made.says.startswith("The project development has no room for 20 GB"), made.says
    told(caplog, made, "Maximum number of volumes", "development")
    (copy,) = machine.copies("project")
    assert (copy["status"], machine.things()["transfers"]) == ("available", set())
    limits.clear()
    good_in_the_end(machine)


def test_a_private_type(machine: Machine) -> None:
    machine.volume["volume_type"] = "fast"
    private = machine.world.things.storage.private
    private["fast"] = {"project"}
    asked(machine)
    made = machine.round()
    assert (made.state, made.says[:34]) == ("parked", "The volume's type fast is private,")
    private["fast"].add("development")
    good_in_the_end(machine)


# --- the copy


@pytest.mark.parametrize("times", [1, 2, 3])
def test_cinder_cannot_copy_it(machine: Machine, times: int) -> None:
    asked(machine, mask=SCRIPT)
    broken: list[str] = []

    def meanwhile() -> None:
        for one in machine.copies("project"):
            if one["id"] not in broken and len(broken) < times and machine.clone.step == "copy":
                broken.append(one["id"])
                machine.world.things.storage.fail(one["id"], "no back end has room")

    machine.meanwhile = meanwhile
    if times == 3:
        failed(machine, "Cinder could not copy db, 3 times: no back end has room")
        assert len(broken) == 3
    else:
        good_in_the_end(machine)
        assert machine.clone.tries == times


def test_a_copy_that_is_deleted_before_it_is_handed_over(machine: Machine) -> None:
    asked(machine)
    machine.world.wire.trouble["POST .*/volume-transfers$"] = [503]

    def meanwhile() -> None:
        if machine.clone.step == "hand-over":
            for one in machine.copies("project"):
                del machine.world.things.kept["volumes"][one["id"]]

    machine.meanwhile = meanwhile
    failed(machine, "The copy was deleted in production before it was handed over")


# --- the end


def held(machine: Machine) -> dict[str, Any]:
    """A server of development has the copy."""
    asked(machine)
    machine.until_done()
    server = machine.world.things.add("servers", name="tests", status="ACTIVE", project_id="development")
    machine.before["servers"].add(server["id"])
    machine.world.things.servers._attach(server, machine.copies()[0])
    return server


def test_what_is_attached_is_detached(machine: Machine) -> None:
    server = held(machine)
    machine.forward(7300)
    assert machine.until_done().state == "released"
    assert server["os-extended-volumes:volumes_attached"] == []
    machine.nothing_is_left()


@pytest.mark.parametrize("status", [400, 409])
def test_what_is_not_let_go_is_told(machine: Machine, status: int) -> None:
    server = held(machine)
    machine.forward(7300)
    machine.world.wire.trouble["DELETE .*/os-volume_attachments"] = [status] * 9
    made = machine.round(2)
    assert (made.state, made.step) == ("parked", "end")
    assert made.says.startswith(f"The server {server['id']} in development holds the volume ci"), made.says
    assert "delete that server" in made.says
    machine.by_hand("development")
    machine.world.things.servers.delete(server["id"], [], {})
    machine.before["servers"].discard(server["id"])
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


def test_a_state_that_cinder_does_not_delete(machine: Machine) -> None:
    asked(machine)
    machine.until_done()
    machine.copies()[0]["status"] = "error_deleting"
    machine.release()
    made = machine.round()
    assert (made.state, "is error_deleting, and Cinder does not delete it so" in made.says) == ("parked", True)
    machine.copies()[0]["status"] = "error"
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


@pytest.mark.parametrize("what", ["deleted", "given away", "offered", "with snapshots", "without its mark"])
def test_whatever_its_holder_did_with_it(machine: Machine, what: str) -> None:
    asked(machine)
    machine.until_done()
    (copy,) = machine.copies()
    machine.by_hand("development")
    if what == "deleted":
        del machine.world.things.kept["volumes"][copy["id"]]
    elif what == "given away":
        copy["project_id"] = "elsewhere"
    elif what == "offered":
        machine.world.things.storage.transfers.give({"volume_id": copy["id"]})
    elif what == "with snapshots":
        machine.world.things.storage.snapshot({"volume_id": copy["id"]})
    else:
        copy["metadata"].clear()
    machine.release()
    made = machine.until_done()
    if what in ("deleted", "given away"):
        assert (made.state, made.step) == ("orphaned", ""), "nobody but its holder knows which"
        assert f"The volume {copy['id']} (20 GB, data of db) is not in development any more" in made.says
        assert machine.request("ci").id == made.id, "it is not forgotten"
        machine.release()
        made = machine.until_done()
        assert "given away" in made.reason
    assert made.state == "released"
    if what == "given away":
        del machine.world.things.kept["volumes"][copy["id"]]
    machine.nothing_is_left()


# --- marks by hand


@pytest.mark.parametrize(("step", "status"), [("check", "available"), ("copy", "in-use"), ("", "available"), ("", "in-use")])
def test_what_is_marked_by_hand_is_never_deleted(machine: Machine, step: str, status: str) -> None:
    """The source itself, and volumes of both projects that are none of ours."""
    if status == "available":
        machine.volume.update(status="available", attachments=[])
    asked(machine)
    mine = [machine.volume, *machine.others]
    for one in mine:
        one["metadata"][markers.CLONE] = machine.clone.id
    if step:
        machine.stop_at(step)
    else:
        assert machine.until_done().state == "ready"
    machine.release()
    assert machine.until_done().state == "released"
    for one in mine:
        assert machine.world.things.kept["volumes"][one["id"]] is one
        assert one["status"] == (status if one is machine.volume else "available")
        one["metadata"].pop(markers.CLONE)
    if status == "available":
        machine.volume["status"] = "in-use"
    machine.nothing_is_left()


# --- who does it, and when


def test_two_at_once(machine: Machine) -> None:
    asked(machine, mask=SCRIPT)
    other, seen = machine.care("host-2"), []

    def meanwhile() -> None:
        machine.meanwhile, before = (lambda: None), len(machine.world.wire.calls)
        other.round()
        seen.append(len(machine.world.wire.calls) - before)
        machine.meanwhile = meanwhile

    machine.meanwhile = meanwhile
    machine.round()
    assert len(seen) > 5
    assert set(seen) == {0}
    machine.meanwhile = lambda: None
    good_in_the_end(machine)


def test_one_that_died_is_followed(machine: Machine) -> None:
    asked(machine)
    assert notes.take("", "clones RegionOne", "host-0", machine.now, care.LEASE) is not None
    assert machine.round().state == "approved"
    machine.forward(care.LEASE)
    good_in_the_end(machine)


@pytest.mark.parametrize(("step", "hours"), [("freeze", -5), ("copy", -5), ("hand-over", -5), ("freeze", 1)])
def test_the_clock_is_set(machine: Machine, step: str, hours: int) -> None:
    asked(machine)
    if step == "hand-over":
        machine.world.wire.trouble["POST .*/volume-transfers$"] = [503]
    machine.stop_at(step)
    machine.now += datetime.timedelta(hours=hours)
    # The last one's lease ends later by a clock that was set back.
    made = machine.round(holder="host-1")
    assert made.state == "ready"
    assert min(made.seconds.values()) >= 0
    good_in_the_end(machine)


@pytest.mark.parametrize("service", ["identity", "block-storage", "compute"])
def test_a_service_is_away(machine: Machine, service: str) -> None:
    asked(machine)
    machine.world.wire.trouble[f" /{service}/"] = [503] * 999
    made = machine.round()
    assert (made.ended, made.ready_at, "It is tried again." in made.says) == (False, None, True), made
    machine.world.wire.trouble.clear()
    good_in_the_end(machine)
