"""The care job's own troubles: a service user without a password, clones that hang, raise or never end."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.management import call_command

from tenant_ops_dashboard.care import clones as care
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
