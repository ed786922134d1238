"""A clone whose time is over is taken back by a person while the job is away: his project's part, with his own login."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tenant_ops_dashboard.care import clone_now
from tenant_ops_dashboard.clones.errors import InTheWay, NotAllowed, NotFound
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_refreshing as refreshing
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records import notes
from tests.unit.clones.machine import Machine

pytestmark = pytest.mark.django_db
HOURS = 3 * 3600.0


@pytest.fixture
def late(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The clone 'ci' was handed over, and its time is over; the job was last there before that."""
    clock = SimpleNamespace(monotonic=lambda: machine.ticks, sleep=machine.sleep)
    monkeypatch.setattr(clone_now, "time", clock)
    machine.offer()
    machine.request()
    assert machine.until_done().state == "ready"
    machine.forward(HOURS)
    return machine


def reclaim(machine: Machine, by: str = "developer") -> Clone:
    return clone_now.reclaim(getattr(machine, by), "ci", machine.now)


def attached(machine: Machine) -> None:
    (copy,) = machine.copies()
    server = machine.world.things.add("servers", name="test", status="ACTIVE", project_id="development")
    machine.world.things.servers._attach(server, copy)


@pytest.mark.parametrize("used", [False, True])
def test_who_holds_it_takes_it_back_without_the_job_s_authority(late: Machine, used: bool) -> None:
    if used:
        attached(late)
    trusts = len(late.world.things.kept["trusts"])
    told = reclaim(late)
    assert (told.state, told.step, late.copies()) == ("expiring", "end", [])
    assert told.says == "Nothing of it is left in development: the job that makes clones ends it."
    assert len(late.world.things.kept["trusts"]) == trusts
    assert reclaim(late) == told, "it is safe to repeat"
    assert late.until_done().state == "released"
    assert reclaim(late).state == "released"
    late.before["servers"] = late.things()["servers"]
    late.nothing_is_left()


def test_its_owner_takes_back_what_is_served(machine: Machine, late: Machine) -> None:
    late.round()
    machine.offer(deliver="served")
    served = next(one for one in records.offers(machine.owner) if one.terms.deliver == "served")
    changes.request(machine.developer, served.id, "ci", "2h", "", machine.now)
    assert machine.until_done().state == "ready"
    machine.forward(HOURS)
    with pytest.raises(InTheWay, match="somebody there"):
        reclaim(machine)
    told = reclaim(machine, "owner")
    for _again in range(5):
        told = told if told.ended else reclaim(machine, "owner")
    assert told.state == "released"
    machine.nothing_is_left(2)


def test_it_is_refused_where_the_job_runs_or_its_time_is_not_over(machine: Machine, late: Machine) -> None:
    with pytest.raises(InTheWay, match="is in development: somebody there"):
        reclaim(late, "owner")
    records.beat(late.now)
    with pytest.raises(InTheWay, match="takes 'ci' away by itself"):
        reclaim(late)
    late.forward(HOURS)
    lease = records.of_region(clone_now.NAME, late.developer.region)
    assert notes.take("", lease, "host-1", late.now, 60.0) is not None
    with pytest.raises(InTheWay, match="at this moment"):
        reclaim(late)
    late.forward(HOURS)
    with pytest.raises(NotAllowed):
        clone_now.reclaim(late.world.cloud("reader", project="development"), "ci", late.now)
    with pytest.raises(NotFound):
        clone_now.reclaim(late.login("elsewhere", "nobody"), "ci", late.now)
    assert len(late.copies()) == 1
    late.round()
    late.request("ci")
    with pytest.raises(InTheWay, match="is not over"):
        reclaim(late)


def test_what_a_person_may_not_do_leaves_the_job_its_authority(late: Machine) -> None:
    late.world.wire.trouble["DELETE .*/volumes/"] = [403] * 3
    told = reclaim(late)
    assert told.state == "parked"
    assert told.says.startswith("Cinder: told to fail")
    late.world.wire.trouble.clear()
    assert late.until_done().state == "released"


def test_it_ends_in_time_and_says_what_holds_it(late: Machine) -> None:
    attached(late)
    late.world.wire.trouble["DELETE .*/os-volume_attachments/"] = [409] * 3
    told = reclaim(late)
    assert told.state == "parked"
    assert "delete that server" in told.says
    late.world.wire.trouble.clear()
    late.meanwhile = lambda: late.world.wire.trouble.clear()
    began = late.ticks
    assert reclaim(late).says.startswith("Nothing of it is left")
    assert late.ticks - began <= late.developer.options.budget * clone_now.SHARE + 1


def test_newer_data_that_was_on_its_way_holds_nothing_of_it(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clone_now, "time", SimpleNamespace(monotonic=lambda: machine.ticks, sleep=machine.sleep))
    machine.offer()
    machine.request()
    assert machine.until_done().state == "ready"
    refreshing.refresh(machine.developer, "ci", machine.now)
    machine.stop_at("copy")
    machine.forward(HOURS)
    assert len(machine.copies("project")) == 1
    told = reclaim(machine)
    assert (told.state, machine.copies()) == ("expiring", [])
    assert told.says == "Nothing of it is left in development: the job that makes clones ends it."
    assert machine.until_done().state == "released"
    machine.nothing_is_left()
