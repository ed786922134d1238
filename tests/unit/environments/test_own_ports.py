"""Ports that Neutron and Octavia make for an environment are its own; what somebody only called so is not."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, watch
from tenant_ops_dashboard.environments.model import Environment
from tests.unit.fake_openstack.world import World

AMPHORA = "6f1f5c27-3f0c-4a55-9d2c-0a6ac2cb8a10"


@pytest.fixture
def put(world: World, standing: Environment) -> Any:
    """Puts a port into the DMZ; {lb} and {subnet} in its words are the environment's own."""

    def run(**fields: str) -> None:
        own = world.heat.stacks[standing.id]["ids"]
        told = {key: value.format(lb=own["balancer"], subnet=own["dmz_subnet"]) for key, value in fields.items()}
        world.things.add(
            "ports",
            **{
                "name": "", "device_id": "", "device_owner": "", "network_id": own["dmz_network"], "status": "DOWN",
                "fixed_ips": [{"subnet_id": own["dmz_subnet"], "ip_address": "10.20.1.77"}], **told,
            },
        )  # fmt: skip

    return run


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "octavia-lb-{lb}", "device_id": "lb-{lb}", "device_owner": "Octavia"},
        {"name": f"octavia-lb-vrrp-{AMPHORA}", "device_owner": "Octavia"},
        {
            "name": f"octavia-lb-vrrp-{AMPHORA}",
            "device_owner": "compute:nova",
            "device_id": "a",
            "project_id": "service",
        },
        {"name": f"octavia-lb-member-{AMPHORA}", "device_owner": "Octavia", "project_id": "service"},
        {"name": "ovn-lb-vip-{lb}", "device_id": "lb-{lb}", "device_owner": "ovn-lb:vip"},
        {"name": "ovn-lb-vip-{lb}"},
        {"name": "ovn-lb-vip-additional-2-{lb}"},
        {"name": "ovn-lb-hm-{subnet}", "device_id": "ovn-lb-hm-{subnet}", "device_owner": "ovn-lb-hm:distributed"},
        {"name": "ovn-lb-hm-{subnet}", "device_owner": "network:distributed"},
        {"device_owner": "network:dhcp", "device_id": "dhcp-agent"},
        {"device_owner": "network:distributed", "device_id": "ovnmeta"},
    ],
)
def test_what_serves_it_is_its_own(world: World, cloud: Cloud, put: Any, fields: dict[str, str]) -> None:
    put(**fields)
    assert watch.details(cloud, "shop").drift == ()
    assert delete.delete(cloud, "shop").status == "deleting"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "my-octavia-tests"},
        {"name": "octavia"},
        {"name": "octavia-lb-vrrp-mine"},
        {"name": f"octavia-lb-vrrp-{AMPHORA}", "device_owner": "compute:nova", "device_id": "server-of-mine"},
        {"name": f"octavia-lb-{AMPHORA}", "device_id": f"lb-{AMPHORA}", "device_owner": "Octavia"},
        {"name": f"ovn-lb-vip-{AMPHORA}", "device_id": f"lb-{AMPHORA}", "device_owner": "ovn-lb:vip"},
        {"name": f"ovn-lb-hm-{AMPHORA}", "device_owner": "ovn-lb-hm:distributed"},
        {"name": "ovn-lb-hm-{subnet}", "device_owner": "compute:nova", "device_id": "server-of-mine"},
        {"name": "printer", "device_owner": "octavia-printer", "project_id": "victim"},
    ],
)
def test_what_is_only_called_so_is_a_strangers(world: World, cloud: Cloud, put: Any, fields: dict[str, str]) -> None:
    put(**fields)
    (one,) = watch.details(cloud, "shop").drift
    assert one.resource == "foreign"
    with pytest.raises(errors.Blocked):
        delete.delete(cloud, "shop")
