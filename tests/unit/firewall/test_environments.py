"""An environment's firewall that was edited: nobody reverts it, it is told as drift, and all of it goes with the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch, reconcile, watch
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.firewall import apply, commit, current, undo
from tenant_ops_dashboard.firewall.in_place import ApplyInPlace
from tenant_ops_dashboard.firewall.lists import Lists
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.conftest import SSH, inserted
from tests.unit.firewall.test_apply import on_the_way

FIREWALLS = ("firewall_groups", "firewall_policies", "firewall_rules")
MADE = (1, 2, 18)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(commit, "WAIT", 0.0)
    return World()


@pytest.fixture
def cloud(world: World) -> Cloud:
    return world.cloud()


@pytest.fixture
def shop(world: World, cloud: Cloud) -> Environment:
    def make() -> Environment:
        made = launch.launch(cloud, Request("shop", "tomcat-oracle", {}), (), "token")
        world.heat.finish(made.id)
        reconcile.reconcile(cloud, made)
        return made

    return world.once("edited", make)


def draft(cloud: Cloud) -> Draft:
    return current.read(FirewallApi(cloud), "shop-fw").draft


def edit(cloud: Cloud, name: str = "ssh", **fields: Any) -> apply.Applied:
    made = apply.apply(cloud, inserted(draft(cloud), replace(SSH, name=name, **fields)))
    assert made.verified
    return made


def count(world: World) -> tuple[int, ...]:
    return tuple(len(world.things.kept[name]) for name in FIREWALLS)


def look(world: World, cloud: Cloud, shop: Environment) -> None:
    """What any look at the environment's page does, twice; it changes nothing."""
    world.calls()
    for _ in range(2):
        reconcile.reconcile(cloud, shop)
    assert [call for call in world.calls() if not call.startswith("GET")] == []


def test_what_is_made_carries_the_mark_and_stays(world: World, cloud: Cloud, shop: Environment) -> None:
    assert count(world) == MADE
    edit(cloud)
    standing = firewall_groups.read(cloud, shop.id)
    assert standing is not None and standing.group is not None
    assert standing.ingress[0].name == "ssh"
    mark = firewall_groups.mark(shop.id)
    policy = world.things.kept["firewall_policies"][standing.group["ingress_firewall_policy_id"]]
    new = next(one for one in world.things.kept["firewall_rules"].values() if one["name"] == "ssh")
    assert policy["description"] == new["description"] == mark
    assert count(world) == (1, 3, 19)
    look(world, cloud, shop)


def test_an_edit_is_drift_and_said_so(world: World, cloud: Cloud, shop: Environment) -> None:
    edit(cloud)
    proof = next(one for one in watch.details(cloud, "shop").proofs if one.name == "firewall")
    assert (proof.state, "ingress rule ssh was added" in proof.evidence) == ("warning", True)
    undo.undo(cloud, "shop-fw")
    proof = next(one for one in watch.details(cloud, "shop").proofs if one.name == "firewall")
    assert proof.state == "good", proof.evidence


def test_a_rule_that_was_changed_keeps_its_name_and_both_stay(world: World, cloud: Cloud, shop: Environment) -> None:
    now = draft(cloud)
    assert now.state.ingress is not None
    first, *more = now.state.ingress.rules
    ingress = replace(now.state.ingress, rules=(replace(first, source_ip_address="192.0.2.0/24"), *more))
    apply.apply(cloud, Draft(replace(now.state, ingress=ingress), now.base))
    look(world, cloud, shop)
    undo.undo(cloud, "shop-fw")
    look(world, cloud, shop)
    assert count(world) == (1, 3, 19)


def test_whoever_looks_in_the_middle_of_an_apply_takes_nothing_away(
    world: World, cloud: Cloud, shop: Environment
) -> None:
    other = world.cloud()
    for method in ("POST .*firewall_policies", "PUT .*firewall_groups", "PUT .*firewall_policies"):
        with on_the_way(world, method, lambda: reconcile.reconcile(other, shop)):
            edit(cloud, name=method)
    look(world, cloud, shop)
    for _ in range(3):
        with on_the_way(world, "PUT .*firewall_groups", lambda: reconcile.reconcile(other, shop)):
            assert undo.undo(cloud, "shop-fw").verified
    proof = next(one for one in watch.details(cloud, "shop").proofs if one.name == "firewall")
    assert proof.state == "good", proof.evidence


def test_a_rule_that_was_tidied_away_on_its_way_is_made_again(world: World, cloud: Cloud, shop: Environment) -> None:
    now = draft(cloud)
    assert now.state.ingress is not None
    first, *more = now.state.ingress.rules
    ingress = replace(now.state.ingress, rules=(replace(first, source_ip_address="192.0.2.0/24"), *more))
    with on_the_way(world, "POST .*firewall_policies", lambda: reconcile.reconcile(world.cloud(), shop)):
        made = apply.apply(cloud, Draft(replace(now.state, ingress=ingress), now.base))
    assert made.verified
    assert draft(cloud).state.ingress.rules[0].source_ip_address == "192.0.2.0/24"  # type: ignore[union-attr]


@pytest.mark.parametrize("undone", [False, True])
def test_the_sweep_takes_all_of_it(undone: bool, world: World, cloud: Cloud, shop: Environment) -> None:
    edit(cloud)
    edit(cloud, "described", description="for the partner")
    if undone:
        undo.undo(cloud, "shop-fw")
    theirs = world.things.add("firewall_policies", name="own", description="[kept as it is]", firewall_rules=[])
    world.heat.gone(shop.id)
    reconcile.sweep(cloud, shop.id)
    assert count(world) == (0, 1, 0)
    assert theirs["id"] in world.things.kept["firewall_policies"]


def test_the_sweep_takes_a_policy_whose_change_in_place_was_killed(
    world: World, cloud: Cloud, shop: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(lists: Lists) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Lists, "look", killed)
    with pytest.raises(KeyboardInterrupt):
        apply.apply(cloud, inserted(draft(cloud), SSH), way=ApplyInPlace)
    assert any("is not done" in one["description"] for one in world.things.kept["firewall_policies"].values())
    world.heat.gone(shop.id)
    reconcile.sweep(cloud, shop.id)
    assert count(world) == (0, 0, 0)


def test_a_rule_that_others_hold_too_stays(world: World, cloud: Cloud, shop: Environment) -> None:
    edit(cloud, "described", description="for the partner")
    rule = next(key for key, one in world.things.kept["firewall_rules"].items() if one["name"] == "described")
    world.things.add("firewall_policies", name="own", firewall_rules=[rule])
    world.heat.gone(shop.id)
    reconcile.sweep(cloud, shop.id)
    assert list(world.things.kept["firewall_rules"]) == [rule]


def test_a_group_that_is_made_again_is_as_the_blueprint_says(world: World, cloud: Cloud, shop: Environment) -> None:
    edit(cloud)
    world.things.kept["firewall_groups"].clear()
    reconcile.reconcile(cloud, shop)
    proof = next(one for one in watch.details(cloud, "shop").proofs if one.name == "firewall")
    assert proof.state == "good", proof.evidence
    look(world, cloud, shop)
