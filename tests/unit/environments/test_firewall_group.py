"""Making the firewall group when things go wrong: nothing is left, nothing is made twice, it is told and tried later."""

from __future__ import annotations

import datetime
import itertools
import json
import logging
from typing import Any

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud, CloudError, NotAllowed, OverQuota, Uncertain, Unreachable
from tenant_ops_dashboard.cloud.store import Kept
from tenant_ops_dashboard.environments import follow, launch, reconcile, watch
from tenant_ops_dashboard.environments.firewall_group import actions as firewall_actions
from tenant_ops_dashboard.environments.firewall_group import attempts, build
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.model import Environment, Proof
from tests.unit.fake_openstack.world import World

FIREWALLS = ("firewall_groups", "firewall_policies", "firewall_rules")
RESET = requests.ConnectionError("reset")


def count(world: World) -> tuple[int, ...]:
    return tuple(len(world.things.kept[name]) for name in FIREWALLS)


def changes(world: World) -> int:
    return sum(not call.startswith("GET") for call in world.calls())


def proof(cloud: Cloud) -> Proof:
    return next(one for one in watch.details(cloud, "shop").proofs if one.name == "firewall")


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Any:
    """The outcomes told of firewall groups so far."""
    caplog.set_level(logging.INFO, "tenant_ops.audit")

    def run() -> list[tuple[str, str]]:
        told = [json.loads(one.getMessage()) for one in caplog.records if one.name == "tenant_ops.audit"]
        return [(one["action"], one["outcome"]) for one in told if "firewall-group" in one["action"]]

    return run


@pytest.fixture
def up(world: World, building: Environment) -> Environment:
    """The stack stands, its firewall group is still to be made."""
    world.heat.finish(building.id)
    world.calls()
    return building


class Clock:
    """Goes on when told to."""

    def __init__(self) -> None:
        self.time = datetime.datetime(2026, 11, 21, 6, 0, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.time

    def pass_(self, seconds: float) -> None:
        self.time += datetime.timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(attempts, "now", made)
    return made


@pytest.mark.parametrize("kind", FIREWALLS)
@pytest.mark.parametrize("trouble", [403, 404, 409, 500, RESET])
def test_a_build_that_fails_leaves_nothing(
    world: World, cloud: Cloud, up: Environment, kind: str, trouble: int | Exception
) -> None:
    world.wire.trouble[f"POST .*{kind}"] = [trouble] * 60
    with pytest.raises(CloudError):
        reconcile.reconcile(cloud, up)
    assert count(world) == (0, 0, 0)


@pytest.mark.parametrize("lost", ["firewall_rules", "firewall_policies"])
def test_what_was_made_although_its_answer_was_lost_goes_too(
    world: World, cloud: Cloud, up: Environment, lost: str
) -> None:
    made = [0]
    send = world.wire.send

    def swallow(request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = send(request, **options)
        if request.method == "POST" and str(request.url).endswith(lost):
            made[0] += 1
            raise RESET
        return answer

    world.wire.send = swallow  # type: ignore[method-assign]
    with pytest.raises(Uncertain):
        reconcile.reconcile(cloud, up)
    assert made[0] >= firewall_actions.ROUNDS
    assert count(world) == (0, 0, 0)


def test_a_lost_answer_of_the_clean_up_is_asked_again(world: World, cloud: Cloud, up: Environment) -> None:
    world.things.quota["firewall_rules"] = 5
    world.wire.trouble["DELETE .*firewall_rules"] = [RESET, RESET, 500]
    with pytest.raises(OverQuota):
        reconcile.reconcile(cloud, up)
    assert count(world) == (0, 0, 1), "one DELETE was lost twice; its answer is not waited for"
    world.things.quota.clear()
    reconcile.reconcile(world.cloud(), up)
    assert count(world) == (1, 2, 18)


def test_the_clean_up_of_a_cloud_that_hangs_ends(
    world: World, cloud: Cloud, up: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "CLEAN_SECONDS", 0.0)
    world.things.quota["firewall_policies"] = 1
    with pytest.raises(OverQuota):
        reconcile.reconcile(cloud, up)
    assert count(world) == (0, 1, 18), "no time was left"
    world.things.quota.clear()
    world.calls()
    reconcile.reconcile(world.cloud(), up)
    assert count(world) == (1, 2, 18)
    assert changes(world) == 2, "the other policy and the group: what was there was taken over"


def test_what_a_dead_run_left_is_taken_over(world: World, cloud: Cloud, up: Environment) -> None:
    class Killed(BaseException):
        """What a process that ends does not catch."""

    world.wire.trouble["POST .*firewall_groups"] = [Killed()]
    with pytest.raises(Killed):
        reconcile.reconcile(cloud, up)
    assert count(world) == (0, 2, 18)
    world.calls()
    reconcile.reconcile(world.cloud(), up)
    assert count(world) == (1, 2, 18)
    assert changes(world) == 1


def test_a_rule_that_was_changed_meanwhile_is_not_taken_over(world: World, cloud: Cloud, up: Environment) -> None:
    reconcile.reconcile(cloud, up)
    world.things.kept["firewall_groups"].clear()
    rule = next(one for one in world.things.kept["firewall_rules"].values() if one["name"] == "shop-fw-database-in")
    rule["destination_port"] = "1:65535"
    reconcile.reconcile(world.cloud(), up)
    assert proof(cloud).state == "good"
    assert rule["id"] not in world.things.kept["firewall_rules"]
    assert count(world) == (1, 2, 18)


def test_a_group_that_somebody_took_away_is_made_of_what_is_there(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    world.things.kept["firewall_groups"].clear()
    world.calls()
    reconcile.reconcile(cloud, standing)
    assert changes(world) == 1
    assert count(world) == (1, 2, 18)


def test_a_failure_is_not_repeated_by_every_look(world: World, cloud: Cloud, up: Environment, clock: Clock) -> None:
    world.things.quota["firewall_rules"] = 5
    tries = []
    for _ in range(300):
        if reconcile.due(cloud, watch.details(cloud, "shop").environment):
            try:
                reconcile.reconcile(cloud, up)
            except OverQuota:
                tries.append(clock())
        if len(tries) == 8:
            break
        clock.pass_(15)
    pauses = [round((after - before).total_seconds()) for before, after in itertools.pairwise(tries)]
    assert pauses == [30, 60, 120, 240, 480, 900, 900]
    world.things.quota.clear()
    clock.pass_(900)
    reconcile.reconcile(cloud, up)
    assert count(world) == (1, 2, 18)
    assert attempts.failure(cloud, up.id) is None


def test_all_who_look_share_what_is_remembered(world: World, up: Environment) -> None:
    store = Kept()
    world.things.quota["firewall_rules"] = 5
    with pytest.raises(OverQuota):
        reconcile.reconcile(world.cloud(store=store), up)
    world.calls()
    reconcile.reconcile(world.cloud(store=store), up)
    assert changes(world) == 0
    assert attempts.failure(world.cloud(store=store, region="RegionTwo"), up.id) is None
    assert attempts.failure(world.cloud(store=store, project="other"), up.id) is None


def test_a_failure_is_a_failed_promise(world: World, cloud: Cloud, up: Environment, clock: Clock) -> None:
    world.things.quota["firewall_rules"] = 5
    with pytest.raises(OverQuota):
        reconcile.reconcile(cloud, up)
    found = proof(cloud)
    assert found.state == "failed"
    assert "Quota exceeded" in found.evidence
    assert "req-11111111-2222-3333-4444-555555555555" in found.evidence
    assert found.evidence.endswith("It is tried again after 06:00:30 UTC.")
    (row,) = watch.listing(cloud)
    assert (row.status, "Quota exceeded" in row.status_reason) == ("failed", True)
    clock.pass_(1)
    assert watch.version(watch.details(cloud, "shop")) == watch.version(watch.details(cloud, "shop"))


def test_trying_again_does_not_wait(world: World, cloud: Cloud, up: Environment, clock: Clock) -> None:
    world.things.quota["firewall_rules"] = 5
    for _ in range(2):
        with pytest.raises(OverQuota):
            reconcile.reconcile(cloud, up)
        clock.pass_(30)
    clock.pass_(-29)
    world.things.quota.clear()
    world.calls()
    launch.retry(cloud, "shop")
    assert count(world) == (1, 2, 18)
    assert world.heat.stacks[up.id]["row"]["stack_status"] == "CREATE_COMPLETE", "Heat had nothing to do"
    assert proof(cloud).state == "good"


def test_trying_again_in_vain_is_told(world: World, cloud: Cloud, up: Environment) -> None:
    world.wire.trouble["POST .*firewall_rules"] = [403] * 2
    for act in (lambda: reconcile.reconcile(cloud, up), lambda: launch.retry(cloud, "shop")):
        with pytest.raises(NotAllowed):
            act()  # type: ignore[no-untyped-call]
    assert proof(cloud).state == "failed"


def test_a_group_is_done_when_it_was_seen(world: World, cloud: Cloud, up: Environment, events: Any) -> None:
    world.things.firewalls.becomes = "PENDING_CREATE"
    reconcile.reconcile(cloud, up)
    assert events() == [("create/firewall-group", "pending")]
    assert watch.listing(cloud)[0].status == "building"
    reconcile.reconcile(cloud, up)
    assert len(events()) == 1
    next(iter(world.things.kept["firewall_groups"].values()))["status"] = "ACTIVE"
    assert reconcile.due(cloud, watch.details(cloud, "shop").environment)
    reconcile.reconcile(cloud, up)
    assert events() == [("create/firewall-group", "pending"), ("create/firewall-group", "success")]
    assert not reconcile.due(cloud, watch.details(cloud, "shop").environment)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_group_in_error_is_no_success(
    world: World, cloud: Cloud, up: Environment, events: Any, at_once: bool
) -> None:
    world.things.firewalls.becomes = "ERROR" if at_once else "PENDING_CREATE"
    reconcile.reconcile(cloud, up)
    next(iter(world.things.kept["firewall_groups"].values()))["status"] = "ERROR"
    assert proof(cloud).state == "failed"
    assert watch.listing(cloud)[0].status == "failed"
    world.calls()
    if reconcile.due(cloud, watch.details(cloud, "shop").environment):
        reconcile.reconcile(cloud, up)
    assert changes(world) == 0
    assert events()[-1] == ("create/firewall-group", "failure")
    assert ("create/firewall-group", "success") not in events()
    world.things.firewalls.becomes = "ACTIVE"
    launch.retry(cloud, "shop")
    assert proof(cloud).state == "good"
    assert count(world) == (1, 2, 18)
    assert events()[-1] == ("create/firewall-group", "success")


def test_waiting_ends_with_the_promise_that_is_not_kept(
    world: World, cloud: Cloud, up: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "EVERY", 0.0)
    monkeypatch.setattr(follow, "GRACE", 0.0)
    world.things.quota["firewall_rules"] = 5
    details, proofs = follow.up(cloud, up, 20)
    assert [one.state for one in proofs if one.name == "firewall"] == ["failed"]
    assert details.environment.status == "failed"


@pytest.mark.parametrize("left", ["everything", "without a group"])
def test_a_sweep_finds_what_no_stack_owns(world: World, cloud: Cloud, standing: Environment, left: str) -> None:
    """Six policies and 54 rules of a stack that was gone stayed for ever."""
    other = "00000000-0000-0000-0000-00000000dead"
    for collection in ("firewall_rules", "firewall_policies", "firewall_groups"):
        for one in list(world.things.kept[collection].values()):
            extra = {**one, "description": firewall_groups.mark(other)}
            extra.pop("id")
            world.things.add(collection, **{**extra, **({"ports": []} if collection == "firewall_groups" else {})})
    if left == "without a group":
        gone = [key for key, one in world.things.kept["firewall_groups"].items() if other in one["description"]]
        world.things.kept["firewall_groups"].pop(gone[0])
    theirs = world.things.add("firewall_rules", name="own", description="Environment of ours", enabled=True)
    reconcile.sweep(cloud, "00000000-0000-0000-0000-00000000beef")
    assert count(world) == (1, 2, 19)
    assert theirs["id"] in world.things.kept["firewall_rules"]
    assert proof(cloud).state == "good"


def test_what_is_in_use_goes_the_next_time(world: World, cloud: Cloud, standing: Environment) -> None:
    world.heat.gone(standing.id)
    group = next(iter(world.things.kept["firewall_groups"].values()))
    other = world.things.add("firewall_groups", **{**group, "id": "hand", "description": "by hand", "name": "hand"})
    reconcile.sweep(cloud, standing.id)
    assert count(world) == (1, 2, 18)
    world.things.kept["firewall_groups"].pop(other["id"])
    reconcile.sweep(cloud, standing.id)
    assert count(world) == (0, 0, 0)


def test_a_sweep_that_is_refused_somewhere_goes_on(world: World, cloud: Cloud, standing: Environment) -> None:
    world.heat.gone(standing.id)
    world.wire.trouble["DELETE .*firewall_rules"] = [403]
    with pytest.raises(NotAllowed):
        reconcile.sweep(cloud, standing.id)
    assert count(world) == (0, 0, 1)


def test_nothing_is_swept_where_heat_does_not_answer(world: World, cloud: Cloud, standing: Environment) -> None:
    world.wire.trouble["GET /orchestration/.*stacks$"] = [503, 503]
    with pytest.raises(Unreachable):
        reconcile.sweep(cloud, standing.id)
    assert count(world) == (1, 2, 18)


def test_a_router_without_its_interface_is_told_whatever_else_it_has_there(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    port = next(one for one in world.things.kept["ports"].values() if one["device_owner"].endswith("_interface"))
    port["device_owner"] = "network:router_centralized_snat"
    assert any("was taken away" in one.sentence for one in watch.details(cloud, "shop").drift)


@pytest.mark.parametrize("kind", ["ha_router_replicated_interface", "router_interface_distributed"])
def test_interfaces_of_every_kind_of_router_are_filtered(
    world: World, cloud: Cloud, up: Environment, kind: str
) -> None:
    router = world.heat.stacks[up.id]["ids"]["router"]
    for port in world.things.kept["ports"].values():
        if port["device_id"] == router:
            port["device_owner"] = f"network:{kind}"
    for owner in ("router_gateway", "router_centralized_snat", "router_ha_interface"):
        world.things.add("ports", device_id=router, device_owner=f"network:{owner}", fixed_ips=[], name="",
                         network_id=world.heat.stacks[up.id]["ids"]["dmz_network"], status="ACTIVE")  # fmt: skip
    reconcile.reconcile(cloud, up)
    (group,) = world.things.kept["firewall_groups"].values()
    assert {world.things.kept["ports"][id_]["device_owner"] for id_ in group["ports"]} == {f"network:{kind}"}
    assert len(group["ports"]) == 2
    assert proof(cloud).state == "good"
