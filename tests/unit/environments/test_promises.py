"""A list of promises never shrinks: what cannot be checked now is there and says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.model import Environment, Proof
from tenant_ops_dashboard.environments.proofs import prove, sending
from tests.unit.fake_openstack.world import World

ALL = {"load-balancer", "members", "security-groups", "firewall", "volume", "http", "database", "closed"}
Change = Callable[[World], object]


def proofs(cloud: Cloud) -> dict[str, Proof]:
    return {one.name: one for one in watch.details(cloud, "shop").proofs}


def silent(pattern: str) -> Change:
    return lambda world: world.wire.trouble.update({pattern: [requests.ConnectionError("no route")] * 99})


def gone(collection: str) -> Change:
    return lambda world: world.things.kept[collection].clear()


def nobody_in_the_group(world: World) -> None:
    (stack,) = world.heat.stacks.values()
    stack["resources"] = [one for one in stack["resources"] if not one.get("parent_resource")]


@pytest.mark.parametrize(
    "change",
    [
        silent("/load-balancer/"), silent("/network/"), silent("/block-storage/"), silent("/compute/"), silent("floatingips"),
        silent("ports"), silent("/fwaas/"), gone("servers"), gone("volumes"), gone("security-groups"), gone("ports"),
        gone("floatingips"), gone("firewall_groups"), lambda world: world.things.trees.clear(),
        lambda world: world.things.trees.popitem()[1]["listeners"].clear(), nobody_in_the_group,
        lambda world: next(iter(world.things.kept["floatingips"].values())).update(port_id=None),
        lambda world: world.expose_database(),
    ],
)  # fmt: skip
def test_whatever_happens_there_are_as_many(world: World, cloud: Cloud, standing: Environment, change: Change) -> None:
    assert set(proofs(cloud)) == ALL
    change(world)
    found = proofs(cloud)
    assert set(found) == ALL
    assert all(one.evidence and one.at for one in found.values())
    assert {one.state for one in found.values()} - {"good"}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("/load-balancer/", {"load-balancer", "members"}),
        ("/network/", {"security-groups", "http", "database", "closed"}),
        ("/block-storage/", {"volume"}),
    ],
)
def test_a_silent_service_is_the_reason(
    world: World, cloud: Cloud, standing: Environment, pattern: str, names: set[str]
) -> None:
    silent(pattern)(world)
    found = proofs(cloud)
    assert {found[name].state for name in names} == {"building"}
    assert all(found[name].evidence.startswith("Not checked: ") for name in names)


WAYS: dict[str, Callable[[str, str], dict[str, object]]] = {
    "whole": lambda server, port: {},
    # At a port on somebody else's network, of which only its floating IP tells.
    "elsewhere": lambda server, port: {"port_id": "elsewhere", "port_details": {"device_id": server}},
    "one port forwarded": lambda server, port: {
        "port_id": None, "port_forwardings": [{"internal_port_id": port, "external_port": 1521, "protocol": "tcp"}],
    },
}  # fmt: skip


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("packet_proofs", [True, False])
def test_a_floating_ip_at_the_database_fails_the_promise(
    world: World, standing: Environment, way: str, packet_proofs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = world.cloud(packet_proofs=packet_proofs)
    server = next(one for one in world.things.kept["servers"].values() if one["name"] == "shop-database")
    port = next(one for one in world.things.kept["ports"].values() if one["device_id"] == server["id"])
    world.expose_database(**WAYS[way](server["id"], port["id"]))
    asked: list[str] = []
    monkeypatch.setattr(sending.Way, "get", lambda *arguments: sending.Answer(200, "app-1", 3, ""))
    monkeypatch.setattr(sending.Way, "opens", lambda way, address, *more: asked.append(address) or False)
    details = watch.details(cloud, "shop")
    assert details.environment.status == "warning"
    for found in (details.proofs, prove.prove(cloud, details)):
        closed = next(one for one in found if one.name == "closed")
        assert closed.state == "failed"
        assert "Floating IP 203.0.113.77 leads to the database server (10.20.2.5)" in closed.evidence
    assert ("203.0.113.77" in asked) is packet_proofs
    assert len(details.proofs) == len(ALL)


def test_a_floating_ip_at_another_environments_database_is_not_ours(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    """Two environments have the same inner addresses."""
    world.things.add("floatingips", project_id="project", floating_ip_address="203.0.113.78",
                     fixed_ip_address="10.20.2.5", port_id="of-another")  # fmt: skip
    assert proofs(cloud)["closed"].state == "unknown"


def test_metadata_that_hide_the_database_hide_no_promise(world: World, cloud: Cloud, standing: Environment) -> None:
    stack = world.heat.stacks[standing.id]
    resources = dict(stack["template"]["resources"])
    resources["database"] = {
        **resources["database"],
        "metadata": {"tenant_ops": {"tier": "database", "kind": "router"}},
    }
    stack["template"] = {**stack["template"], "resources": resources}
    found = proofs(cloud)
    assert set(found) == ALL
    assert found["closed"].state == "unknown"
    assert found["closed"].evidence.startswith("Not checked: Neutron knows no port of a server")
    box = next(one for one in watch.details(cloud, "shop").picture.boxes if one.key == "database")
    assert box.kind == "server"


def test_an_address_that_leads_nowhere_is_a_broken_promise(world: World, cloud: Cloud, standing: Environment) -> None:
    next(iter(world.things.kept["floatingips"].values())).update(port_id=None)
    details = watch.details(cloud, "shop")
    found = {one.name: one for one in prove.prove(cloud, details, "http://127.0.0.1:9")}
    assert found["http"].state == "failed"
    assert found["http"].evidence.startswith("No floating IP leads to the application")
    assert (found["database"].state, found["closed"].state) == ("unknown", "unknown")
