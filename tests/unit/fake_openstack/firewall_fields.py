"""What Neutron refuses in a firewall's fields, in its own words."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from tests.unit.fake_openstack.filters import neutron_says
from tests.unit.fake_openstack.server import Json

PROTOCOLS = (None, "tcp", "udp", "icmp", "sctp", "dccp", "ipv6-icmp")
Answer = tuple[int, Json | None]


def refused(many: str, fields: Json) -> Answer | None:
    """Neutron's 400 for what it cannot take, else None; `fields` are all that the thing would have."""
    for field in ("name",):
        told = fields.get(field)
        if told and (
            not told.strip()
            or told != told.rstrip()
            or re.search(r"[\t\n\r\u200e\u200f\u202a-\u202e]|[^\u0000-\uffff]", told)
        ):
            words = f"Invalid input for {field}. Reason: '{told}' is not a valid string."
            return neutron_says(400, "HTTPBadRequest", words)
    return _rule(fields) if many == "firewall_rules" else None


def stored(fields: Json) -> Json:
    """How Neutron keeps what it takes: a range that begins at 0 is any port."""
    kept = dict(fields)
    for field in ("source_port", "destination_port"):
        if kept.get(field) is not None:
            ends = str(kept[field]).split(":")
            kept[field] = None if int(ends[0]) == 0 else ends[0] if ends[0] == ends[-1] else ":".join(ends)
    if isinstance(kept.get("action"), str):
        kept["action"] = kept["action"].lower()
    return kept


def _rule(fields: Json) -> Answer | None:
    protocol, version = fields.get("protocol"), fields.get("ip_version", 4)
    if protocol not in PROTOCOLS:
        return neutron_says(
            400, "HTTPBadRequest", f"Invalid input for protocol. Reason: '{protocol}' is not in the list."
        )
    ports = [(field, fields[field]) for field in ("source_port", "destination_port") if fields.get(field) is not None]
    for field, told in ports:
        if not _is_range(told):
            return neutron_says(400, "HTTPBadRequest", f"Invalid input for {field}. Reason: Invalid port: {told}.")
    if ports and protocol is None:
        words = "Source/destination port requires a protocol."
        return neutron_says(400, "FirewallRuleWithPortWithoutProtocolInvalid", words)
    if ports and protocol not in ("tcp", "udp"):
        words = "Source, destination port are not allowed when protocol is set to ICMP."
        return neutron_says(400, "FirewallRuleInvalidICMPParameter", words)
    for field in ("source_ip_address", "destination_ip_address"):
        told = fields.get(field)
        if told is None:
            continue
        if (found := _address(told)) is None:
            words = f"Invalid input for {field}. Reason: '{told}' is not a valid IP address."
            return neutron_says(400, "HTTPBadRequest", words)
        if found.version != version:
            words = "Invalid input - IP addresses do not agree with IP Version."
            return neutron_says(400, "FirewallIpAddressConflict", words)
    return None


def _is_range(told: Any) -> bool:
    found = re.fullmatch(r"(\d{1,5})(?::(\d{1,5}))?", str(told))
    if not found:
        return False
    first, last = int(found[1]), int(found[2] or found[1])
    return first <= last <= 65535


def _address(told: str) -> Any:
    try:
        return ipaddress.ip_interface(told)
    except ValueError:
        return None
