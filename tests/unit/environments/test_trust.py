"""Unattended care: given, listed, taken back; and used by the service user."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud, NotAllowed
from tenant_ops_dashboard.environments import delete, errors, reconcile, trust, watch
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.world import World

SERVICE = "a" * 32


def test_without_a_service_user_it_is_not_offered(cloud: Cloud, building: Environment) -> None:
    with pytest.raises(errors.NotConfigured):
        trust.give(cloud, building)
    assert trust.given(cloud, building) == ""


def test_given_once_and_taken_back(world: World, building: Environment) -> None:
    cloud = world.cloud("member", "admin", "load-balancer_member", service_user=SERVICE)
    given = trust.give(cloud, building)
    assert trust.give(cloud, building) == given == trust.given(cloud, building)
    (kept,) = world.things.kept["trusts"].values()
    assert kept["trustee_user_id"] == SERVICE
    assert kept["impersonation"] is True
    assert [role["name"] for role in kept["roles"]] == ["load-balancer_member", "member"]
    assert watch.details(cloud, "shop").trusted
    trust.revoke(cloud, building)
    assert world.things.kept["trusts"] == {}
    assert not watch.details(cloud, "shop").trusted


def test_a_name_needs_somebody_who_may_look_it_up(world: World, building: Environment) -> None:
    cloud = world.cloud(service_user="tenant-ops")
    world.wire.on("GET", "/identity/v3/users")(lambda query, body: (403, {"error": {"message": "no"}}))
    with pytest.raises(errors.NotConfigured, match="should hold its id"):
        trust.give(cloud, building)


def test_it_goes_with_the_environment(world: World, standing: Environment) -> None:
    cloud = world.cloud(service_user=SERVICE)
    trust.give(cloud, standing)
    delete.delete(cloud, "shop")
    world.heat.gone(standing.id)
    reconcile.reconcile(cloud, standing)
    assert world.things.kept["trusts"] == {}


def test_the_service_user_finishes_what_it_was_given(
    world: World, cloud: Cloud, building: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.things.add("trusts", trustee_user_id="user-1", tenant_ops_environment=building.id, tenant_ops_name="shop")
    world.things.add("trusts", trustee_user_id="user-1", tenant_ops_environment="gone", tenant_ops_name="old")
    world.things.add("trusts", trustee_user_id="user-1")
    world.heat.finish(building.id)
    used: list[str] = []
    monkeypatch.setattr(trust, "through_trust", lambda service, id_: used.append(id_) or world.cloud())
    assert trust.reconcile_all(cloud) == ()
    assert len(used) == 2
    assert len(world.things.kept["firewall_groups"]) == 1


def test_one_that_fails_does_not_stop_the_others(
    world: World, cloud: Cloud, building: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        world.things.add("trusts", trustee_user_id="user-1", tenant_ops_environment=building.id, tenant_ops_name=name)

    def refuse(service: Cloud, id_: str) -> Cloud:
        raise NotAllowed("Keystone does not accept this login.", "Keystone")

    monkeypatch.setattr(trust, "through_trust", refuse)
    assert trust.reconcile_all(cloud) == (
        "one: Keystone does not accept this login.",
        "two: Keystone does not accept this login.",
    )
