"""A tier in a network that was there before: what is offered and why not, which router it is, and what stays true."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, launch, reconcile, watch
from tenant_ops_dashboard.environments.model import Details, Environment, Parameter, Plan, Request
from tenant_ops_dashboard.environments.planning import defaults, plan
from tenant_ops_dashboard.environments.template import blueprint, hot
from tests.unit.environments.test_orphans import lose
from tests.unit.fake_openstack.world import World

FLAGSHIP = "tomcat-oracle"
LAB, LAB_SUBNET, VAULT, VAULT_SUBNET, ROUTER, OTHER = (f"{n}0000000-1111-2222-3333-444444444444" for n in "abcdef")


def network(world: World, id_: str, subnet: str, name: str, range_: str, **more: Any) -> None:
    """A network of the project's with one subnet; `more` are fields of either."""
    known = world.things
    inside = {key: more.pop(key) for key in ("gateway_ip", "enable_dhcp") if key in more}
    known.add("networks", id=id_, name=name, **{"router:external": False, **more})
    gateway = range_.rpartition(".")[0] + ".1"
    known.add("subnets", id=subnet, network_id=id_, name="", cidr=range_, ip_version=4,
              **{"gateway_ip": gateway, "project_id": more.get("project_id", "project"), **inside})  # fmt: skip


def router(world: World, id_: str, *subnets: str, external: str = "EXT-NET", address: str = ".1", **more: Any) -> list[str]:
    """A router with interfaces into these subnets; ids of its ports."""
    known = world.things
    outside = next((one["id"] for one in known.kept["networks"].values() if one["name"] == external), "")
    known.add("routers", id=id_, name=f"router-{id_[0]}",
              external_gateway_info={"network_id": outside} if outside else None, **more)  # fmt: skip
    made = []
    for one in subnets:
        inside = known.kept["subnets"][one]
        fixed = [{"subnet_id": one, "ip_address": inside["cidr"].rpartition(".")[0] + address}]
        port = known.add("ports", device_id=id_, device_owner="network:router_interface", fixed_ips=fixed,
                         network_id=inside["network_id"], status="ACTIVE", name="", **more)  # fmt: skip
        made.append(port["id"])
    return made


@pytest.fixture
def lab(world: World) -> World:
    """Two networks of the project's, no router."""
    network(world, LAB, LAB_SUBNET, "lab", "10.60.1.0/24")
    network(world, VAULT, VAULT_SUBNET, "vault", "10.60.2.0/24")
    return world


def planned(world: World, slug: str = FLAGSHIP, **answers: str) -> Plan:
    return plan.plan(world.cloud(), Request("shop", slug, answers))


def question(cloud: Cloud, name: str = "existing_dmz", slug: str = FLAGSHIP) -> Parameter | None:
    found = blueprint.find(slug)
    assert found is not None
    return next((one for one in defaults.form(cloud, found) if one.name == name), None)


def adds(made: Plan) -> dict[str, int]:
    return {line.resource: line.adds for line in made.quotas}


def up(world: World, slug: str = FLAGSHIP, **answers: str) -> Details:
    cloud = world.cloud()
    made = launch.launch(cloud, Request("shop", slug, answers))
    world.heat.finish(made.id)
    reconcile.reconcile(cloud, made)
    return watch.details(world.cloud(), made.id)


def parts(world: World, id_: str, kind: str) -> list[dict[str, Any]]:
    return [dict(one.properties) for one in world.heat.stacks[id_]["planned"] if one.type == kind]


def test_where_there_is_none_nobody_is_asked_and_it_costs_no_call(world: World, cloud: Cloud) -> None:
    assert question(cloud) is None
    assert not [one for one in world.calls() if "/routers" in one or "/ports" in one]
    refused = planned(world, existing_dmz="lab")
    assert refused.problems == {"existing_dmz": "This cloud has nothing to choose there."}


def test_a_new_one_is_proposed_and_the_others_are_told_with_their_router(lab: World) -> None:
    router(lab, ROUTER, VAULT_SUBNET)
    found = question(lab.cloud())
    assert found is not None
    assert found.default == ""
    assert [(one.value, one.label) for one in found.choices] == [
        ("", "a new network"),
        (LAB_SUBNET, "lab, 10.60.1.0/24, no router yet"),
        (VAULT_SUBNET, "vault, 10.60.2.0/24, router router-e"),
    ]
    made = planned(lab)
    assert (made.problems, made.notes) == ({}, ())
    assert adds(made)["network"] == 2


def test_both_tiers_are_asked_once(lab: World) -> None:
    cloud = lab.cloud()
    lab.calls()
    question(cloud)
    told = [one.partition("?")[0].rpartition("/")[2] for one in lab.calls()]
    assert [told.count(one) for one in ("ports", "routers", "firewall_groups")] == [2, 1, 1]
    assert told.count("networks") == 2, "external ones, and all"
    question(cloud, "existing_database")
    assert lab.calls() == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"admin_state_up": False}, "bad is switched off (admin_state_up)."),
        ({"port_security_enabled": False}, "bad has no port security, so security groups would not filter there."),
        ({"enable_dhcp": False}, "bad hands out no addresses: DHCP is off."),
        ({"gateway_ip": None}, "bad has no gateway, so answers would not find their way out."),
        (
            {"project_id": "another", "shared": True},
            "bad belongs to another project, and no router of yours has its gateway address: nobody can tell whether a "
            "floating IP would lead there.",
        ),
    ],
)
def test_what_is_not_offered_and_why(lab: World, more: dict[str, Any], said: str) -> None:
    network(lab, OTHER, OTHER.replace("f", "9"), "bad", "10.60.3.0/24", **more)
    if more.get("shared"):
        lab.things.add(
            "rbac-policies", object_id=OTHER, target_tenant="project", action="access_as_shared", project_id="another"
        )
    found = question(lab.cloud())
    assert found is not None
    assert "bad" not in " ".join(one.label for one in found.choices)
    assert said in found.refusals.values() and said not in found.help
    assert planned(lab, existing_dmz="bad").problems == {"existing_dmz": said}


def test_a_network_without_a_subnet_is_told_where_it_is_asked_for(lab: World) -> None:
    lab.things.add("networks", id=OTHER, name="empty")
    found = question(lab.cloud())
    assert found is not None
    assert list(found.refusals.values()) == ["empty has no subnet of IPv4."], "external ones are no question here"
    assert planned(lab, existing_dmz="empty").problems == {"existing_dmz": "empty has no subnet of IPv4."}
    assert planned(lab, existing_dmz="EXT-NET").problems == {
        "existing_dmz": "EXT-NET is external: servers stand behind a router."
    }
    assert planned(lab, existing_dmz="nowhere").problems == {
        "existing_dmz": "This project sees no network called 'nowhere'."
    }


@pytest.mark.parametrize(("mode", "fits"), [("slaac", False), ("dhcpv6-stateless", False), ("dhcpv6-stateful", True)])
def test_one_that_gives_addresses_of_ipv6_by_itself(lab: World, mode: str, fits: bool) -> None:
    six = lab.things.add("subnets", network_id=LAB, cidr="fd00:1::/64", ip_version=6, ipv6_address_mode=mode)
    lab.things.kept["networks"][LAB]["subnets"] = [LAB_SUBNET, six["id"]]
    said = "lab gives each of its ports an address of IPv6, too (SLAAC): no promise here covers those."
    assert planned(lab, existing_dmz="lab").problems == ({} if fits else {"existing_dmz": said})


def test_an_administrator_is_told_nothing_false_of_what_others_share(lab: World) -> None:
    lab.things.add("networks", id=OTHER, name="theirs", shared=True, project_id="another", subnets=["six"])
    cloud = lab.cloud("admin", "member")
    found = question(cloud)
    assert found is not None
    assert "theirs" not in found.help


def test_one_that_is_too_small(lab: World) -> None:
    network(lab, OTHER, OTHER.replace("f", "9"), "bad", "10.60.3.0/29")
    assert planned(lab, existing_dmz="bad").problems == {
        "existing_dmz": "bad has no room: 10.60.3.0/29 is smaller than a /28."
    }


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"external": "none"}, "lab: its router router-e leads to no external network."),
        ({"project_id": "another"}, "lab: its gateway 10.60.1.1 is at no router of this project."),
        ({"address": ".9"}, "lab: its gateway 10.60.1.1 is at no router of this project."),
    ],
)
def test_a_router_that_leads_nowhere(lab: World, fields: dict[str, str], said: str) -> None:
    router(lab, ROUTER, LAB_SUBNET, **fields)
    assert planned(lab, existing_dmz="lab").problems == {"existing_dmz": said}


@pytest.mark.parametrize(
    ("fields", "port"),
    [
        ({"name": "firewall", "device_owner": "compute:nova", "device_id": "somebody"}, "firewall (compute:nova)"),
        ({"id": "port-reserved", "name": "", "device_owner": ""}, "port-reserved"),
    ],
)
def test_a_gateway_address_that_a_port_of_no_router_has(lab: World, fields: dict[str, str], port: str) -> None:
    lab.things.add("ports", network_id=LAB, fixed_ips=[{"subnet_id": LAB_SUBNET, "ip_address": "10.60.1.1"}],
                   status="ACTIVE", **fields)  # fmt: skip
    said = f"lab: the port {port} has its gateway address 10.60.1.1, so the environment's router cannot take it."
    assert planned(lab, existing_dmz="lab").problems == {"existing_dmz": said}
    found = question(lab.cloud())
    assert found is not None
    assert [one.value for one in found.choices] == ["", VAULT_SUBNET]
    assert found.refusals == {LAB_SUBNET: said}


def test_the_same_address_on_another_network_is_no_reason(lab: World) -> None:
    network(lab, OTHER, OTHER.replace("f", "9"), "same", "10.60.1.0/24")
    lab.things.add("ports", network_id=OTHER, name="firewall", device_owner="compute:nova", status="ACTIVE",
                   fixed_ips=[{"subnet_id": OTHER.replace("f", "9"), "ip_address": "10.60.1.1"}])  # fmt: skip
    assert planned(lab, existing_dmz="lab").problems == {}
    assert "existing_dmz" in planned(lab, existing_dmz="same").problems


def test_of_many_gateway_addresses_a_hundred_are_asked_for_at_once(lab: World) -> None:
    for number in range(99):
        network(lab, f"net-{number:03}", f"sub-{number:03}", f"n{number:03}", f"10.61.{number}.0/24")
    lab.things.add("ports", network_id="net-098", name="firewall", device_owner="compute:nova", status="ACTIVE",
                   fixed_ips=[{"subnet_id": "sub-098", "ip_address": "10.61.98.1"}])  # fmt: skip
    cloud = lab.cloud()
    lab.calls()
    found = question(cloud)
    assert len([one for one in lab.calls() if "fixed_ips" in one]) == 2
    assert found is not None
    assert list(found.refusals) == ["sub-098"]


def test_the_router_of_another_environment_is_not_taken(world: World, standing: Any) -> None:
    ids = world.heat.stacks[standing.id]["ids"]
    subnet = world.things.kept["subnets"][ids["dmz_subnet"]]
    subnet["gateway_ip"] = "10.20.1.1"
    world.things.add("routers", id=ids["router"], name="shop-router",
                     external_gateway_info={"network_id": next(iter(world.things.kept["networks"]))})  # fmt: skip
    made = planned(world, existing_dmz="dmz_network")
    assert made.problems["existing_dmz"] == (
        "dmz_network is behind the router shop-router, where the firewall group shop-fw of another environment lets only "
        "that one's traffic pass."
    )


@pytest.mark.parametrize("asked", [LAB_SUBNET, LAB, "lab"])
def test_without_a_router_the_environments_own_joins_it(lab: World, asked: str) -> None:
    made = planned(lab, existing_dmz=asked)
    assert made.problems == {}
    assert [adds(made)[name] for name in ("network", "subnet", "router", "firewall_group")] == [1, 1, 1, 1]
    assert made.notes == (
        "lab was there before: it keeps its range, DNS servers and MTU, and stays when the environment is deleted.",
        "Whatever else is in lab reaches these servers on tcp 8080: their security group is open to all of 10.60.1.0/24, "
        "where the load balancer is.",
        "lab has no router yet: this environment's takes its gateway address, and is the way out for all that is in "
        "there, for as long as the environment stands.",
        "The firewall group filters what others in lab send through it, too.",
        "No port of OpenStack has 10.60.1.1, the gateway address that the router takes in lab. Where a router outside "
        "OpenStack has it, choose another network.",
    )
    assert "firewall" in made.command
    boxes = {one.key: one for one in made.picture.boxes}
    assert (boxes["dmz_network"].state, boxes["dmz_network"].detail) == ("good", "lab, 10.60.1.0/24")
    assert boxes["database_network"].state == "planned"
    assert "dmz_network" not in dict(made.resources)
    assert {one.name: one.value for one in made.choices}["dmz_cidr"] == "10.60.1.0/24"


def test_it_stands_there_with_its_own_firewall_group(lab: World) -> None:
    found = up(lab, existing_dmz="lab")
    id_ = found.environment.id
    assert [one["network"] for one in parts(lab, id_, "OS::Neutron::Port")][-1] == LAB
    assert [one["subnet"] for one in parts(lab, id_, "OS::Neutron::RouterInterface")] == [LAB_SUBNET, None]
    proofs = {one.name: one for one in found.proofs}
    assert (proofs["firewall"].state, proofs["firewall"].evidence[:27]) == ("good", "ACTIVE on 2 router interfac")
    assert {one.state for one in found.proofs} <= {"good", "unknown"}
    assert found.drift == ()
    boxes = {one.key: one for one in found.picture.boxes}
    assert (boxes["dmz_network"].state, boxes["dmz_network"].resource_id) == ("good", LAB)
    assert boxes["dmz_network"].detail == "10.60.1.0/24"


def test_whatever_else_is_in_it_is_no_stranger(lab: World) -> None:
    lab.things.add("ports", name="theirs", network_id=LAB, device_owner="compute:nova", device_id="somebody",
                   fixed_ips=[{"subnet_id": LAB_SUBNET, "ip_address": "10.60.1.77"}], status="ACTIVE")  # fmt: skip
    found = up(lab, existing_dmz="lab")
    assert found.drift == ()
    loss = delete.losses(lab.cloud(), found.environment)
    assert "1 network" in loss.lost
    assert "Network lab, which was there before it" in loss.kept
    delete.delete(lab.cloud(), found.environment.id)
    assert {LAB, VAULT} <= set(lab.things.kept["networks"])


def test_a_floating_ip_that_needs_its_router_is_told_before_it_is_deleted(lab: World) -> None:
    found = up(lab, existing_dmz="lab")
    other = lab.things.add("ports", name="theirs", network_id=LAB, device_owner="compute:nova", device_id="somebody",
                           fixed_ips=[{"subnet_id": LAB_SUBNET, "ip_address": "10.60.1.77"}], status="ACTIVE")  # fmt: skip
    own = lab.heat.stacks[found.environment.id]["ids"]["router"]
    lab.things.add("floatingips", floating_ip_address="203.0.113.99", fixed_ip_address="10.60.1.77",
                   port_id=other["id"], router_id=own)  # fmt: skip
    said = "Floating IP 203.0.113.99 is attached to 10.60.1.77 through its router."
    assert said in watch.details(lab.cloud(), found.environment.id).drift[0].sentence
    with pytest.raises(delete.Blocked, match="through its router"):
        delete.delete(lab.cloud(), found.environment.id)


def test_behind_a_router_that_is_there_no_firewall_group_is_made(lab: World) -> None:
    router(lab, ROUTER, LAB_SUBNET)
    made = planned(lab, existing_dmz="lab")
    assert made.problems == {}
    assert "router" not in adds(made)
    assert "firewall_group" not in adds(made)
    assert [adds(made)[name] for name in ("network", "subnet")] == [1, 1]
    assert made.notes[2:] == (
        "The router router-e was there before, and others may use it: no firewall group is made. From outside and "
        "between the tiers security groups alone filter, and what the servers send gets out.",
        "The router router-e gets an interface into the new network 10.20.2.0/24: its other networks have a way there, "
        "as far as security groups let them.",
    )
    assert "firewall" not in made.command.replace("tomcat", "")
    boxes = {one.key: one for one in made.picture.boxes}
    assert (boxes["router"].state, boxes["router"].detail) == ("good", "router-e")
    assert "firewall" not in boxes
    assert ("router", "balancer", "") in made.picture.arrows


def test_it_stands_there_and_says_that_nothing_is_filtered_at_the_router(lab: World) -> None:
    router(lab, ROUTER, LAB_SUBNET)
    found = up(lab, existing_dmz="lab")
    id_ = found.environment.id
    assert {one["router"] for one in parts(lab, id_, "OS::Neutron::RouterInterface")} == {ROUTER}
    assert "firewall" not in lab.heat.stacks[id_]["row"]["tags"]
    proofs = {one.name: one for one in found.proofs}
    assert proofs["firewall"].state == "warning"
    assert proofs["firewall"].evidence.startswith("No firewall group is made: the router was there before")
    assert (found.environment.status, found.drift) == ("good", ())
    listed = watch.listing(lab.cloud())
    assert [one.status for one in listed] == ["good"]
    boxes = {one.key: one for one in found.picture.boxes}
    assert (boxes["router"].state, boxes["router"].resource_id) == ("good", ROUTER)
    assert "firewall" not in boxes
    reconcile.reconcile(lab.cloud(), found.environment, asked=True)
    assert not reconcile.due(lab.cloud(), found.environment)
    loss = delete.losses(lab.cloud(), found.environment)
    assert not [one for one in loss.lost if "router" in one]
    name = lab.things.kept["routers"][ROUTER]["name"]
    there = ["Network lab, which was there before it", f"Router {name or ROUTER}, which was there before it"]
    assert [one for one in loss.kept if "there before" in one] == there


def test_somebodys_firewall_group_on_that_router_is_named(lab: World) -> None:
    ports = router(lab, ROUTER, LAB_SUBNET)
    lab.things.add("firewall_groups", name="perimeter", description="", ports=ports, status="ACTIVE")
    told = " ".join(planned(lab, existing_dmz="lab").notes)
    assert "The firewall group perimeter is on that router. It decides, too, whether anybody reaches" in told


def test_both_tiers_behind_one_router(lab: World) -> None:
    router(lab, ROUTER, LAB_SUBNET, VAULT_SUBNET)
    made = planned(lab, existing_dmz="lab", existing_database="vault")
    assert made.problems == {}
    assert not {"network", "subnet", "router", "firewall_group"} & set(adds(made))
    found = up(lab, existing_dmz="lab", existing_database="vault")
    assert parts(lab, found.environment.id, "OS::Neutron::RouterInterface") == []
    assert found.environment.status == "good"


def test_a_database_behind_a_router_has_the_application_join_it(lab: World) -> None:
    router(lab, ROUTER, VAULT_SUBNET)
    found = up(lab, existing_database="vault")
    (interface,) = parts(lab, found.environment.id, "OS::Neutron::RouterInterface")
    assert interface["router"] == ROUTER
    assert found.drift == ()


def test_an_interface_that_joins_the_other_tiers_router_is_told(lab: World) -> None:
    router(lab, ROUTER, LAB_SUBNET)
    told = planned(lab, existing_dmz="lab", existing_database="vault").notes
    assert "vault has no router yet: router-e gets an interface into it, for as long as the environment stands." in told
    assert any(one.startswith("No port of OpenStack has 10.60.2.1, the gateway address") for one in told)


def test_two_routers_do_not_reach_each_other(lab: World) -> None:
    router(lab, ROUTER, LAB_SUBNET)
    router(lab, OTHER, VAULT_SUBNET)
    made = planned(lab, existing_dmz="lab", existing_database="vault")
    assert made.problems == {
        "existing_database": "vault is behind the router router-f and lab behind router-e: the tiers would not reach each "
        "other."
    }


def test_one_subnet_is_not_two_tiers(lab: World) -> None:
    made = planned(lab, existing_dmz="lab", existing_database="lab")
    assert made.problems == {
        "existing_database": "Overlaps DMZ network, 10.60.1.0/24; the router could not tell them apart."
    }


def test_the_router_leads_to_the_external_network_that_was_chosen(lab: World) -> None:
    lab.things.add("networks", name="OTHER-NET", **{"router:external": True})
    router(lab, ROUTER, LAB_SUBNET, external="OTHER-NET")
    made = planned(lab, existing_dmz="lab", external_network="EXT-NET")
    assert made.problems == {
        "existing_dmz": "The router router-e of lab leads to OTHER-NET: choose that as the external network."
    }
    assert planned(lab, existing_dmz="lab", external_network="OTHER-NET").problems == {}


def test_a_new_range_that_the_router_has_already(lab: World) -> None:
    router(lab, ROUTER, LAB_SUBNET, VAULT_SUBNET)
    made = planned(lab, existing_dmz="lab", database_cidr="10.60.2.0/25")
    assert made.problems == {
        "database_cidr": "Overlaps a network of the router router-e, 10.60.2.0/24; the router could not tell them apart."
    }


def test_a_network_without_a_router_that_overlaps_one_of_the_router_that_joins_it(lab: World) -> None:
    network(lab, OTHER, OTHER.replace("f", "9"), "same", "10.60.1.0/24")
    router(lab, ROUTER, VAULT_SUBNET, OTHER.replace("f", "9"))
    made = planned(lab, existing_dmz="lab", existing_database="vault")
    assert made.problems == {
        "existing_dmz": "Overlaps a network of the router router-e, 10.60.1.0/24; the router could not tell them apart."
    }


def test_several_subnets_are_told_apart(lab: World) -> None:
    second = OTHER.replace("f", "9")
    lab.things.add("subnets", id=second, network_id=LAB, name="upper", cidr="10.60.9.0/24", ip_version=4,
                   gateway_ip="10.60.9.1")  # fmt: skip
    made = planned(lab, existing_dmz=LAB)
    assert made.problems["existing_dmz"].startswith("2 subnets fit")
    assert planned(lab, existing_dmz="upper").problems == {}


@pytest.mark.parametrize("routed", [False, True])
def test_the_lab_stands_there_too(lab: World, routed: bool) -> None:
    if routed:
        router(lab, ROUTER, LAB_SUBNET)
    found = up(lab, "web-jump", existing_dmz="lab")
    kinds = {one.type for one in lab.heat.stacks[found.environment.id]["planned"]}
    assert "OS::Neutron::Net" not in kinds
    assert ("OS::Neutron::Router" in kinds) is not routed
    assert (found.environment.status, found.drift) == ("good", ())


def begun(world: World, **answers: str) -> Environment:
    return launch.launch(world.cloud(), Request("shop", FLAGSHIP, answers), (), "token")


def go_on(world: World, way: str) -> None:
    if way == "retry":
        launch.retry(world.cloud(), "shop")
    else:
        assert delete.delete(world.cloud(), "shop").status == "deleting"


@pytest.mark.parametrize("way", ["retry", "delete"])
def test_an_interface_into_it_that_heat_lost_stands_not_in_the_way(lab: World, way: str) -> None:
    lost = lose(lab, begun(lab, existing_dmz="lab"), "dmz_interface")
    assert lost["fixed_ips"][0]["subnet_id"] == LAB_SUBNET
    by_hand = lab.things.add("ports", **{**lost, "id": "by-hand", "network_id": VAULT,
                             "fixed_ips": [{"subnet_id": VAULT_SUBNET, "ip_address": "10.60.2.1"}]})  # fmt: skip
    go_on(lab, way)
    assert lost["id"] not in lab.things.kept["ports"]
    assert by_hand["id"] in lab.things.kept["ports"], "into a network that the environment does not use"


@pytest.mark.parametrize("way", ["retry", "delete"])
def test_an_interface_of_its_router_into_ours_that_heat_lost_stands_not_in_the_way(lab: World, way: str) -> None:
    (theirs,) = router(lab, ROUTER, LAB_SUBNET)
    lost = lose(lab, begun(lab, existing_dmz="lab"), "database_interface")
    assert lost["device_id"] == ROUTER
    go_on(lab, way)
    assert lost["id"] not in lab.things.kept["ports"]
    assert theirs in lab.things.kept["ports"], "it was there before"


@pytest.mark.parametrize("routed", [False, True])
def test_a_delete_that_failed_at_an_interface_that_heat_lost_goes_on(lab: World, routed: bool) -> None:
    key, fails = ("database_interface", "database_subnet") if routed else ("dmz_interface", "router")
    if routed:
        router(lab, ROUTER, LAB_SUBNET)
    made = begun(lab, existing_dmz="lab")
    lost = lose(lab, made, key)
    stack = lab.heat.stacks[made.id]
    lab.heat.delete(made.id, [], {})
    stack["resources"] = [one for one in stack["resources"] if one["key"] in (fails, "database_network")]
    for one in stack["resources"]:
        one["resource_status"] = "DELETE_FAILED"
    lab.heat.become(made.id, "DELETE_FAILED")
    go_on(lab, "delete")
    assert lost["id"] not in lab.things.kept["ports"]


def test_the_interface_of_another_router_into_ours_is_a_strangers(lab: World) -> None:
    router(lab, ROUTER, LAB_SUBNET)
    made = begun(lab, existing_dmz="lab")
    lost = lose(lab, made, "database_interface")
    lab.things.add("ports", **{**lost, "id": "strange", "device_id": OTHER})
    with pytest.raises(delete.Blocked, match="strange"):
        delete.delete(lab.cloud(), "shop")
    assert "strange" in lab.things.kept["ports"]


def test_a_template_that_nobody_can_work_out_keeps_no_delete_from_beginning(
    lab: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = lose(lab, begun(lab), "dmz_interface")

    def broken(*arguments: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr(hot, "resources", broken)
    go_on(lab, "delete")
    assert lost["id"] not in lab.things.kept["ports"], "its own router's into its own subnet, by Heat's rows alone"
