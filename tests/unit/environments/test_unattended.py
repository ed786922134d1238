"""Unattended care: given, listed, taken back; and used by the service user."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from tenant_ops_dashboard.cloud import Cloud, from_clouds_yaml
from tenant_ops_dashboard.environments import delete, errors, reconcile, unattended, watch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.keystone import id_of
from tests.unit.fake_openstack.server import MORNING
from tests.unit.fake_openstack.world import World

SERVICE = "a" * 32


def test_without_a_service_user_it_is_not_offered(cloud: Cloud, building: Environment) -> None:
    with pytest.raises(errors.NotConfigured):
        unattended.give(cloud, building)
    assert unattended.given(cloud, building) == ""


def test_given_once_and_taken_back(world: World, building: Environment) -> None:
    cloud = world.cloud("member", "admin", "manager", "reader", "load-balancer_member", service_user=SERVICE)
    given = unattended.give(cloud, building)
    assert unattended.give(cloud, building) == given == unattended.given(cloud, building)
    (kept,) = world.things.kept["trusts"].values()
    assert kept["trustee_user_id"] == SERVICE
    assert kept["impersonation"] is True
    assert [role["name"] for role in kept["roles"]] == ["load-balancer_member", "member"]
    days = (stack.moment(kept["expires_at"]) - datetime.datetime.now(datetime.UTC)).days
    assert 88 <= days <= 90
    assert watch.details(cloud, "shop").trusted
    unattended.revoke(cloud, building)
    assert world.things.kept["trusts"] == {}
    assert not watch.details(cloud, "shop").trusted


@pytest.mark.parametrize("roles", [("admin",), ("manager", "admin"), ("reader", "admin"), ("service", "admin")])
def test_power_is_never_handed_on(world: World, building: Environment, roles: tuple[str, ...]) -> None:
    """Whatever the operator's list says: an administrator without a lesser role has nothing to give."""
    cloud = world.cloud(*roles, service_user=SERVICE, trust_roles=("member", "admin", "manager", "service"))
    with pytest.raises(errors.NotConfigured, match="you have none of them here"):
        unattended.give(cloud, building)
    assert world.things.kept["trusts"] == {}


def test_the_operators_list_counts(world: World, building: Environment) -> None:
    cloud = world.cloud(
        "member", "heat_stack_owner", service_user=SERVICE, trust_roles=("heat_stack_owner",), trust_days=1
    )
    unattended.give(cloud, building)
    (kept,) = world.things.kept["trusts"].values()
    assert [role["name"] for role in kept["roles"]] == ["heat_stack_owner"]


def test_one_that_ended_is_off_and_can_be_given_anew(world: World, building: Environment) -> None:
    """Keystone goes on listing a trust that has expired, and lets nobody delete it."""
    cloud = world.cloud(service_user=SERVICE)
    old = unattended.give(cloud, building)
    world.things.kept["trusts"][old]["expires_at"] = "2020-01-01T00:00:00.000000Z"
    assert not watch.details(cloud, "shop").trusted
    assert unattended.given(cloud, building) == ""
    new = unattended.give(cloud, building)
    assert new != old
    assert list(world.things.kept["trusts"]) == [old, new]
    assert unattended.given(cloud, building) == new


def test_a_trust_of_another_project_is_not_this_ones(world: World, building: Environment) -> None:
    cloud = world.cloud(service_user=SERVICE)
    given = unattended.give(cloud, building)
    world.things.kept["trusts"][given]["project_id"] = "another"
    assert unattended.given(cloud, building) == ""


def test_many_are_given_at_once(world: World, building: Environment) -> None:
    """Keystone keeps no two trusts of the same people that end in the same second."""
    cloud = world.cloud(service_user=SERVICE)
    given = {unattended.give(cloud, replace(building, id=f"{number:032d}")) for number in range(4)}
    assert len(given) == 4
    unattended.revoke(cloud, replace(building, id=f"{0:032d}"))
    assert unattended.give(cloud, replace(building, id=f"{0:032d}")) not in given


def test_a_name_needs_somebody_who_may_look_it_up(world: World, building: Environment) -> None:
    cloud = world.cloud(service_user="tenant-ops")
    world.wire.on("GET", "/identity/v3/users")(lambda query, body: (403, {"error": {"message": "no"}}))
    with pytest.raises(errors.NotConfigured, match="should hold its id"):
        unattended.give(cloud, building)


def test_it_goes_with_the_environment(world: World, standing: Environment) -> None:
    cloud = world.cloud(service_user=SERVICE)
    unattended.give(cloud, standing)
    delete.delete(cloud, "shop")
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert world.things.kept["trusts"] == {}


@pytest.fixture
def care(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """The service user's own login, from clouds.yaml with a password."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(world.keystone.clouds_yaml(tmp_path, "care")))
    world.wire_all(monkeypatch)
    return from_clouds_yaml("care")


def entrust(world: World, environment: Environment) -> None:
    """A user gives the service user a trust for this environment."""
    unattended.give(world.cloud(service_user=id_of("care")), environment)


def test_the_service_user_finishes_what_it_was_given(world: World, building: Environment, care: Cloud) -> None:
    entrust(world, building)
    entrust(world, replace(building, id="gone", name="old"))
    world.things.add("trusts", trustee_user_id=care.user_id)
    world.heat.finish(building.id)
    assert unattended.reconcile_all(care) == ()
    assert [login["user"]["id"] for login in world.keystone.logins] == [id_of("care"), "user-1", "user-1"]
    assert len(world.things.kept["firewall_groups"]) == 1


def test_one_that_fails_does_not_stop_the_others(world: World, building: Environment, care: Cloud) -> None:
    world.heat.finish(building.id)
    entrust(world, replace(building, id="0" * 32, name="first"))
    entrust(world, building)
    # Login, list of trusts; then the first trust's login is refused.
    world.wire.trouble["POST .*/auth/tokens"] = [403]
    (said,) = unattended.reconcile_all(care)
    assert said.startswith("first: Keystone does not accept this login")
    assert len(world.things.kept["firewall_groups"]) == 1


def test_what_stands_still_is_made_to_go_on_and_then_left_for_as_long_again(
    world: World, building: Environment, care: Cloud
) -> None:
    entrust(world, building)

    def sent(seconds: float) -> int:
        world.wire.now = MORNING + datetime.timedelta(seconds=seconds)
        world.calls()
        assert unattended.reconcile_all(care) == ()
        return sum(call.startswith("PATCH /orchestration/") for call in world.calls())

    assert [sent(seconds) for seconds in (30, 1200, 1210, 1300, 2400)] == [0, 1, 0, 0, 1]


def test_a_delete_that_stands_still_is_sent_again(world: World, standing: Environment, care: Cloud) -> None:
    entrust(world, standing)
    world.heat.delete(standing.id, [], {})
    world.wire.now = MORNING + datetime.timedelta(seconds=1200)
    world.calls()
    assert unattended.reconcile_all(care) == ()
    assert any(call.startswith("DELETE /orchestration/") for call in world.calls())
