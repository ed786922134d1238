"""The page of an environment over which Heat stands still, failed, or is at work: what serves is shown all the same."""

from __future__ import annotations

import datetime

import pytest
from django.core.cache import cache

from tests.unit.fake_openstack.server import MORNING
from tests.unit.panels.reading import read
from tests.unit.panels.walk import SHOW


def later(world, seconds=1200):
    world.wire.now = MORNING + datetime.timedelta(seconds=seconds)
    cache.clear()


def put(world, environment, status, reason=""):
    row = world.heat.stacks[environment.id]["row"]
    row.update(stack_status=status, stack_status_reason=reason, updated_time="2026-11-21T06:00:20Z")
    cache.clear()


def test_a_launch_that_stands_still_says_since_when_and_offers_to_go_on(client, owner, world, begun):
    world.heat.build(begun.id, 9)
    assert not read(client.get(SHOW)).has("#why")
    later(world)
    page = read(client.get(SHOW + "state/"))
    assert page.one("#environment")["data-status"] == "building"
    assert "Nothing has moved since 21 Nov 06:00:" in page.one("#why").words()
    assert page.one("#retry").words() == "Go on"
    assert page.has("#rollback")
    world.calls()
    assert client.post(SHOW + "retry/")["Location"] == SHOW
    assert any(call.startswith("PATCH /orchestration/") for call in world.calls())
    assert not read(client.get(SHOW)).has("#why")


def test_who_may_only_look_is_offered_nothing(client, log_in, world, begun):
    world.heat.build(begun.id, 9)
    later(world)
    log_in("reader")
    page = read(client.get(SHOW))
    assert page.has("#why")
    assert not page.has("#retry")
    assert not page.has("#rollback")
    world.calls()
    assert client.post(SHOW + "retry/").status_code == 403
    assert not any(call.startswith("PATCH") for call in world.calls())


def test_what_moves_is_not_made_to_go_on(client, owner, world, begun):
    world.heat.build(begun.id, 9)
    world.calls()
    answer = client.post(SHOW + "retry/", follow=True)
    assert "at work" in answer.content.decode()
    assert not any(call.startswith("PATCH") for call in world.calls())


@pytest.mark.parametrize("status", ["UPDATE_FAILED", "CHECK_FAILED", "ROLLBACK_FAILED", "SNAPSHOT_FAILED"])
def test_a_change_that_failed_hides_no_application_that_serves(client, owner, world, shop, status):
    put(world, shop, status, "Resource UPDATE failed: resources.balancer: over quota")
    page = read(client.get(SHOW))
    assert page.one("#environment")["data-status"] == "warning"
    assert {node["data-state"] for node in page.find_all("li", "data-proof")} - {"unknown"} == {"good"}
    assert "over quota; the application goes on serving." in page.one("#why").words()
    assert page.one("#retry").words() == "Retry"
    assert not page.has("#rollback"), "rolling back would take it away"
    assert "It serves at" in page.one("#environment-answer").words()


@pytest.mark.parametrize("status", ["ROLLBACK_IN_PROGRESS", "UPDATE_IN_PROGRESS", "RESTORE_IN_PROGRESS"])
def test_a_change_is_no_delete_and_no_launch(client, owner, world, shop, status):
    put(world, shop, status)
    page = read(client.get(SHOW))
    assert page.one("#environment")["data-status"] == "building"
    assert page.one("#environment-answer").words().endswith("; the application goes on serving.")
    assert len(page.find_all("li", "data-proof")) >= 5


def test_a_delete_that_stands_still_offers_to_go_on(client, owner, world, shop):
    world.heat.delete(shop.id, [], {})
    later(world)
    page = read(client.get(SHOW))
    assert page.one("#environment")["data-status"] == "deleting"
    assert page.one("#retry").words() == "Go on"
    world.calls()
    client.post(SHOW + "retry/")
    assert any(call.startswith("DELETE /orchestration/") for call in world.calls())


def test_what_octavia_does_not_end_is_said_with_its_id(client, owner, world, shop):
    (balancer,) = world.things.kept["loadbalancers"].values()
    balancer.update(provisioning_status="PENDING_UPDATE", updated_at="2026-11-21T06:00:05")
    world.things.trees[balancer["id"]]["provisioning_status"] = "PENDING_UPDATE"
    later(world)
    said = read(client.get(SHOW)).one("#why").words()
    assert "Octavia has been changing Load balancer since 21 Nov 06:00:05" in said
    assert balancer["id"] in said
