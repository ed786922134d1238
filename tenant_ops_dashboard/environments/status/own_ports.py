"""Which ports on an environment's networks are its own: of its resources, and of what serves them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.environments.heat.resources import Row

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


@dataclass(frozen=True)
class Own:
    """What of an environment ports can belong to, by the ids of its resources."""

    known: frozenset[str]
    devices: frozenset[str]
    balancers: frozenset[str]
    subnets: frozenset[str]
    project_id: str

    @classmethod
    def of(cls, rows: Sequence[Row], project_id: str) -> Own:
        """Those of the rows of one environment."""
        return cls(
            frozenset(row.resource_id for row in rows),
            _ids(rows, "OS::Nova::Server", "OS::Neutron::Router") | _routed(rows),
            _ids(rows, "OS::Octavia::LoadBalancer"),
            _ids(rows, "OS::Neutron::Subnet"),
            project_id,
        )

    def has(self, port: Mapping[str, Any]) -> bool:
        """Whether this port goes when the environment does, or keeps nothing of it from going."""
        name, owner, device = (str(port.get(key) or "") for key in ("name", "device_owner", "device_id"))
        if port["id"] in self.known or owner in _SERVICES or (device and device in self.devices):
            return True
        found = _BALANCER.fullmatch(name)
        if device.removeprefix("lb-") in self.balancers or (found and found[1] in self.balancers):
            return True
        if _AMPHORA.fullmatch(name):
            return owner == _OCTAVIA or port.get("project_id", self.project_id) != self.project_id
        monitor = _MONITOR.fullmatch(name)
        return bool(monitor and owner in _MONITOR_OWNERS and monitor[1] in self.subnets)


def _routed(rows: Sequence[Row]) -> frozenset[str]:
    """Routers that have an interface of the environment's, be they its own or not: '<router>:subnet_id=<subnet>'."""
    ids = _ids(rows, "OS::Neutron::RouterInterface")
    return frozenset(router for one in ids if (router := one.partition(":")[0]))


def _ids(rows: Sequence[Row], *types: str) -> frozenset[str]:
    return frozenset(row.resource_id for row in rows if row.type in types and row.resource_id)
