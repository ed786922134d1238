"""The care job's own troubles: a service user without a password, clones that hang, raise or never end."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.management import call_command

from tenant_ops_dashboard.care import clones as care
from tenant_ops_dashboard.clones import freeze
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
    assert made.says.startswith("The server database was locked while it was paused for the copy"), made.says
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
