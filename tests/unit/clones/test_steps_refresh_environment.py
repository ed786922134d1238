"""Newer data under what stands on a clone: Heat changes the volume alone, and back where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import deletion
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_refreshing as refreshing
from tests.unit.clones.machine import Machine

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["server", "environment"])
def stands(machine: Machine, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """It is ready, with a server or an environment on it. The fake keeps a stack, and tells of a delete, at once."""
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(deletion, "BEGINS", 0.0)
    monkeypatch.setattr(deletion, "PAUSE", 0.0)
    machine.offer()
    changes.request(machine.developer, "db", "ci", "2h", "a test", machine.now, request.param)
    machine.meanwhile = lambda: heat(machine)
    made = machine.until_done()
    assert (made.state, made.says) == ("ready", "")
    machine.forward(600)
    return machine


def heat(machine: Machine, updates: Callable[[str], Any] | None = None) -> None:
    """Heat does what it has begun; `updates` is how updates end."""
    fake = machine.world.heat
    for id_, stack in list(fake.stacks.items()):
        action, _, state = stack["row"]["stack_status"].partition("_")
        if state == "IN_PROGRESS" and action == "CREATE":
            fake.finish(id_)
        elif state == "IN_PROGRESS" and action == "UPDATE":
            (updates or (lambda id_: updated(machine, id_)))(id_)
        elif state == "IN_PROGRESS" and action == "DELETE":
            fake.gone(id_)


def updated(machine: Machine, id_: str) -> None:
    machine.world.heat.attach(id_)
    machine.world.heat.become(id_, "UPDATE_COMPLETE")


def broken(machine: Machine, id_: str) -> None:
    machine.world.heat.become(id_, "UPDATE_FAILED")
    machine.world.heat.stacks[id_]["row"]["stack_status_reason"] = "No such device"


def refresh(machine: Machine) -> Clone:
    return refreshing.refresh(machine.developer, "ci", machine.now)


def row(machine: Machine) -> dict[str, Any]:
    (stack,) = machine.world.heat.stacks.values()
    found: dict[str, Any] = stack["row"]
    return found


def is_as_before(machine: Machine, before: Clone) -> Clone:
    """It is ready with its old data, which its server has, and nothing of the new copy is left."""
    made = machine.until_done()
    assert (made.state, made.volume_id) == ("ready", before.volume_id), made.says
    assert made.says.startswith("It was not refreshed, its data is as before: ")
    (copy,) = machine.copies()
    assert (copy["id"], copy["status"]) == (before.volume_id, "in-use")
    assert data_volumes.brought(copy) == made.environment_id
    assert f"volume={before.volume_id}" in row(machine)["tags"]
    ends(machine)
    return made


def ends(machine: Machine) -> None:
    machine.meanwhile = lambda: heat(machine)
    machine.release()
    assert machine.until_done().state == "released"
    assert machine.world.heat.stacks == {}
    machine.nothing_is_left()


def test_the_same_server_and_address_on_newer_data(stands: Machine) -> None:
    before, tags = stands.clone, set(row(stands)["tags"])
    given = dict(row(stands)["parameters"])
    refresh(stands)
    made = stands.until_done()
    assert (made.state, made.says) == ("ready", "")
    for name in ("environment_id", "server_id", "address", "expires_at", "lease", "name"):
        assert getattr(made, name) == getattr(before, name), name
    (copy,) = stands.copies()
    assert copy["id"] == made.volume_id != before.volume_id
    assert copy["attachments"][0]["server_id"] == made.server_id
    assert data_volumes.brought(copy) == data_volumes.owner(copy) == made.environment_id
    changed = {f"volume={before.volume_id}", f"volume={made.volume_id}"}
    assert set(row(stands)["tags"]) ^ tags == changed, "all else is as it was"
    assert row(stands)["parameters"] == {**given, "data_volume": made.volume_id}
    assert "build" in made.seconds and "swap" in made.seconds
    ends(stands)


def test_heat_fails_and_the_older_volume_is_put_back(stands: Machine) -> None:
    before, seen = stands.clone, []

    def ended(id_: str) -> None:
        seen.append(dict(row(stands)["parameters"])["data_volume"])
        broken(stands, id_) if len(seen) == 1 else updated(stands, id_)

    stands.meanwhile = lambda: heat(stands, ended)
    refresh(stands)
    made = is_as_before(stands, before)
    assert "Heat could not change the volume of ci: No such device" in made.says
    assert len(seen) == 2
    assert seen[1] == before.volume_id != seen[0]


def test_heat_fails_again_and_the_older_volume_is_attached_still(stands: Machine) -> None:
    before = stands.clone
    stands.meanwhile = lambda: heat(stands, lambda id_: broken(stands, id_))
    refresh(stands)
    is_as_before(stands, before)


@pytest.mark.parametrize("last", ["failed", "complete"])
def test_heat_takes_both_off_and_nova_attaches_the_older_one(stands: Machine, last: str) -> None:
    before, seen = stands.clone, []

    def ended(id_: str) -> None:
        seen.append(id_)
        bare(stands, id_)
        if len(seen) > 1 and last == "complete":
            stands.world.heat.become(id_, "UPDATE_COMPLETE")

    stands.meanwhile = lambda: heat(stands, ended)
    refresh(stands)
    is_as_before(stands, before)
    assert len(seen) == 2


def test_nobody_attaches_the_older_one(stands: Machine) -> None:
    """The server has neither volume: somebody has to see to it, and nothing is thrown away."""
    stands.meanwhile = lambda: heat(stands, lambda id_: bare(stands, id_))
    wire = stands.world.wire
    refuse: Any = lambda id_, query, body: (409, {"conflictingRequest": {"code": 409, "message": "It is in ERROR."}})  # noqa: E731
    wire.on("POST", "/compute/v2.1/servers/([^/]+)/os-volume_attachments")(refuse)
    wire.handlers.insert(0, wire.handlers.pop())
    refresh(stands)
    made = stands.until_done()
    assert made.state == "parked"
    assert made.says.startswith("Nova does not give ci its older volume back: ")
    assert len(stands.copies()) == 2
    ends(stands)


def bare(machine: Machine, id_: str) -> None:
    """The update fails once Heat took off whatever was attached."""
    machine.world.heat.attach(id_)
    for one in machine.copies():
        one.update(status="available", attachments=[])
    broken(machine, id_)


def test_heat_refuses(stands: Machine) -> None:
    """As it does for ever where the trust is gone by which the stack was made."""
    before, fake = stands.clone, stands.world.heat
    refuse: Any = lambda id_, query, body: (500, {"code": 500, "error": {"message": "Authorization failed.", "type": "x"}})  # noqa: E731
    fake._on("PATCH", "", refuse)
    fake.wire.handlers.insert(0, fake.wire.handlers.pop())
    refresh(stands)
    made = stands.until_done()
    assert (made.state, made.volume_id) == ("ready", before.volume_id)
    assert "Heat does not change the volume of ci" in made.says
    (copy,) = stands.copies()
    assert copy["id"] == before.volume_id
    ends(stands)


def test_the_environment_was_deleted_by_hand(stands: Machine) -> None:
    before = stands.clone
    (stack,) = stands.world.heat.stacks
    stands.world.heat.begin(stack, "DELETE")
    stands.world.heat.gone(stack)
    refresh(stands)
    made = stands.until_done()
    assert made.state == "ready"
    assert made.volume_id != before.volume_id
    ends(stands)


def test_the_lease_ends_while_heat_is_at_work(stands: Machine) -> None:
    refresh(stands)
    stands.meanwhile = lambda: None
    stands.round(3)
    assert row(stands)["stack_status"] == "UPDATE_IN_PROGRESS"
    stands.forward(7300)
    stands.meanwhile = lambda: heat(stands)
    assert stands.until_done().state == "released"
    assert stands.world.heat.stacks == {}
    stands.nothing_is_left()


@pytest.mark.parametrize("after", [False, True], ids=["before a change", "after a change"])
def test_stopped(stands: Machine, after: bool) -> None:
    for number in range(1, 60):
        refresh(stands)
        with stands.breaks(number, KeyboardInterrupt(), after, writes=True) as hit:
            try:
                stands.round(2)
            except KeyboardInterrupt:
                stands.settle()
        made = stands.until_done()
        assert (made.state, made.says) == ("ready", ""), hit
        (copy,) = stands.copies()
        assert copy["id"] == made.volume_id, hit
        assert copy["attachments"][0]["server_id"] == made.server_id
        assert data_volumes.brought(copy) == made.environment_id, hit
        changes.pin(stands.owner, "ci", True, stands.now)
        if not hit:
            break
    assert number > 5
    ends(stands)


def test_nothing_was_made_of_the_new_copy_yet(stands: Machine) -> None:
    """Parameters that are empty, as `key_name` is where nobody names a key, are no volume."""
    row(stands)["parameters"]["key_name"] = ""
    before, given = stands.clone, dict(row(stands)["parameters"])
    refresh(stands)
    with stands.breaks(1, KeyboardInterrupt(), writes=True, path="/volumes") as hit, pytest.raises(KeyboardInterrupt):
        stands.round()
    assert hit
    changes.withdraw(stands.owner, "db", stands.now)
    made = stands.until_done()
    assert (made.state, made.volume_id) == ("ready", before.volume_id), made.says
    assert row(stands)["parameters"] == given
