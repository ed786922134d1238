"""Things changed by hand outside are told in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.world import World

Change = Callable[[World], object]


def kept(world: World, collection: str, **wanted: str) -> dict[str, object]:
    return next(
        one for one in world.things.kept[collection].values() if all(one[key] == value for key, value in wanted.items())
    )


def drop(collection: str, **wanted: str) -> Change:
    return lambda world: world.things.kept[collection].pop(str(kept(world, collection, **wanted)["id"]))


def pool(world: World) -> dict[str, object]:
    return next(iter(world.things.trees.values()))["listeners"][0]["pools"][0]  # type: ignore[no-any-return]


def open_up(world: World) -> None:
    rule = {
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "tcp",
        "port_range_min": 1521,
        "port_range_max": 1521,
    }
    group = kept(world, "security-groups", name="shop-database_group")
    group["security_group_rules"].append({**rule, "remote_ip_prefix": "0.0.0.0/0", "remote_group_id": None})  # type: ignore[attr-defined]


def remove_rule(world: World) -> None:
    policy = kept(world, "firewall_policies", name="shop-fw-ingress")
    rules = policy["firewall_rules"]
    policy["firewall_rules"] = [
        one for one in rules if world.things.kept["firewall_rules"][one]["name"] != "shop-fw-web-in"
    ]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        (drop("servers", name="shop-application-1"), "warning", "Application server 1 was taken away outside"),
        (drop("volumes", name="shop-data"), "failed", "Database volume was taken away outside"),
        (
            drop("floatingips"),
            "warning",
            "Floating IP was taken away outside of this environment. The application cannot",
        ),
        (drop("ports", device_owner="network:router_interface"), "warning", "Router into the DMZ was taken away"),
        (
            drop("security-groups", name="shop-database_group"),
            "warning",
            "Security group of the database was taken away",
        ),
        (lambda world: world.things.trees.clear(), "failed", "Load balancer was taken away"),
        (lambda world: pool(world).pop("health_monitor"), "warning", "Health monitor was taken away"),
        (
            lambda world: kept(world, "floatingips").update(port_id=None),
            "warning",
            "Floating IP is attached to nothing.",
        ),
        (
            lambda world: kept(world, "servers", name="shop-database").update(status="SHUTOFF"),
            "warning",
            "Database server is shutoff.",
        ),
        (open_up, "warning", "Security group of the database has ingress tcp 1521 from anywhere too."),
        (remove_rule, "warning", "Changed by hand: ingress rule web-in is missing."),
        (
            lambda world: kept(world, "firewall_rules", name="shop-fw-web-in").update(enabled=False),
            "warning",
            "a rule is switched off",
        ),
    ],
)
def test_told_in_words(
    world: World, cloud: Cloud, standing: Environment, change: Change, status: str, words: str
) -> None:
    assert watch.details(cloud, "shop").drift == ()
    change(world)
    details = watch.details(cloud, "shop")
    assert [one for one in details.drift if words in one.sentence], details.drift
    assert details.environment.status == status


@pytest.mark.parametrize(("others", "changed"), [(True, False), (False, True)])
def test_what_the_cloud_gives_every_new_group_was_changed_by_nobody(
    world: World, cloud: Cloud, standing: Environment, others: bool, changed: bool
) -> None:
    open_up(world)
    (rule,) = kept(world, "security-groups", name="shop-database_group")["security_group_rules"][-1:]  # type: ignore[index]
    world.things.given = [{**rule, "id": "given-1", "used_in_default_sg": True, "used_in_non_default_sg": others}]
    details = watch.details(cloud, "shop")
    assert bool(details.drift) is changed
    (proof,) = [one for one in details.proofs if one.name == "security-groups"]
    assert (proof.state == "good") is not changed
    assert ("gives every new group: ingress tcp 1521 from anywhere." in proof.evidence) is not changed


def test_what_may_be_the_clouds_gift_is_held_against_nobody_unseen(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    open_up(world)
    world.wire.trouble["GET .*/default-security-group-rules"] = [503] * 9
    (proof,) = [one for one in watch.details(cloud, "shop").proofs if one.name == "security-groups"]
    assert proof.state == "building" and proof.evidence.startswith("Not checked: ")


@pytest.mark.parametrize(("kind", "there"), [("UDP-CONNECT", True), ("HTTP", False)])
def test_that_silence_is_an_answer_to_a_monitor_stands_beside_its_proof(
    world: World, cloud: Cloud, standing: Environment, kind: str, there: bool
) -> None:
    pool(world)["health_monitor"]["type"] = kind  # type: ignore[index]
    (proof,) = [one for one in watch.details(cloud, "shop").proofs if one.name == "members"]
    assert proof.state == "good" and ("takes silence for a good answer" in proof.evidence) is there


def test_a_strangers_port_is_told(world: World, cloud: Cloud, standing: Environment) -> None:
    fixed = [{"subnet_id": "s", "ip_address": "10.20.1.77"}]
    there = next(id_ for id_, one in world.things.kept["networks"].items() if one["name"] == "dmz_network")
    world.things.add(
        "ports", name="printer", network_id=there, device_id="x", device_owner="compute:nova", fixed_ips=fixed,
        status="ACTIVE",
    )  # fmt: skip
    (drift,) = watch.details(cloud, "shop").drift
    assert drift.sentence.startswith("Port printer (10.20.1.77, compute:nova) is on its network.")


def test_somebody_elses_firewall_group_on_the_router_is_told(world: World, cloud: Cloud, standing: Environment) -> None:
    ours = kept(world, "firewall_groups", name="shop-fw")
    ports, ours["ports"] = ours["ports"], []
    world.things.add(
        "firewall_groups", name="theirs", description="", ports=ports, status="ACTIVE", ingress_firewall_policy_id=None,
        egress_firewall_policy_id=None,
    )  # fmt: skip
    details = watch.details(cloud, "shop")
    assert details.environment.status == "warning"
    assert any("ingress rule web-in is missing" in one.sentence for one in details.drift)
