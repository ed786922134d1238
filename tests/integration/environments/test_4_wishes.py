"""Whose wish about the data counts, on the real Heat and Cinder."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, follow, launch, reconcile, watch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import deletion, stack
from tenant_ops_dashboard.environments.model import Environment, Request
from tests.integration.by_hand import Hand
from tests.integration.environments.conftest import BLUEPRINTS, PATIENCE

NAME = "it-wish"


@pytest.fixture
def tiny(owner: Cloud) -> Iterator[Environment]:
    made = launch.launch(owner, Request(NAME, "tiny", {}), [BLUEPRINTS])
    details, _ = follow.up(owner, made, PATIENCE)
    yield details.environment
    for volume in data_volumes.of(data_volumes.volumes(owner), made.id):
        Hand(owner).delete("block-storage", f"/volumes/{volume['id']}")


def states(owner: Cloud, made: Environment) -> list[str]:
    return [str(one["status"]) for one in data_volumes.of(data_volumes.volumes(owner), made.id)]


def until_gone(owner: Cloud, made: Environment) -> None:
    end = time.monotonic() + PATIENCE
    # For a moment Heat lists what it has deleted as if it stood.
    while stack.gone(owner, made.id) is None or stack.by_id(owner, made.id) is not None:
        assert time.monotonic() < end, "Heat did not take it away"
        time.sleep(0.5)


def test_a_stack_deleted_by_heats_own_client_keeps_its_data(owner: Cloud, tiny: Environment) -> None:
    """Its volume is detached and carries a mark of a delete that was not this one."""
    (volume,) = data_volumes.of(data_volumes.volumes(owner), tiny.id)
    for mark in ("yes", f"11111111-1111-1111-1111-111111111111 {volume['id']}"):
        Hand(owner).post("block-storage", f"/volumes/{volume['id']}/metadata", {"metadata": {data_volumes.MARK: mark}})
        reconcile.sweep(owner, "another environment")
        assert states(owner, tiny) == ["available"]
    assert [one.counts for one in watch.details(owner, NAME).marks] == [False]
    Hand(owner).delete("orchestration", stack.find(owner, NAME).path)
    until_gone(owner, tiny)
    reconcile.reconcile(owner, tiny)
    assert states(owner, tiny) == ["available"]
    left = next(one for one in watch.listing(owner) if one.id == tiny.id)
    assert (left.name, left.status) == (NAME, "warning"), left
    delete.delete(owner, NAME)
    assert [one for one in watch.listing(owner) if one.id == tiny.id] == []
    assert states(owner, tiny) == ["available"]


@pytest.mark.parametrize("with_data", [True, False])
def test_the_last_answered_wish_counts(owner: Cloud, tiny: Environment, with_data: bool) -> None:
    gone, left = follow.away(owner, NAME, PATIENCE, data=with_data)
    assert (gone.id, left) == (tiny.id, None)
    assert set(states(owner, tiny)) <= ({"deleting"} if with_data else {"available"})
    assert bool(states(owner, tiny)) or with_data
    assert deletion.ended(owner, tiny.id), "Heat tells which delete it was"
