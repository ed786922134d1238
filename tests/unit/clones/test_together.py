"""Newer data, golden copies and what is served, where they meet."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.errors import BadInput, InTheWay
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_golden as goldens
from tenant_ops_dashboard.records import clone_refreshing as refreshing
from tests.unit.clones.machine import SCRIPT, Machine
from tests.unit.clones.test_golden import DAY, made, offered, withdrawn
from tests.unit.clones.test_steps_refresh import refresh, stays

pytestmark = pytest.mark.django_db
WEEK = 7 * DAY


def test_newer_data_is_a_copy_of_the_newest_golden_copy(machine: Machine) -> None:
    offer = offered(machine, longest=WEEK)
    old = made(machine, offer)
    changes.request(machine.developer, "db", "ci", "3d", "", machine.now)
    before = machine.round()
    assert (before.state, before.golden_id) == ("ready", old.volume_id)
    machine.forward(DAY + 1)
    new = made(machine, offer)
    machine.care().round()
    assert [one["id"] for one in machine.copies("project")] == [new.volume_id]
    refresh(machine)
    clone = machine.until_done()
    assert (clone.state, clone.says, clone.golden_id, clone.data_at) == ("ready", "", new.volume_id, new.data_at)
    assert clone.expires_at == before.expires_at
    (copy,) = machine.copies()
    assert (copy["id"], copy["source_volid"]) == (clone.volume_id, new.volume_id)
    assert copy["metadata"][markers.GENERATION] == "1"
    assert list(clone.seconds) == ["check", "copy", "hand-over", "swap"]
    machine.stands()
    machine.release()
    assert machine.until_done().state == "released"
    assert [one["id"] for one in machine.copies("project")] == [new.volume_id]
    withdrawn(machine)


def _lost(machine: Machine, offer: Any) -> None:
    golden = goldens.ready(offer.id)
    assert golden is not None
    del machine.world.things.kept["volumes"][golden.volume_id]


def test_the_golden_copy_is_lost_and_newer_data_waits_for_another_one(machine: Machine) -> None:
    offer = offered(machine, longest=WEEK)
    old = made(machine, offer)
    machine.request()
    machine.round()
    _lost(machine, offer)
    refresh(machine)
    machine.guest = "silent"
    clone = machine.round(3)
    assert (clone.state, clone.step, clone.golden_id) == ("refreshing", "check", old.volume_id)
    assert clone.says == "The golden copy of db is being made; this one is made of it then."
    machine.guest = "done"
    clone = machine.until_done()
    new = goldens.ready(offer.id)
    assert new is not None
    assert (clone.state, clone.says, clone.golden_id) == ("ready", "", new.volume_id)
    machine.release()
    assert machine.until_done().state == "released"
    withdrawn(machine)


def test_no_golden_copy_can_be_made_and_the_clone_keeps_its_data(machine: Machine) -> None:
    offer = offered(machine, longest=WEEK)
    made(machine, offer)
    machine.request()
    before = machine.round()
    _lost(machine, offer)
    machine.guest = "failed"
    refresh(machine)
    machine.round(4)
    stays(machine, before, "There is no golden copy of db yet")


@pytest.mark.parametrize("how", ["withdrawn", "over"])
def test_it_waits_for_a_golden_copy_and_nothing_comes_of_it(machine: Machine, how: str) -> None:
    offer = offered(machine)
    made(machine, offer)
    machine.request()
    before = machine.round()
    _lost(machine, offer)
    machine.guest = "silent"
    refresh(machine)
    assert machine.round(2).state == "refreshing"
    if how == "over":
        machine.forward(7300)
        assert machine.until_done().state == "released"
        assert machine.copies() == []
    else:
        changes.withdraw(machine.owner, "db", machine.now)
        clone = machine.until_done()
        assert (clone.state, clone.volume_id) == ("ready", before.volume_id)
        assert clone.says.endswith("Its owner withdrew the offer.")


def test_what_is_served_is_made_of_the_golden_copy(machine: Machine) -> None:
    offer = offered(machine, deliver="served")
    golden = made(machine, offer)
    machine.request()
    clone = machine.round()
    assert (clone.state, clone.says, clone.golden_id) == ("ready", "", golden.volume_id)
    assert list(clone.seconds) == ["check", "copy", "serve"]
    assert clone.network_id
    assert (clone.trust_id, clone.own_trust) == ("", False)
    machine.release()
    assert machine.until_done().state == "released"
    assert [one["id"] for one in machine.copies("project")] == [golden.volume_id]
    withdrawn(machine)


def test_what_is_served_is_neither_refreshed_nor_reverted_and_needs_no_authority_for_longer(machine: Machine) -> None:
    machine.offer(deliver="served", longest=90 * DAY, mask=SCRIPT)
    with pytest.raises(BadInput) as refused:
        changes.request(machine.developer, "db", "ci", "1h", "", machine.now, revertible=True)
    assert refused.value.field == "revertible"
    machine.request()
    assert machine.round().state == "ready"
    with pytest.raises(InTheWay, match="served by its owner"):
        refreshing.refresh(machine.developer, "ci", machine.now)
    trusts = set(machine.world.things.kept["trusts"])
    changes.extend(machine.developer, "ci", "80d", machine.now)
    assert set(machine.world.things.kept["trusts"]) == trusts
    machine.forward(80 * DAY + 7000)
    clone = machine.round()
    assert (clone.state, clone.reminded_at is not None) == ("ready", True)
