"""What in the cloud belongs to a clone: it carries the clone's id, whoever made it and wherever it is now."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, NotFound, values
from tenant_ops_dashboard.cloud.values import Shape, text, texts
from tenant_ops_dashboard.environments import services

CLONE = "tenant_ops_clone"
TRANSFER: Shape = {"id": text, "name": text, "volume_id": text, "created_at": text}
_SNAPSHOT: Shape = {**services.SNAPSHOT, "metadata": texts, "created_at": text}
Row = dict[str, Any]


def of(row: Row) -> str:
    """The id of the clone that a volume says it belongs to, or ''."""
    return str((row.get("metadata") or {}).get(CLONE) or "")


def volumes(cloud: Cloud, clone: Clone) -> list[Row]:
    """The clone's volumes in the login's project, oldest first: one call. Raises a CloudError.

    Anybody in the project may write a mark on any volume: what counts is one that Cinder made of the source,
    or of the clone's snapshot of it.
    """
    asked = {"metadata": f"{{'{CLONE}': '{clone.id}'}}"}
    found = values.rows(cloud.pages("block-storage", "/volumes/detail", "volumes", **asked), services.VOLUME)
    # A Cinder that does not know the filter gives all of them.
    mine = [one for one in found if of(one) == clone.id and _made_of(one, clone)]
    return sorted(mine, key=lambda one: (one["created_at"], one["id"]))


def held(cloud: Cloud, clone: Clone) -> list[Row]:
    """The same, and the volume that the record names: its holder may have taken the mark off. One call or two."""
    found = volumes(cloud, clone)
    if not clone.volume_id or any(one["id"] == clone.volume_id for one in found):
        return found
    try:
        row = cloud.get("block-storage", f"/volumes/{clone.volume_id}")["volume"]
    except NotFound:
        return found
    return [*found, values.row(row, services.VOLUME)]


def handed(cloud: Cloud, clone: Clone) -> bool:
    """Whether the login's project has the very copy that was made for the clone: one call. Raises a CloudError.

    Whoever asked for the clone may write its mark on an older copy of the same source: that one is not it.
    """
    return any(one["id"] == clone.volume_id for one in volumes(cloud, clone))


def snapshots(cloud: Cloud, clone: Clone) -> list[Row]:
    """The clone's snapshots of the source, oldest first: one call. Raises a CloudError."""
    asked = {"metadata": f"{{'{CLONE}': '{clone.id}'}}"}
    found = values.rows(cloud.pages("block-storage", "/snapshots/detail", "snapshots", **asked), _SNAPSHOT)
    mine = [one for one in found if of(one) == clone.id and one["volume_id"] == clone.offer.source_id]
    return sorted(mine, key=lambda one: (one["created_at"], one["id"]))


def transfers(cloud: Cloud, volume_id: str) -> list[Row]:
    """The transfers of a volume that wait, as its giver's project sees them: one call. Raises a CloudError."""
    found = values.rows(cloud.pages("block-storage", "/volume-transfers/detail", "transfers"), TRANSFER)
    return [one for one in found if one["volume_id"] == volume_id]


def _made_of(row: Row, clone: Clone) -> bool:
    origin = clone.snapshot_id and row["snapshot_id"] == clone.snapshot_id
    return bool(origin or row["source_volid"] == clone.offer.source_id)
