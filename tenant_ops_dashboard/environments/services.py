"""What Nova, Cinder, Neutron and Octavia say, with every field that is used there and of its type. Pure.

Names, metadata, device owners and addresses are what tenants wrote; fields may be missing or None.
"""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.cloud import values
from tenant_ops_dashboard.cloud.values import Shape, each, mapping, names, number, optional, switch, text, texts


def _addresses(value: Any) -> dict[str, list[dict[str, str]]]:
    entry = each({"addr": text})
    return {name: entry(found) for name, found in mapping(value, 100).items()}


def _port_number(value: Any) -> int | None:
    found = number(value, -1, 0, 65_535)
    return None if found < 0 else found


SERVER: Shape = {"id": text, "name": text, "status": text, "addresses": _addresses, "metadata": texts}
VOLUME: Shape = {
    "id": text, "name": text, "status": text, "size": number, "metadata": texts, "created_at": text,
    "source_volid": text, "snapshot_id": text, "bootable": text,
    "attachments": each({"attachment_id": text, "volume_id": text, "server_id": text}),
}  # fmt: skip
SNAPSHOT: Shape = {"id": text, "name": text, "volume_id": text, "status": text}
PORT: Shape = {
    "id": text, "name": text, "status": text, "device_id": text, "device_owner": text, "network_id": text,
    "project_id": text,
    "fixed_ips": each({"subnet_id": text, "ip_address": text}),
}  # fmt: skip
FLOATING_IP: Shape = {
    "id": text, "floating_ip_address": text, "fixed_ip_address": text, "port_id": text, "router_id": text,
}  # fmt: skip
SECURITY_GROUP: Shape = {
    "id": text, "name": text,
    "security_group_rules": each({
        "direction": text, "ethertype": text, "protocol": text, "port_range_min": _port_number,
        "port_range_max": _port_number, "remote_ip_prefix": text, "remote_group_id": text,
    }),
}  # fmt: skip
FIREWALL_GROUP: Shape = {
    "id": text, "name": text, "status": text, "description": text, "ports": names,
    "ingress_firewall_policy_id": optional, "egress_firewall_policy_id": optional,
}  # fmt: skip
FIREWALL_POLICY: Shape = {"id": text, "name": text, "description": text, "firewall_rules": names}
FIREWALL_RULE: Shape = {
    "id": text, "name": text, "description": text, "action": text, "enabled": switch, "protocol": optional,
    "source_ip_address": optional, "source_port": optional, "destination_ip_address": optional,
    "destination_port": optional, "ip_version": number,
}  # fmt: skip
BALANCER: Shape = {
    "id": text, "name": text, "description": text, "provisioning_status": text, "operating_status": text,
    "vip_port_id": text,
}  # fmt: skip
_MEMBER: Shape = {"id": text, "address": text, "protocol_port": number, "operating_status": text}


MEMBER: Shape = {"id": text, "created_at": text, "admin_state_up": switch}
MONITOR: Shape = {
    "id": text, "created_at": text, "delay": number, "timeout": number, "max_retries": number,
    "admin_state_up": switch, "pools": each({"id": text}),
}  # fmt: skip


def _monitor(value: Any) -> dict[str, Any]:
    return values.row(value, {"id": text})


_POOL: Shape = {"id": text, "operating_status": text, "members": each(_MEMBER), "health_monitor": _monitor}
TREE: Shape = {
    "name": text, "provisioning_status": text, "operating_status": text,
    "listeners": each({"id": text, "pools": each(_POOL)}),
}  # fmt: skip
