"""A reading as bytes that can be kept: compressed JSON of the fields that something here reads, with a version."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.posture.look import NAMES, Look
from tenant_ops_dashboard.reachability.snapshot import COLLECTIONS
from tenant_ops_dashboard.sentences import say

VERSION = 2
#: What a reading of 10,000 ports never comes near, in bytes: more is no reading of ours.
LARGEST = 512 * 2**20
#: Every field, of an object or of what is inside it, that the engine, lint or the findings read.
FIELDS = frozenset({
    "action", "addresses", "address", "address_scope_id", "admin_state_up", "allowed_address_pairs", "allowed_cidrs",
    "allocation_pools", "audited", "backup", "binding:profile", "binding:vif_type", "binding:vnic_type",
    "blueprint", "capabilities", "cidr", "created_at", "default_pool_id", "description", "destination",
    "destination_ip_address", "destination_port", "device_id", "device_owner", "direction", "distributed",
    "egress_firewall_policy_id", "enable_dhcp", "enable_snat", "enabled", "environment", "ethertype",
    "external_fixed_ips", "external_gateway_info", "external_port", "external_port_range", "firewall_rules",
    "fixed_ip_address", "fixed_ips", "floating_ip_address", "floating_network_id", "gateway_ip", "ha",
    "healthmonitor_id", "host_routes", "id", "ingress_firewall_policy_id", "internal_ip_address", "internal_port",
    "internal_port_id", "internal_port_range", "ip_address", "ip_version", "ipv4_address_scope",
    "ipv6_address_scope", "l7policies", "listeners", "loadbalancer_id", "loadbalancers", "mac_address", "members",
    "monitor_address", "monitor_port", "name", "network_id", "nexthop", "normalized_cidr", "operating_status",
    "part", "pool_id", "pools", "port_forwardings", "port_id", "port_range_max", "port_range_min",
    "port_security_enabled", "ports", "project_id",
    "protocol", "protocol_port", "provider", "provider:network_type", "provider:physical_network",
    "redirect_pool_id", "remote_address_group_id", "remote_group_id", "remote_ip_prefix", "router:external",
    "router_id", "routes", "rules", "security_group_id", "security_group_rules", "security_groups", "shared",
    "source_ip_address", "source_port", "stateful", "status", "subnet_id", "subnetpool_id", "tenant_id", "tier",
    "type", "updated_at", "vip_address", "vip_port_id", "vip_sg_ids", "weight",
})  # fmt: skip


class NoReading(TenantOpsError):
    """What was kept is no reading that this version can read."""

    todo = say("Review the posture anew: what was kept before cannot be compared with.")

    def __init__(self, why: str) -> None:
        super().__init__(say("The reading that was kept cannot be read: {why}.", why=why))


def pack(look: Look) -> bytes:
    """A reading as bytes; `unpack` gives one back that is judged alike."""
    raw = {key: [_bare(row) for row in look.raw[key] or ()] for key in (*COLLECTIONS, *NAMES) if key in look.raw}
    told = {
        "version": VERSION, "scope": look.scope, "projects": look.projects, "meta": look.raw.get("meta") or {},
        "raw": raw,
    }  # fmt: skip
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 6)


def unpack(kept: bytes) -> Look:
    """The reading in these bytes. Raises NoReading."""
    try:
        packed = zlib.decompressobj()
        text = packed.decompress(bytes(kept), LARGEST)
        if not packed.eof:
            raise NoReading(say("it is cut off, or larger than any reading"))
        told = json.loads(text)
    except (zlib.error, ValueError, TypeError, RecursionError) as error:
        raise NoReading(say("it is no compressed JSON ({error})", error=error)) from None
    if not isinstance(told, dict) or not isinstance(told.get("version"), int):
        raise NoReading(say("it names no version"))
    if told["version"] != VERSION:
        raise NoReading(
            say("it is of version {version}, and this is version {ours}", version=told["version"], ours=VERSION)
        )
    raw, meta, projects, scope = told.get("raw"), told.get("meta"), told.get("projects"), told.get("scope")
    if not isinstance(raw, dict) or not isinstance(meta, dict) or not isinstance(projects, dict):
        raise NoReading(say("a part of it is missing"))
    if scope not in ("cloud", "projects"):
        raise NoReading(say("it does not say of what it is"))
    return Look({"meta": meta, **raw}, {str(id_): str(name) for id_, name in projects.items()}, scope)


def content(kept: bytes) -> str:
    """A digest of what was read, whenever that was; of bytes that `pack` made."""
    return hashlib.sha256(json.dumps(json.loads(zlib.decompress(kept))["raw"]).encode()).hexdigest()


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(inner) for key, inner in value.items() if key in FIELDS}
    return [_bare(one) for one in value] if isinstance(value, list) else value
