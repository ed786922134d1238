"""From the request to the end: each story leaves in both projects what was there before, and a source that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


@pytest.mark.parametrize("consistency", ["running", "paused", "stopped"])
@pytest.mark.parametrize("script", ["", SCRIPT])
def test_from_the_request_to_the_end(machine: Machine, consistency: Any, script: str) -> None:
    machine.offer(consistency=consistency, mask=script)
    machine.request()
    made = machine.round()
    print(made)
    assert (made.state, made.step, made.says) == ("ready", "", "")
    (copy,) = machine.copies()
    assert copy["id"] == made.volume_id
    machine.stands()
    assert machine.copies("project") == []
    machine.forward(7200)
    made = machine.round()
    assert (made.state, made.step) == ("released", "")
    machine.nothing_is_left()
