"""Who may do what, and what is written down of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, endings, errors, launch, reconcile, watch
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.errors import NotAllowed
from tests.unit.fake_openstack.world import World

ACTIONS = ["environments:read", "environments:launch", "environments:delete", "environments:care"]


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("reader", ACTIONS[:1]), ("member", ACTIONS), ("admin", ACTIONS), ("load-balancer_member", [])],
)
def test_shipped_rules(world: World, role: str, allowed: list[str]) -> None:
    person = world.cloud(role)
    assert [action for action in ACTIONS if policy.allowed(person, action)] == allowed
    assert not policy.allowed(person, "environments:unheard-of")


def test_an_operators_file_counts(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "policy.yaml"
    mine.write_text('"environments:launch": "role:lead"\n')
    assert policy.allowed(world.cloud("lead"), "environments:launch", mine)
    monkeypatch.setenv(policy.VARIABLE, str(mine))
    assert not policy.allowed(world.cloud("member"), "environments:launch")
    assert not policy.allowed(world.cloud("member"), "environments:read")


def test_the_rules_can_be_listed() -> None:
    assert {rule.name for rule in policy.list_rules()} >= set(ACTIONS)


def test_every_change_is_one_line(world: World, standing: Environment, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "tenant_ops.audit"):
        delete.delete(world.cloud(), "shop")
    (event,) = [json.loads(record.message) for record in caplog.records if record.name == "tenant_ops.audit"]
    assert event["typeURI"] == "http://schemas.dmtf.org/cloud/audit/1.0/event"
    assert (event["action"], event["outcome"]) == ("delete/environment", "pending")
    assert event["initiator"].items() >= {"id": "user-1", "name": "owner", "project_id": "project"}.items()
    assert event["target"].items() >= {"id": standing.id, "name": "shop"}.items()


def test_a_failure_has_the_request_id(world: World, standing: Environment, caplog: pytest.LogCaptureFixture) -> None:
    world.wire.trouble["DELETE /orchestration"] = [409]
    with caplog.at_level(logging.INFO, "tenant_ops.audit"), pytest.raises(Exception, match="told to fail"):
        delete.delete(world.cloud(), "shop")
    event = json.loads(caplog.records[-1].message)
    assert event["outcome"] == "failure"
    assert event["requestId"].startswith("req-")


def test_a_refused_retry_is_one_line_too(world: World, standing: Environment, caplog: pytest.LogCaptureFixture) -> None:
    world.heat.become(standing.id, "UPDATE_FAILED")
    with caplog.at_level(logging.INFO, "tenant_ops.audit"), pytest.raises(NotAllowed):
        launch.retry(world.cloud("reader"), "shop")
    (event,) = [json.loads(record.message) for record in caplog.records if record.name == "tenant_ops.audit"]
    assert (event["outcome"], event["reason"]["policyId"]) == ("failure", "environments:launch")
    assert (event["target"]["id"], event["attachments"][0]["content"]["verb"]) == (standing.id, "retry")


Told = list[tuple[str, str, str]]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], Told]:
    """Action, outcome and reason of the events since the last look."""
    caplog.set_level(logging.INFO, "tenant_ops.audit")

    def run() -> Told:
        events = [json.loads(record.message) for record in caplog.records if record.name == "tenant_ops.audit"]
        caplog.clear()
        return [
            (one["action"], one["outcome"], one.get("reason", {}).get("reasonCode", ""))
            for one in events if one["target"]["name"] == "shop"
        ]  # fmt: skip

    return run


@pytest.mark.parametrize("well", [True, False])
def test_how_a_launch_ended_is_told_once(world: World, cloud: Cloud, told: Callable[[], Told], well: bool) -> None:
    made = launch.launch(cloud, Request("shop", "tomcat-oracle", {}), (), "form")
    reconcile.reconcile(cloud, made)
    assert told() == [("create/environment", "pending", "")]
    if well:
        world.heat.finish(made.id)
    else:
        world.heat.fail(made.id, "balancer", "told to fail")
    for _ in range(2):
        reconcile.unfinished(cloud, watch.listing(cloud))
    outcome, status = ("success", "CREATE_COMPLETE") if well else ("failure", "CREATE_FAILED")
    assert told() == [("create/environment", outcome, f"seen {status}, asked for by owner")]
    assert not endings.open_(cloud, made.id)


@pytest.mark.parametrize("well", [True, False])
def test_how_a_delete_ended_is_told_once(
    world: World, cloud: Cloud, standing: Environment, told: Callable[[], Told], well: bool
) -> None:
    reconcile.reconcile(cloud, standing)
    told()
    delete.delete(cloud, "shop")
    reconcile.reconcile(cloud, standing)
    assert told() == [("delete/environment", "pending", "")]
    if well:
        world.heat.gone(standing.id)
    else:
        world.heat.become(standing.id, "DELETE_FAILED")
    for _ in range(2):
        reconcile.reconcile(cloud, standing)
    outcome, status = ("success", "gone") if well else ("failure", "DELETE_FAILED")
    assert told() == [("delete/environment", outcome, f"seen {status}, asked for by owner")]


def test_a_delete_whose_data_stays_is_told_to_its_end(
    world: World, cloud: Cloud, standing: Environment, told: Callable[[], Told]
) -> None:
    world.wire.trouble["POST .*/metadata"] = [503, 503]
    with pytest.raises(errors.DataStays):
        delete.delete(cloud, "shop", data=True)
    told()
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert told() == [("delete/environment", "success", "seen gone, asked for by owner")]


def test_what_another_release_kept_of_an_end_is_no_trouble(world: World, cloud: Cloud, standing: Environment) -> None:
    cloud.store.set(endings._key(cloud, standing.id), 7, 60)
    reconcile.reconcile(cloud, standing)
