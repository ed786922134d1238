"""Why is it down: each cause is found, in the order in which a packet meets it, with what to change."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import watch, why
from tests.unit.loadbalancers.octavia import Octavia

Json = dict[str, Any]


@pytest.fixture
def down(octavia: Octavia, shop: str) -> Octavia:
    """Everything around the load balancer is as it should be, but its second member is in ERROR."""
    octavia.status(shop, 1, "ERROR")
    octavia.servers = [{"id": "server-2", "name": "shop-2", "status": "ACTIVE"}]
    octavia.network.update(
        networks=[{"id": "net", "name": "dmz", "admin_state_up": True}],
        subnets=[{"id": "subnet", "name": "dmz", "network_id": "net", "cidr": "10.0.1.0/24", "ip_version": 4,
                  "gateway_ip": "10.0.1.1"}],
        ports=[
            port("vip-1", "10.0.1.5", "Octavia", ["lb-group"], admin_state_up=False, status="DOWN"),
            port("app-2", "10.0.1.12", "compute:nova", ["app"], device_id="server-2"),
        ],
        security_groups=[group("app", "app-sg", 8080), group("lb-group", "lb-1", 80)],
    )  # fmt: skip
    return octavia


def port(id_: str, address: str, owner: str, groups: list[str], **more: Any) -> Json:
    return {
        "id": id_, "name": id_, "network_id": "net", "mac_address": "fa:16:3e:00:00:01", "device_owner": owner,
        "device_id": "", "admin_state_up": True, "status": "ACTIVE", "security_groups": groups,
        "port_security_enabled": True, "allowed_address_pairs": [], "project_id": "project",
        "fixed_ips": [{"subnet_id": "subnet", "ip_address": address}], **more,
    }  # fmt: skip


def group(id_: str, name: str, number: int) -> Json:
    rule = {"ethertype": "IPv4", "remote_group_id": None, "remote_ip_prefix": None, "security_group_id": id_}
    return {"id": id_, "name": name, "stateful": True, "security_group_rules": [
        {**rule, "id": f"{id_}-in", "direction": "ingress", "protocol": "tcp", "port_range_min": number,
         "port_range_max": number},
        {**rule, "id": f"{id_}-out", "direction": "egress", "protocol": None, "port_range_min": None,
         "port_range_max": None},
    ]}  # fmt: skip


def ask(octavia: Octavia) -> why.Why:
    cloud: Cloud = octavia.cloud()
    balancer = watch.find(cloud, "shop-lb")
    pool, member = watch.member(balancer, "10.0.1.12")
    return why.why(cloud, balancer, pool, member)


def test_the_steps_stand_in_the_order_of_the_way(down: Octavia) -> None:
    found = ask(down)
    assert [one.name for one in found.steps] == [
        "network",
        "route",
        "firewall-group",
        "security-group",
        "monitor",
        "server",
    ]
    assert all(one.evidence for one in found.steps)


def test_an_open_way_leaves_the_application(down: Octavia) -> None:
    found = ask(down)
    assert [one.state for one in found.steps] == ["good"] * 5 + ["failed"]
    assert "nothing answers on port 8080" in found.answer
    assert found.cause and "shop-2" in found.cause.todo


def test_a_closed_security_group_is_named_with_port_and_source(down: Octavia) -> None:
    down.network["security_groups"][0]["security_group_rules"].pop(0)
    found = ask(down)
    assert found.cause and found.cause.name == "security-group"
    assert found.answer == "Security group app-sg does not allow 8080 from 10.0.1.5."
    assert "10.0.1.5" in found.cause.todo


def test_a_deleted_server_is_found_first(down: Octavia) -> None:
    down.network["ports"].pop()
    down.servers.clear()
    found = ask(down)
    assert found.cause and found.cause.name == "network"
    assert "the server behind this member was deleted" in found.answer
    assert [one.state for one in found.steps[1:4]] == ["unknown"] * 3


def test_a_port_that_is_off_and_a_server_that_is_not_running(down: Octavia) -> None:
    down.servers[0]["status"] = "SHUTOFF"
    assert ask(down).answer == "Server shop-2 is SHUTOFF."
    down.network["ports"][1]["status"] = "DOWN"
    assert "DOWN" in ask(down).answer
    down.network["ports"][1]["admin_state_up"] = False
    assert "switched off" in ask(down).answer


def test_a_monitor_that_asks_another_port_is_what_is_probed(down: Octavia) -> None:
    down.member("lb-1", 1)["monitor_port"] = 9000
    found = ask(down)
    assert found.answer == "Security group app-sg does not allow 9000 from 10.0.1.5."


def test_another_network_without_a_router_has_no_way(down: Octavia) -> None:
    down.network["subnets"].append({"id": "far", "name": "far", "network_id": "far-net", "cidr": "10.9.0.0/24",
                                    "ip_version": 4, "gateway_ip": "10.9.0.1"})  # fmt: skip
    down.network["networks"].append({"id": "far-net", "name": "far", "admin_state_up": True})
    down.network["ports"][1].update(network_id="far-net", fixed_ips=[{"subnet_id": "far", "ip_address": "10.0.1.12"}])
    down.member("lb-1", 1)["subnet_id"] = "far"
    found = ask(down)
    assert found.cause and found.cause.name == "route"


def test_without_a_monitor_nobody_knows(down: Octavia) -> None:
    down.monitors.clear()
    step = next(one for one in ask(down).steps if one.name == "monitor")
    assert (step.state, step.todo) == ("unknown", "Add a health monitor.")


def test_silent_services_are_unknown_and_not_innocent(down: Octavia) -> None:
    cloud = down.cloud()
    balancer = watch.find(cloud, "shop-lb")
    down.wire.trouble["compute"] = [503] * 2
    pool, member = watch.member(balancer, "10.0.1.12")
    found = why.why(cloud, balancer, pool, member)
    assert found.steps[-1].state == "unknown"
    assert found.answer == "Nothing that OpenStack knows stands in the way."
    down.wire.trouble["network"] = [503] * 20
    found = why.why(cloud, balancer, pool, member)
    assert [one.state for one in found.steps[:4]] == ["unknown"] * 4


def test_it_is_eleven_calls(down: Octavia) -> None:
    cloud = down.cloud()
    balancer = watch.find(cloud, "shop-lb")
    down.calls()
    why.why(cloud, balancer, *watch.member(balancer, "10.0.1.12"))
    assert len(down.calls()) == 11
