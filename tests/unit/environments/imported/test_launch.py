"""A launch of a template that somebody brought along: one stack with all that belongs to it, watched as any other."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import yaml

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import errors, launch, watch
from tenant_ops_dashboard.environments.declared import SLUG, Imported
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.template import blueprint
from tests.unit.fake_openstack.world import World

# The fake knows a load balancer, its pool and its network by these names.
TEMPLATE = """
heat_template_version: rocky
parameters:
  door: {type: string, default: EXT-NET}
  secret: {type: string, hidden: true}
resources:
  dmz_network: {type: OS::Neutron::Net}
  balancer: {type: OS::Octavia::LoadBalancer, properties: {vip_network: {get_resource: dmz_network}}}
  listener: {type: OS::Octavia::Listener, properties: {loadbalancer: {get_resource: balancer}, protocol: HTTP, protocol_port: 80}}
  pool: {type: OS::Octavia::Pool, properties: {listener: {get_resource: listener}, protocol: HTTP, lb_algorithm: ROUND_ROBIN}}
  monitor: {type: OS::Octavia::HealthMonitor, properties: {pool: {get_resource: pool}, type: TCP, delay: 3, timeout: 2,
                                                           max_retries: 2}}
  way: {type: OS::Neutron::FloatingIP, properties: {floating_network: {get_param: door},
                                                    port_id: {get_attr: [balancer, vip_port_id]}}}
"""
OWN = Imported(TEMPLATE, (("start.sh", "echo"),), "resource_registry: {'A::B': 'OS::Heat::None'}\n", "mine.yaml")


def request(secret: str = "s3cret", own: Imported = OWN) -> Request:
    return Request("shop", SLUG, {"secret": secret}, own)


def test_heat_gets_the_template_its_files_and_the_environment_file(world: World, cloud: Cloud) -> None:
    made = launch.launch(cloud, request(), (), "token")
    (body,) = (one for one in world.wire.bodies if "template" in one)
    assert (body["template"], body["files"]) == (TEMPLATE, {"start.sh": "echo"})
    told = yaml.safe_load(body["environment"])
    assert told["resource_registry"] == {"A::B": "OS::Heat::None"}
    assert told["parameters"] == {"door": "EXT-NET", "secret": "s3cret"}
    assert "blueprint=imported" in body["tags"].split(",")
    world.heat.finish(made.id)
    details = watch.details(cloud, made.id)
    assert details.environment.blueprint == SLUG
    assert {"load_balancer", "floating_ip"} <= {box.kind for box in details.picture.boxes}
    assert {"load-balancer", "http"} <= {one.name for one in details.proofs}
    assert watch.listing(cloud)[0].name == "shop"


def test_the_same_again_is_the_first_one_and_another_template_is_not(world: World, cloud: Cloud) -> None:
    first = launch.launch(cloud, request())
    assert launch.launch(cloud, request()).id == first.id
    other = Imported(TEMPLATE + "# another\n", OWN.files, OWN.environment, OWN.called)
    with pytest.raises(errors.NotValid, match="already has a stack called shop"):
        launch.launch(cloud, request(own=other))


def test_no_tag_tells_anything_about_a_hidden_answer() -> None:
    assert launch.inputs(request("one")) == launch.inputs(request("two"))
    assert launch.inputs(request()) != launch.inputs(Request("shop", SLUG, {"secret": "s3cret", "door": "x"}, OWN))


def test_what_is_no_template_is_refused_and_nothing_is_made(world: World, cloud: Cloud) -> None:
    with pytest.raises(errors.NotValid, match="template: heat_template_version: is missing"):
        launch.launch(cloud, request(own=Imported("resources: {}")))
    with pytest.raises(errors.NotValid, match="choose its file again"):
        launch.launch(cloud, Request("shop", SLUG))
    assert world.heat.stacks == {}


def test_a_template_in_a_catalogue_folder_is_a_blueprint(
    tmp_path: Path, cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    net = "heat_template_version: rocky\ndescription: One net.\nresources: {n: {type: OS::Neutron::Net}}\n"
    (tmp_path / "just-a-net.hot").write_text(net)
    (tmp_path / "with-files").mkdir()
    (tmp_path / "with-files" / "template.yaml").write_text(net.replace("{n: {", "{s: {type: more.yaml}, n: {"))
    (tmp_path / "with-files" / "more.yaml").write_text(net)
    (tmp_path / "broken.yaml").write_text("resources: {}")
    (tmp_path / "notes.txt").write_text("none")
    found = {one.slug: one for one in blueprint.catalogue([tmp_path])}
    assert (found["just-a-net"].title, found["just-a-net"].summary) == ("Just a net", "One net.")
    assert "broken" not in found
    assert "heat_template_version: is missing" in caplog.text
    made = plan.plan(cloud, Request("shop", "with-files"), [tmp_path])
    assert {line.resource: line.adds for line in made.quotas}["network"] == 2
    launch.launch(cloud, Request("shop", "just-a-net"), [tmp_path])
    assert watch.listing(cloud)[0].blueprint == "just-a-net"


def test_what_an_environment_file_has_a_template_stand_for_is_what_is_inside(world: World, cloud: Cloud) -> None:
    """Heat tells the type as the template has it, be it a server's, and what is inside as resources of a stack."""
    made = launch.launch(cloud, request())
    kept = world.heat.stacks[made.id]
    kept["template"] = {"resources": {"one": {"type": "OS::Nova::Server"}}}
    row = {"resource_status": "CREATE_COMPLETE", "resource_status_reason": "", "creation_time": "2026-11-21T06:00:00Z"}
    kept["resources"] = [
        {**row, "resource_name": "one", "resource_type": "OS::Nova::Server", "physical_resource_id": "inner",
         "links": [{"rel": "stack", "href": f"http://fake/{made.id}"}]},
        {**row, "resource_name": "disk", "resource_type": "OS::Cinder::Volume", "physical_resource_id": "volume-1",
         "parent_resource": "one", "links": [{"rel": "stack", "href": "http://fake/inner"}]},
    ]  # fmt: skip
    kept["row"].update(stack_status="CREATE_COMPLETE", outputs=[])
    details = watch.details(cloud, made.id)
    assert [(box.key, box.kind) for box in details.picture.boxes] == [("one.disk", "volume")]


def test_what_is_downloaded_lies_where_clients_look_for_it(cloud: Cloud) -> None:
    inner = "heat_template_version: rocky\nresources: {r: {type: A, properties: {x: {get_file: start.sh}}}}\n"
    template = "heat_template_version: rocky\nresources: {s: {type: lib/inner.yaml}}\n"
    own = Imported(template, (("lib/inner.yaml", inner), ("start.sh", "echo")))
    made = plan.plan(cloud, Request("shop", SLUG, {}, own))
    with zipfile.ZipFile(io.BytesIO(plan.archive(made))) as packed:
        assert packed.namelist() == ["shop.yaml", "shop.env.yaml", "lib/inner.yaml", "lib/start.sh", "launch.sh"]
