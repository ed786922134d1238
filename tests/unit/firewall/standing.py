"""An environment 'shop' that stands in the fake cloud, with what Neutron tells and the fake leaves out."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch, reconcile
from tenant_ops_dashboard.environments.model import Environment, Request
from tests.unit.fake_openstack.world import World

INTERFACES = {"dmz_network": "10.20.1.1", "database_network": "10.20.2.1"}


def shop(world: World, cloud: Cloud) -> Environment:
    """Launched, up, its firewall group made; networks lead to one router with a gateway."""
    made = world.once("standing", lambda: _stand(world, cloud))
    complete(world)
    world.calls()
    return made


def _stand(world: World, cloud: Cloud) -> Environment:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(launch, "SETTLE_SECONDS", 0.0)
        made = launch.launch(cloud, Request("shop", "tomcat-oracle", {}), (), "token")
    world.heat.finish(made.id)
    reconcile.reconcile(cloud, made)
    return made


def complete(world: World) -> None:
    """What Neutron tells of it and the fake Heat leaves out."""
    kept = world.things.kept
    external = next(one for one in kept["networks"].values() if one["router:external"])
    router = next(one for one in kept["ports"].values() if one["device_owner"].startswith("network:router"))[
        "device_id"
    ]
    gateway = {"network_id": external["id"], "enable_snat": True, "external_fixed_ips": []}
    subnets = {one["network_id"]: one for one in kept["subnets"].values()}
    gateway["external_fixed_ips"] = [{"subnet_id": subnets[external["id"]]["id"], "ip_address": "203.0.113.2"}]
    world.things.add("routers", id=router, name="shop-router", external_gateway_info=gateway, routes=[])
    for network in kept["networks"].values():
        subnets[network["id"]]["gateway_ip"] = INTERFACES.get(network["name"], "203.0.113.1")
    for port in kept["ports"].values():
        address = port["fixed_ips"][0]["ip_address"]
        if port["device_owner"].startswith("network:router"):
            address = INTERFACES[kept["networks"][port["network_id"]]["name"]]
            port["port_security_enabled"] = False
        tier = "database" if address.startswith("10.20.2.") else "application"
        groups = [one["id"] for one in kept["security-groups"].values() if tier in one["name"]]
        port["security_groups"] = groups if port["port_security_enabled"] else []
        port["fixed_ips"] = [{"subnet_id": subnets[port["network_id"]]["id"], "ip_address": address}]
    for address in kept["floatingips"].values():
        address["floating_network_id"] = external["id"]
    for group in kept["security-groups"].values():
        for number, rule in enumerate(group["security_group_rules"]):
            rule |= {"id": f"{group['id']}-{number}", "security_group_id": group["id"]}


def expose_database(world: World) -> None:
    """Only the firewall group keeps the internet from the database: it has a floating address and an open group."""
    world.expose_database(floating_network_id=next(iter(world.things.kept["networks"])))
    group = next(one for one in world.things.kept["security-groups"].values() if "database" in one["name"])
    anyone = {**group["security_group_rules"][-1], "id": "anyone", "remote_group_id": None}
    group["security_group_rules"].append(anyone)
