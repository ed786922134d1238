"""Whoever makes a golden copy is stopped at any call, or loses any answer: there is one of it, masked, and no more."""

from __future__ import annotations

import pytest
import requests

from tenant_ops_dashboard.clones import mask
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_golden as goldens
from tenant_ops_dashboard.records import clones as records
from tests.unit.clones.machine import SCRIPT, Machine
from tests.unit.clones.test_steps_broken_off import MANY

pytestmark = pytest.mark.django_db
DAY = 86400


@pytest.fixture(autouse=True)
def nothing_unmasked_is_given(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    transfers = machine.world.things.storage.transfers
    give = transfers.give

    def looked(asked: dict[str, str]) -> object:
        volume = machine.world.things.kept["volumes"][asked["volume_id"]]
        golden = machine.world.things.kept["volumes"][machine.clone.golden_id]
        assert volume["source_volid"] == golden["id"]
        assert golden["metadata"][mask.MASKED] == volume["metadata"][mask.MASKED] == machine.clone.nonce != ""
        return give(asked)

    monkeypatch.setattr(transfers, "give", looked)


def whole(machine: Machine) -> None:
    """It is made, a clone is made of it, it is made anew."""
    machine.round()
    machine.forward(DAY)
    machine.round()


def settled(machine: Machine) -> None:
    """Rounds of one process after another until nothing is to do."""
    for number in range(8):
        machine.care().round()
        machine.forward(31)
        if number and not (records.due(machine.now) or goldens.due() or records.spent()):
            break


def ends_well(machine: Machine, hit: list[str], golden: str) -> None:
    settled(machine)
    assert machine.clone.state in ("ready", "released"), (hit, machine.clone.says, machine.clone.reason)
    assert goldens.due() == (), hit
    found = goldens.ready(golden)
    assert found is not None, hit
    (copy,) = machine.copies("project")
    assert (copy["id"], copy["metadata"][mask.MASKED]) == (found.volume_id, found.nonce), hit
    machine.stands()
    if machine.clone.state == "ready":
        machine.release()
    changes.withdraw(machine.owner, "db", machine.now)
    settled(machine)
    assert machine.clone.state == "released", hit
    machine.nothing_is_left(but=0)


@pytest.mark.parametrize(
    ("error", "after", "step"), [(KeyboardInterrupt(), False, 1), (SystemExit(0), True, 1), (KeyboardInterrupt(), False, 11)],
    ids=["before a change", "after a change", "before any call"],
)  # fmt: skip
def test_stopped(machine: Machine, error: BaseException, after: bool, step: int) -> None:
    for number in range(1, MANY, step):
        offer = machine.offer(consistency="paused", mask=SCRIPT, golden=DAY)
        machine.request()
        with machine.breaks(number, error, after, writes=step == 1) as hit:
            try:
                whole(machine)
            except (KeyboardInterrupt, SystemExit):
                machine.settle()
        ends_well(machine, hit, offer.id)
        if not hit:
            break
    assert number > 12 * step


@pytest.mark.parametrize("after", [False, True], ids=["never sent", "done"])
def test_any_answer_is_lost(machine: Machine, after: bool) -> None:
    """Every other one of both."""
    for number in range(1 + after, MANY, 2):
        offer = machine.offer(consistency="paused", mask=SCRIPT, golden=DAY)
        machine.request()
        with machine.breaks(number, requests.ReadTimeout("slow"), after, writes=True) as hit:
            whole(machine)
        ends_well(machine, hit, offer.id)
        if not hit:
            break
    assert number > 12
