"""What stands behind a service's first page of 20 counts as much as what is on it."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, unattended, watch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.planning import inventory
from tenant_ops_dashboard.firewall import snapshot
from tests.unit.fake_openstack.keystone import id_of
from tests.unit.fake_openstack.world import World

MANY = 45


@pytest.mark.parametrize("kind", ["networks", "subnets", "ports", "floatingips", "firewall_rules"])
def test_a_snapshot_has_every_one(world: World, kind: str) -> None:
    cloud = world.cloud(services=("network",))
    before = len(world.things.kept[kind])
    for number in range(MANY):
        world.things.add(kind, name=f"{kind}-{number}", project_id="project")
    found = snapshot.take_snapshot(cloud)
    assert len(found[kind]) == before + MANY


def test_a_form_offers_every_key_pair_and_knows_every_range_in_use(world: World, cloud: Cloud) -> None:
    world.things.keypairs = [f"key-{number:02d}" for number in range(MANY)]
    for number in range(MANY):
        world.things.add("subnets", network_id="other", cidr=f"10.99.{number}.0/24", ip_version=4)
    found = inventory.take(cloud)
    assert list(found.keypairs) == world.things.keypairs
    assert {f"10.99.{number}.0/24" for number in range(MANY)} <= {str(one) for one in found.taken}


def test_a_trust_behind_many_is_found_and_taken_back(world: World, building: Environment) -> None:
    cloud = world.cloud("member", service_user=id_of("care"))
    for number in range(MANY):
        world.things.add("trusts", trustor_user_id=cloud.user_id, tenant_ops_environment=f"other-{number}")
    given = unattended.give(cloud, building)
    assert unattended.given(cloud, building) == given
    unattended.revoke(cloud, building)
    assert given not in world.things.kept["trusts"]
    assert len(world.things.kept["trusts"]) == MANY


def test_a_stranger_s_port_behind_many_stands_in_the_way_of_a_delete(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    network = next(id_ for id_, one in world.things.kept["networks"].items() if one["name"] == "dmz_network")
    for number in range(MANY):
        fixed = [{"subnet_id": "subnet", "ip_address": f"10.20.1.{100 + number}"}]
        port = world.things.add(
            "ports", name="", network_id=network, device_id="", device_owner="network:dhcp", fixed_ips=fixed
        )
    port.update(name="printer", device_owner="compute:nova", device_id="elsewhere")
    assert [one for one in delete.losses(cloud, standing).kept if "printer" in one or "10.20.1.144" in one]


def test_every_volume_s_wish_counts(world: World, cloud: Cloud, standing: Environment) -> None:
    ours = data_volumes.of(data_volumes.volumes(cloud), standing.id)
    others = [
        world.things.add("volumes", name=f"other-{n}", size=1, status="available", attachments=[], metadata={})
        for n in range(MANY)
    ]
    kept = world.things.kept["volumes"]
    world.things.kept["volumes"] = {one["id"]: one for one in others} | {
        id_: one for id_, one in kept.items() if one not in others
    }
    assert data_volumes.of(data_volumes.volumes(cloud), standing.id) == ours != []


def test_every_application_is_in_the_list(world: World, cloud: Cloud, standing: Environment) -> None:
    first = world.heat.stacks[standing.id]
    for number in range(MANY):
        id_ = f"{number:08d}-0000-0000-0000-000000000000"
        world.heat.stacks[id_] = {**first, "row": {**first["row"], "id": id_, "stack_name": f"app-{number}"}}
    assert len(watch.listing(cloud)) == MANY + 1
