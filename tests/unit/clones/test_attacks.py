"""What people may try who want more than was offered to them, or to be rid of what they are to pay for."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.errors import InTheWay
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("step", ["copy", "mask", "hand-over"])
def test_an_older_copy_that_gets_the_mark_is_not_taken_for_the_new_one(machine: Machine, step: str) -> None:
    machine.offer(mask=SCRIPT)
    changes.request(machine.developer, "db", "older", "2h", "", machine.now)
    machine.care().round()
    (older,) = machine.copies()
    machine.request()
    if step == "hand-over":
        machine.world.wire.trouble["POST .*/volume-transfers$"] = [503]
    machine.stop_at(step) if step != "hand-over" else machine.round()
    older["metadata"][markers.CLONE] = machine.clone.id
    made = machine.until_done()
    assert (made.state, made.volume_id != older["id"]) == ("ready", True)
    assert machine.copies("project") == [], "no copy, which was masked or not, stays with the owner"
    older["metadata"].pop(markers.CLONE)
    for name in ("ci", "older"):
        changes.release(machine.developer, records.clone(machine.developer, name).id, machine.now)
    machine.until_done()
    machine.nothing_is_left()


def test_who_was_stopped_in_the_middle_of_a_withdrawal_goes_on(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.offer(approve="ask")
    machine.request()
    with monkeypatch.context() as patched:
        patched.setattr(records, "not_copied", lambda offer: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            changes.withdraw(machine.owner, "db", machine.now)
    with pytest.raises(InTheWay, match="The offer of db was withdrawn"):
        changes.approve(machine.owner, "ci", machine.now)
    changes.withdraw(machine.owner, "db", machine.now)
    assert machine.clone.state == "denied"
    machine.until_done()
    machine.round()
    machine.nothing_is_left(but=0)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_twin_of_a_job_that_hung_goes_with_the_clone(machine: Machine, withdrawn: bool) -> None:
    """It asked Cinder for a copy, and got it only when another job had handed over its own."""
    machine.offer()
    machine.request()
    made = machine.round()
    if withdrawn:
        changes.withdraw(machine.owner, "db", machine.now)
    else:
        machine.world.things.add(
            "volumes", name="ci", size=20, status="available", project_id="project", attachments=[],
            source_volid=machine.volume["id"], metadata={markers.CLONE: made.id},
        )  # fmt: skip
    machine.release()
    assert machine.until_done().state == "released"
    machine.round()
    machine.nothing_is_left(but=0 if withdrawn else 1)


def test_a_clone_that_was_given_back_to_the_owner_is_left_to_him(machine: Machine) -> None:
    machine.offer()
    machine.request()
    machine.round()
    (copy,) = machine.copies()
    copy["project_id"] = "project"
    machine.release()
    assert machine.until_done().state == "released"
    assert machine.copies("project") == [copy]
