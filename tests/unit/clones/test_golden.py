"""A golden copy is made once, by the job; clones are made of it, and nothing of it is left once its offer is withdrawn."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.clones import markers, mask
from tenant_ops_dashboard.clones.model import Clone, Offer
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_golden as goldens
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_models import CloneOffer
from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db
DAY = 86400


def offered(machine: Machine, **terms: Any) -> Offer:
    return machine.offer(golden=DAY, **{"consistency": "paused", "mask": SCRIPT, **terms})


def made(machine: Machine, offer: Offer) -> Clone:
    """The golden copy, once the job ran."""
    machine.care().round()
    found = goldens.ready(offer.id)
    assert found is not None
    return found


def withdrawn(machine: Machine) -> None:
    """Nothing is left once the offer is withdrawn and the job ran."""
    changes.withdraw(machine.owner, "db", machine.now)
    for _ in range(3):
        machine.care().round()
        machine.forward(31)
    machine.nothing_is_left(but=0)


def test_a_clone_is_made_of_it_without_a_pause_or_a_mask(machine: Machine) -> None:
    offer = offered(machine)
    golden = made(machine, offer)
    (copy,) = machine.copies("project")
    assert (copy["id"], copy["status"], copy["name"]) == (golden.volume_id, "available", "db-golden")
    assert copy["metadata"] == {
        markers.CLONE: golden.id, markers.GOLDEN: offer.id, mask.MASKED: golden.nonce,
    }  # fmt: skip
    machine.stands()
    machine.forward(3600)
    machine.request()
    machine.world.calls()
    clone = machine.round()
    assert (clone.state, clone.golden_id, clone.data_at) == ("ready", golden.volume_id, golden.data_at)
    assert list(clone.seconds) == ["check", "copy", "hand-over"]
    calls = [str(one) for one in machine.world.calls()]
    assert not [one for one in calls if "/servers" in one or "/snapshots" in one], "the source is left alone"
    (mine,) = machine.copies()
    assert (mine["source_volid"], mine["metadata"][mask.MASKED]) == (golden.volume_id, golden.nonce)
    assert markers.GOLDEN not in mine["metadata"]
    machine.release()
    assert machine.until_done().state == "released"
    assert machine.copies("project") == [copy]
    withdrawn(machine)


def test_who_asks_before_it_is_there_waits_for_it(machine: Machine) -> None:
    offered(machine)
    machine.request()
    machine.guest = "silent"
    clone = machine.round()
    assert (clone.state, clone.step) == ("approved", "check")
    assert clone.says == "The golden copy of db is being made; this one is made of it then."
    machine.guest = "done"
    clone = machine.round()
    assert (clone.state, clone.says, bool(clone.golden_id)) == ("ready", "", True)
    machine.release()
    machine.until_done()
    withdrawn(machine)


def test_it_is_made_anew_when_it_is_old_and_the_old_one_serves_meanwhile(machine: Machine) -> None:
    offer = offered(machine)
    old = made(machine, offer)
    machine.care().round()
    assert len(machine.copies("project")) == 1
    machine.forward(DAY + 1)
    machine.guest = "silent"
    machine.request()
    clone = machine.round()
    assert (clone.state, clone.golden_id, clone.data_at) == ("ready", old.volume_id, old.data_at)
    assert len(machine.copies("project")) == 2
    machine.guest = "done"
    new = made(machine, offer)
    assert new.id != old.id
    assert new.ready_at is not None
    assert old.ready_at is not None
    assert new.ready_at - old.ready_at >= datetime.timedelta(days=1)
    machine.care().round()
    assert [one["id"] for one in machine.copies("project")] == [new.volume_id]
    machine.release()
    machine.until_done()
    withdrawn(machine)


def test_the_source_is_gone_and_the_golden_copy_serves(machine: Machine) -> None:
    offer = offered(machine, consistency="running")
    golden = made(machine, offer)
    del machine.world.things.kept["volumes"][machine.volume["id"]]
    machine.before["volumes"].discard(machine.volume["id"])
    machine.forward(DAY + 1)
    machine.request()
    clone = machine.round()
    assert (clone.state, clone.golden_id) == ("ready", golden.volume_id)
    last = goldens.last(offer.id)
    assert last is not None
    assert (last.state, last.reason) == ("failed", "The volume db was deleted meanwhile.")
    machine.care().round()
    assert goldens.last(offer.id) == last, "not with each round"
    machine.forward(goldens.AGAIN.total_seconds())
    machine.care().round()
    assert goldens.last(offer.id) != last
    machine.release()
    machine.until_done()
    withdrawn(machine)


def test_it_cannot_be_made_and_the_request_says_why(machine: Machine) -> None:
    offered(machine)
    machine.request()
    machine.guest = "failed"
    clone = machine.round(2)
    assert (clone.state, clone.step) == ("parked", "check")
    assert "There is no golden copy of db yet" in clone.says
    assert "The masking script failed; the audit trail of production has its words." in clone.says
    assert machine.copies("project") == []
    machine.guest = "done"
    machine.forward(goldens.AGAIN.total_seconds())
    assert machine.round(2).state == "ready"
    machine.release()
    machine.until_done()
    withdrawn(machine)


@pytest.mark.parametrize("what", ["deleted", "unmasked", "in use"])
def test_somebody_touches_it(machine: Machine, what: str) -> None:
    offer = offered(machine)
    golden = made(machine, offer)
    (copy,) = machine.copies("project")
    if what == "deleted":
        del machine.world.things.kept["volumes"][copy["id"]]
    elif what == "unmasked":
        del copy["metadata"][mask.MASKED]
    else:
        copy["status"] = "in-use"
    machine.request()
    clone = machine.round()
    if what == "in use":
        assert (clone.state, "is in-use" in clone.says) == ("parked", True)
        copy["status"] = "available"
        clone = machine.round()
    else:
        assert clone.golden_id != golden.volume_id
    assert clone.state == "ready"
    machine.release()
    machine.until_done()
    withdrawn(machine)


def test_it_is_deleted_while_a_clone_is_about_to_be_made_of_it(machine: Machine) -> None:
    offer = offered(machine)
    golden = made(machine, offer)
    machine.request()
    machine.world.wire.trouble["POST .*/v3/volumes"] = [503]
    machine.round()
    machine.world.things.kept["volumes"].pop(golden.volume_id, None)
    clone = machine.until_done()
    assert clone.state == "ready"
    machine.release()
    machine.until_done()
    withdrawn(machine)


def test_an_offer_without_one_costs_nothing(machine: Machine) -> None:
    machine.offer()
    machine.world.calls()
    machine.care().round()
    assert machine.world.calls() == []
    assert goldens.due() == ()


@pytest.mark.parametrize("before", ["made", "making"])
def test_a_withdrawn_offer_takes_it_away(machine: Machine, before: str) -> None:
    offer = offered(machine)
    if before == "making":
        machine.guest = "silent"
        machine.care().round()
        assert goldens.ready(offer.id) is None
    else:
        made(machine, offer)
    withdrawn(machine)


def test_the_same_terms_without_one_are_the_same_offer_as_before(machine: Machine) -> None:
    assert '"golden"' not in _terms(machine.offer().id)
    assert '"golden": 86400' in _terms(offered(machine).id)


def _terms(id_: str) -> str:
    return str(CloneOffer.objects.get(id=id_).terms)


def test_there_is_no_room_and_the_request_says_so(machine: Machine) -> None:
    offered(machine)
    machine.request()
    machine.world.things.storage.limits["project"] = {"volumes": 100, "gigabytes": 25, "snapshots": 100}
    clone = machine.round()
    assert (clone.state, "The project production has no room" in clone.says) == ("parked", True)
    assert machine.copies("project") == []
    machine.world.things.storage.limits["project"]["gigabytes"] = 1000
    assert machine.round(2).state == "ready"


def test_the_owner_takes_his_authority_back(machine: Machine) -> None:
    offer = offered(machine)
    made(machine, offer)
    machine.forward(DAY + 1)
    del machine.world.things.kept["trusts"][offer.trust_id]
    machine.request()
    clone = machine.round()
    last = goldens.last(offer.id)
    assert last is not None
    assert (clone.state, last.state) == ("orphaned", "orphaned")
    assert "lent with the offer of db does not hold any more" in last.says
    changes.offer(machine.owner, "db", offer.terms, machine.now)
    assert machine.round(2).state == "ready"
    assert len(machine.copies("project")) == 1
    machine.release()
    machine.until_done()
    withdrawn(machine)


def test_two_hosts_begin_one(machine: Machine) -> None:
    offer = offered(machine)
    goldens.begin(machine.now)
    (first,) = goldens.due()
    goldens._add(replace(first, id="another"))
    assert goldens.due() == (first,)
    goldens.save(first, {"says": "on its way"})
    with pytest.raises(goldens.Moved):
        goldens.save(first, {"says": "on another way"})
    assert goldens.ready(offer.id) is None


def test_it_waits_for_a_copy_that_is_being_made_of_it(machine: Machine) -> None:
    offer = offered(machine)
    old = made(machine, offer)
    machine.forward(DAY + 1)
    machine.request()
    machine.stop_at("copy")
    goldens.begin(machine.now)
    (new,) = [one for one in goldens.due() if one.step != "end"]
    told = {"state": "ready", "step": "", "ready_at": machine.now, "volume_id": "newer", "data_at": machine.now}
    goldens.save(new, told)
    goldens.retire(machine.now)
    assert old.volume_id == machine.clone.golden_id
    assert [one.id for one in goldens.due()] == []
    assert machine.round().state == "ready"
    goldens.retire(machine.now)
    assert [one.id for one in goldens.due()] == []
    assert old.volume_id not in machine.world.things.kept["volumes"]


def test_old_withdrawn_offers_are_forgotten_once_nothing_is_kept_of_them(machine: Machine) -> None:
    offer = offered(machine)
    made(machine, offer)
    changes.withdraw(machine.owner, "db", machine.now)
    later = machine.now + datetime.timedelta(days=400)
    assert records.prune(later) == 0
    machine.care().round()
    assert records.prune(later) == 1
