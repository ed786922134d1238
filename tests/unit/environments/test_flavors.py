"""Flavors and disks: the smallest that fits image and tier, or a volume that is made of the image."""

from __future__ import annotations

import pytest
import yaml

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, launch
from tenant_ops_dashboard.environments.model import Plan, Request
from tenant_ops_dashboard.environments.planning import plan
from tests.unit.fake_openstack.world import World

GIB = 2**30


def planned(cloud: Cloud, **answers: str) -> Plan:
    return plan.plan(cloud, Request("shop", "tomcat-oracle", answers))


def values(made: Plan) -> dict[str, str]:
    return {one.name: one.value for one in made.choices}


def adds(made: Plan) -> dict[str, int]:
    return {line.resource: line.adds for line in made.quotas}


@pytest.mark.parametrize(
    ("flavors", "size"),
    [
        ([("a-diskless", 8, 65536, 0), ("z-fits", 1, 2048, 5)], "z-fits"),
        ([("a-no-ram", 8, 1024, 99), ("b-no-disk", 8, 4096, 4), ("c", 2, 4096, 5), ("d", 1, 4096, 5)], "d"),
        ([("a", 1, 512, 10), ("b", 1, 1024, 10)], "b"),
    ],
)
def test_the_smallest_that_fits(
    world: World, cloud: Cloud, flavors: list[tuple[str, int, int, int]], size: str
) -> None:
    world.things.flavors = flavors
    assert values(planned(cloud))["application_flavor"] == size


def test_the_reason_stands_beside_it(world: World, cloud: Cloud) -> None:
    told = {one.name: one.reason for one in planned(cloud).choices}
    assert told["application_flavor"] == "small is the smallest with at least 1 core, 2 GB RAM and 5 GB disk."
    assert told["database_flavor"] == "medium is the smallest with at least 1 core, 4 GB RAM and 5 GB disk."
    world.things.flavors = [("tiny", 1, 512, 10)]
    told = {one.name: one.reason for one in planned(world.cloud()).choices}
    assert told["application_flavor"] == "No size has 1 core, 2 GB RAM and 5 GB disk; tiny comes nearest."


def test_the_size_follows_the_image_that_was_chosen(world: World, cloud: Cloud) -> None:
    image = world.things.images[0]
    world.things.images += [
        {**image, "id": "image-2", "name": "large", "min_disk": 0, "virtual_size": 15 * GIB + 1},
        {**image, "id": "image-3", "name": "hungry", "min_ram": 3000},
    ]
    assert values(planned(cloud, image="large"))["application_flavor"] == "medium"
    assert values(planned(cloud, image="hungry"))["application_flavor"] == "medium"
    made = planned(cloud, image="large", application_flavor="small")
    assert made.problems == {"application_flavor": "large needs 16 GB of disk; small has 10."}


def test_a_disabled_flavor_is_not_offered(world: World, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    world.things.flavors = [("small", 1, 2048, 10), ("old", 1, 2048, 9)]
    world.things.disabled = {"old"}
    made = next(one for one in planned(cloud).choices if one.name == "application_flavor")
    assert [one.value for one in made.offered] == ["small"]


def test_a_size_without_a_disk_needs_a_volume(world: World, cloud: Cloud) -> None:
    world.things.flavors.append(("diskless", 1, 2048, 0))
    made = planned(cloud, application_flavor="diskless")
    told = "diskless has no disk of its own: start from a volume, or take another size."
    assert made.problems == {"application_flavor": told}
    assert planned(cloud, application_flavor="diskless", boot_from_volume="true").ok


def test_servers_start_from_volumes_where_somebody_asks_for_it(world: World, cloud: Cloud) -> None:
    before, made = planned(cloud), planned(cloud, boot_from_volume="true", boot_volume_size="7")
    assert values(before)["boot_from_volume"] == "false"
    assert before.notes == ()
    assert (adds(before)["volumes"], adds(before)["gigabytes"]) == (1, 20)
    assert (adds(made)["volumes"], adds(made)["gigabytes"]) == (1 + 3, 20 + 3 * 7)
    assert made.ok
    assert any(one.startswith("Each server starts from a volume of 7 GB that Nova makes of debian-12.") and
               "deleted with its server" in one for one in made.notes)  # fmt: skip
    assert made.total == before.total


def test_they_do_by_themselves_where_no_size_has_a_disk(world: World, cloud: Cloud) -> None:
    world.things.flavors = [("two", 1, 2048, 0), ("four", 2, 4096, 0)]
    made = planned(cloud)
    told = {one.name: one for one in made.choices}
    assert (told["boot_from_volume"].value, told["boot_volume_size"].value) == ("true", "5")
    assert told["boot_from_volume"].reason == "No size here has a disk of its own, so servers start from volumes."
    assert told["application_flavor"].reason == "two is the smallest with at least 1 core and 2 GB RAM."
    assert made.ok
    assert adds(made)["gigabytes"] == 20 + 3 * 5


@pytest.mark.parametrize(
    ("fields", "size"),
    [({"min_disk": 12}, "12"), ({"min_disk": 0, "virtual_size": 8 * GIB}, "8"), ({"size": 8 * GIB + 1}, "9"), ({}, "5")],
)
def test_the_volume_holds_the_image(world: World, cloud: Cloud, fields: dict[str, int], size: str) -> None:
    world.things.images[0].update(fields)
    assert values(planned(cloud, boot_from_volume="true"))["boot_volume_size"] == size
    less = str(int(size) - 1)
    if size != "5":
        made = planned(cloud, boot_from_volume="true", boot_volume_size=less)
        assert made.problems == {"boot_volume_size": f"debian-12 needs {size} GB."}
    assert planned(cloud, boot_volume_size="1", application_flavor="medium").ok


def test_the_quota_of_volumes_is_named(world: World, cloud: Cloud) -> None:
    world.things.storage.limits["project"] = {"volumes": 3, "gigabytes": 1000, "snapshots": 10}
    made = planned(cloud, boot_from_volume="true")
    assert made.problems == {"": "Quota: Volumes: 4 more are needed, 3 of 3 are left."}


def test_without_cinder_there_is_nothing_to_choose() -> None:
    services = ("orchestration", "compute", "network", "load-balancer", "image", "identity")
    cloud = World().cloud(services=services)
    made = plan.plan(cloud, Request("lab", "web-jump", {}))
    assert made.problems == {}
    assert not {"boot_from_volume", "boot_volume_size"} & set(values(made))
    asked = plan.plan(cloud, Request("lab", "web-jump", {"boot_from_volume": "true"}))
    assert asked.problems == {"boot_from_volume": "This cloud has nothing to choose there."}


@pytest.mark.parametrize("slug", ["tomcat-oracle", "web-jump"])
def test_what_starts_from_volumes_comes_up(world: World, cloud: Cloud, slug: str) -> None:
    made = launch.launch(cloud, Request("shop", slug, {"boot_from_volume": "true", "boot_volume_size": "6"}))
    world.heat.finish(made.id)
    roots = [one for one in world.things.kept["volumes"].values() if one["size"] == 6]
    servers = {one["id"] for one in world.things.kept["servers"].values()}
    assert {one["attachments"][0]["server_id"] for one in roots} == servers
    assert len(servers) == 3
    parts = world.heat.stacks[made.id]["planned"]
    disks = [one.properties["block_device_mapping_v2"] for one in parts if one.type == "OS::Nova::Server"]
    assert all(disk[0]["delete_on_termination"] is True and disk[0]["image"] == "debian-12" for disk in disks)
    assert not any(one.properties["image"] for one in parts if one.type == "OS::Nova::Server")
    # They are no data: nobody is asked about them.
    assert len(delete.losses(cloud, made).kept) == (slug == "tomcat-oracle")


def test_a_server_by_itself_may_start_from_a_volume_too(world: World, cloud: Cloud) -> None:
    golden = "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
    world.things.add("volumes", id=golden, name="golden", size=30, status="available", attachments=[], metadata={})
    answers = {"data_volume": golden, "boot_from_volume": "true"}
    made = plan.plan(cloud, Request("db", "database-server", answers))
    assert made.ok
    assert (adds(made)["volumes"], adds(made)["gigabytes"]) == (1, 5)
    assert yaml.safe_load(made.environment_file)["parameters"]["boot_volume_size"] == "5"
