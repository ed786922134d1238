"""What holds for every change in the registry: who may, what the audit trail tells, and when it tells of a success."""

from __future__ import annotations

import importlib
import json
import logging
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

import tenant_ops_dashboard
from tenant_ops_dashboard import changes, errors
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.heat import deletion
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.loadbalancers import create, settle
from tests.unit.changes.scenes import CALLER, Balancers, Environments
from tests.unit.changes.table import OURS, RECIPES, WANTED

pytestmark = pytest.mark.django_db
Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (launch, "SETTLE_SECONDS"), (deletion, "BEGINS"), (deletion, "PAUSE"), (settle, "PAUSE"), (create, "SETTLE"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 0.0)


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Events:
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    return lambda: [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]


def written(scene: Environments | Balancers) -> list[str]:
    return [call for call in scene.wire.calls if not call.startswith("GET")]


def test_every_change_has_a_recipe() -> None:
    for module in pkgutil.walk_packages(tenant_ops_dashboard.__path__, "tenant_ops_dashboard."):
        if module.name.split(".")[1] in ("clones", "environments", "firewall", "loadbalancers", "records", "walkthrough"):
            importlib.import_module(module.name)
    ours = {name for name, one in changes.registered().items() if one.__module__.startswith("tenant_ops_dashboard.")}
    assert set(RECIPES) == ours


@pytest.mark.parametrize("name", RECIPES)
def test_who_may_not_changes_nothing_and_is_told_of(
    name: str, events: Events, caplog: pytest.LogCaptureFixture
) -> None:
    recipe = RECIPES[name]
    scene = recipe.scene()
    change = recipe.make(scene, scene.login("reader"))
    caplog.clear()
    scene.wire.calls.clear()
    with pytest.raises(errors.NotAllowed):
        changes.perform(change)
    assert scene.wire.calls == []
    (event,) = events()
    assert (event["outcome"], event["reason"]["policyId"]) == ("failure", change.rule)
    assert event["action"] == f"{change.action}/{change.kind}"


@pytest.mark.parametrize("name", RECIPES)
def test_what_was_accepted_and_never_came_about_is_no_success(
    name: str, events: Events, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = RECIPES[name]
    scene = recipe.scene()
    change = recipe.make(scene, scene.login(*recipe.roles))
    send, back = change.send, scene.remember()

    def forgotten() -> Any:
        made = send()
        back()
        return made

    monkeypatch.setattr(change, "send", forgotten)
    caplog.clear()
    scene.wire.calls.clear()
    changes.perform(change)
    assert written(scene) or name in OURS
    # What it does first, by a change of its own, was there to be seen.
    own = [one for one in events() if one["action"] == f"{change.action}/{change.kind}"]
    assert {one["outcome"] for one in own} == {"pending"}


@pytest.mark.parametrize("name", RECIPES)
def test_a_success_is_what_was_seen(name: str, events: Events, caplog: pytest.LogCaptureFixture) -> None:
    recipe = RECIPES[name]
    scene = recipe.scene()
    change = recipe.make(scene, scene.login(*recipe.roles))
    caplog.clear()
    changes.perform(change)
    event = events()[-1]
    assert event["outcome"] == ("success" if recipe.seen else "pending")
    assert event["attachments"][0]["content"]["verb"] == change.verb
    assert event["initiator"]["host"]["address"] == CALLER
    assert event["initiator"]["name"] == "owner"
    assert event["initiator"]["project_id"] == event["target"]["project_id"] == "project"
    assert event["target"]["id"] or event["target"]["name"]


def test_what_people_do_to_a_member_can_be_told_apart(events: Events) -> None:
    told = {}
    for name in ("drain", "weigh", "enable", "disable", "remove", "add", "put_back", "bring_back"):
        recipe = RECIPES[f"loadbalancers.{name}"]
        scene = recipe.scene()
        changes.perform(recipe.make(scene, scene.login(*recipe.roles)))
        told[name] = json.dumps(events()[-1]["attachments"][0]["content"], sort_keys=True)
    assert len(set(told.values())) == len(told), told


@pytest.mark.parametrize("status", ["ERROR", "PENDING_CREATE", "DOWN"])
def test_a_firewall_group_that_does_not_filter_is_no_success(status: str, events: Events) -> None:
    scene = Environments()
    change = RECIPES["environments.build_firewall"].make(scene, scene.owner)
    scene.world.things.firewalls.becomes = status
    assert changes.perform(change)["status"] == status
    assert events()[-1]["outcome"] == "pending"


def test_a_firewall_group_that_cannot_be_looked_at_is_no_success(events: Events) -> None:
    scene = Environments()
    change = RECIPES["environments.build_firewall"].make(scene, scene.owner)
    scene.wire.trouble["GET .*firewall_groups/"] = [503, 503]
    assert changes.perform(change)["status"] != "ACTIVE", "whoever goes on with it has not seen it filter"
    assert events()[-1]["outcome"] == "pending"


@pytest.mark.parametrize("name", ["drain", "weigh", "remove", "add"])
def test_what_was_asked_for_before_and_is_not_seen_yet_is_no_success(name: str, events: Events) -> None:
    recipe, scene = RECIPES[f"loadbalancers.{name}"], Balancers()
    scene.octavia.slow = 10**6
    changes.perform(recipe.make(scene, scene.owner))
    scene.octavia.slow, sent = 0, len(written(scene))
    again = recipe.make(scene, scene.owner)
    changes.perform(again)
    assert len(written(scene)) == sent, "it was sent once"
    assert [one["outcome"] for one in events()] == ["pending", "pending"]
    scene.octavia.settle()
    if name != "remove":
        changes.perform(recipe.make(scene, scene.owner))
        assert events()[-1]["outcome"] == "success"


def test_a_launch_and_a_load_balancer_that_are_still_being_made_are_no_success(events: Events) -> None:
    scene, balancers = Environments(), Balancers()
    for _ in range(2):
        changes.perform(launch.Launch(scene.owner, Request("another", "tomcat-oracle", {}), (), "form"))
    balancers.octavia.slow = 10**6
    for _ in range(2):
        changes.perform(create.Create(balancers.owner, WANTED, "form"))
    assert [one["outcome"] for one in events()] == ["pending"] * 4
    assert len(written(scene)) == len(written(balancers)) == 1
    (made,) = [id_ for id_, one in scene.world.heat.stacks.items() if one["row"]["stack_name"] == "another"]
    scene.world.heat.finish(made)
    changes.perform(launch.Launch(scene.owner, Request("another", "tomcat-oracle", {}), (), "form"))
    assert events()[-1]["outcome"] == "success"


@pytest.mark.parametrize("status", [403, 404, 409, 500])
@pytest.mark.parametrize("name", [name for name in RECIPES if name not in OURS])
def test_what_openstack_refuses_or_loses_is_no_success(name: str, status: int, events: Events) -> None:
    recipe = RECIPES[name]
    scene = recipe.scene()
    change = recipe.make(scene, scene.login(*recipe.roles))
    change.patience = 0.0
    before = len(events())
    scene.wire.trouble["^(POST|PUT|PATCH|DELETE)"] = [status] * 500
    try:
        changes.perform(change)
    except errors.TenantOpsError:
        outcomes = {"failure", "unknown"}
    else:
        outcomes = {"pending", "success"}
    told = events()[before:]
    assert told[-1]["outcome"] in outcomes
    if status in (403, 409):
        assert "success" not in {one["outcome"] for one in told}
