"""The care job's own troubles: a service user without a password, clones that hang, raise or never end."""

from __future__ import annotations

import dataclasses
import datetime
import io
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.core.management.base import CommandError

from tenant_ops_dashboard.care import clones as care
from tenant_ops_dashboard.clones import freeze
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.management import rounds
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tests.unit.clones.machine import Machine

pytestmark = pytest.mark.django_db


def test_a_service_user_without_a_password_costs_nobody_his_authority(machine: Machine) -> None:
    machine.offer()
    machine.request()
    auth = {key: one for key, one in machine.service.auth.items() if key != "password"}
    whole, machine.service = machine.service, dataclasses.replace(machine.service, auth=auth)
    process = machine.care()
    assert process.round() == [care.WITHOUT]
    assert (machine.clone.state, machine.clone.says) == ("approved", "")
    changes.release(machine.developer, "ci", machine.now)
    changes.withdraw(machine.owner, "db", machine.now)
    process.round()
    assert len(records.spent()) <= 1
    machine.service = whole
    machine.until_done()
    machine.round()
    machine.nothing_is_left(but=0)


def test_a_connection_that_the_database_closed_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(rounds, "close_old_connections", lambda: told.append("closed"))
    monkeypatch.setattr(care.Care, "round", lambda self: told.append("round") or [])
    call_command("tenant_ops_clones", every=0.01, seconds=0.05)
    assert told[:4] == ["closed", "round"] * 2


@pytest.mark.parametrize("step", ["freeze", "end"])
def test_a_source_that_is_locked_while_it_stands_still_is_told(machine: Machine, step: str) -> None:
    machine.offer(consistency="paused")
    machine.request()
    lock_when_paused(machine)
    made = machine.round()
    if step == "end":
        machine.release()
        made = machine.round(2)
    assert made.state == "parked"
    assert made.says.startswith("The server that has db was locked while it was paused for the copy"), made.says
    assert machine.server["status"] == "PAUSED", "a lock is not ours to open"
    machine.meanwhile = lambda: None
    machine.server["locked"] = False
    assert machine.until_done().state == ("released" if step == "end" else "ready")
    machine.stands()


@pytest.mark.parametrize("status", ["SHUTOFF", "SUSPENDED"])
def test_a_source_that_somebody_else_brought_into_another_state_is_his(machine: Machine, status: str) -> None:
    machine.offer(consistency="paused")
    machine.request()
    machine.stop_at("freeze")
    machine.server["metadata"][freeze.KEY] = f"{machine.clone.id},2026-11-21T07:00:00+00:00"
    machine.server["status"] = status
    machine.release()
    assert machine.until_done().state == "released"
    assert (machine.server["status"], machine.server["metadata"]) == (status, {"a": "b"})


def lock_when_paused(machine: Machine) -> None:
    def meanwhile() -> None:
        if machine.server["status"] == "PAUSED":
            machine.server["locked"] = True

    machine.meanwhile = meanwhile


def test_what_does_not_end_is_asked_for_ever_more_seldom(machine: Machine) -> None:
    machine.offer()
    machine.request()
    machine.round()
    (copy,) = machine.copies()
    machine.release()
    process, asked = machine.care(), []
    # Ceph lets no volume go that others were made of: it is 'deleting' for a moment, and then as before.
    machine.meanwhile = lambda: machine.world.things.kept["volumes"].update({copy["id"]: copy})
    for _ in range(15):
        machine.world.calls()
        process.round()
        machine.sleep(2)
        asked.append(sum(one.startswith("DELETE") for one in machine.world.calls()))
    assert asked[0] > 10
    assert max(asked[-3:]) <= 6, "a round takes a minute here"
    assert machine.clone.says.startswith("It takes long to take it away, and goes on. What is left: the volume")
    machine.meanwhile = lambda: None
    assert machine.until_done().state == "released"


def test_one_that_raises_each_time_has_its_rest(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.offer()
    machine.request()
    looks: list[str] = []

    def broken(clone: Clone, by: object, now: datetime.datetime) -> dict[str, str]:
        looks.append(clone.name)
        raise ZeroDivisionError

    monkeypatch.setattr(care.steps, "advance", broken)
    assert machine.care().round() == ["ci: it cannot be looked at; the log says why."]
    assert len(looks) <= 3, "it was looked at with every pause of a minute"


def test_a_source_stands_still_with_time_enough_to_go_on(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.service = dataclasses.replace(machine.service, options=dataclasses.replace(machine.service.options, budget=60.0))
    machine.offer(consistency="paused")
    machine.request()
    left: list[float] = []
    taken = freeze.freeze

    def seen(cloud: Cloud, clone: Clone, server_id: str) -> dict[str, object]:
        left.append(cloud.deadline.left() or 0.0)
        return taken(cloud, clone, server_id)

    monkeypatch.setattr(freeze, "freeze", seen)
    assert machine.round().state == "ready"
    assert left[0] > freeze.LONGEST + freeze.RESUMED


def test_one_standing_authority_of_two_is_enough(machine: Machine) -> None:
    """The newer one's giver left, and Keystone forgot it with him."""
    machine.offer()
    given = changes.trust_give(machine.developer, machine.now)
    newer = dataclasses.replace(given, id="f" * 32, given_at=machine.now + datetime.timedelta(minutes=1))
    records.keep_trust(newer)
    machine.request()
    assert machine.clone.trust_id == newer.id
    assert machine.round().state == "ready"


def test_a_login_without_a_region_says_what_it_leaves(machine: Machine) -> None:
    machine.offer()
    machine.request()
    options = dataclasses.replace(machine.service.options, region="")
    machine.service = dataclasses.replace(machine.service, options=options)
    process = machine.care()
    for _ in range(2):
        assert process.round() == [care.nowhere(["RegionOne"])]
    assert machine.clone.state == "approved"


def test_another_regions_clones_cost_nothing(machine: Machine) -> None:
    machine.offer()
    machine.request()
    options = dataclasses.replace(machine.service.options, region="RegionTwo")
    machine.service = dataclasses.replace(machine.service, options=options)
    logins: list[str] = []
    process = care.Care(lambda: logins.append("login") or machine.service, "host-1")
    assert [process.round() for _ in range(3)] == [[], [], []]
    assert (machine.clone.state, len(logins)) == ("approved", 1)


def test_the_log_has_once_what_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([["ci: parked"], ["ci: parked", "away"], ["ci: parked"], []])
    monkeypatch.setattr(care.Care, "round", lambda self: next(told, []))
    stderr = io.StringIO()
    call_command("tenant_ops_clones", every=0.01, seconds=0.1, stderr=stderr)
    assert stderr.getvalue().split("\n")[:-1] == ["ci: parked", "away"]


def test_the_login_may_be_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.offer()
    machine.request()
    asked: list[str] = []
    module = "tenant_ops_dashboard.management.commands.tenant_ops_clones.from_clouds_yaml"
    monkeypatch.setattr(module, lambda name, options: asked.append(name) or machine.service)
    call_command("tenant_ops_clones", os_cloud=["robot"])
    assert (asked, machine.clone.state) == (["robot"], "ready")
    with pytest.raises(CommandError, match="name one cloud"):
        call_command("tenant_ops_clones", os_cloud=["robot", "another"])


def test_a_snapshot_that_does_not_go_is_told(machine: Machine) -> None:
    """Ceph keeps one that copies were made of, unless its operator has copies flattened."""
    machine.offer(consistency="paused")
    machine.request()
    kept: dict[str, Any] = {}

    def meanwhile() -> None:
        kept.update(machine.world.things.kept["snapshots"])
        machine.world.things.kept["snapshots"].update(kept)

    machine.meanwhile = meanwhile
    process = machine.care()
    for _ in range(6):
        process.round()
        machine.sleep(2)
    assert machine.clone.state == "copying"
    assert "Cinder does not delete the snapshot" in machine.clone.says
    machine.stands()
    machine.meanwhile = lambda: None
    assert machine.until_done().state == "ready"


@pytest.mark.parametrize("hangs", ["POST", "GET"])
def test_a_service_that_hangs_for_one_clone_keeps_no_other_waiting(machine: Machine, hangs: str) -> None:
    machine.offer()
    slow, sent = machine.request("slow"), type(machine.world.wire).send
    machine.request()

    def send(request: requests.PreparedRequest, timeout: float = 0.0, **options: Any) -> requests.Response:
        asked = f"{request.url} {request.body!r}"
        if request.method == hangs and slow.id in asked and "block-storage" in asked:
            machine.forward(timeout)
            raise requests.ReadTimeout("timed out")
        return sent(machine.world.wire, request, timeout=timeout, **options)

    machine.world.wire.send = send  # type: ignore[method-assign]
    began = machine.now
    machine.care().round()
    made = machine.clone
    assert (made.state, records.clone(machine.developer, "slow").state) == ("ready", "copying")
    assert made.ready_at and (made.ready_at - began).total_seconds() < 45
    assert "It is tried again" in records.clone(machine.developer, "slow").says
    del machine.world.wire.send  # type: ignore[attr-defined]
    machine.until_done()
    assert records.clone(machine.developer, "slow").state == "ready"
    assert len(machine.copies()) == 2


def test_each_region_has_a_job_of_its_own(machine: Machine) -> None:
    """The other region's job is at work, with a lease of its own."""
    machine.offer()
    machine.request()
    options = dataclasses.replace(machine.service.options, region="RegionTwo")
    other = care.Care(lambda: dataclasses.replace(machine.service, options=options), "host-2")
    other.round()
    assert other.hold()
    assert records.last_beat("RegionOne") is None, "nobody looked after it"
    process = machine.care()
    process.round()
    assert (machine.clone.state, other.hold()) == ("ready", True)
    assert (records.last_beat("RegionOne"), records.last_beat("RegionTwo")) != (None, None)
    assert machine.care("host-3").hold(), "its lease was left again"


def test_two_hosts_of_one_region_have_one_lease(machine: Machine) -> None:
    machine.offer()
    machine.request()
    first = machine.care("host-1")
    first.region = "RegionOne"
    assert first.hold()
    machine.care("host-2").round()
    assert machine.clone.state == "approved"
    first.round()
    assert machine.clone.state == "ready"


def test_refusals_that_differ_in_their_request_id_alone_are_no_progress(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A service that refuses at once is asked less and less often, not with every twentieth of a second."""
    machine.offer()
    machine.request()
    looks: list[str] = []

    def refused(*_args: Any) -> dict[str, str]:
        looks.append(f"Cinder does not answer (request req-{len(looks)}). It is tried again.")
        return {"says": looks[-1]}

    monkeypatch.setattr(care.refresh, "advance", refused)
    process = machine.care()
    process.round()
    asked = len(looks)
    assert 1 < asked < 120, "in a minute"
    assert machine.clone.says == looks[-1], "the last one is told"
    process.round()
    assert (len(looks), process.asked()) == (asked, False)
