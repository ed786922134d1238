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
            # The load balancer's own server is Octavia's, and so are its groups.
            port("own", "10.0.1.200", "compute:nova", ["hidden"], device_id="amphora", project_id="octavia",
                 allowed_address_pairs=[{"ip_address": "10.0.1.5", "mac_address": "fa:16:3e:00:00:01"}]),
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


def ask(octavia: Octavia, member_: str = "10.0.1.12") -> why.Why:
    cloud: Cloud = octavia.cloud()
    balancer = watch.find(cloud, "shop-lb")
    pool, member = watch.member(balancer, member_)
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
    assert found.answer == "Security group app-sg does not allow 8080 from 10.0.1.200."
    assert "from 10.0.1.200 to 10.0.1.12 port 8080" in found.cause.todo


def test_one_that_comes_up_is_no_fault_of_its_application_but_a_closed_way_is_told(down: Octavia) -> None:
    down.member("lb-1", 1)["created_at"] = "2026-11-21T06:00:25"
    found = ask(down)
    assert found.answer == (
        "It is coming up: its health monitor has not seen it up since 06:00:25 UTC; it has until 06:00:37 UTC."
    )
    assert found.cause is None
    down.network["security_groups"][0]["security_group_rules"].pop(0)
    assert ask(down).answer == "Security group app-sg does not allow 8080 from 10.0.1.200."


def test_a_deleted_server_is_found_first(down: Octavia) -> None:
    del down.network["ports"][1]
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
    assert found.answer == "Security group app-sg does not allow 9000 from 10.0.1.200."


def elsewhere(octavia: Octavia, *, router: bool, address: str = "10.9.0.12") -> None:
    """The member's server is in another network, behind a router or without one; Octavia was told no subnet."""
    network = octavia.network
    network["subnets"].append({"id": "far", "name": "far", "network_id": "far-net", "cidr": "10.9.0.0/24",
                               "ip_version": 4, "gateway_ip": "10.9.0.1"})  # fmt: skip
    network["networks"].append({"id": "far-net", "name": "far", "admin_state_up": True})
    network["ports"][1].update(network_id="far-net", fixed_ips=[{"subnet_id": "far", "ip_address": address}])
    octavia.member("lb-1", 1).update(address=address, subnet_id=None)
    if router:
        interface = "network:router_interface"
        network["routers"] = [{"id": "r-1", "name": "edge", "admin_state_up": True, "external_gateway_info": {
            "network_id": "outer", "external_fixed_ips": [{"ip_address": "203.0.113.9", "subnet_id": "outer"}]}}]  # fmt: skip
        network["networks"].append({"id": "outer", "name": "outer", "router:external": True, "project_id": "admin"})
        near = port("near", "10.0.1.1", interface, [], device_id="r-1")
        away = port("away", "10.9.0.1", interface, [], device_id="r-1")
        network["ports"] += [near, {**away, "network_id": "far-net", "fixed_ips": [
            {"subnet_id": "far", "ip_address": "10.9.0.1"}]}]  # fmt: skip


def steps(found: why.Why) -> dict[str, str]:
    return {one.name: one.state for one in found.steps}


def test_another_network_without_a_router_has_no_way(down: Octavia) -> None:
    elsewhere(down, router=False)
    found = ask(down, "10.9.0.12")
    assert found.cause and found.cause.name == "route"
    assert steps(found)["network"] == "good"


def test_a_member_behind_a_router_was_not_deleted(down: Octavia) -> None:
    elsewhere(down, router=True)
    found = ask(down, "10.9.0.12")
    assert list(steps(found).values()) == ["good"] * 5 + ["failed"]
    assert found.steps[1].evidence == "The way leads over edge."
    assert "nothing answers on port 8080" in found.answer
    assert not any("deleted" in one.evidence for one in found.steps)
    down.network["security_groups"][0]["security_group_rules"].pop(0)
    assert ask(down, "10.9.0.12").answer == "Security group app-sg does not allow 8080 from 10.0.1.200."


def test_one_that_was_deleted_behind_a_router_was(down: Octavia) -> None:
    elsewhere(down, router=True)
    del down.network["ports"][1]
    down.servers.clear()
    assert "was deleted" in ask(down, "10.9.0.12").answer


def test_a_member_outside_of_the_cloud_is_not_to_be_removed(down: Octavia) -> None:
    elsewhere(down, router=True)
    down.member("lb-1", 1)["address"] = "198.51.100.20"
    found = ask(down, "198.51.100.20")
    assert found.cause is None
    assert steps(found) == {"network": "unknown", "route": "good", "firewall-group": "good", "security-group": "good",
                            "monitor": "good", "server": "unknown"}  # fmt: skip
    assert "not this project's to see" in found.answer
    assert not any("emove the member" in one.todo or "deleted" in one.evidence for one in found.steps)


def test_in_a_network_of_another_project_nobody_knows_who_is_there(down: Octavia) -> None:
    down.network["networks"][0]["project_id"] = "other"
    del down.network["ports"][1]
    found = ask(down)
    assert found.cause is None
    assert "another project's" in found.steps[0].evidence


@pytest.mark.parametrize(
    ("kind", "rule", "words", "answer"),
    [
        ("UDP-CONNECT", {"protocol": "udp"}, "does not allow UDP port 8080 from", "its UDP port 8080 is closed"),
        ("PING", {"protocol": "icmp", "port_range_min": None, "port_range_max": None}, "does not allow ping from",
         "does not answer to ping"),
        ("TCP", {"protocol": "tcp"}, "does not allow 8080 from", "nothing answers on port 8080"),
    ],
)  # fmt: skip
def test_a_monitor_is_judged_by_what_it_sends(down: Octavia, kind: str, rule: Json, words: str, answer: str) -> None:
    monitor = next(iter(down.monitors.values()))
    monitor.update(type=kind, http_method=None, url_path=None, expected_codes=None)
    rules = down.network["security_groups"][0]["security_group_rules"]
    rules[0]["protocol"] = "udp" if kind == "TCP" else "tcp"
    found = ask(down)
    assert found.cause and found.cause.name == "security-group"
    assert words in found.answer
    rules[0].update(rule)
    assert answer in ask(down).answer


def test_a_member_with_a_subnet_of_its_own_is_asked_from_there(down: Octavia) -> None:
    elsewhere(down, router=False)
    down.member("lb-1", 1)["subnet_id"] = "far"
    down.network["ports"].append({**port("leg", "10.9.0.77", "compute:nova", ["hidden"], device_id="amphora",
                                         project_id="octavia", network_id="far-net"),
                                  "fixed_ips": [{"subnet_id": "far", "ip_address": "10.9.0.77"}]})  # fmt: skip
    assert list(steps(ask(down, "10.9.0.12")).values()) == ["good"] * 5 + ["failed"]
    down.network["security_groups"][0]["security_group_rules"][0]["remote_ip_prefix"] = "10.0.1.0/24"
    assert ask(down, "10.9.0.12").answer == "Security group app-sg does not allow 8080 from 10.9.0.77."


def test_where_their_own_servers_are_not_to_be_seen_their_subnet_is_named(down: Octavia) -> None:
    down.network["ports"].pop()
    rule = down.network["security_groups"][0]["security_group_rules"][0]
    rule["remote_ip_prefix"] = "10.0.1.5/32"
    found = ask(down)
    assert found.answer == (
        "Security group app-sg does not allow 8080 from 10.0.1.0/24, where the load balancer's own servers are."
    )
    assert found.cause and "from 10.0.1.0/24 to 10.0.1.12 port 8080" in found.cause.todo
    rule["remote_ip_prefix"] = "10.0.1.0/24"
    assert steps(ask(down))["security-group"] == "good"
    rule["remote_ip_prefix"] = "10.0.1.128/26"
    assert steps(ask(down))["security-group"] == "unknown", "they may be in that part"


def test_a_group_of_another_project_is_not_blamed(down: Octavia) -> None:
    down.network["ports"][1]["security_groups"] = ["theirs"]
    assert steps(ask(down))["security-group"] == "unknown"


def test_of_two_own_servers_the_one_that_is_refused_is_named(down: Octavia) -> None:
    second = port("own-2", "10.0.1.201", "compute:nova", ["hidden"], device_id="amphora-2", project_id="octavia",
                  allowed_address_pairs=[{"ip_address": "10.0.1.5", "mac_address": "fa:16:3e:00:00:01"}])  # fmt: skip
    down.network["ports"].append(second)
    rule = down.network["security_groups"][0]["security_group_rules"][0]
    rule["remote_ip_prefix"] = "10.0.1.200/32"
    assert ask(down).answer == "Security group app-sg does not allow 8080 from 10.0.1.201."
    down.network["ports"].reverse()
    assert ask(down).answer == "Security group app-sg does not allow 8080 from 10.0.1.201."
    rule["remote_ip_prefix"] = "10.0.1.200/31"
    assert steps(ask(down))["security-group"] == "good"


def test_ovns_own_health_checks_pass_security_groups(down: Octavia) -> None:
    down.balancers["lb-1"]["provider"] = "ovn"
    down.network["ports"][2] = port("ovn-lb-hm-subnet", "10.0.1.9", "ovn-lb-hm:distributed", [],
                                    device_id="ovn-lb-hm-subnet", port_security_enabled=False)  # fmt: skip
    down.network["security_groups"][0]["security_group_rules"].pop(0)
    assert list(steps(ask(down)).values()) == ["good"] * 5 + ["failed"]
    down.monitors.clear()
    found = ask(down)
    assert [one.state for one in found.steps[:4]] == ["unknown"] * 4
    assert "with their own addresses" in found.steps[0].evidence


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


def test_it_is_twelve_calls_and_once_an_hour_one_more(down: Octavia) -> None:
    cloud = down.cloud()
    balancer = watch.find(cloud, "shop-lb")
    for calls in (13, 12):
        down.calls()
        why.why(cloud, balancer, *watch.member(balancer, "10.0.1.12"))
        assert len(down.calls()) == calls


def test_a_server_is_not_blamed_where_checks_do_not_get_there(down: Octavia) -> None:
    down.network["security_groups"][0]["security_group_rules"].pop(0)
    assert ask(down).steps[-1].evidence == "Server shop-2 is ACTIVE."
    down.network["ports"][1]["security_groups"] = ["theirs"]
    assert ask(down).answer == "Nothing that OpenStack knows stands in the way."
    down.network["ports"].pop(0)
    found = ask(down)
    assert [one.state for one in found.steps[:4]] == ["unknown"] * 4
    assert found.cause is None
    assert not any("way to it is open" in one.evidence for one in found.steps)


def test_a_monitor_address_that_nobody_has_is_no_deleted_server(down: Octavia) -> None:
    down.member("lb-1", 1)["monitor_address"] = "10.0.1.99"
    found = ask(down)
    assert found.answer == "Nobody that this project sees has the address 10.0.1.99, at which the health check asks."
    assert found.cause and "monitor address" in found.cause.todo
    assert not any("emove the member" in one.todo or "deleted" in one.evidence for one in found.steps)


def watched(octavia: Octavia, kind: str, protocol: str) -> None:
    """The pool speaks this protocol, and its monitor is of this kind; the server lets in UDP alone."""
    next(iter(octavia.pools.values()))["protocol"] = protocol
    next(iter(octavia.monitors.values())).update(type=kind, url_path=None, http_method=None, expected_codes=None)


def test_silence_is_up_to_a_udp_connect_monitor_and_what_is_in_the_way_is_told(down: Octavia) -> None:
    watched(down, "UDP-CONNECT", "UDP")
    down.status("lb-1", 1, "ONLINE")
    found = ask(down)
    assert found.answer.startswith("Octavia calls it up, as its monitor takes silence for a good answer. But: Security")
    assert "does not allow UDP port 8080" in found.answer
    (monitor,) = [one.evidence for one in found.steps if one.name == "monitor"]
    assert "a member is down only where something says that its port is closed" in monitor
    down.network["security_groups"][0]["security_group_rules"][0]["protocol"] = "udp"
    assert ask(down).answer == "It is up."


def test_a_pool_without_a_monitor_is_followed_in_its_own_protocol(down: Octavia) -> None:
    watched(down, "TCP", "SCTP")
    down.monitors.clear()
    assert "does not allow SCTP port 8080" in ask(down).answer


@pytest.mark.parametrize(("protocol", "told"), [("PROXY", True), ("PROXYV2", True), ("HTTP", False)])
def test_a_server_that_gets_a_proxy_header_must_accept_it(down: Octavia, protocol: str, told: bool) -> None:
    next(iter(down.pools.values()))["protocol"] = protocol
    cause = ask(down).cause
    assert cause is not None and cause.name == "server"
    assert (f"It gets a {protocol} header first, in health checks, too" in cause.todo) == told
    # Checks that go to a port of their own begin without it.
    down.member("lb-1", 1)["monitor_port"] = 9000
    down.network["security_groups"][0]["security_group_rules"][0].update(port_range_min=9000, port_range_max=9000)
    cause = ask(down).cause
    assert cause is not None and "header" not in cause.todo
