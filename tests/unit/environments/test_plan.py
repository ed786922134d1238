"""Plans: what would be made, does it fit, and every bad answer at its field."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
import yaml

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.store import Kept
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.planning import defaults, plan
from tenant_ops_dashboard.environments.template import blueprint
from tests.unit.fake_openstack.world import World

#: What the blueprint's template refers to.
FILES = (
    "application.yaml", "application.user-data.yaml", "application.prepared.user-data.yaml", "database.user-data.yaml",
    "database.prepared.user-data.yaml",
)  # fmt: skip


def test_all_answers_are_given_already(cloud: Cloud) -> None:
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    form = {one.name: one for one in defaults.form(cloud, found)}
    assert form["external_network"].default == "EXT-NET"
    assert form["image"].default == "debian-12"
    assert (form["application_flavor"].default, form["database_flavor"].default) == ("small", "medium")
    assert form["key_name"].default == "team"
    assert [one.value for one in form["key_name"].choices] == ["team", ""]
    assert plan.plan(cloud, Request("shop", "tomcat-oracle")).problems == {}


def test_ranges_in_use_are_stepped_over(world: World, cloud: Cloud) -> None:
    world.things.add("subnets", network_id="n", cidr="10.20.0.0/23", ip_version=4)
    world.things.add("subnets", network_id="n", cidr="10.20.3.128/25", ip_version=4)
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    form = {one.name: one.default for one in defaults.form(cloud, found)}
    assert (form["dmz_cidr"], form["database_cidr"]) == ("10.20.2.0/24", "10.20.4.0/24")


def test_what_a_launch_takes_of_every_quota(cloud: Cloud) -> None:
    made = plan.plan(cloud, Request("shop", "tomcat-oracle", {"jump_host": "true", "ssh_from": "203.0.113.9"}))
    assert {line.resource: line.adds for line in made.quotas} == {
        "instances": 4,
        "cores": 5,
        "ram": 10240,
        "server_groups": 1,
        "volumes": 1,
        "gigabytes": 20,
        "port": 7,
        "network": 2,
        "subnet": 2,
        "router": 1,
        "floatingip": 2,
        "security_group": 3,
        "security_group_rule": 11,
        "load_balancer": 1,
        "listener": 1,
        "pool": 1,
        "member": 2,
        "health_monitor": 1,
        "firewall_group": 1,
        "firewall_policy": 2,
        "firewall_rule": 24,
        "stacks": 4,
    }
    assert {line.resource: line.left for line in made.quotas}["ram"] == 51200 - 4096 - 10240
    assert len(made.resources) == 34


def test_the_first_quota_that_does_not_fit_is_named(world: World, cloud: Cloud) -> None:
    world.things.quota.update(ram=6000, router=0)
    made = plan.plan(cloud, Request("shop", "tomcat-oracle"))
    assert made.problems == {"": "Quota: RAM (GB): 8 more are needed, 1.86 of 5.86 are left."}


def test_an_image_that_needs_more_ram_says_how_many_gb(world: World, cloud: Cloud) -> None:
    world.things.images[0]["min_ram"] = 2560
    made = plan.plan(cloud, Request("shop", "tomcat-oracle", {"application_flavor": "small"}))
    assert made.problems["application_flavor"] == "debian-12 needs 2.5 GB of RAM; small has 2."


def test_without_fwaas_no_firewall_is_promised() -> None:
    made = plan.plan(World(firewall=False).cloud(), Request("shop", "tomcat-oracle"))
    assert made.problems == {}
    assert "firewall" not in {name for name, _ in made.resources} | {box.key for box in made.picture.boxes}


@pytest.mark.parametrize(
    ("field", "name", "values", "words"),
    [
        ("name", "", {}, "Give it a name."),
        ("name", "x" * 300, {}, "At most 40 characters; these are 300."),
        ("name", "<script>", {}, "Use letters, digits and hyphens"),
        ("name", "shop-", {}, "not ending with a hyphen"),
        ("name", "9lives", {}, "beginning with a letter"),
        ("image", "shop", {"image": "nope"}, "This project sees no image called 'nope'."),
        ("application_flavor", "shop", {"application_flavor": "tiny"}, "debian-12 needs 2 GB of disk; tiny has 1."),
        (
            "external_network",
            "shop",
            {"external_network": "<b>"},
            "This project sees no external network called '<b>'.",
        ),
        ("key_name", "shop", {"key_name": "nope"}, "This project sees no key pair called 'nope'."),
        ("database_size", "shop", {"database_size": "big"}, "Give a whole number."),
        ("database_size", "shop", {"database_size": "0"}, "At least 1."),
        ("database_size", "shop", {"database_size": "99999"}, "At most 16384."),
        ("jump_host", "shop", {"jump_host": "maybe"}, "Say true or false."),
        ("dmz_cidr", "shop", {"dmz_cidr": "10.20.1.0/33"}, "This is no network"),
        ("dmz_cidr", "shop", {"dmz_cidr": "10.20.1.0"}, "write it like 10.20.1.0/24."),
        ("dmz_cidr", "shop", {"dmz_cidr": "10.20.1.7/24"}, "did you mean 10.20.1.0/24?"),
        ("dmz_cidr", "shop", {"dmz_cidr": "10.20.1.0/30"}, "from 16 to 28"),
        ("dmz_cidr", "shop", {"dmz_cidr": "fd00::/64"}, "Only IPv4"),
        ("dmz_cidr", "shop", {"dmz_cidr": "224.0.0.0/24"}, "Servers cannot have such addresses"),
        ("dmz_cidr", "shop", {"dmz_cidr": ""}, "Give a value."),
        (
            "database_cidr",
            "shop",
            {"dmz_cidr": "10.9.0.0/24", "database_cidr": "10.9.0.0/26"},
            "Overlaps DMZ network, 10.9.0.0/24",
        ),
        ("dmz_cidr", "shop", {"dmz_cidr": "203.0.113.64/26"}, "Overlaps the external network, 203.0.113.0/24"),
        ("colour", "shop", {"colour": "red"}, "This blueprint does not ask for it."),
    ],
)
def test_bad_answers(cloud: Cloud, field: str, name: str, values: dict[str, str], words: str) -> None:
    made = plan.plan(cloud, Request(name, "tomcat-oracle", values))
    assert [one for one in made.problems if one] == [field]
    assert words in made.problems[field]


def test_an_unknown_blueprint(cloud: Cloud) -> None:
    assert list(plan.plan(cloud, Request("shop", "nope")).problems) == ["blueprint"]


def test_the_files_launch_the_same_by_hand(cloud: Cloud) -> None:
    made = plan.plan(cloud, Request("shop", "tomcat-oracle", {"key_name": ""}))
    assert made.command == (
        "openstack stack create -t shop.yaml -e shop.env.yaml --tags tenant-ops,blueprint=tomcat-oracle,firewall shop"
    )
    packed = zipfile.ZipFile(io.BytesIO(plan.archive(made)))
    assert set(packed.namelist()) == {"shop.yaml", "shop.env.yaml", *FILES, "launch.sh"}
    assert yaml.safe_load(packed.read("shop.env.yaml"))["parameters"]["key_name"] == ""
    assert (
        yaml.safe_load(packed.read("shop.yaml"))["resources"]["application"]["properties"]["resource"]["type"]
        == "application.yaml"
    )


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "..", ".profile", "a\\..\\b", "-rf", "a/b", "", "ä", "x" * 300, "LAUNCH.sh"]
)  # fmt: skip
def test_names_in_the_archive_are_plain_and_each_there_once(cloud: Cloud, name: str) -> None:
    made = plan.plan(cloud, Request(name, "tomcat-oracle"))
    names = zipfile.ZipFile(io.BytesIO(plan.archive(made))).namelist()
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", one) for one in names)
    assert len({one.lower() for one in names}) == len(names) == 3 + len(FILES)


@pytest.mark.parametrize("name", ["application", "Application"])
def test_an_environment_called_like_a_file_of_its_blueprint_keeps_both(cloud: Cloud, name: str) -> None:
    made = plan.plan(cloud, Request(name, "tomcat-oracle"))
    packed = zipfile.ZipFile(io.BytesIO(plan.archive(made)))
    assert set(packed.namelist()) == {f"{name}-stack.yaml", f"{name}-stack.env.yaml", *FILES, "launch.sh"}
    assert packed.read("application.yaml").decode() == made.files["application.yaml"]
    assert f"-t {name}-stack.yaml -e {name}-stack.env.yaml" in made.command
    assert made.command.endswith(f" {name}")


def test_form_and_plan_of_one_request_ask_once(world: World, cloud: Cloud) -> None:
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    defaults.form(cloud, found)
    assert len(world.calls()) == 6 + 1 + 6
    plan.plan(cloud, Request("shop", "tomcat-oracle"))
    assert len(world.calls()) == 7 + 2, "which back end FWaaS has, once an hour, and what new security groups have"


def test_what_only_operators_change_is_asked_once_by_all_who_look(world: World) -> None:
    store, found = Kept(), blueprint.find("tomcat-oracle")
    assert found is not None
    for calls in (6 + 1 + 6, 6 + 1):
        defaults.form(world.cloud(store=store), found)
        assert len(world.calls()) == calls


def test_rules_that_the_cloud_gives_every_group_are_counted(world: World, cloud: Cloud) -> None:
    def rules() -> int:
        made = plan.plan(world.cloud(), Request("shop", "tomcat-oracle"))
        return {line.resource: line.adds for line in made.quotas}["security_group_rule"]

    before = rules()
    world.things.given.append({**world.things.given[0], "direction": "ingress", "protocol": "icmp"})
    groups = {line.resource: line.adds for line in plan.plan(cloud, Request("shop", "tomcat-oracle")).quotas}
    assert rules() == before + groups["security_group"]
    world.wire.trouble["GET .*/default-security-group-rules"] = [404]
    assert rules() == before, "a Neutron that does not tell has its own two"


def test_what_cannot_be_told_is_for_heat_to_decide(world: World, cloud: Cloud) -> None:
    folder = Path(__file__).parent / "blueprint_cases" / "109-unknown-types" / "blueprint"
    request = Request("shop", "unknown-types")
    made = plan.plan(cloud, request, [folder])
    assert (made.ok, dict(made.problems), len(made.unknown)) == (False, {}, 3)
    assert launch.launch(cloud, request, [folder]).id in world.heat.stacks


def test_networks_are_asked_for_once_and_only_where_they_count(world: World, cloud: Cloud) -> None:
    folder = Path(__file__).parent / "blueprint_cases" / "80-server-without-networks" / "blueprint"
    request = Request("shop", "no-networks")
    plan.plan(cloud, request, [folder])
    assert len(world.calls()) == 5 + 8 + 1
    plan.plan(cloud, request, [folder])
    assert not [one for one in world.calls() if "/networks" in one]
