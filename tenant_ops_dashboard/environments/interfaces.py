"""Which ports are a router's interfaces into subnets. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

# Of a plain router, of a highly available one, and of a distributed one; its gateway, its SNAT port and what keeps the
# instances of a highly available one together are none.
OWNERS = frozenset(
    {
        "network:router_interface",
        "network:ha_router_replicated_interface",
        "network:router_interface_distributed",
    }
)


def of(ports: Iterable[Mapping[str, Any]], routers: Collection[str], project_id: str) -> tuple[str, ...]:
    """Ids of the interfaces of these routers that belong to the project, in order."""
    found = (one for one in ports if one["device_id"] in routers and one["device_owner"] in OWNERS)
    return tuple(sorted(str(one["id"]) for one in found if one.get("project_id", project_id) == project_id))
