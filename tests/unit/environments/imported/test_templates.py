"""What a plan tells of templates as people write them elsewhere: without a word for this dashboard in them."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.declared import SLUG, Imported
from tenant_ops_dashboard.environments.model import Plan, Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.template.imported import files

SHOP = """
heat_template_version: queens
description: Two notice boards behind one address, with a disk.
parameter_groups:
  - label: Machines
    parameters: [size_of_all, from_what]
parameters:
  outside: {type: string, label: The way out}
  from_what: {type: string, default: no-such-image}
  size_of_all: {type: string, default: small}
  how_many: {type: number, default: 2, constraints: [{range: {min: 1, max: 5}}]}
  disk: {type: number, default: 5}
conditions:
  with_disk: {not: {equals: [{get_param: disk}, 0]}}
resources:
  wires: {type: OS::Neutron::Net}
  range: {type: OS::Neutron::Subnet, properties: {network: {get_resource: wires}, cidr: 192.168.7.0/24}}
  gate: {type: OS::Neutron::Router, properties: {external_gateway_info: {network: {get_param: outside}}}}
  hook: {type: OS::Neutron::RouterInterface, properties: {router: {get_resource: gate}, subnet: {get_resource: range}}}
  boards:
    type: OS::Heat::ResourceGroup
    properties:
      count: {get_param: how_many}
      index_var: "%n%"
      removal_policies: [{resource_list: ["0"]}]
      resource_def:
        type: board.yaml
        properties: {called: "board-%n%", image: {get_param: from_what}, flavor: {get_param: size_of_all},
                     network: {get_resource: wires}, pool: {get_resource: those}}
  front: {type: OS::Octavia::LoadBalancer, properties: {vip_subnet: {get_resource: range}}}
  ear: {type: OS::Octavia::Listener, properties: {loadbalancer: {get_resource: front}, protocol: HTTP, protocol_port: 80}}
  those: {type: OS::Octavia::Pool, properties: {listener: {get_resource: ear}, protocol: HTTP, lb_algorithm: ROUND_ROBIN}}
  pulse: {type: OS::Octavia::HealthMonitor, properties: {pool: {get_resource: those}, type: HTTP, delay: 3, timeout: 2,
                                                         max_retries: 2}}
  address:
    type: OS::Neutron::FloatingIP
    depends_on: hook
    properties: {floating_network: {get_param: outside}, port_id: {get_attr: [front, vip_port_id]}}
  disk:
    type: OS::Cinder::Volume
    condition: with_disk
    properties: {size: {get_param: disk}}
"""
BOARD = """
heat_template_version: 2016-10-14
parameters:
  called: {type: string}
  image: {type: string}
  flavor: {type: string}
  network: {type: string}
  pool: {type: string}
resources:
  self:
    type: OS::Nova::Server
    properties:
      name: {get_param: called}
      image: {get_param: image}
      flavor: {get_param: flavor}
      networks: [{network: {get_param: network}}]
      user_data: {str_replace: {template: {get_file: start.sh}, params: {$ME: {get_param: called}}}}
  member:
    type: OS::Octavia::PoolMember
    properties: {pool: {get_param: pool}, address: {get_attr: [self, first_address]}, protocol_port: 8080}
"""
BESIDE = {"board.yaml": BOARD, "start.sh": "#!/bin/sh\necho $ME\n"}
HEAD = "heat_template_version: wallaby\n"


def planned(
    cloud: Cloud, template: str, environment: str = "", beside: dict[str, str] | None = None, **values: str
) -> Plan:
    found = files.gather(template, environment, files.beside(beside or {}))
    return plan.plan(cloud, Request("shop", SLUG, values, Imported(template, found, environment, "mine.yaml")))


def adds(made: Plan) -> dict[str, int]:
    return {line.resource: line.adds for line in made.quotas}


def test_a_whole_application_is_counted_drawn_and_promised(cloud: Cloud) -> None:
    made = planned(cloud, SHOP, beside=BESIDE)
    assert (made.problems, made.unknown) == ({}, ())
    took = adds(made)
    assert (took["instances"], took["load_balancer"], took["member"], took["gigabytes"]) == (2, 1, 2, 5)
    assert [(box.kind, box.tier) for box in made.picture.boxes] == [
        ("internet", "internet"), ("router", "edge"), ("server", "dmz"), ("server", "dmz"), ("load_balancer", "dmz"),
        ("floating_ip", "edge"), ("volume", "database"),
    ]  # fmt: skip
    assert ("address", "front", "tcp 80") in made.picture.arrows
    assert "Answers from outside, by all servers in turn" in made.proven
    assert "All servers answer the health monitor" in made.proven
    assert any("reaches a database is not proven" in said for said in made.unproven)
    assert any("install and run is not read" in said for said in made.unproven)
    assert made.changed == (
        "from_what: this cloud has no 'no-such-image', which the template names; debian-12 stands in for it.",
    )
    assert sorted(made.files) == ["board.yaml", "start.sh"]


def test_questions_come_in_the_order_of_groups_with_what_this_cloud_has(cloud: Cloud) -> None:
    blueprint = planned(cloud, SHOP, beside=BESIDE).blueprint
    assert blueprint is not None
    assert [(one.name, one.kind) for one in blueprint.parameters] == [
        ("size_of_all", "flavor"), ("from_what", "image"), ("outside", "network"), ("how_many", "text"), ("disk", "text"),
    ]  # fmt: skip
    assert [one.group for one in blueprint.parameters] == ["Machines", "Machines", "", "", ""]
    assert blueprint.parameters[2].label == "The way out"
    assert blueprint.summary.startswith("Two notice boards")


def test_an_answer_changes_what_is_counted(cloud: Cloud) -> None:
    took = adds(planned(cloud, SHOP, beside=BESIDE, how_many="4", disk="0"))
    assert (took["instances"], took["member"], took.get("volumes", 0)) == (4, 4, 0)
    refused = planned(cloud, SHOP, beside=BESIDE, how_many="6")
    assert refused.problems == {"how_many": "It must be from 1 to 5."}


def test_an_environment_file_answers_and_says_what_a_type_stands_for(cloud: Cloud) -> None:
    template = (
        HEAD
        + """
parameters: {size: {type: number}}
resources:
  one: {type: "Own::Board"}
  two: {type: "Own::Board"}
  nothing: {type: "Own::Alarm"}
  group: {type: OS::Heat::ResourceGroup, properties: {count: {get_param: size}, resource_def: {type: "Own::Board"}}}
"""
    )
    inner = (
        HEAD
        + """
parameters: {zone: {type: string}}
resources: {net: {type: OS::Neutron::Net}, p: {type: OS::Neutron::Port, properties: {network: {get_param: zone}}}}
"""
    )
    environment = """
parameters: {size: 3}
parameter_defaults: {zone: EXT-NET, unused: 1}
resource_registry: {"Own::Board": lib/board.yaml, "Own::*": "OS::Heat::None"}
"""
    made = planned(cloud, template, environment, {"board.yaml": inner})
    assert made.problems == {}
    took = adds(made)
    assert (took["network"], took["port"], made.unknown) == (5, 5, ())
    assert list(made.files) == ["lib/board.yaml"]
    assert "resource_registry" in made.environment_file
    assert "size: '3'" in made.environment_file


@pytest.mark.parametrize(
    ("resources", "count"),
    [
        ('g: {type: OS::Heat::AutoScalingGroup, properties: {min_size: 1, max_size: 4, desired_capacity: 3,'
         ' resource: {type: OS::Neutron::Net}}}', 3),
        ('g: {type: OS::Heat::ResourceChain, properties: {resources: ["OS::Neutron::Net", "OS::Neutron::Net"]}}', 2),
        ('g: {type: OS::Heat::ResourceGroup, properties: {count: {str_split: [",", "5,6", 0]}, resource_def:'
         ' {type: OS::Neutron::Net, properties: {name: "net-%index%"}}}}', 5),
        ('s: {type: OS::Heat::Stack, properties: {template: {get_file: inner.yaml}, parameters: {}}}', 1),
        ('n: {type: inner.yaml, condition: {or: [{equals: [{get_param: "OS::stack_name"}, shop]}, false]}}', 1),
        ('n: {type: OS::Neutron::Net, condition: {contains: [b, {list_concat_unique: [[a], [a, c]]}]}}', 0),
        ('g: {type: OS::Heat::ResourceGroup, properties: {count: {if: [{and: [true, {not: false}]}, 4, 1]},'
         ' resource_def: {type: OS::Neutron::Net, properties: {value_specs: {map_merge: [{a: 1}, {map_replace:'
         ' [{b: x}, {keys: {b: c}}]}]}, name: {list_join: ["-", [a], {filter: [[b], [b, c]]}]}}}}}', 4),
    ],
)  # fmt: skip
def test_functions_groups_and_stacks_are_worked_out(cloud: Cloud, resources: str, count: int) -> None:
    inner = HEAD + "resources: {net: {type: OS::Neutron::Net}}"
    made = planned(cloud, f"{HEAD}resources:\n  {resources}\n", beside={"inner.yaml": inner})
    assert (made.problems, made.unknown, adds(made).get("network", 0)) == ({}, (), count)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('{yaql: {expression: "$.data", data: 3}}', "yaql, which only Heat works out"),
        ("{resource_facade: metadata}", "resource_facade, which only Heat works out"),
        ('{"Fn::Select": [0, [3]]}', "Fn::Select, which only Heat works out"),
        ("{get_attr: [n, mtu]}", "get_attr, which only a running stack knows"),
    ],
)
def test_what_only_heat_works_out_is_told_and_the_rest_counts(cloud: Cloud, value: str, said: str) -> None:
    resources = f"n: {{type: OS::Neutron::Net}}\n  v: {{type: OS::Cinder::Volume, properties: {{size: {value}}}}}"
    made = planned(cloud, f"{HEAD}resources:\n  {resources}\n")
    assert made.problems == {}
    assert [said in one for one in made.unknown] == [True]
    assert (adds(made)["network"], adds(made)["volumes"]) == (1, 1)


def test_types_that_are_not_known_are_named_drawn_and_not_counted(cloud: Cloud) -> None:
    made = planned(cloud, HEAD + "resources: {base: {type: OS::Trove::Instance}, key: {type: OS::Nova::KeyPair}}")
    assert [(box.key, box.tier, box.kind) for box in made.picture.boxes] == [("base", "other", "other")]
    assert made.unknown == ("What base takes cannot be told: OS::Trove::Instance is not known here.",)
    assert [name for name, _ in made.resources] == ["base", "key"]


@pytest.mark.parametrize(("protocol", "drawn"), [("TCP", "tcp"), ("PROXY", "tcp"), ("UDP", "udp"), ("SCTP", "sctp")])
def test_lines_are_drawn_of_what_refers_to_what(cloud: Cloud, protocol: str, drawn: str) -> None:
    made = planned(cloud, HEAD + """
resources:
  entry: {type: OS::Neutron::Port, properties: {network: EXT-NET}}
  box: {type: OS::Nova::Server, properties: {flavor: small, image: debian-12, networks: [{port: {get_resource: entry}}]}}
  public: {type: OS::Neutron::FloatingIP, properties: {floating_network: EXT-NET}}
  tie: {type: OS::Neutron::FloatingIPAssociation, properties: {floatingip_id: {get_resource: public},
                                                               port_id: {get_resource: entry}}}
  disk: {type: OS::Cinder::Volume, properties: {size: 1}}
  plug: {type: OS::Cinder::VolumeAttachment, properties: {instance_uuid: {get_resource: box},
                                                          volume_id: {get_resource: disk}}}
  front: {type: OS::Octavia::LoadBalancer, properties: {vip_network: EXT-NET}}
  pool: {type: OS::Octavia::Pool, properties: {loadbalancer: {get_resource: front}, protocol: PROTOCOL,
                                               lb_algorithm: SOURCE_IP}}
  member: {type: OS::Octavia::PoolMember, properties: {pool: {get_resource: pool}, protocol_port: 7070,
                                                       address: {get_attr: [box, first_address]}}}
""".replace("PROTOCOL", protocol))  # fmt: skip
    assert set(made.picture.arrows) >= {("public", "box", ""), ("box", "disk", ""), ("front", "box", f"{drawn} 7070")}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", "nothing of it has a floating IP"),
        ("  f: {type: OS::Neutron::FloatingIP, properties: {floating_network: EXT-NET}}\n", "output called 'address'"),
        ("  f: {type: OS::Neutron::FloatingIP, properties: {floating_network: EXT-NET}}\n"
         "  b: {type: OS::Octavia::LoadBalancer}\n"
         "  l: {type: OS::Octavia::Listener, properties: {protocol: HTTPS, protocol_port: 443}}\n", "it listens on 443"),
        ("  f: {type: OS::Neutron::FloatingIP, properties: {floating_network: EXT-NET}}\n"
         "  b: {type: OS::Octavia::LoadBalancer}\n"
         "  l: {type: OS::Octavia::Listener, properties: {protocol: UDP, protocol_port: 80}}\n", "it listens on UDP 80"),
        ("  b: {type: OS::Octavia::LoadBalancer}\n", "no health monitor"),
        ("  m: {type: OS::Octavia::HealthMonitor, properties: {type: UDP-CONNECT}}\n", "takes silence for a good answer"),
    ],
)  # fmt: skip
def test_why_nobody_proves_it_is_told(cloud: Cloud, more: str, said: str) -> None:
    made = planned(cloud, f"{HEAD}resources:\n  n: {{type: OS::Neutron::Net}}\n{more}")
    assert any(said in one for one in made.unproven), made.unproven
    assert "Answers from outside" not in made.proven


@pytest.mark.parametrize(("version", "known"), [("2016-10-14", True), ("rocky", True), ("2031-02-03", False)])
def test_a_version_is_a_date_or_a_name(cloud: Cloud, version: str, known: bool) -> None:
    made = planned(cloud, f"heat_template_version: {version}\nresources: {{n: {{type: OS::Neutron::Net}}}}")
    assert made.problems == {}
    assert any("knows the version" in said for said in made.unproven) != known


def test_a_template_of_a_mebibyte_is_planned(cloud: Cloud) -> None:
    line = "  net_{}: {{type: OS::Neutron::Net, properties: {{name: network-number-{}}}}}\n"
    template = HEAD + "resources:\n" + "".join(line.format(number, number) for number in range(13_000))
    assert 900_000 < len(template) < 2**20
    made = planned(cloud, template)
    assert made.blueprint is not None
    assert "blueprint" in made.problems or adds(made)["network"] == 13_000
