"""From the request to the end: each story leaves in both projects what was there before, and a source that runs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("consistency", ["running", "paused", "stopped"])
@pytest.mark.parametrize("script", ["", SCRIPT], ids=["plain", "masked"])
def test_from_the_request_to_the_end(machine: Machine, consistency: Any, script: str) -> None:
    machine.offer(consistency=consistency, mask=script)
    machine.request()
    made = machine.round()
    assert (made.state, made.step, made.says, made.reason) == ("ready", "", "", "")
    (copy,) = machine.copies()
    assert (copy["id"], copy["status"], copy["size"]) == (made.volume_id, "available", 20)
    assert (machine.copies("project"), bool(made.snapshot_id)) == ([], consistency != "running")
    machine.stands()
    steps = ["check", *(["freeze"] if consistency != "running" else []), "copy", *(["mask"] if script else []), "hand-over"]
    assert list(made.seconds) == steps
    assert made.ready_at is not None
    assert made.expires_at == made.ready_at + datetime.timedelta(hours=2)
    assert made.data_at is not None
    assert made.handed_at is not None
    machine.forward(7200)
    made = machine.round()
    assert (made.state, made.step, made.ended_at is not None) == ("released", "", True)
    machine.nothing_is_left()
    changes.withdraw(machine.owner, "db", machine.now)
    machine.nothing_is_left(but=0)


def test_a_source_that_no_server_has_is_not_paused(machine: Machine) -> None:
    machine.volume.update(status="available", attachments=[])
    machine.offer(consistency="paused")
    machine.request()
    assert (machine.round().state, machine.clone.snapshot_id) == ("ready", "")


def test_who_is_asked_first(machine: Machine) -> None:
    machine.offer(approve="ask")
    machine.request()
    machine.world.calls()
    assert machine.round(3).state == "requested"
    assert machine.world.calls() == [], "nothing is looked at for it"
    changes.approve(machine.owner, "ci", machine.now)
    assert machine.round().state == "ready"
    machine.release()
    assert machine.round().state == "released"
    machine.nothing_is_left()


@pytest.mark.parametrize("what", ["deny", "release", "withdraw"])
def test_what_is_never_made_leaves_nothing(machine: Machine, what: str) -> None:
    machine.offer(approve="ask")
    machine.request()
    if what == "deny":
        changes.deny(machine.owner, "ci", "not this week", machine.now)
    elif what == "withdraw":
        changes.withdraw(machine.owner, "db", machine.now)
    else:
        changes.release(machine.owner, "ci", machine.now)
    made = machine.until_done()
    assert (made.state, made.step) == ("released" if what == "release" else "denied", "")
    machine.nothing_is_left(but=0 if what == "withdraw" else 1)


@pytest.mark.parametrize("step", ["check", "freeze", "copy", "mask", "hand-over", ""])
def test_released_early(machine: Machine, step: str) -> None:
    machine.offer(consistency="paused", mask=SCRIPT)
    machine.request()
    seen = []

    def meanwhile() -> None:
        if machine.clone.step == step and not seen:
            seen.append(step)
            machine.release()

    machine.meanwhile = meanwhile
    if step in ("check", ""):
        machine.round(0 if step == "check" else 1)
        meanwhile()
    made = machine.until_done()
    assert (seen, made.state, made.step) == ([step], "released", "")
    machine.nothing_is_left()


@pytest.mark.parametrize("step", ["check", "freeze", "copy", "mask", "hand-over", ""])
def test_withdrawn_in_the_middle(machine: Machine, step: str) -> None:
    machine.offer(consistency="paused", mask=SCRIPT)
    machine.request()
    seen = []

    def meanwhile() -> None:
        if machine.clone.step == step and not seen:
            seen.append(step)
            changes.withdraw(machine.owner, "db", machine.now)

    machine.meanwhile = meanwhile
    if step in ("check", ""):
        machine.round(0 if step == "check" else 1)
        meanwhile()
    made = machine.until_done()
    if step in ("mask", "hand-over", ""):
        assert made.state == "ready", "what was copied stays until its lease ends"
        machine.round()
        assert len(machine.things()["trusts"]) == 1, "of the owner's authority nobody needs any more"
        machine.forward(7300)
        made = machine.round()
        assert (made.state, made.reason) == ("released", "")
    else:
        assert (made.state, made.reason) == ("denied", "the offer was withdrawn")
    machine.nothing_is_left(but=0)


def test_a_colleagues_offer_is_retired_though_nothing_is_due(machine: Machine) -> None:
    machine.offer()
    changes.withdraw(machine.login("project", "colleague"), "db", machine.now)
    assert len(machine.things()["trusts"]) == 1
    machine.care().round()
    machine.nothing_is_left(but=0)


def test_a_longer_lease_ends_later(machine: Machine) -> None:
    machine.offer()
    machine.request()
    machine.round()
    changes.extend(machine.developer, "ci", "3h", machine.now)
    machine.forward(4 * 3600)
    assert machine.round().state == "ready"
    machine.forward(3600)
    assert machine.round().state == "released"
    machine.nothing_is_left()


def test_a_pinned_clone_has_no_end(machine: Machine) -> None:
    machine.offer()
    machine.request()
    machine.round()
    changes.pin(machine.owner, "ci", True, machine.now)
    machine.forward(48 * 3600)
    assert machine.round().state == "ready"
    changes.pin(machine.owner, "ci", False, machine.now)
    machine.forward(301)
    assert machine.round().state == "released"
    machine.nothing_is_left()


def test_several_of_one_source_are_made_and_end_each_by_itself(machine: Machine) -> None:
    machine.offer(consistency="paused", mask=SCRIPT)
    for name in ("ci", "second", "third"):
        machine.request(name)
    machine.until_done()
    assert [one.state for one in records.clones(machine.developer)] == ["ready"] * 3
    assert len(machine.copies()) == 3
    machine.release()
    machine.until_done()
    assert len(machine.copies()) == 2
    machine.forward(7300)
    machine.until_done()
    machine.nothing_is_left()


def test_standing_authority_stays(machine: Machine) -> None:
    given = changes.trust_give(machine.developer, machine.now)
    machine.offer()
    machine.request()
    machine.round()
    machine.release()
    assert machine.until_done().state == "released"
    machine.nothing_is_left(but=2)
    changes.trust_revoke(machine.developer, given.id, machine.now)
    machine.nothing_is_left()
