"""Whoever does the work is stopped at any call, or loses any answer: who goes on makes exactly one copy of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db
#: More calls than any story takes.
MANY = 400


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


@pytest.mark.parametrize("after", [False, True])
def test_stopped(machine: Machine, after: bool) -> None:
    machine.offer(consistency="paused", mask=SCRIPT)
    import time
    t=time.time()
    for number in range(1, MANY):
        machine.request()
        with machine.breaks(number, KeyboardInterrupt(), after) as hit:
            try:
                machine.round()
                machine.forward(7300)
                machine.round()
            except KeyboardInterrupt:
                pass
        machine.settle()
        made = machine.round(3)
        print(number, hit, made.state, made.says, made.reason, round(time.time()-t,1))
        if made.state == "ready":
            assert len(machine.copies()) == 1
            machine.release()
            made = machine.round(3)
        assert (made.state, made.step) == ("released", "")
        machine.nothing_is_left()
        if not hit:
            break
