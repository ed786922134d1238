"""Security group rules as an editor meets them: made all or none, equal ones, revisions, what is refused."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.networks import said
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Answer, Json, Target

RULES = "/security-group-rules"


def group(t: Target) -> Json:
    return t.make("network", "/security-groups", {"security_group": {"name": t.name}})


def post(t: Target, group_id: str, *rules: Json) -> Answer:
    made = [{"security_group_id": group_id, "direction": "ingress", **one} for one in rules]
    return t.person().post("network", RULES, {"security_group_rules": made})


def shown(t: Target, group_id: str) -> Json:
    found: Json = t.person().get("network", f"/security-groups/{group_id}").body["security_group"]
    return found


def tcp(port: int, **more: Any) -> Json:
    return {"protocol": "tcp", "port_range_min": port, "port_range_max": port, **more}


@case
def rules_of_a_security_group_are_made_all_or_none(t: Target) -> None:
    made = group(t)
    id_, began = made["id"], made["revision_number"]
    answer = post(t, id_, tcp(80), tcp(443, remote_ip_prefix="192.0.2.9", description="partners"))
    assert answer.status == 201
    first, second = answer.body["security_group_rules"]
    assert (second["remote_ip_prefix"], second["description"]) == ("192.0.2.9/32", "partners")
    now = shown(t, id_)
    # Seen once in some twenty: a request that Neutron repeats by itself moves it by two.
    assert now["revision_number"] in (began + 1, began + 2), "one call, one step"
    began = now["revision_number"] - 1
    assert {first["id"], second["id"]} <= {one["id"] for one in now["security_group_rules"]}
    assert set(now["security_group_rules"][0]) - set(first) == {"standard_attr_id", "tags"}
    again = post(t, id_, tcp(22), tcp(80))
    words = "Security group rule already exists. Rule id is ID."
    assert again.refused(first["id"]) == (409, said("SecurityGroupRuleExists", words))
    assert shown(t, id_) == now, "the good one was not made"
    assert t.person().delete("network", f"{RULES}/{first['id']}").status == 204
    assert shown(t, id_)["revision_number"] == began + 2
    gone = t.person().delete("network", f"{RULES}/{first['id']}")
    assert gone.refused(first["id"]) == (404, said("SecurityGroupRuleNotFound", "Security group rule ID does not exist"))
    assert shown(t, id_)["revision_number"] == began + 2
    assert t.person("developer").delete("network", f"{RULES}/{second['id']}").status == 404
    assert t.person("developer").get("network", f"/security-groups/{id_}").status == 404


@case
def what_neutron_takes_for_an_equal_security_group_rule(t: Target) -> None:
    id_ = group(t)["id"]
    assert post(t, id_, tcp(80, remote_ip_prefix="0.0.0.0/0"), tcp(81, remote_ip_prefix="10.0.0.5/24")).status == 201
    for same in (tcp(80), {**tcp(80), "protocol": "6"}, tcp(80, description="other")):
        assert post(t, id_, same).status == 409, same
    assert post(t, id_, tcp(81, remote_ip_prefix="10.0.0.0/24")).status == 201, "host bits are another rule"
    (made,) = post(t, id_, {"protocol": "udp", "port_range_min": 1, "port_range_max": 65535}).body["security_group_rules"]
    assert (made["port_range_min"], made["port_range_max"]) == (None, None)
    assert post(t, id_, {"protocol": "17"}).status == 409
    (made,) = post(t, id_, {"protocol": "icmp", "ethertype": "IPv6"}).body["security_group_rules"]
    assert made["protocol"] == "ipv6-icmp"


@case
def what_of_a_security_group_rule_neutron_refuses(t: Target) -> None:
    id_ = group(t)["id"]
    before = shown(t, id_)["security_group_rules"]
    for kind, fields in (
        ("SecurityGroupProtocolRequiredWithPorts", {"port_range_min": 80, "port_range_max": 80}),
        ("SecurityGroupInvalidPortValue", tcp(0)),
        ("SecurityGroupInvalidPortRange", {"protocol": "tcp", "port_range_min": 90, "port_range_max": 80}),
        ("SecurityGroupInvalidPortRange", {"protocol": "udp", "port_range_min": 90}),
        ("SecurityGroupInvalidIcmpValue", {"protocol": "icmp", "port_range_min": 300}),
        ("SecurityGroupMissingIcmpType", {"protocol": "icmp", "port_range_max": 3}),
        ("SecurityGroupInvalidProtocolForPort", {"protocol": "gre", "port_range_min": 1, "port_range_max": 2}),
        ("SecurityGroupRuleParameterConflict", tcp(80, remote_ip_prefix="2001:db8::/64")),
        ("SecurityGroupEthertypeConflictWithProtocol", {"protocol": "ipv6-icmp"}),
        ("SecurityGroupMultipleRemoteEntites", tcp(80, remote_ip_prefix="192.0.2.0/24", remote_group_id=id_)),
    ):  # fmt: skip
        answer = post(t, id_, fields)
        assert (answer.status, answer.body["NeutronError"]["type"]) == (400, kind), fields
    unknown = post(t, id_, tcp(80, remote_group_id=NOTHING))
    assert unknown.refused() == (404, said("SecurityGroupNotFound", "Security group ID does not exist"))
    assert shown(t, id_)["security_group_rules"] == before
