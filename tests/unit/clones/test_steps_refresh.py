"""Newer data for a clone that is there: a second copy is made, takes the first one's place, and the first one goes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import requests

from tenant_ops_dashboard.clones import freeze, markers
from tenant_ops_dashboard.clones.errors import InTheWay
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_refreshing as refreshing
from tests.unit.clones.machine import SCRIPT, Machine
from tests.unit.clones.test_steps_broken_off import MANY

pytestmark = pytest.mark.django_db


def ready(machine: Machine, **terms: Any) -> Clone:
    """A clone of an hour ago."""
    machine.offer(**terms)
    machine.request()
    made = machine.until_done()
    assert (made.state, made.says) == ("ready", "")
    machine.forward(3600)
    return machine.clone


def refresh(machine: Machine) -> Clone:
    return refreshing.refresh(machine.developer, "ci", machine.now)


def dated(machine: Machine) -> None:
    """Cinder says when each was made."""
    kept = machine.world.things.kept
    for one in (one for kind in ("volumes", "snapshots") for one in kept[kind].values()):
        if one["metadata"].get(markers.CLONE) and not one.get("dated"):
            one.update(dated=True, created_at=machine.now.strftime("%Y-%m-%dT%H:%M:%S.000000"))


def stays(machine: Machine, before: Clone, why: str) -> None:
    """It is ready with its old data, and says why; nothing of the new copy is left."""
    made = machine.clone
    assert made.state == "ready"
    assert made.says.startswith("It was not refreshed, its data is as before: ")
    assert why in made.says, made.says
    told = (made.volume_id, made.data_at, made.expires_at, made.seconds, made.refreshed_at)
    assert told == (before.volume_id, before.data_at, before.expires_at, before.seconds, before.refreshed_at)
    assert [one["id"] for one in machine.copies()] == [before.volume_id]
    assert machine.copies("project") == []
    machine.stands()
    machine.release()
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


@pytest.mark.parametrize("consistency", ["running", "paused"])
def test_newer_data_under_the_same_name_and_end(machine: Machine, consistency: Any) -> None:
    machine.meanwhile = lambda: dated(machine)
    before = ready(machine, consistency=consistency, mask=SCRIPT)
    asked = refresh(machine)
    assert (asked.state, asked.volume_id, asked.data_at) == ("refreshing", before.volume_id, before.data_at)
    assert refresh(machine).version == asked.version, "asked for once"
    made = machine.until_done()
    assert (made.state, made.says, made.expires_at, made.lease) == ("ready", "", before.expires_at, before.lease)
    assert made.data_at and before.data_at
    assert made.data_at - before.data_at >= datetime.timedelta(hours=1)
    assert made.refreshed_at and made.refreshed_at > made.data_at
    (copy,) = machine.copies()
    assert copy["id"] == made.volume_id != before.volume_id
    assert copy["metadata"][markers.GENERATION] == "1"
    assert list(made.seconds)[-1] == "swap"
    assert made.renewal is None
    machine.release()
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


def test_again_and_again(machine: Machine) -> None:
    before = ready(machine)
    for number in range(1, 4):
        refresh(machine)
        made = machine.until_done()
        assert (made.state, made.generation) == ("ready", number)
        assert made.volume_id != before.volume_id
        before = made
    assert len(machine.copies()) == 1
    machine.forward(3700)
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


def test_a_server_that_has_the_older_one_loses_it(machine: Machine) -> None:
    before = ready(machine)
    things = machine.world.things
    server = things.add("servers", name="mine", status="ACTIVE", metadata={}, project_id="development")
    things.servers._attach(server, things.kept["volumes"][before.volume_id])
    refresh(machine)
    made = machine.until_done()
    assert (made.state, server["os-extended-volumes:volumes_attached"]) == ("ready", [])
    (copy,) = machine.copies()
    assert (copy["id"], copy["status"]) == (made.volume_id, "available")


def test_only_while_it_is_ready_and_offered(machine: Machine) -> None:
    machine.offer()
    machine.request()
    with pytest.raises(InTheWay, match="It is approved: a clone is refreshed while it is ready"):
        refresh(machine)
    machine.until_done()
    changes.withdraw(machine.owner, "db", machine.now)
    with pytest.raises(InTheWay, match="offered no more"):
        refresh(machine)
    assert machine.clone.state == "ready"


def test_the_offer_is_withdrawn_meanwhile(machine: Machine) -> None:
    before = ready(machine)
    refresh(machine)
    changes.withdraw(machine.owner, "db", machine.now)
    assert machine.clone.state == "refreshing", "a clone that stands is not denied"
    machine.until_done()
    made = machine.clone
    assert (made.state, made.volume_id) == ("ready", before.volume_id)
    assert made.says == "It was not refreshed, its data is as before: Its owner withdrew the offer."
    machine.release()
    machine.until_done()
    machine.nothing_is_left(but=0)


def test_the_mask_fails(machine: Machine) -> None:
    before = ready(machine, mask=SCRIPT)
    machine.guest = "failed"
    refresh(machine)
    machine.until_done()
    stays(machine, before, "The masking script failed")


def test_cinder_fails(machine: Machine) -> None:
    before = ready(machine)
    refresh(machine)

    def meanwhile() -> None:
        for one in machine.copies("project"):
            machine.world.things.storage.fail(one["id"], "no back end")

    settle = machine.world.things.storage.settle
    machine.world.things.storage.settle = lambda: (meanwhile(), settle())
    machine.until_done()
    machine.world.things.storage.settle = settle
    stays(machine, before, "Cinder could not copy db, 3 times: no back end")


@pytest.mark.parametrize("project", ["project", "development"])
def test_there_is_no_room_for_a_second_one(machine: Machine, project: str) -> None:
    before = ready(machine)
    machine.world.things.storage.limits[project] = {"gigabytes": 30}
    refresh(machine)
    machine.until_done()
    stays(machine, before, "has no room")


def test_the_source_is_gone(machine: Machine) -> None:
    before = ready(machine)
    refresh(machine)
    kept = machine.world.things.kept["volumes"].pop(machine.volume["id"])
    machine.until_done()
    machine.world.things.kept["volumes"][kept["id"]] = kept
    stays(machine, before, "was deleted meanwhile")


def test_the_owners_authority_is_gone(machine: Machine) -> None:
    before = ready(machine)
    machine.world.things.kept["trusts"].pop(before.offer.trust_id)
    refresh(machine)
    machine.until_done()
    made = machine.clone
    assert (made.state, made.volume_id) == ("ready", before.volume_id)
    assert "does not hold any more" in made.says


def test_the_mark_is_moved_to_the_older_one(machine: Machine) -> None:
    """Who holds a clone may write what he likes on its volume: it is not taken for the new copy."""
    before = ready(machine)
    refresh(machine)
    machine.world.things.kept["volumes"][before.volume_id]["metadata"][markers.GENERATION] = "1"
    made = machine.until_done()
    assert made.state == "ready"
    assert made.volume_id != before.volume_id
    assert len(machine.copies()) == 1


@pytest.mark.parametrize(("whose", "step", "says"), [
    ("owner", "copy", "What is left: the volume {new} (20 GB, data of db) in production or development."),
    ("holder", "hand-over", "What is left: the volume {old} (20 GB, data of db) in development."),
])  # fmt: skip
def test_authority_goes_while_the_new_copy_is_made(machine: Machine, whose: str, step: str, says: str) -> None:
    """What is left is told, whose and where; once it is given back nothing is."""
    before = ready(machine)
    refresh(machine)
    machine.stop_at(step)
    trusts = machine.world.things.kept["trusts"]
    id_ = before.offer.trust_id if whose == "owner" else before.trust_id
    gone = trusts.pop(id_)
    machine.round(2)
    made = machine.clone
    assert (made.state, made.step) == ("orphaned", "undo")
    assert made.renewal
    assert says.format(new=made.renewal.volume_id, old=before.volume_id) in made.says, made.says
    assert made.renewal.volume_id in made.says
    trusts[id_] = gone
    machine.until_done()
    stays(machine, before, "does not hold any more")


@pytest.mark.parametrize("step", ["check", "copy", "mask", "hand-over", "swap"])
@pytest.mark.parametrize("how", ["ends", "is released"])
def test_its_lease_ends_meanwhile(machine: Machine, step: str, how: str) -> None:
    ready(machine, mask=SCRIPT)
    refresh(machine)
    machine.stop_at(step)
    if how == "ends":
        machine.forward(3700)
    else:
        machine.release()
    made = machine.until_done()
    assert (made.state, made.reason) == ("released", "")
    machine.nothing_is_left()


def ends_well(machine: Machine, before: Clone, hit: list[str]) -> None:
    """There is one copy, the older or the newer one, and nothing once it is released."""
    made = machine.until_done()
    assert made.state == "ready", (hit, made.state, made.says)
    (copy,) = machine.copies()
    assert copy["id"] == made.volume_id, hit
    assert (made.volume_id == before.volume_id) == bool(made.says), (hit, made.says)
    assert machine.copies("project") == [], hit
    machine.stands()


@pytest.mark.parametrize(("error", "after"), [(KeyboardInterrupt(), False), (SystemExit(0), True)],
                         ids=["before a change", "after a change"])  # fmt: skip
def test_stopped(machine: Machine, error: BaseException, after: bool) -> None:
    ready(machine, consistency="paused", mask=SCRIPT)
    for number in range(1, MANY):
        before = refresh(machine)
        with machine.breaks(number, error, after, writes=True) as hit:
            try:
                machine.round()
            except (KeyboardInterrupt, SystemExit):
                machine.settle()
        ends_well(machine, before, hit)
        changes.pin(machine.owner, "ci", True, machine.now)
        if not hit:
            break
    assert number > 10
    machine.release()
    machine.until_done()
    machine.nothing_is_left()


@pytest.mark.parametrize("after", [False, True], ids=["never sent", "done"])
def test_any_answer_is_lost(machine: Machine, after: bool) -> None:
    ready(machine, mask=SCRIPT)
    for number in range(1, MANY):
        before = refresh(machine)
        with machine.breaks(number, requests.ReadTimeout("slow"), after, writes=True) as hit:
            machine.round()
        ends_well(machine, before, hit)
        changes.pin(machine.owner, "ci", True, machine.now)
        if not hit:
            break
    assert number > 6
    machine.release()
    machine.until_done()
    machine.nothing_is_left()


def test_its_source_goes_on_whatever_the_other_project_does(machine: Machine) -> None:
    """Stopped while the source stands still; then nobody may look into the project that has the clone."""
    before = ready(machine, consistency="paused")
    refresh(machine)
    with machine.breaks(1, KeyboardInterrupt(), writes=True) as hit, pytest.raises(KeyboardInterrupt):
        machine.round()
    assert "/metadata" in hit[0]
    assert machine.clone.step == "freeze"
    held = f"{before.id},{machine.now.isoformat()}"
    machine.server.update({"status": "PAUSED", "metadata": {"a": "b", freeze.KEY: held}})
    gone = machine.world.things.kept["trusts"].pop(before.trust_id)
    changes.withdraw(machine.owner, "db", machine.now)
    for _ in range(3):
        machine.round()
        machine.settle()
    assert machine.clone.state == "orphaned"
    machine.stands()
    machine.world.things.kept["trusts"][gone["id"]] = gone
    assert machine.until_done().volume_id == before.volume_id


def test_what_was_handed_over_already_goes_without_the_owner(machine: Machine) -> None:
    before = ready(machine, mask=SCRIPT)
    refresh(machine)
    machine.stop_at("hand-over")
    del machine.world.things.kept["trusts"][before.offer.trust_id]
    machine.forward(3700)
    assert machine.until_done().state == "released"
    assert machine.copies() == []


@pytest.mark.parametrize("step", ["copy", "mask"])
def test_the_data_goes_at_its_end_though_the_owners_authority_is_gone(machine: Machine, step: str) -> None:
    """What is left in his project is told; in the one that asked nothing is."""
    before = ready(machine, mask=SCRIPT)
    refresh(machine)
    machine.stop_at(step)
    gone = machine.world.things.kept["trusts"].pop(before.offer.trust_id)
    machine.forward(3700)
    machine.round(3)
    assert machine.copies() == []
    made = machine.clone
    assert (made.state, made.step) == ("orphaned", "end")
    assert "in production or development" in made.says
    machine.world.things.kept["trusts"][gone["id"]] = gone
    assert machine.until_done().state == "released"
    machine.nothing_is_left()
