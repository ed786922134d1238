"""Neutron's security group rules: kept in their groups, made all or none, refused as Neutron refuses them."""

from __future__ import annotations

import ipaddress
from typing import Any

from tests.conformance.recorded import examples
from tests.unit.fake_openstack.filters import neutron_says
from tests.unit.fake_openstack.server import Json, Query, Wire

ROOT = "/network/v2.0/security-group-rules"
Answer = tuple[int, Json | None]
_NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "dccp": 33, "gre": 47, "ipv6-icmp": 58, "icmpv6": 58, "sctp": 132, "udplite": 136}
_KEY = (
    "direction", "ethertype", "port_range_max", "port_range_min", "remote_group_id", "remote_address_group_id",
)  # fmt: skip


class SecurityGroupRules:
    """`things` are the fake's; a group's revision moves by one with each call that changes its rules."""

    def __init__(self, wire: Wire, things: Any) -> None:
        self.wire, self.things = wire, things
        wire.on("POST", ROOT)(self._create)
        wire.on("DELETE", f"{ROOT}/([^/]+)")(self._delete)

    def _create(self, query: Query, body: Json) -> Answer:
        bulk = "security_group_rules" in body
        asked = [_whole(one) for one in (body["security_group_rules"] if bulk else [body["security_group_rule"]])]
        for one in asked:
            for id_ in (one["remote_group_id"], one["security_group_id"]):
                if id_ and self._group(id_) is None:
                    return neutron_says(404, "SecurityGroupNotFound", f"Security group {id_} does not exist")
            if refused := _refused(one):
                return refused
        group = self._group(asked[0]["security_group_id"])
        assert group is not None
        keys = {_key(one) for one in asked}
        if there := next((one for one in group["security_group_rules"] if _key(one) in keys), None):
            words = f"Security group rule already exists. Rule id is {there['id']}."
            return neutron_says(409, "SecurityGroupRuleExists", words)
        limit = self.things.quota.get("security_group_rule")
        if limit is not None and self.used + len(asked) > limit:
            return neutron_says(409, "OverQuota", "Quota exceeded for resources: ['security_group_rule'].")
        example = examples()["security_group"]["security_group_rules"][0]
        made = [
            {**example, "id": f"rule-{next(self.things.numbers)}", "project_id": group["project_id"], **one}
            for one in asked
        ]
        group["security_group_rules"] = [*group["security_group_rules"], *made]
        group["revision_number"] += 1
        told = [{name: one[name] for name in one if name not in ("standard_attr_id", "tags")} for one in made]
        return 201, {"security_group_rules": told} if bulk else {"security_group_rule": told[0]}

    def _delete(self, id_: str, query: Query, body: Json) -> Answer:
        for group in self.things.kept["security-groups"].values():
            left = [one for one in group["security_group_rules"] if one.get("id") != id_]
            if self.wire.who.sees(group) and len(left) < len(group["security_group_rules"]):
                group["security_group_rules"] = left
                group["revision_number"] += 1
                return 204, None
        return neutron_says(404, "SecurityGroupRuleNotFound", f"Security group rule {id_} does not exist")

    @property
    def used(self) -> int:
        """What counts against the quota."""
        return sum(len(one["security_group_rules"]) for one in self.things.kept["security-groups"].values())

    def _group(self, id_: str) -> Json | None:
        found: Json | None = self.things.kept["security-groups"].get(id_)
        return found if found is not None and self.wire.who.sees(found) else None


def _whole(asked: Json) -> Json:
    """The rule as Neutron keeps it."""
    empty = dict.fromkeys(
        ("protocol", "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "remote_address_group_id")
    )
    found: Json = {"ethertype": "IPv4", "description": "", **empty, **asked}
    if found["protocol"] is not None:
        found["protocol"] = None if found["protocol"] == "any" else str(found["protocol"]).lower()
    if found["ethertype"] == "IPv6":
        found["protocol"] = {"icmp": "ipv6-icmp", "icmpv6": "ipv6-icmp", "1": "58"}.get(found["protocol"], found["protocol"])
    if (found["port_range_min"], found["port_range_max"]) == (1, 65535):
        found["port_range_min"] = found["port_range_max"] = None
    if prefix := found["remote_ip_prefix"]:
        found["remote_ip_prefix"] = str(ipaddress.ip_interface(prefix))
        found["normalized_cidr"] = str(ipaddress.ip_interface(prefix).network)
    return found


def _number(one: Json) -> int | None:
    protocol = one["protocol"]
    if protocol is None:
        return None
    return _NUMBERS[protocol] if protocol in _NUMBERS else int(protocol)


def _key(one: Json) -> tuple[object, ...]:
    prefix = one["remote_ip_prefix"]
    return (*(one.get(name) for name in _KEY), _number(one), None if prefix in ("0.0.0.0/0", "::/0") else prefix)


def _refused(one: Json) -> Answer | None:
    """The first of Neutron's complaints that the plugin's own checks have a sentence for (400 each)."""
    low, high, number = one["port_range_min"], one["port_range_max"], _number(one)
    if low is not None or high is not None:
        if number is None:
            return _says("SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given.")
        if number in (6, 17, 33, 132, 136):
            if 0 in (low, high):
                return _says("SecurityGroupInvalidPortValue", "Invalid value for port 0")
            if low is None or high is None or low > high:
                words = "For TCP/UDP protocols, port_range_min must be <= port_range_max"
                return _says("SecurityGroupInvalidPortRange", words)
        elif number in (1, 58):
            if low is None:
                words = f"ICMP code (port-range-max) {high} is provided but ICMP type (port-range-min) is missing."
                return _says("SecurityGroupMissingIcmpType", words)
            for field, name, value in (("type", "port_range_min", low), ("code", "port_range_max", high)):
                if value is not None and not 0 <= value <= 255:
                    words = f"Invalid value for ICMP {field} ({name}) {value}. It must be 0 to 255."
                    return _says("SecurityGroupInvalidIcmpValue", words)
        else:
            words = f"Invalid protocol {number} for port range, only supported for DCCP, SCTP, TCP, UDP, UDPLITE."
            return _says("SecurityGroupInvalidProtocolForPort", words)
    prefix = one["remote_ip_prefix"]
    if prefix and one["ethertype"] != f"IPv{ipaddress.ip_interface(prefix).version}":
        words = f"Conflicting value ethertype {one['ethertype']} for CIDR {prefix}"
        return _says("SecurityGroupRuleParameterConflict", words)
    if number in (41, 43, 44, 58, 59, 60) and one["ethertype"] == "IPv4":
        words = f"Invalid ethertype {one['ethertype']} for protocol {one['protocol']}."
        return _says("SecurityGroupEthertypeConflictWithProtocol", words)
    if sum(bool(one[name]) for name in ("remote_ip_prefix", "remote_group_id", "remote_address_group_id")) > 1:
        words = "Only one of remote_ip_prefix, remote_group_id or remote_address_group_id may be provided."
        return _says("SecurityGroupMultipleRemoteEntites", words)
    return None


def _says(kind: str, words: str) -> Answer:
    return neutron_says(400, kind, words)
