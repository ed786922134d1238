"""What clouds differ in: each is a choice of what this cloud has, and reaches Heat; what it has not is not asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Chosen, Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.template import blueprint
from tests.unit.fake_openstack.world import World

SOURCE = "198.51.100.0/24"


def choices(world: World, slug: str = "tomcat-oracle", **answers: str) -> dict[str, Chosen]:
    made = plan.plan(world.cloud(), Request("shop", slug, answers))
    return {one.name: one for one in made.choices}


def made(world: World, slug: str = "tomcat-oracle", **answers: str) -> list[Any]:
    """What Heat was asked to make."""
    found = launch.launch(world.cloud(), Request("shop", slug, answers))
    parts: list[Any] = world.heat.stacks[found.id]["planned"]
    return parts


def of(parts: list[Any], kind: str) -> list[dict[str, Any]]:
    return [dict(one.properties) for one in parts if one.type == kind]


def test_with_one_of_each_there_is_nothing_to_choose(world: World) -> None:
    world.things.providers = ["amphora", "octavia", "noop_driver"]
    asked = choices(world)
    absent = {"availability_zone", "volume_availability_zone", "volume_type", "lb_provider", "lb_flavor"}
    assert not absent & set(asked)
    parts = made(world)
    (balancer,) = of(parts, "OS::Octavia::LoadBalancer")
    assert (balancer["provider"], balancer["flavor"]) == (None, None)
    assert {one["availability_zone"] for one in of(parts, "OS::Nova::Server")} == {None}


@pytest.mark.parametrize(
    ("name", "value", "kind", "field", "times"),
    [
        ("availability_zone", "az-2", "OS::Nova::Server", "availability_zone", 3),
        ("volume_availability_zone", "rack-2", "OS::Cinder::Volume", "availability_zone", 1),
        ("volume_type", "fast", "OS::Cinder::Volume", "volume_type", 1),
        ("lb_flavor", "ha", "OS::Octavia::LoadBalancer", "flavor", 1),
        ("lb_provider", "vendor", "OS::Octavia::LoadBalancer", "provider", 1),
    ],
)
def test_what_was_chosen_reaches_heat(world: World, name: str, value: str, kind: str, field: str, times: int) -> None:
    world.things.zones, world.things.volume_zones = ["az-0", "az-1", "az-2"], ["rack-1", "rack-2"]
    world.things.closed = {"az-0"}
    world.things.storage.private = {"fast": {"project"}, "__DEFAULT__": {"project"}, "foreign": {"another"}}
    world.things.balancer_flavors = {"small": "One amphora", "ha": "ACTIVE_STANDBY"}
    world.things.providers = ["a-vendor", "amphora", "vendor"]
    offered = choices(world)[name]
    assert (offered.value, offered.offered[0].value) == ("", "")
    assert value in [one.value for one in offered.offered]
    assert not {"az-0", "foreign", "__DEFAULT__"} & {one.value for one in offered.offered}
    assert [one[field] for one in of(made(world, **{name: value}), kind)] == [value] * times
    wrong = plan.plan(world.cloud(), Request("next", "tomcat-oracle", {name: "az-0"}))
    assert wrong.problems[name].startswith("It is none of ")


def test_a_load_balancer_of_two_amphorae_is_told_in_words(world: World) -> None:
    world.things.balancer_flavors = {"a-small": "One amphora", "pair": "Topology ACTIVE_STANDBY", "plain": ""}
    labels = {one.value: one.label for one in choices(world)["lb_flavor"].offered}
    assert labels["pair"] == "pair: two amphorae, so that one can be lost"
    assert (labels["a-small"], labels["plain"]) == ("a-small: One amphora", "plain")


def test_a_provider_that_knows_no_http_is_not_taken(world: World) -> None:
    world.things.providers = ["a-vendor", "ovn", "amphora", "octavia"]
    found = choices(world)["lb_provider"]
    assert found.value == "amphora"
    assert found.reason == "The provider ovn balances no HTTP, and may be what this cloud takes by itself."
    assert [one.value for one in found.offered] == ["a-vendor", "amphora"]
    asked = plan.plan(world.cloud(), Request("shop", "tomcat-oracle", {"lb_provider": "ovn"}))
    assert asked.problems == {"lb_provider": "The provider ovn balances no HTTP, which this blueprint needs."}
    assert [one["provider"] for one in of(made(world), "OS::Octavia::LoadBalancer")] == ["amphora"]


def test_where_there_is_no_other_the_field_says_so(world: World) -> None:
    world.things.providers = ["ovn"]
    found = plan.plan(world.cloud(), Request("shop", "web-jump", {}))
    told = "This cloud has no provider of load balancers that does (ovn); ask your operator for 'amphora'."
    assert found.problems == {"lb_provider": told}


@pytest.mark.parametrize("slug", ["tomcat-oracle", "web-jump"])
@pytest.mark.parametrize("policy", ["soft-anti-affinity", "anti-affinity"])
def test_servers_that_do_the_same_are_kept_apart(world: World, slug: str, policy: str) -> None:
    assert choices(world, slug)["server_group"].value == "soft-anti-affinity"
    parts = made(world, slug, server_group=policy)
    assert [one["policies"] for one in of(parts, "OS::Nova::ServerGroup")] == [[policy]]
    hints = [one.get("scheduler_hints") for one in of(parts, "OS::Nova::Server")]
    assert sum(hint is not None and "group" in hint for hint in hints) == 2
    without = plan.plan(world.cloud(), Request("next", slug, {"server_group": ""}))
    assert "server_groups" not in {line.resource for line in without.quotas}
    assert without.ok


def test_none_is_proposed_where_the_quota_has_none_left(world: World) -> None:
    world.things.quota["server_groups"] = 0
    found = choices(world)["server_group"]
    assert (found.value, found.reason) == ("", "This project's quota of server groups is used up.")
    asked = plan.plan(world.cloud(), Request("shop", "tomcat-oracle", {"server_group": "anti-affinity"}))
    assert asked.problems == {"": "Quota: Server groups: 1 more are needed, 0 of 0 are left."}


def test_an_mtu_is_asked_for_where_neutron_takes_one(world: World) -> None:
    assert "mtu" not in choices(world)
    world.things.extensions.append("net-mtu-writable")
    assert choices(world)["mtu"].value == ""
    assert [one["value_specs"] for one in of(made(world, mtu="1400"), "OS::Neutron::Net")] == [{"mtu": "1400"}] * 2
    for value in ("99", "jumbo"):
        wrong = plan.plan(world.cloud(), Request("next", "web-jump", {"mtu": value}))
        assert list(wrong.problems) == ["mtu"]


@pytest.mark.parametrize(("slug", "asked", "port"), [
    ("tomcat-oracle", {}, 1521), ("tomcat-oracle", {"database_port": " 05432 "}, 5432),
    ("database-server", {"database_port": "5432"}, 5432),
])  # fmt: skip
def test_the_port_of_the_database_reaches_all_that_has_to_know_it(
    world: World, slug: str, asked: dict[str, str], port: int
) -> None:
    volume = {"data_volume": "volume-1"} if slug == "database-server" else {}
    if volume:
        world.things.add("volumes", id="volume-1", name="kept", size=20, status="available", attachments=[],
                         metadata={}, project_id="project")  # fmt: skip
    assert choices(world, slug, **volume)["database_port"].value == "1521"
    parts = made(world, slug, **asked, **volume)
    group = next(one.properties for one in parts if one.key == "database_group")
    assert (group["rules"][0]["port_range_min"], group["rules"][0]["port_range_max"]) == (port, port)
    assert group["description"].startswith(f"{port} from ")
    database, *applications = of(parts, "OS::Nova::Server")
    told = [database, *applications] if slug == "tomcat-oracle" else [database]
    assert len(told) == (3 if slug == "tomcat-oracle" else 1)
    assert sum(f"TENANT_OPS_PORT={port}\n" in one["user_data"] for one in told) == 1
    assert sum(f":{port}\n" in one["user_data"] for one in told) == len(told) - 1
    plan_ = plan.plan(world.cloud(), Request("next", slug, {**asked, **volume}))
    drawn = {words for _here, there, words in plan_.picture.arrows if there == "database"}
    assert drawn == ({f"tcp {port}"} if slug == "tomcat-oracle" else set())


@pytest.mark.parametrize(("value", "said"), [
    ("22", "At least 1024."), ("65536", "At most 65535."), ("x", "Give a whole number."), ("", "Give a value."),
    ("8080", "This blueprint uses port 8080 itself: take another one, such as 5432."),
])  # fmt: skip
def test_a_port_that_the_database_cannot_have_is_told_at_its_field(world: World, value: str, said: str) -> None:
    asked = plan.plan(world.cloud(), Request("shop", "tomcat-oracle", {"database_port": value}))
    assert asked.problems == {"database_port": said}


def test_a_port_of_its_own_is_told_by_the_stack_s_tags_and_by_the_command(world: World) -> None:
    for port, tag in (("1521", False), ("5432", True)):
        asked = plan.plan(world.cloud(), Request("shop", "tomcat-oracle", {"database_port": port}))
        assert (f"answer=database_port:{port}" in asked.command) is tag
    launch.launch(world.cloud(), Request("shop", "tomcat-oracle", {"database_port": "5432"}))
    (found,) = stack.environments(world.cloud())
    assert (found.blueprint, found.launched) == ("tomcat-oracle", "tomcat-oracle?database_port:5432")
    assert stack.answers(found.launched) == ("tomcat-oracle", {"database_port": "5432"})
    assert stack.answers("tomcat-oracle") == ("tomcat-oracle", {})


@pytest.mark.parametrize(("value", "tagged"), [("80", {"port": "80"}), ("80-90", {"port": "80-90"}), ("80,firewall", {}), ("443", {}), ("", {})])
def test_only_a_port_becomes_a_tag(tmp_path: Path, value: str, tagged: dict[str, str]) -> None:
    place = tmp_path / "own"
    place.mkdir()
    (place / "template.yaml").write_text("heat_template_version: 2021-04-16\nparameters: {port: {type: string}}\nresources: {}\n")
    intents = [{"expect": "allow", "from": "internet", "to": "internet", "protocol": "tcp", "dst_port": "{port}"}]
    (place / "blueprint.yaml").write_text(
        json.dumps({"title": "Own", "parameters": [{"name": "port", "default": "443"}], "intents": intents})
    )
    found = blueprint.read(place)
    assert [one.ports for one in found.intents] == [(443, 443)]
    assert blueprint.named(found, {"port": value}) == tagged


def test_dns_servers_are_those_that_the_project_has_already(world: World) -> None:
    assert choices(world)["dns_nameservers"].value == ""
    world.things.add("subnets", name="theirs", network_id="n", cidr="10.9.0.0/24", ip_version=4,
                     project_id="another", dns_nameservers=["192.0.2.53"])  # fmt: skip
    for number in range(3):
        servers = ["10.9.9.9"] if number == 0 else ["9.9.9.9", "149.112.112.112"]
        world.things.add("subnets", name=f"net-{number}", network_id="n", cidr=f"10.8.{number}.0/24", ip_version=4,
                         dns_nameservers=servers)  # fmt: skip
    found = choices(world)["dns_nameservers"]
    assert found.value == "9.9.9.9,149.112.112.112"
    assert found.reason == "9.9.9.9,149.112.112.112 is what the subnet net-1 of this project has."
    given = [one["dns_nameservers"] for one in of(made(world), "OS::Neutron::Subnet")]
    assert given == [["9.9.9.9", "149.112.112.112"]] * 2


def test_dns_servers_are_addresses(world: World) -> None:
    asked = Request("shop", "tomcat-oracle", {"dns_nameservers": "9.9.9.9, 149.112.112.112"})
    found = plan.plan(world.cloud(), asked)
    assert found.ok
    assert yaml.safe_load(found.environment_file)["parameters"]["dns_nameservers"] == "9.9.9.9,149.112.112.112"
    six = plan.plan(world.cloud(), Request("shop", "tomcat-oracle", {"dns_nameservers": "9.9.9.9,2620:fe::fe"}))
    told = "2620:fe::fe is of IPv6: a network of IPv4 has DNS servers of IPv4."
    assert six.problems == {"dns_nameservers": told}
    wrong = plan.plan(world.cloud(), Request("shop", "tomcat-oracle", {"dns_nameservers": "dns.quad9.net"}))
    assert wrong.problems["dns_nameservers"].startswith("Write addresses with commas between them")


def ssh(parts: list[Any]) -> list[Any]:
    """From where each group's rules for SSH let in, groups left out."""
    rules = [rule for one in of(parts, "OS::Neutron::SecurityGroup") for rule in one["rules"]]
    return [one.get("remote_ip_prefix") for one in rules if one["port_range_min"] == 22 and "remote_mode" not in one]


@pytest.mark.parametrize(("slug", "more"), [("web-jump", {}), ("tomcat-oracle", {"jump_host": "true"})])
def test_ssh_is_open_to_nobody_unless_somebody_says_to_whom(world: World, slug: str, more: dict[str, str]) -> None:
    found = plan.plan(world.cloud(caller="192.0.2.7"), Request("lab", slug, more))
    assert [one.value for one in found.choices if one.name == "ssh_from"] == [""]
    assert found.notes == ("Nobody reaches the jump host by SSH: no address was given from which that is allowed.",)
    rules = {line.resource: line.adds for line in found.quotas}
    asked = plan.plan(world.cloud(), Request("lab", slug, {**more, "ssh_from": "198.51.100.9"}))
    assert asked.notes == ("The jump host accepts SSH from 198.51.100.9/32 alone.",)
    opened = {line.resource: line.adds for line in asked.quotas}
    assert opened["security_group_rule"] == rules["security_group_rule"] + 1
    assert opened["firewall_rule"] > rules["firewall_rule"]
    assert ssh(made(world, slug, **more)) == []


@pytest.mark.parametrize(("slug", "more"), [("web-jump", {}), ("tomcat-oracle", {"jump_host": "true"})])
@pytest.mark.parametrize(("given", "sent"), [("198.51.100.9", "198.51.100.9/32"), (SOURCE, SOURCE)])
def test_from_there_alone(world: World, slug: str, more: dict[str, str], given: str, sent: str) -> None:
    found = launch.launch(world.cloud(), Request("shop", slug, {**more, "ssh_from": given}))
    assert ssh(world.heat.stacks[found.id]["planned"]) == [sent]
    world.heat.finish(found.id)
    outputs = {one["output_key"]: one["output_value"] for one in world.heat.stacks[found.id]["row"]["outputs"]}
    flows = {one["name"]: one for one in outputs["firewall"]["flows"]}
    assert (flows["ssh"]["from"], flows["ssh"]["from_address"]) == ("internet", sent)


def test_from_everywhere_only_where_it_is_said(world: World) -> None:
    found = plan.plan(world.cloud(), Request("lab", "web-jump", {"ssh_from": "0.0.0.0/0"}))
    assert (found.ok, found.notes) == (True, ("The jump host accepts SSH from everywhere.",))


@pytest.mark.parametrize(
    ("value", "words"),
    [("home", "no network"), ("2001:db8::/32", "IPv4 alone"), ("198.51.100.7/24", "did you mean 198.51.100.0/24?")],
)
def test_what_is_no_source(world: World, value: str, words: str) -> None:
    found = plan.plan(world.cloud(), Request("lab", "web-jump", {"ssh_from": value}))
    assert list(found.problems) == ["ssh_from"]
    assert words in found.problems["ssh_from"]


def test_a_service_that_is_silent_offers_nothing_and_hides_nothing_else(world: World) -> None:
    world.things.zones = ["az-1", "az-2"]
    world.wire.trouble["/os-availability-zone"] = [403] * 9
    world.wire.trouble["lbaas/(providers|flavors)"] = [requests.ConnectionError("no route")] * 9
    found = plan.plan(world.cloud(), Request("shop", "tomcat-oracle", {}))
    assert found.problems == {}
    assert not {"availability_zone", "lb_provider", "lb_flavor"} & {one.name for one in found.choices}


def test_what_was_not_answered_is_not_kept(world: World) -> None:
    cloud: Cloud = world.cloud()
    world.things.zones = ["az-1", "az-2"]
    world.wire.trouble["/compute/v2.1/os-availability-zone"] = [403]
    for there in (False, True):
        names = {one.name for one in plan.plan(cloud, Request("shop", "tomcat-oracle", {})).choices}
        assert ("availability_zone" in names) is there
