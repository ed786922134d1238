"""What people put by hand on the environment's networks and data, and what would keep it from going."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import facts
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import resources
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.status.own_ports import Own
from tenant_ops_dashboard.walkthrough import access

Row = Mapping[str, Any]


class _OfThing(Change[bool]):
    """A change of one thing that stands in the way of a reset; `path` is that of its kind in the service's API."""

    rule = access.RESET
    kind = "leftover"

    def __init__(self, cloud: Cloud, service: str, path: str, row: Row) -> None:
        super().__init__(cloud)
        self.service, self.path = service, path
        self.target = Target(str(row["id"]), str(row.get("name") or row["id"]))


class Remove(_OfThing):
    """Takes away a port or a snapshot."""

    name = "walkthrough.remove"
    action = "delete"
    destroys = True

    def send(self) -> bool:
        self.cloud.delete(self.service, f"{self.path}/{self.target.id}")
        return True


class Detach(_OfThing):
    """Takes a floating IP off a port on the environment's networks; the address stays its project's."""

    name = "walkthrough.detach"
    action = "update"

    def send(self) -> bool:
        self.cloud.put(self.service, f"{self.path}/{self.target.id}", {"floatingip": {"port_id": None}})
        return True


def clear(cloud: Cloud, found: Stack) -> None:
    """Take off what is not the environment's own: addresses, ports, snapshots of its data. Raises a TenantOpsError.

    A server that has such a port loses that one and stays.
    """
    heat = resources.read(cloud, found)
    known = facts.read(cloud, found.id, heat, False)
    own = Own.of(heat, cloud.project_id)
    for one in (known.addresses or {}).values():
        if one["id"] not in own.known and one["port_id"] in (known.ports or {}):
            perform(Detach(cloud, "network", "/floatingips", one))
    for one in (known.ports or {}).values():
        if not own.has(one) and not str(one["device_owner"]).startswith("network:router"):
            perform(Remove(cloud, "network", "/ports", one))
    for one in data_volumes.of(data_volumes.volumes(cloud), found.id):
        snapshots(cloud, one)


def snapshots(cloud: Cloud, volume: Row) -> None:
    """Delete the snapshots of a volume. Raises a TenantOpsError."""
    for one in data_volumes.snapshots(cloud):
        if one.get("volume_id") == volume["id"] and one.get("status") in ("available", "error"):
            perform(Remove(cloud, "block-storage", "/snapshots", one))
