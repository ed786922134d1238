"""Whoever does the work is stopped at any call, or loses any answer: who goes on makes exactly one copy of it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.unit.clones.machine import SCRIPT, Machine

pytestmark = pytest.mark.django_db
#: More calls than any story takes.
MANY = 200


def whole(machine: Machine) -> None:
    """From the request to the lease's end."""
    machine.round()
    machine.forward(7300)
    machine.round()


def ends_well(machine: Machine, hit: list[str]) -> None:
    """There is one copy at most while it is held, and nothing once it ended."""
    made = machine.until_done()
    if made.state == "ready":
        (copy,) = machine.copies()
        assert copy["id"] == made.volume_id, hit
        assert machine.copies("project") == [], hit
        machine.stands()
        machine.release()
        made = machine.until_done()
    assert (made.state, made.step, made.reason) == ("released", "", ""), (hit, made.says)
    assert min(made.seconds.values()) >= 0
    machine.nothing_is_left()


@pytest.mark.parametrize(
    ("error", "after", "step"), [(KeyboardInterrupt(), False, 1), (SystemExit(0), True, 1), (KeyboardInterrupt(), False, 4)],
    ids=["before a change", "after a change", "before any call"],
)  # fmt: skip
def test_stopped(machine: Machine, error: BaseException, after: bool, step: int) -> None:
    """At each change; and at every fourth call, which are reads for the most part."""
    machine.offer(consistency="paused", mask=SCRIPT)
    for number in range(1, MANY, step):
        machine.request()
        with machine.breaks(number, error, after, writes=step == 1) as hit:
            try:
                whole(machine)
            except (KeyboardInterrupt, SystemExit):
                machine.settle()
        ends_well(machine, hit)
        if not hit:
            break
    assert number > 12 * step


@pytest.mark.parametrize("consistency", ["running", "stopped"])
@pytest.mark.parametrize("after", [False, True], ids=["never sent", "done"])
def test_any_answer_is_lost(machine: Machine, consistency: Any, after: bool) -> None:
    machine.offer(consistency=consistency, mask=SCRIPT if consistency == "running" else "")
    for number in range(1, MANY):
        machine.request()
        with machine.breaks(number, requests.ReadTimeout("slow"), after, writes=True) as hit:
            whole(machine)
        ends_well(machine, hit)
        if not hit:
            break
    assert number > 7
