"""Authority that is taken back or ends: the clone is an orphan, told with what is left where, and goes on once it may."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tenant_ops_dashboard.clones import authority, freeze
from tenant_ops_dashboard.cloud.values import moment
from tenant_ops_dashboard.records import clone_changes as changes
from tests.unit.clones.machine import SCRIPT, TERMS, Machine

pytestmark = pytest.mark.django_db
STEPS = ["check", "freeze", "copy", "mask", "hand-over"]
PAST = "2020-01-01T00:00:00.000000Z"


def asked(machine: Machine) -> None:
    machine.offer(consistency="paused", mask=SCRIPT)
    machine.request()


def lose(machine: Machine, trust: str, expired: bool) -> None:
    trusts = machine.world.things.kept["trusts"]
    if expired:
        trusts[trust]["expires_at"] = PAST
    else:
        del trusts[trust]


def stop(machine: Machine, step: str) -> None:
    if step == "hand-over":
        machine.world.wire.trouble["POST .*/volume-transfers$"] = [503]
    if step in ("end", "ready"):
        machine.until_done()
        if step == "end":
            machine.release()
    else:
        machine.stop_at(step)


def given_back(machine: Machine, whose: str) -> None:
    if whose == "owner":
        changes.offer(machine.owner, "db", replace(TERMS, longest=3600), machine.now)
    else:
        changes.trust_give(machine.developer, machine.now)


@pytest.mark.parametrize("whose", ["owner", "developer"])
@pytest.mark.parametrize(
    ("step", "expired"), [*((one, False) for one in (*STEPS, "end")), ("copy", True), ("end", True)]
)  # fmt: skip
def test_it_is_taken_back(machine: Machine, step: str, whose: str, expired: bool) -> None:
    asked(machine)
    stop(machine, step)
    clone = machine.clone
    lose(machine, clone.offer.trust_id if whose == "owner" else clone.trust_id, expired)
    made = machine.round(2)
    if step == "end" and whose == "owner":
        assert made.state == "released", "once it is handed over its owner has nothing to do with it"
    elif whose == "developer" and step in ("freeze", "copy", "mask"):
        assert made.state == "orphaned"
        assert made.step == ("copy" if step == "freeze" else "hand-over"), "until then nobody needs it"
    else:
        assert (made.state, made.step) == ("orphaned", step)
    if made.state == "orphaned":
        who = "owner lent with the offer of db" if whose == "owner" else "development lent"
        assert made.says.startswith(f"The authority that {who} does not hold any more:"), made.says
        assert made.volume_id in made.says
        assert ("production who offers" if whose == "owner" else "'tenant-ops clone trust give'") in made.says
    machine.stands()
    given_back(machine, whose)
    made = machine.until_done()
    if step != "end":
        assert (made.state, made.says) == ("ready", "")
        assert len(machine.copies()) == 1
        machine.release()
        made = machine.until_done()
    assert (made.state, made.step) == ("released", "")
    machine.world.things.kept["trusts"].clear()
    machine.nothing_is_left(but=0)


@pytest.mark.parametrize("whose", ["owner", "developer"])
def test_while_it_is_held_nobody_needs_it(machine: Machine, whose: str) -> None:
    asked(machine)
    machine.until_done()
    lose(machine, machine.clone.offer.trust_id if whose == "owner" else machine.clone.trust_id, False)
    assert machine.round().state == "ready"
    machine.forward(7300)
    made = machine.round()
    if whose == "owner":
        assert made.state == "released"
        machine.nothing_is_left(but=0)
    else:
        assert (made.state, made.volume_id in made.says) == ("orphaned", True)
        assert "in development" in made.says


def test_a_source_that_may_stand_still_is_told(machine: Machine) -> None:
    asked(machine)
    machine.stop_at("freeze")
    machine.server["metadata"][freeze.KEY] = f"{machine.clone.id},2026-11-21T06:01:00+00:00"
    machine.server["status"] = "PAUSED"
    lose(machine, machine.clone.offer.trust_id, False)
    made = machine.round()
    assert (made.state, "the server that has db may stand still" in made.says) == ("orphaned", True), made.says
    given_back(machine, "owner")
    assert machine.until_done().state == "ready"
    machine.stands()


def test_released_while_it_is_an_orphan(machine: Machine) -> None:
    asked(machine)
    machine.stop_at("mask")
    lose(machine, machine.clone.offer.trust_id, False)
    machine.round()
    machine.release()
    made = machine.round()
    assert (made.state, made.step, made.volume_id in made.says) == ("orphaned", "end", True)
    given_back(machine, "owner")
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


@pytest.mark.parametrize(
    ("path", "says"),
    [("POST .*/volumes$", "Cinder: told to fail"), ("POST .*/volume-transfers/.*/accept$", "Cinder: told to fail")],
)
def test_what_a_service_does_not_allow_is_no_lost_authority(machine: Machine, path: str, says: str) -> None:
    machine.offer()
    machine.request()
    machine.world.wire.trouble[path] = [403]
    made = machine.until_done()
    assert made.state == "failed"
    assert (made.reason.startswith(says), "TENANT_OPS_TRUST_ROLES" in made.reason) == (True, True), made.reason
    machine.nothing_is_left()


def test_what_a_service_does_not_allow_at_the_end_waits_for_a_person(machine: Machine) -> None:
    machine.offer()
    machine.request()
    machine.until_done()
    machine.release()
    machine.world.wire.trouble["DELETE .*/volumes/"] = [403]
    made = machine.round()
    assert (made.state, made.says.startswith("Cinder: told to fail")) == ("parked", True), made.says
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


def test_authority_that_is_lost_between_two_calls_is_keystones_word(machine: Machine) -> None:
    """The service refuses the token, and Keystone gives no new one."""
    machine.offer()
    machine.request()
    machine.stop_at("copy")
    machine.world.wire.trouble["POST .*/volumes$|GET .*/volumes/detail$"] = [401]
    logins = machine.world.keystone.login

    def once_more(query: object, body: dict[str, object]) -> object:
        machine.world.wire.trouble["POST .*/auth/tokens$"] = [403]
        return logins(query, body)

    machine.world.wire.handlers.insert(0, ("POST", re.compile("^/identity/v3/auth/tokens$"), once_more))
    process = machine.care()
    process.round()
    assert (machine.clone.state, machine.clone.step) == ("orphaned", "copy"), machine.clone.says


@pytest.mark.parametrize("own", [False, True])
def test_a_request_that_nobody_decides_ends_before_its_authority(machine: Machine, own: bool) -> None:
    machine.offer(approve="ask")
    if not own:
        changes.trust_give(machine.developer, machine.now)
    made = machine.request()
    (end,) = [moment(one["expires_at"]) for one in machine.world.things.kept["trusts"].values() if own and one["id"] == made.trust_id] or [None]
    machine.forward(authority.BEFORE.total_seconds() - 60)
    assert machine.round().state == "requested"
    machine.forward(61)
    assert end is None or end > machine.now + authority.AFTER
    made = machine.until_done()
    assert (made.state, made.step, made.says) == ("denied", "", "")
    assert made.reason == "nobody decided until 2026-12-05 06:00 UTC: ask again"
    assert machine.request("ci").id != made.id, "its name is free again"
    machine.release()
    machine.until_done()
    machine.nothing_is_left(but=1 if own else 2)
