"""Servers that may join a pool."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tenant_ops_dashboard.cloud import Cloud, CloudError


@dataclass(frozen=True)
class Choice:
    """A server's address in one subnet."""

    name: str
    address: str
    subnet_id: str
    status: str

    @property
    def value(self) -> str:
        return f"{self.address} {self.subnet_id}"


def choices(cloud: Cloud, taken: Collection[str] = ()) -> tuple[Choice, ...]:
    """Every address of every server of the project that is not `taken`: two calls; () where a service is silent."""
    try:
        servers = {one["id"]: one for one in cloud.pages("compute", "/servers/detail", "servers")}
        ports = cloud.pages("network", "/ports", "ports", project_id=cloud.project_id)
    except CloudError:
        return ()
    found = [
        Choice(server["name"], one["ip_address"], one["subnet_id"], server["status"])
        for port in ports
        if (server := servers.get(port["device_id"]))
        for one in port["fixed_ips"]
        if one["ip_address"] not in taken
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.name, one.address)))
