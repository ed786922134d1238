"""A finding keeps its id while its cause is the same, and loses it when the cause is another one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.look import Look, only
from tenant_ops_dashboard.reachability.snapshot import COLLECTIONS
from tests.unit.posture.readings import MINE, cases, large, look, made_again, raw, renamed

Json = dict[str, Any]
KEPT_NAMES = ("default",)


def told(found: Json) -> dict[str, tuple[str, str]]:
    return {one.id: (one.kind, one.severity) for one in assess(look(found)).findings}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_ids_stay_whatever_is_renamed_reordered_made_again_or_stands_beside(case: Path) -> None:
    stays(raw(case))


@pytest.mark.parametrize("seed", range(3))
def test_ids_stay_in_a_cloud_with_many_rules(seed: int) -> None:
    stays(large(seed))


def stays(found: Json) -> None:
    was = told(found)
    turned = {key: value[::-1] if isinstance(value, list) else value for key, value in copy.deepcopy(found).items()}
    for group in turned.get("security_groups") or ():
        group["security_group_rules"].reverse()
    assert told(turned) == was, "in another order"

    assert told(made_again(found)) == was, "rules made again"

    named = copy.deepcopy(found)
    for key in COLLECTIONS:
        for number, row in enumerate(named.get(key) or ()):
            if row.get("name") not in KEPT_NAMES:
                row["name"] = f"renamed {number}"
    named["meta"] = {**(named.get("meta") or {}), "taken_at": "2030-01-01T00:00:00Z"}
    assert told(named) == was, "by other names"

    beside = copy.deepcopy(found)
    beside.setdefault("networks", []).append({"id": "beside", "name": "beside", "project_id": MINE})
    beside.setdefault("firewall_rules", []).append(
        {"id": "beside-rule", "action": "deny", "ip_version": 4, "protocol": "udp", "destination_port": "4",
         "project_id": MINE}
    )  # fmt: skip
    beside.setdefault("security_groups", []).append(
        {"id": "beside-group", "name": "beside", "security_group_rules": [], "project_id": MINE}
    )
    if "networks" in found:  # where a case has none, a list of one would say that the others are missing
        assert was.items() <= told(beside).items(), "beside something new"


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_next_version_of_a_policy_keeps_the_ids(case: Path) -> None:
    found = raw(case)
    used = {
        group.get(f"{side}_firewall_policy_id") for group in found.get("firewall_groups") or ()
        for side in ("ingress", "egress")
    }  # fmt: skip
    assert told(renamed(found, lambda one: f"version-{one}", frozenset(used - {None}))) == told(found)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_no_two_findings_share_an_id(case: Path) -> None:
    found = assess(look(raw(case))).findings
    assert len({one.id for one in found}) == len(found)


def world(**rule: Any) -> Json:
    """A server that the internet reaches by a rule of its group."""
    given = {"id": "r1", "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22,
             "port_range_max": 22, "remote_ip_prefix": "0.0.0.0/0", **rule}  # fmt: skip
    made: Json = {
        "meta": {"profile": "ovn", "taken_at": "2026-11-29T12:00:00Z"},
        "networks": [{"id": "out", "router:external": True}, {"id": "in"}],
        "subnets": [
            {"id": "out-net", "network_id": "out", "cidr": "203.0.113.0/24", "gateway_ip": "203.0.113.1", "host_routes": []},
            {"id": "in-net", "network_id": "in", "cidr": "10.0.0.0/24", "gateway_ip": "10.0.0.1", "host_routes": []},
        ],
        "routers": [{"id": "router", "external_gateway_info": {
            "network_id": "out", "external_fixed_ips": [{"subnet_id": "out-net", "ip_address": "203.0.113.2"}]},
            "routes": []}],
        "ports": [
            {"id": "inner", "network_id": "in", "device_owner": "network:router_interface", "device_id": "router",
             "fixed_ips": [{"subnet_id": "in-net", "ip_address": "10.0.0.1"}], "security_groups": []},
            {"id": "web", "name": "web-1", "network_id": "in", "device_owner": "compute:nova", "device_id": "server",
             "fixed_ips": [{"subnet_id": "in-net", "ip_address": "10.0.0.5"}], "security_groups": ["group"]},
        ],
        "floatingips": [{"id": "fip", "floating_ip_address": "203.0.113.5", "floating_network_id": "out",
                         "port_id": "web", "fixed_ip_address": "10.0.0.5", "router_id": "router"}],
        "security_groups": [{"id": "group", "name": "web", "security_group_rules": [
            given, {"id": "r0", "direction": "egress", "ethertype": "IPv4"}]}],
        "firewall_groups": [], "firewall_policies": [], "firewall_rules": [], "address_groups": [],
    }  # fmt: skip
    for key in COLLECTIONS:
        for row in made.get(key) or ():
            row["project_id"] = MINE
    return made


def test_another_cause_is_another_finding() -> None:
    (was,) = told(world())
    for rule in (
        {"port_range_max": 23},
        {"remote_ip_prefix": "0.0.0.0/1"},
        {"protocol": "udp"},
        {"port_range_min": 21},
    ):
        assert was not in told(world(**rule)), rule


def test_what_the_internet_reaches_from_now_on_is_not_what_was_let_stand() -> None:
    """An acknowledgement of what is open to nobody yet hides nothing critical."""
    (was,), (now,) = told({**world(), "floatingips": []}).items(), told(world()).items()
    assert (was[1], now[1]) == (("open-to-world", "medium"), ("open-to-world", "critical"))
    assert was[0] != now[0]


def test_a_bare_port_that_is_opened_further_is_another_finding() -> None:
    def behind(port: str) -> set[str]:
        made = world()
        made["ports"][1] |= {"port_security_enabled": False, "security_groups": []}
        rule = {"action": "allow", "ip_version": 4, "protocol": "tcp", "enabled": True, "project_id": MINE}
        made["firewall_rules"] = [
            {"id": "in", **rule, "destination_port": port}, {"id": "out", **rule, "source_port": port},
        ]  # fmt: skip
        made["firewall_policies"] = [
            {"id": f"p-{one}", "firewall_rules": [one], "project_id": MINE} for one in ("in", "out")
        ]
        made["firewall_groups"] = [
            {"id": "fw", "ports": ["inner"], "project_id": MINE, "ingress_firewall_policy_id": "p-in",
             "egress_firewall_policy_id": "p-out"}
        ]  # fmt: skip
        return {one.id for one in assess(look(made)).findings if (one.kind, one.object) == ("open-to-world", "web")}

    assert len(behind("22") | behind("3306")) == 2
    assert len(behind("22") | behind("22:22")) == 1


def balanced(*ports: int) -> Json:
    """A load balancer that listens on these; its group is Octavia's own."""
    made = world()
    made["security_groups"][0]["security_group_rules"][0]["remote_ip_prefix"] = "10.0.0.0/24"
    made["ports"].append({
        "id": "vip", "name": "octavia-lb-1", "network_id": "in", "device_owner": "Octavia", "device_id": "lb-1",
        "fixed_ips": [{"subnet_id": "in-net", "ip_address": "10.0.0.9"}], "security_groups": ["octavia"],
    })  # fmt: skip
    made["floatingips"] = [{
        "id": "fip", "floating_ip_address": "203.0.113.9", "floating_network_id": "out", "port_id": "vip",
        "fixed_ip_address": "10.0.0.9", "router_id": "router",
    }]  # fmt: skip
    tcp = {"ethertype": "IPv4", "direction": "ingress", "protocol": "tcp", "security_group_id": "octavia"}
    rules = [{**tcp, "id": f"o{one}", "port_range_min": one, "port_range_max": one} for one in ports]
    rules.append({"id": "out", "direction": "egress", "ethertype": "IPv4", "security_group_id": "octavia"})
    made["security_groups"].append({"id": "octavia", "name": "lb-1", "security_group_rules": rules})
    on = {"loadbalancers": [{"id": "1"}], "admin_state_up": True}
    made["loadbalancers"] = [
        {"id": "1", "vip_port_id": "vip", "vip_address": "10.0.0.9", "provider": "amphora", "admin_state_up": True}
    ]
    made["listeners"] = [
        {**on, "id": f"l{one}", "protocol": "TCP", "protocol_port": one, "default_pool_id": "pool"} for one in ports
    ]  # fmt: skip
    made["pools"] = [{**on, "id": "pool", "protocol": "TCP", "members": [{"id": "member"}]}]
    made["members"] = [
        {"id": "member", "pool_id": "pool", "address": "10.0.0.5", "protocol_port": 22, "subnet_id": "in-net",
         "weight": 1, "admin_state_up": True}
    ]  # fmt: skip
    for key in COLLECTIONS:
        for row in made.get(key) or ():
            row["project_id"] = "service" if row["id"] == "octavia" else MINE
    return made


def of_balancer(*ports: int, whole: bool = False) -> tuple[str, str]:
    seen = Look(balanced(*ports), {MINE: "production", "service": "service"}, "cloud")
    found = assess(seen if whole else only(seen, {MINE: "production"})).findings
    ((id_, severity),) = [(one.id, one.severity) for one in found if one.kind == "reached-from-internet"]
    return id_, severity


def test_a_load_balancer_that_is_opened_further_is_another_finding_though_its_rules_are_octavia_s() -> None:
    assert of_balancer(443) == of_balancer(443, whole=True), "owner and administrator have the same"
    assert of_balancer(443, 8080) == of_balancer(8080, 443, whole=True)
    assert of_balancer(443)[0] != of_balancer(443, 8080)[0]


def test_a_database_behind_a_load_balancer_is_no_small_thing_though_its_rules_are_octavia_s() -> None:
    assert [of_balancer(*ports)[1] for ports in ((443,), (443, 8080), (443, 3306))] == ["info", "low", "high"]


def test_an_equal_rule_spelt_otherwise_is_the_same_cause() -> None:
    assert told(world(protocol="6", remote_ip_prefix=None, id="again")) == told(world())


def test_two_directions_without_a_rule_are_two_findings() -> None:
    found = world()
    found["firewall_groups"] = [{"id": "fw", "name": "fw", "ports": ["inner"], "project_id": MINE}]
    empty = [one for one in assess(look(found)).findings if one.kind == "empty-policy-blocks-all"]
    assert len({one.id for one in empty}) == 2
