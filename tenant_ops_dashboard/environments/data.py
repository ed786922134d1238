"""The data volumes of environments: kept when the stack goes, unless they were marked to go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud

OWNER = "tenant_ops_environment"
NAME = "tenant_ops_name"
DOOMED = "tenant_ops_delete"


def volumes(cloud: Cloud) -> list[dict[str, Any]]:
    """All volumes of the project: one call."""
    return cloud.pages("block-storage", "/volumes/detail", "volumes")


def of(known: Sequence[Mapping[str, Any]], environment_id: str) -> list[Mapping[str, Any]]:
    """Those that belong to an environment."""
    return [one for one in known if one["metadata"].get(OWNER) == environment_id]


def doomed(volume: Mapping[str, Any]) -> bool:
    """Whether it is to go when its environment is gone."""
    return DOOMED in volume["metadata"]


def mark(cloud: Cloud, volume_id: str) -> None:
    """Remember in the volume itself that it is to go: what runs later, and elsewhere, knows it from there."""
    cloud.post("block-storage", f"/volumes/{volume_id}/metadata", {"metadata": {DOOMED: "yes"}})


def remove_marked(cloud: Cloud, environment_id: str) -> int:
    """Delete marked volumes that nothing is attached to any more; how many of the environment's were still there.

    Those of other environments go too: a launch that was withdrawn has nobody who looks at it.
    """
    marked = [one for one in volumes(cloud) if doomed(one)]
    for volume in marked:
        if volume["status"] in ("available", "error"):
            cloud.delete("block-storage", f"/volumes/{volume['id']}")
            audit.record(cloud, "delete", "volume", volume["id"], volume["name"] or "", "pending")
    return len(of(marked, environment_id))
