"""A template used as the type of a resource: planned, and seen when it is there, under one name."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.template import hot
from tests.unit.fake_openstack.world import World

TEMPLATE = {
    "heat_template_version": "2018-08-31",
    "resources": {"net": {"type": "OS::Neutron::Net"}, "web": {"type": "tier.yaml", "properties": {}}},
}
TIER = "resources:\n  port: {type: OS::Neutron::Port}\n  deep: {type: deep.yaml}\n"
DEEP = "resources: {server: {type: OS::Nova::Server, metadata: {tenant_ops: {part_of: disk}}}}"


def row(name: str, kind: str, id_: str, parent: str, stack: str) -> dict[str, object]:
    return {
        "resource_name": name, "resource_type": kind, "physical_resource_id": id_, "parent_resource": parent,
        "resource_status": "CREATE_COMPLETE", "resource_status_reason": "", "creation_time": "2026-11-21T06:00:00Z",
        "links": [{"rel": "stack", "href": f"http://fake/{stack}"}],
    }  # fmt: skip


def test_what_is_inside_a_template_has_the_path_that_was_planned(
    world: World, cloud: Cloud, standing: Environment
) -> None:
    kept = world.heat.stacks[standing.id]
    kept["template"] = TEMPLATE
    kept["row"]["outputs"] = []
    kept["resources"] = [
        {**row("net", "OS::Neutron::Net", "net-1", "", standing.id)},
        {**row("web", "tier.yaml", "stack-web", "", standing.id)},
        row("port", "OS::Neutron::Port", "port-1", "web", "stack-web"),
        row("deep", "deep.yaml", "stack-deep", "web", "stack-web"),
        row("server", "OS::Nova::Server", "server-1", "deep", "stack-deep"),
    ]
    seen = watch.details(cloud, standing.id).progress
    planned = hot.resources(TEMPLATE, hot.scope(TEMPLATE, {}, "shop", {"tier.yaml": TIER, "deep.yaml": DEEP}))
    wanted = ["net", "web.port", "web.deep.server"]
    assert [one.key for one in planned if not one.type.endswith(".yaml")] == wanted
    assert [one.name for one in seen.resources if one.type != "firewall_group"] == wanted
    assert {one.resource_id for one in seen.resources if one.resource_id} == {"net-1", "port-1", "server-1"}
    assert {one.meta["part_of"] for one in planned if one.meta} == {"web.deep.disk"}
