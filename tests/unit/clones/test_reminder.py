"""That a clone ends soon is told once, in the audit trail of the project that has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.care.clone_reminder import VERB
from tenant_ops_dashboard.records import clone_changes as changes
from tests.unit.clones.machine import Machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Iterator[list[Any]]:
    found: list[Any] = []
    back = audit.also(lambda cloud, event: found.append(event) if _verb(event) == VERB else None)
    yield found
    back()


def _verb(event: Any) -> str:
    return str(event["attachments"][0]["content"]["verb"]) if event.get("attachments") else ""


def test_it_is_told_once_and_again_after_an_extension(machine: Machine, told: list[Any]) -> None:
    machine.offer()
    machine.request()
    machine.round()
    machine.forward(5400)
    machine.round()
    assert told == []
    machine.forward(1000)
    clone = machine.round(3)
    assert [(one["target"]["id"], one["initiator"]["project_id"]) for one in told] == [(clone.id, "development")]
    assert (clone.state, clone.reminded_at is not None) == ("ready", True)
    changes.extend(machine.developer, "ci", "2h", machine.now)
    machine.round(2)
    assert len(told) == 1
    machine.forward(7200)
    machine.round(2)
    assert len(told) == 2


def test_nothing_is_told_without_authority_and_the_clone_goes_on(machine: Machine, told: list[Any]) -> None:
    machine.offer()
    machine.request()
    trust = machine.round().trust_id
    machine.forward(6700)
    del machine.world.things.kept["trusts"][trust]
    clone = machine.round()
    assert (told, clone.reminded_at is not None, clone.state) == ([], True, "ready")


def test_keystone_is_away_and_it_is_told_later(machine: Machine, told: list[Any]) -> None:
    machine.offer()
    machine.request()
    machine.round()
    machine.forward(6700)
    machine.world.wire.trouble["POST .*/auth/tokens"] = [503] * 3
    machine.round()
    machine.world.wire.trouble.clear()
    machine.round(2)
    assert len(told) == 1
