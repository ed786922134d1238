"""Which ports on an environment's networks are its own: of its resources, and of what serves them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.environments.rows import Row

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Of Neutron itself, on every network that has a subnet.
_SERVICES = ("network:dhcp", "network:distributed")
# Of an amphora, which no tenant can list: its name alone tells. They belong to Octavia's own project, or have its mark.
_AMPHORA = re.compile(rf"octavia-lb-(?:vrrp|member)-{_UUID}")
_OCTAVIA = "Octavia"
# Of a load balancer, whose id stands in the name: amphorae, then OVN's first and further addresses.
_BALANCER = re.compile(r"(?:octavia-lb-|ovn-lb-vip-(?:additional-\d+-)?)(.+)")
# OVN's health monitor asks from a port of its own in each subnet with members, named after the subnet.
_MONITOR = re.compile(r"ovn-lb-hm-(.+)")
_MONITOR_OWNERS = ("ovn-lb-hm:distributed", "network:distributed")


def own(port: Mapping[str, Any], rows: Sequence[Row], project_id: str) -> bool:
    """Whether this port goes when the environment does, or keeps nothing of it from going."""
    name, owner, device = (str(port.get(key) or "") for key in ("name", "device_owner", "device_id"))
    if port["id"] in {row.resource_id for row in rows} or owner in _SERVICES:
        return True
    if device and device in _ids(rows, "OS::Nova::Server", "OS::Neutron::Router"):
        return True
    balancers = _ids(rows, "OS::Octavia::LoadBalancer")
    if device.removeprefix("lb-") in balancers or ((found := _BALANCER.fullmatch(name)) and found[1] in balancers):
        return True
    if _AMPHORA.fullmatch(name):
        return owner == _OCTAVIA or port.get("project_id", project_id) != project_id
    monitor = _MONITOR.fullmatch(name)
    return bool(monitor and owner in _MONITOR_OWNERS and monitor[1] in _ids(rows, "OS::Neutron::Subnet"))


def _ids(rows: Sequence[Row], *types: str) -> set[str]:
    return {row.resource_id for row in rows if row.type in types and row.resource_id}
