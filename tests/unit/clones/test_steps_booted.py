"""A copy of a system disk: the server starts from it, keeps it when it goes by another hand, and both go at the end."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.clones.errors import BadInput, InTheWay
from tenant_ops_dashboard.clones.model import Clone, Offer
from tenant_ops_dashboard.cloud import BadRequest
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_refreshing as refreshing
from tenant_ops_dashboard.records import clone_reverting as reverting
from tenant_ops_dashboard.records import clones as records
from tests.unit.clones.machine import Machine
from tests.unit.clones.test_steps_environment import heat

pytestmark = pytest.mark.django_db


@pytest.fixture
def bootable(machine: Machine) -> Machine:
    """The source is a system disk; Heat does what it has begun whenever time goes by."""
    machine.volume["bootable"] = "true"
    machine.meanwhile = lambda: heat(machine)
    return machine


@pytest.fixture
def offer(bootable: Machine) -> Offer:
    return bootable.offer()


def ask(machine: Machine, get: str = "server", **more: Any) -> Clone:
    return changes.request(machine.developer, "db", "ci", "2h", "a test", machine.now, get, **more)[0]


def test_the_server_starts_from_the_copy_and_both_go_at_the_end(bootable: Machine, offer: Offer) -> None:
    assert (offer.bootable, ask(bootable).blueprint) == (True, "booted-server")
    made = bootable.until_done()
    assert (made.state, made.says) == ("ready", "")
    (copy,) = bootable.copies()
    assert (copy["status"], copy["bootable"], copy["attachments"][0]["server_id"]) == ("in-use", "true", made.server_id)
    assert made.address
    with bootable.developer.changing("by hand"), pytest.raises(BadRequest, match="Cannot detach a root device volume"):
        bootable.developer.delete("compute", f"/servers/{made.server_id}/os-volume_attachments/{copy['id']}")
    bootable.forward(7300)
    made = bootable.until_done()
    assert (made.state, bootable.world.heat.stacks) == ("released", {})
    bootable.nothing_is_left()


def test_a_server_that_somebody_deleted_leaves_the_volume_to_the_clone_s_end(bootable: Machine, offer: Offer) -> None:
    ask(bootable)
    made = bootable.until_done()
    with bootable.developer.changing("by hand"):
        bootable.developer.delete("compute", f"/servers/{made.server_id}")
    (copy,) = bootable.copies()
    assert copy["status"] == "available"
    bootable.release()
    assert bootable.until_done().state == "released"
    bootable.nothing_is_left()


def test_its_disk_is_neither_replaced_nor_reverted(bootable: Machine, offer: Offer) -> None:
    with pytest.raises(BadInput, match="revertible: its server starts from the clone's volume"):
        ask(bootable, revertible=True)
    ask(bootable)
    made = bootable.until_done()
    for deed in (refreshing.refresh, reverting.revert):
        with pytest.raises(InTheWay, match="release the clone and ask for another one"):
            deed(bootable.developer, "ci", bootable.now)
    assert (bootable.clone, len(bootable.copies())) == (made, 1)
    bootable.release()
    bootable.until_done()
    bootable.nothing_is_left()


def test_the_volume_alone_is_handed_over_as_any(bootable: Machine, offer: Offer) -> None:
    made = ask(bootable, "volume", revertible=True)
    assert (made.blueprint, bootable.until_done().state) == ("", "ready")
    assert refreshing.refresh(bootable.developer, "ci", bootable.now).state == "refreshing"


def test_a_system_disk_is_not_served(bootable: Machine) -> None:
    with pytest.raises(BadInput, match="deliver: db is a system disk"):
        bootable.offer(deliver="served")
    assert records.offers(bootable.owner) == ()


def test_what_cinder_says_by_now_counts_where_it_is_offered_again(bootable: Machine, offer: Offer) -> None:
    bootable.volume["bootable"] = "false"
    assert bootable.offer() == records.own_offer(bootable.owner, offer.id)
    assert ask(bootable).blueprint == "database-server"


def test_heat_refuses_a_disk_that_is_none_any_more(bootable: Machine, offer: Offer) -> None:
    """What was said after the offer is found out at the launch, and nothing is left."""
    fake = bootable.world.heat
    bootable.meanwhile = lambda: heat(bootable, lambda id_: fake.fail(id_, "database", "Block Device is not bootable."))
    ask(bootable)
    made = bootable.until_done()
    assert made.state == "failed"
    assert made.reason.startswith("The server could not be made"), made.reason
    bootable.nothing_is_left()
