"""Heat and Neutron show an administrator what every project has: only the session's own is an environment of his."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, facts, launch, listing, reconcile, watch
from tenant_ops_dashboard.environments.heat import events, stack
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.environments.planning import inventory, plan, quota
from tests.unit.fake_openstack.world import World

FIREWALLS = ("firewall_groups", "firewall_policies", "firewall_rules")


@pytest.fixture
def operator(world: World) -> Cloud:
    """An administrator in another project."""
    return world.cloud("admin", "manager", "member", "reader", project="admin", name="operator")


def kept(world: World) -> object:
    return copy.deepcopy((world.things.kept, world.heat.stacks))


def test_another_projects_environments_are_none_of_an_administrators(
    world: World, operator: Cloud, standing: Environment
) -> None:
    assert len(operator.get("orchestration", "/stacks")["stacks"]) == 1, "Heat shows it to him"
    before = kept(world)
    assert watch.listing(operator) == ()
    assert stack.named(operator, "shop") is None
    for asked in ("shop", standing.id):
        for look in (watch.details, delete.delete, launch.retry):
            with pytest.raises(errors.NotFound):
                look(operator, asked)
    reconcile.reconcile(operator, standing, asked=True)
    assert kept(world) == before


def test_looking_at_another_projects_builds_nothing(world: World, operator: Cloud, building: Environment) -> None:
    world.heat.finish(building.id)
    reconcile.unfinished(operator, [building])
    reconcile.reconcile(operator, building, asked=True)
    assert [world.things.kept[name] for name in FIREWALLS] == [{}, {}, {}]


def test_delete_by_name_takes_the_projects_own(world: World, operator: Cloud, standing: Environment) -> None:
    own = launch.launch(operator, Request("shop", "tomcat-oracle"))
    assert own.id != standing.id
    world.heat.finish(own.id)
    assert delete.delete(operator, "shop").id == own.id
    assert world.heat.stacks[standing.id]["row"]["stack_status"] == "CREATE_COMPLETE"


def test_a_name_that_another_project_has_can_be_launched(world: World, operator: Cloud, standing: Environment) -> None:
    assert plan.plan(operator, Request("shop", "tomcat-oracle")).ok
    assert quota._stacks(operator) == {("orchestration", "stacks"): (None, 0)}


@pytest.mark.parametrize("told", ["project", "links", "neither"])
def test_the_project_is_read_from_whatever_heat_tells(
    world: World, operator: Cloud, standing: Environment, told: str
) -> None:
    (row,) = operator.get("orchestration", "/stacks")["stacks"]
    for name in {"project", "links"} - {told}:
        row.pop(name)
    assert bool(stack.ours(operator, [row])) is (told == "neither")
    assert stack.ours(world.cloud(), [row]) == [row]


def test_an_administrators_look_finishes_only_what_he_launched(world: World, building: Environment) -> None:
    """`admin` brings `member` along in his token: that makes no member of him."""
    world.heat.finish(building.id)
    colleague = world.cloud("admin", "manager", "member", "reader", name="operator")
    reconcile.reconcile(colleague, building)
    assert not world.things.kept["firewall_groups"]
    reconcile.reconcile(colleague, building, asked=True)
    assert len(world.things.kept["firewall_groups"]) == 1


def test_an_administrator_finishes_what_he_launched_himself(world: World) -> None:
    himself = world.cloud("admin", "manager", "member", "reader", name="operator")
    made = launch.launch(himself, Request("his", "tomcat-oracle"))
    world.heat.finish(made.id)
    reconcile.unfinished(himself, watch.listing(himself))
    assert len(world.things.kept["firewall_groups"]) == 1


def test_a_role_that_admin_does_not_bring_along_counts(
    world: World, building: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text('"environments:launch": "role:heat_stack_owner or role:admin"\n')
    monkeypatch.setenv("TENANT_OPS_POLICY_FILE", str(file))
    world.heat.finish(building.id)
    reconcile.reconcile(world.cloud("admin", "member", "heat_stack_owner", name="operator"), building)
    assert len(world.things.kept["firewall_groups"]) == 1


@pytest.mark.parametrize("roles", [("member",), ("admin", "member")])
def test_a_router_of_somebody_else_is_never_filtered(
    world: World, building: Environment, roles: tuple[str, ...]
) -> None:
    """The output says what its author likes; the stack's own rows say what is the stack's own."""
    world.heat.finish(building.id)
    victim = world.things.add("ports", project_id="victim", device_id="router-v", status="ACTIVE", name="",
                              device_owner="network:router_interface", fixed_ips=[])  # fmt: skip
    outputs = world.heat.stacks[building.id]["row"]["outputs"]
    next(one for one in outputs if one["output_key"] == "firewall")["output_value"]["router"] = "router-v"
    cloud = world.cloud(*roles)
    reconcile.reconcile(cloud, building, asked=True)
    assert not world.things.kept["firewall_groups"]
    assert victim["id"] in world.things.kept["ports"]
    proof = next(one for one in watch.details(cloud, "shop").proofs if one.name == "firewall")
    assert (proof.state, "not this environment's own" in proof.evidence) == ("failed", True)


def test_only_the_projects_own_ports_go_into_the_group(world: World, building: Environment) -> None:
    world.heat.finish(building.id)
    router = world.heat.stacks[building.id]["ids"]["router"]
    other = world.things.add("ports", project_id="victim", device_id=router, status="ACTIVE", name="",
                             device_owner="network:router_interface", fixed_ips=[])  # fmt: skip
    cloud = world.cloud("admin", "member")
    reconcile.reconcile(cloud, building, asked=True)
    (group,) = world.things.kept["firewall_groups"].values()
    assert len(group["ports"]) == 2
    assert other["id"] not in group["ports"]


def test_an_administrator_is_offered_what_his_project_sees(world: World, operator: Cloud) -> None:
    world.things.add("subnets", project_id="victim", network_id="x", cidr="10.99.0.0/24", ip_version=4)
    world.things.images.append({**world.things.images[0], "id": "i", "name": "theirs", "visibility": "private"})
    world.things.images[-1]["owner"] = "victim"
    found = inventory.take(operator)
    assert [one.name for one in found.images] == ["debian-12"]
    assert [str(one) for one in found.taken] == ["203.0.113.0/24"]


def test_security_groups_are_the_projects_own(world: World, standing: Environment) -> None:
    group = next(iter(world.things.kept["security-groups"].values()))
    group["project_id"] = "victim"
    cloud = world.cloud("admin", "member")
    heat = watch.read(cloud, stack.find(cloud, "shop")).rows
    known = facts.read(cloud, standing.id, heat, False)
    assert group["id"] not in (known.groups or {})


def test_events_are_asked_of_the_projects_own(world: World, cloud: Cloud, standing: Environment) -> None:
    world.calls()
    events.recent(cloud, watch.details(cloud, "shop"))
    assert all("/v1/project/" in call for call in world.calls() if "/orchestration/" in call)


def test_what_another_project_left_is_not_swept(world: World, operator: Cloud, standing: Environment) -> None:
    world.heat.gone(standing.id)
    before = kept(world)
    assert listing.listing(operator) == ()
    reconcile.sweep(operator, standing.id)
    assert kept(world) == before
