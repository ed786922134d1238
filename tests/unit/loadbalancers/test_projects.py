"""Lists that show an administrator every project's things: what is read of them is the session's project's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.firewall import snapshot
from tenant_ops_dashboard.loadbalancers import evidence, names, servers
from tenant_ops_dashboard.loadbalancers.scaling import alarms
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.world import World
from tests.unit.loadbalancers.octavia import Octavia

SERVICES = (*server.SERVICES, "metric")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A cloud in which a victim has something of everything."""
    monkeypatch.setitem(server.SERVICES, "metric", "http://fake/metric")
    made = World()
    add = made.things.add
    for project in ("project", "victim"):
        network = add("networks", project_id=project, name=project, shared=False)["id"]
        add("subnets", project_id=project, network_id=network, cidr="10.9.0.0/24", ip_version=4)
        server_ = add("servers", project_id=project, name=f"{project}-server", status="ACTIVE")["id"]
        add("ports", project_id=project, network_id=network, device_id=server_, device_owner="compute:nova", name="",
            fixed_ips=[{"subnet_id": "s", "ip_address": f"10.9.0.{len(project)}"}])  # fmt: skip
        add("floatingips", project_id=project, floating_ip_address="203.0.113.9", port_id=f"{project}-port")
        for kind in ("firewall_groups", "firewall_policies", "firewall_rules", "routers", "security-groups"):
            add(kind, project_id=project, name=project, shared=False)
        add("loadbalancers", project_id=project, name=project)
    return made


@pytest.fixture
def operator(world: World) -> Cloud:
    return world.cloud("admin", "member", services=SERVICES)


def projects(found: dict[str, Any]) -> set[str]:
    rows = [one for kind in found.values() if isinstance(kind, list) for one in kind]
    return {str(one["project_id"]) for one in rows if "project_id" in one and one.get("name") != "EXT-NET"}


def test_neutron_shows_them_all(operator: Cloud) -> None:
    for path, key in (("/networks", "networks"), ("/fwaas/firewall_rules", "firewall_rules"), ("/ports", "ports")):
        assert {one["project_id"] for one in operator.pages("network", path, key)} == {"project", "victim"}


def test_a_snapshot_of_a_project_is_that_projects(world: World, operator: Cloud) -> None:
    assert projects(snapshot.take_snapshot(operator)) == {"project"}
    assert projects(snapshot.take_snapshot(operator, all_projects=True)) == {"project", "victim"}
    external = [one for one in snapshot.take_snapshot(operator)["subnets"] if one["cidr"] == "203.0.113.0/24"]
    assert external, "what members see of the outside too"


def test_why_a_member_is_down_is_read_from_the_project(operator: Cloud) -> None:
    nobody: Any = SimpleNamespace(vip_port_id="", subnet_id="")
    found = evidence.read(operator, nobody, nobody)
    assert projects(dict(found.snapshot)) == {"project"}
    assert {one["name"] for one in (found.servers or {}).values()} == {"project-server"}


def test_names_and_servers_are_the_projects(operator: Cloud) -> None:
    assert [one.name for one in servers.choices(operator)] == ["project-server"]
    assert {one.name for one in names.read(operator, flavors=False).servers.values()} == {"project-server"}


def test_metrics_of_other_projects_are_not_forgotten(world: World, operator: Cloud) -> None:
    rows = [
        {"id": project, "name": f"tenant-ops-scale-out-{project}", "created_by_project_id": project}
        for project in ("project", "victim")
    ]
    world.wire.on("GET", "/metric/v1/metric")(lambda query, body: rows)
    world.wire.on("DELETE", "/metric/v1/metric/([^/]+)")(lambda id_, query, body: (204, None))
    world.calls()
    assert alarms.forget(operator, set()) == 1
    assert [call for call in world.calls() if call.startswith("DELETE")] == ["DELETE /metric/v1/metric/project"]


def test_a_snapshot_has_the_layer_7_policies_that_listeners_name(octavia: Octavia, shop: str) -> None:
    cloud = octavia.cloud()
    assert "l7policies" not in snapshot.take_snapshot(cloud)
    id_ = octavia.policy(next(iter(octavia.listeners)), "REDIRECT_TO_URL", {}, redirect_url="https://www.example.com/")
    octavia.policies["another's"] = {**octavia.policies[id_], "id": "another's", "project_id": "victim"}
    assert [one["id"] for one in snapshot.take_snapshot(cloud)["l7policies"]] == [id_]
