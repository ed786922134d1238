"""A copy is handed over once it says that it is masked, and never otherwise."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest

from tenant_ops_dashboard.clones import markers, mask
from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_unmasked_is_given(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    transfers = machine.world.things.storage.transfers
    give = transfers.give

    def looked(asked: dict[str, str]) -> object:
        volume = machine.world.things.kept["volumes"][asked["volume_id"]]
        assert volume["metadata"].get(mask.MASKED) == machine.clone.nonce != ""
        return give(asked)

    monkeypatch.setattr(transfers, "give", looked)


def masking(machine: Machine) -> dict[str, dict[str, object]]:
    servers = machine.world.things.kept["servers"]
    return {id_: one for id_, one in servers.items() if markers.CLONE in one["metadata"]}


def asked(machine: Machine) -> None:
    machine.offer(consistency="paused", mask=SCRIPT)
    machine.request()


def test_what_failed_says_why_to_the_owner_alone(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    """The script's words may quote the very data that it was to mask."""
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    asked(machine)
    machine.guest = "failed"
    made = machine.until_done()
    said = "The masking script failed; the audit trail of production has its words."
    assert (made.state, made.reason) == ("failed", said)
    told = [json.loads(one.getMessage()) for one in caplog.records if "rows=3" in one.getMessage()]
    assert [(one["target"]["project_id"], one["target"]["id"]) for one in told] == [("project", made.id)]
    machine.nothing_is_left()


def test_who_does_not_tell_is_not_waited_for(machine: Machine) -> None:
    asked(machine)
    machine.guest = "silent"
    assert machine.round().state == "masking"
    assert len(masking(machine)) == 1
    machine.forward(mask.PATIENCE)
    made = machine.until_done()
    assert made.state == "failed"
    assert "did not tell within 15 minutes" in made.reason
    machine.nothing_is_left()


def test_a_report_of_another_try_is_none(machine: Machine) -> None:
    asked(machine)
    machine.guest = "silent"
    machine.round()
    (id_,) = masking(machine)
    machine.world.things.servers.consoles[id_] = f"tenant-ops mask {'0' * 32} done rows=3\ntenant-ops mask done\n"
    assert machine.round().state == "masking"


def _deleted(machine: Machine, id_: str) -> None:
    machine.world.things.servers.delete(id_, [], {})


def _in_error(machine: Machine, id_: str) -> None:
    machine.world.things.kept["servers"][id_]["status"] = "ERROR"


@pytest.mark.parametrize(
    ("happens", "says"), [(_deleted, "was deleted before it told how that went"), (_in_error, "Nova could not build")]
)
def test_the_server_is_lost(machine: Machine, happens: Callable[[Machine, str], None], says: str) -> None:
    asked(machine)
    machine.guest = "silent"
    machine.round()
    (id_,) = masking(machine)
    machine.by_hand()
    happens(machine, id_)
    made = machine.until_done()
    assert (made.state, says in made.reason) == ("failed", True), made.reason
    machine.nothing_is_left()


def test_a_server_by_hand_after_the_report_changes_nothing(machine: Machine) -> None:
    """It is deleted between the note on the copy and its own delete."""
    asked(machine)

    def meanwhile() -> None:
        machine.by_hand()
        for id_ in list(masking(machine)):
            if any(mask.MASKED in one["metadata"] for one in machine.copies("project")):
                machine.world.things.servers.delete(id_, [], {})

    machine.meanwhile = meanwhile
    assert machine.until_done().state == "ready"


def test_a_copy_that_is_deleted_by_hand(machine: Machine) -> None:
    asked(machine)
    machine.guest = "silent"
    machine.round()
    (copy,) = machine.copies("project")
    del machine.world.things.kept["volumes"][copy["id"]]
    made = machine.until_done()
    assert (made.state, made.reason) == ("failed", "The copy was deleted in production before it was masked.")
    machine.nothing_is_left()


def test_a_note_that_is_taken_off(machine: Machine) -> None:
    asked(machine)

    def meanwhile() -> None:
        if machine.clone.step == "hand-over":
            for one in machine.copies("project"):
                one["metadata"].pop(mask.MASKED, None)

    # Between two looks at a transfer that was broken off.
    machine.meanwhile = meanwhile
    machine.world.wire.trouble["POST .*/accept"] = [500]
    made = machine.until_done()
    assert (made.state, "does not say that it was masked" in made.reason) == ("failed", True)
    machine.nothing_is_left()


def test_a_twin_that_turns_up_late_is_not_handed_over(machine: Machine) -> None:
    """Its answer was lost, it was not found, and so another one was made."""
    asked(machine)
    machine.guest = "silent"
    machine.round()
    (copy,) = machine.copies("project")
    told = {name: copy[name] for name in ("name", "size", "metadata", "snapshot_id", "source_volid", "volume_type")}
    told["metadata"] = {markers.CLONE: machine.clone.id}
    older = {"created_at": "2020-01-01T00:00:00.000000", "status": "available"}
    twin = machine.world.things.add("volumes", **told, **older)
    machine.guest = "done"
    made = machine.until_done()
    assert (made.state, made.volume_id) == ("ready", copy["id"])
    assert twin["id"] not in machine.world.things.kept["volumes"]
    machine.release()
    machine.until_done()
    machine.nothing_is_left()


@pytest.mark.parametrize("lacks", ["image", "flavor"])
def test_what_the_operator_named_is_not_there(machine: Machine, lacks: str) -> None:
    asked(machine)
    images, there = machine.world.things.images, list(machine.world.things.images)
    if lacks == "image":
        images.clear()
    else:
        machine.service.options.__dict__["mask_flavor"] = "huge"
    made = machine.round()
    assert made.state == "parked"
    assert f"sees no {lacks}" in made.says
    images[:] = there
    machine.service.options.__dict__["mask_flavor"] = "tiny"
    assert machine.until_done().state == "ready"
