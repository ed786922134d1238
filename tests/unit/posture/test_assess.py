"""What is found beside lint's findings, each once, in its place and with what helps."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.environments.firewall_group.versions import Mark
from tenant_ops_dashboard.firewall.checking import Room
from tenant_ops_dashboard.firewall.intents import Intent
from tenant_ops_dashboard.posture import assess as assessing
from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.look import only
from tenant_ops_dashboard.posture.model import Finding
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tests.unit.posture.readings import MINE, look
from tests.unit.posture.test_ids import world

Json = dict[str, Any]
ANY = {"action": "allow", "ip_version": 4, "enabled": True, "protocol": None, "project_id": MINE}


def found(raw: Json, *intents: Any) -> dict[str, list[Finding]]:
    told: dict[str, list[Finding]] = {}
    for one in assess(look(raw), intents).findings:
        told.setdefault(one.kind, []).append(one)
    return told


def with_firewall(*rules: Json, **group: Any) -> Json:
    made = world()
    for number, rule in enumerate(rules):
        made["firewall_rules"].append({"id": f"f{number}", **ANY, **rule})
    ids = [one["id"] for one in made["firewall_rules"]]
    for side in ("in", "out"):
        made["firewall_policies"].append({"id": side, "name": side, "firewall_rules": ids, "project_id": MINE})
    made["firewall_groups"].append(
        {"id": "fw", "name": "edge", "ports": ["inner"], "ingress_firewall_policy_id": "in",
         "egress_firewall_policy_id": "out", "project_id": MINE, **group}
    )  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ({"port_range_min": 443, "port_range_max": 443}, "info"),
        ({"port_range_min": 8080, "port_range_max": 8080}, "low"),
        ({"port_range_min": 30000, "port_range_max": 32000}, "medium"),
        ({"remote_ip_prefix": "198.51.100.0/24"}, "low"),
        ({"protocol": "icmp", "port_range_min": 8, "port_range_max": 0}, "info"),
        ({"protocol": "esp", "port_range_min": None, "port_range_max": None}, "low"),
        ({"protocol": None, "port_range_min": None, "port_range_max": None, "remote_ip_prefix": "198.51.100.0/24"}, "medium"),
    ],
)
def test_what_else_the_internet_reaches_is_ranked(rule: Json, severity: str) -> None:
    (one,) = assess(look(world(**rule))).findings
    assert (one.kind, one.severity, one.object, one.name) == ("reached-from-internet", severity, "web", "web-1")
    assert one.rules == ("r1",)
    assert one.exposed


@pytest.mark.parametrize(
    ("protocol", "told"),
    [
        (None, "tcp, udp, icmp, ipv6-icmp, other protocols"),
        ("esp", "protocol 50"),
        ("udp", "udp 500"),
    ],
)
def test_protocols_are_called_as_people_do(protocol: str | None, told: str) -> None:
    port = 500 if protocol == "udp" else None
    rule = {"protocol": protocol, "remote_ip_prefix": "198.51.100.0/24", "port_range_min": port, "port_range_max": port}
    (one,) = assess(look(world(**rule))).findings
    assert one.why == f"the internet reaches port web: {told}"


def test_people_are_told_names_and_programs_ids() -> None:
    rule = {"protocol": "udp", "remote_ip_prefix": "198.51.100.0/24", "port_range_min": 500, "port_range_max": 500}
    made = json.loads(json.dumps(world(**rule)).replace('"web"', '"web-port"').replace("web-1", "web\u202e-1"))
    (one,) = assess(look(made)).findings
    assert one.why.startswith("the internet reaches port web-port: ")
    assert one.said.startswith("the internet reaches port web\\u202e-1: "), "a name that turns nothing round"


def test_a_rule_for_the_own_subnets_lets_nobody_of_the_internet_in() -> None:
    cidr = next(one["cidr"] for one in world()["subnets"] if one["network_id"] == world()["ports"][1]["network_id"])
    assert assess(look(world(remote_ip_prefix=cidr))).findings == ()
    (one,) = assess(look(world(remote_ip_prefix=f"{cidr.split('/')[0]}/8"))).findings
    assert one.kind == "reached-from-internet", "the range is wider than the subnet"


def test_nothing_is_said_twice() -> None:
    made = world()
    made["security_groups"][0]["security_group_rules"].append(
        {
            **made["security_groups"][0]["security_group_rules"][0],
            "id": "r2",
            "port_range_min": 80,
            "port_range_max": 80,
        }
    )
    told = found(made)
    ports = {kind: {box["dst_port"] for box in one.exposed} for kind, (one,) in told.items()}
    assert ports == {"open-to-world": {"22-22"}, "reached-from-internet": {"80-80"}}


def test_a_port_that_nothing_filters() -> None:
    made = world()
    made["ports"][1] |= {"port_security_enabled": False, "security_groups": []}
    told = found(made)
    assert [one.object for one in told["open-to-world"]] == ["web"]
    assert "nothing-filters" not in told, "it is told as open to the world already"
    assert assess(look(made)).unfiltered == 1
    made["floatingips"] = []
    (one,) = found(made)["nothing-filters"]
    assert (one.object, one.severity, one.project) == ("web", "medium", MINE)
    assert "allowed address pairs" in one.fix, "a virtual appliance would be cut off"
    made["routers"], made["ports"] = [], made["ports"][1:]
    made["subnets"][1]["gateway_ip"] = None
    (one,) = found(made)["nothing-filters"]
    assert (one.severity, "nothing is routed" in one.why) == ("low", True)
    guarded = with_firewall({"destination_port": "80", "protocol": "tcp"})
    guarded["ports"][1] |= {"port_security_enabled": False, "security_groups": []}
    assert "nothing-filters" not in found(guarded)
    assert assess(look(guarded)).unfiltered == 0


def test_a_group_that_lets_everything_pass() -> None:
    (one,) = found(with_firewall({}, {"ip_version": 6}))["filters-nothing"]
    assert (one.object, one.name) == ("fw", "edge")
    assert "filters-nothing" not in found(with_firewall({}))
    assert "filters-nothing" not in found(with_firewall({"action": "deny", "protocol": "udp"}, {}, {"ip_version": 6}))


def test_what_an_undo_needs_and_what_neutron_makes_itself_is_no_finding() -> None:
    made = with_firewall({"destination_port": "80", "protocol": "tcp"})
    was = found(made)
    kept = Mark("ingress", "fw", 1, "0" * 12, "0" * 12).words
    made["firewall_rules"] += [{"id": one, **ANY, "project_id": MINE} for one in ("k1", "k2", "d1", "d2")]
    made["firewall_policies"] += [
        {"id": "kept", "name": "kept", "firewall_rules": ["k1", "k2"], "description": kept, "project_id": MINE},
        {"id": "idle", "name": "default", "firewall_rules": ["d1", "d2"], "project_id": MINE},
    ]
    made["firewall_groups"].append(
        {"id": "d", "name": "default", "ports": [], "ingress_firewall_policy_id": "idle",
         "egress_firewall_policy_id": "idle", "project_id": MINE}
    )  # fmt: skip
    assert found(made) == was


def test_a_mark_on_a_policy_in_force_hides_nothing() -> None:
    made = with_firewall({"destination_port": "22", "protocol": "tcp"})
    was = found(made)
    assert "high" in {one.severity for one in was["open-to-world"]}
    for policy in made["firewall_policies"]:
        policy["description"] = Mark("ingress", "fw", 1, "0" * 12, "0" * 12).words
    assert found(made) == was


def test_a_version_that_is_kept_and_shares_a_rule_with_the_one_in_force_takes_no_finding_from_it() -> None:
    made = with_firewall({"destination_port": "22", "protocol": "tcp"})
    was = found(made)
    assert {one.object for one in was["open-to-world"]} == {"group", "in"}
    kept = {
        "id": "a-kept", "name": "kept", "firewall_rules": ["f0"], "project_id": MINE,
        "description": Mark("ingress", "fw", 1, "0" * 12, "0" * 12).words,
    }  # fmt: skip
    for policies in ([kept, *made["firewall_policies"]], [*made["firewall_policies"], kept]):
        assert found({**made, "firewall_policies": policies}) == was
        turned = found({**made, "firewall_policies": policies[::-1]})
        assert [one.id for one in turned["open-to-world"]] == [one.id for one in was["open-to-world"]]


def test_intents_that_are_broken_are_findings_with_their_witness() -> None:
    closed = Intent("deny", "internet", "port:web", "tcp", (22, 22), "nobody comes in by SSH")
    open_ = Intent("allow", "internet", "port:web", "tcp", (22, 22))
    gone = Intent("deny", "internet", "port:gone")
    posture = assess(look(world()), [(MINE, "shop", closed), (MINE, "shop", open_), (MINE, "shop", gone)])
    (one,) = [one for one in posture.findings if one.kind == "broken-intent"]
    assert (one.severity, one.project, one.environment, one.rules) == ("high", MINE, "shop", ("r1",))
    assert "nobody comes in by SSH" in one.why
    assert any("port gone" in told for told in posture.unknown)
    assert one.id == next(
        other.id for other in assess(look(world(id="again")), [(MINE, "shop", closed)]).findings
        if other.kind == "broken-intent"
    )  # fmt: skip
    assert not [one for one in assess(look(world()), [("other", "shop", closed)]).findings if "intent" in one.kind]


def test_names_of_tiers_and_servers_are_those_of_the_reading() -> None:
    made = world()
    made["servers"] = [{"id": "server", "name": "db-1", "environment": "stack", "tier": "database", "project_id": MINE}]
    made["environments"] = [{"id": "stack", "name": "shop", "project_id": MINE}]
    closed = Intent("deny", "internet", "tier:shop/database", "tcp", (22, 22))
    told = found(made, (MINE, "shop", closed))
    assert told["broken-intent"]
    assert told["open-to-world"][0].environment == "shop", "all its ports are the environment's"


def test_the_parts_of_an_environment_are_those_of_its_servers() -> None:
    made = world()
    made["servers"] = [
        {"id": "server", "name": "app-1", "environment": "stack", "tier": "dmz", "part": "application",
         "project_id": MINE}
    ]  # fmt: skip
    made["environments"] = [{"id": "stack", "name": "shop", "project_id": MINE}]
    closed = Intent("deny", "internet", "tier:shop/application", "tcp", (22, 22))
    assert found(made, (MINE, "shop", closed))["broken-intent"]
    told = found(made, (MINE, "shop", Intent("allow", "internet", "tier:shop/application", "tcp", (22, 22))))
    assert "broken-intent" not in told


def test_each_project_s_intents_have_room_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessing, "Room", lambda: Room(1))
    made = world()
    made["ports"].append({**made["ports"][1], "id": "web-2", "fixed_ips": [{"subnet_id": "in-net", "ip_address": "10.0.0.6"}]})
    wide = Intent("deny", "port:web", "port:web-2")
    posture = assess(look(made, {MINE: "mine", "other": "other"}), [(MINE, "a", wide), (MINE, "b", wide)])
    assert [one.partition(":")[0] for one in posture.unknown if "budget" in one] == ["b"]
    posture = assess(look(made, {MINE: "mine", "other": "other"}), [(MINE, "a", wide), ("other", "b", wide)])
    assert not [one for one in posture.unknown if "budget" in one]


def test_a_broken_intent_names_its_environment_or_its_project_and_another_wording_is_the_same() -> None:
    made = world()
    made["environments"] = [{"id": "stack-1", "name": "shop", "project_id": MINE}]
    closed = Intent("deny", "internet", "port:web", "tcp", (22, 22), "Nobody comes to stack-1.")
    (one,) = found(made, (MINE, "shop", closed))["broken-intent"]
    assert (one.object, one.name, one.environment) == ("stack-1", "shop", "shop")
    assert one.why.startswith("Nobody comes to shop does not hold: tcp 22 from ")
    (again,) = found(made, (MINE, "shop", replace(closed, says="Closed.")))["broken-intent"]
    (whole,) = found(made, (MINE, "", closed))["broken-intent"]
    assert again.id == one.id
    assert (whole.object, whole.name, whole.environment) == (MINE, "production", "")
    assert whole.id != one.id


def test_an_intent_that_the_engine_cannot_read_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: Any) -> None:
        raise ReachabilityError("odd")

    monkeypatch.setattr(assessing.wishes, "check", check)
    posture = assess(look(world()), [(MINE, "shop", Intent("deny", "internet", "port:web"))])
    assert [one for one in posture.unknown if one.endswith("cannot be checked: odd")]


def test_what_a_project_lends_may_be_used_where_it_cannot_see() -> None:
    made = world()
    made["address_groups"] = [{"id": "offices", "addresses": [], "shared": True, "project_id": MINE}]
    made["firewall_policies"] = [{"id": "spare", "firewall_rules": [], "shared": False, "project_id": MINE}]
    assert {one.object for one in found(made)["unused"]} == {"offices", "spare"}
    posture = assess(only(look(made), {MINE: "production"}))
    assert {one.object for one in posture.findings if one.kind == "unused"} == {"spare"}
