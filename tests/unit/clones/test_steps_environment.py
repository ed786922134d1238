"""A whole test environment on the copy: launched and deleted by the asking project's own authority."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.records import clone_changes as changes
from tests.unit.clones.machine import Machine

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(machine: Machine) -> Machine:
    """It is asked for; Heat does what it has begun whenever time goes by."""
    machine.offer()
    told = (machine.developer, "db", "ci", "2h", "a test", machine.now, "environment")
    changes.request(*told)
    machine.meanwhile = lambda: heat(machine)
    return machine


def heat(machine: Machine, ends: Any = None) -> None:
    fake = machine.world.heat
    for id_, stack in list(fake.stacks.items()):
        action, _, state = stack["row"]["stack_status"].partition("_")
        if state == "IN_PROGRESS" and action == "CREATE":
            (ends or fake.finish)(id_)
        elif state == "IN_PROGRESS" and action == "DELETE":
            fake.gone(id_)


def test_it_stands_on_the_copy_and_goes_with_it(asked: Machine) -> None:
    made = asked.until_done()
    assert (made.state, made.says) == ("ready", "")
    (stack,) = asked.world.heat.stacks
    assert made.environment_id == stack
    assert made.address
    (copy,) = asked.copies()
    assert copy["status"] == "in-use"
    asked.forward(7300)
    made = asked.until_done()
    assert (made.state, asked.world.heat.stacks) == ("released", {})
    asked.nothing_is_left()


def test_heat_fails(asked: Machine) -> None:
    fake = asked.world.heat
    asked.meanwhile = lambda: heat(asked, lambda id_: fake.fail(id_, "database", "No valid host was found"))
    made = asked.until_done()
    assert made.state == "failed"
    assert made.reason.startswith("The environment could not be made"), made.reason
    assert fake.stacks == {}
    asked.nothing_is_left()


def test_there_is_no_room_for_it(asked: Machine) -> None:
    asked.world.things.quota["instances"] = 2
    made = asked.until_done()
    assert (made.state, made.reason[:43]) == ("failed", "The environment cannot be launched: Quota: "), made.reason
    asked.nothing_is_left()


def test_released_while_it_is_built(asked: Machine) -> None:
    seen: list[str] = []

    def meanwhile() -> None:
        if asked.clone.step == "build" and asked.world.heat.stacks and not seen:
            seen.append(asked.release().state)
        elif seen:
            heat(asked)

    asked.meanwhile = meanwhile
    assert asked.until_done().state == "released"
    assert (seen, asked.world.heat.stacks) == (["releasing"], {})
    asked.nothing_is_left()


def test_deleted_by_hand(asked: Machine) -> None:
    asked.until_done()
    (stack,) = asked.world.heat.stacks
    asked.world.heat.begin(stack, "DELETE")
    asked.world.heat.gone(stack)
    asked.forward(7300)
    assert asked.until_done().state == "released"
    asked.nothing_is_left()


@pytest.mark.parametrize("number", [1, 2], ids=["launched", "deleted"])
def test_stopped_once_heat_has_begun(asked: Machine, number: int) -> None:
    """There is one environment at most, and none once it ended."""
    with asked.breaks(number, KeyboardInterrupt(), after=True, writes=True, path="/stacks") as hit:
        with pytest.raises(KeyboardInterrupt):
            asked.round()
            asked.forward(7300)
            asked.round()
        asked.settle()
    assert hit
    made = asked.until_done()
    if number == 1:
        assert (made.state, list(asked.world.heat.stacks)) == ("ready", [made.environment_id])
        asked.release()
        made = asked.until_done()
    assert (made.state, asked.world.heat.stacks) == ("released", {})
    asked.nothing_is_left()
