"""What in the cloud belongs to a clone: it carries the clone's id, whoever made it and wherever it is now."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.cloud.values import Shape, text
from tenant_ops_dashboard.environments import services

CLONE = "tenant_ops_clone"
TRANSFER: Shape = {"id": text, "name": text, "volume_id": text, "created_at": text}
Row = dict[str, Any]


def of(row: Row) -> str:
    """The id of the clone that a volume or snapshot belongs to, or ''."""
    return str((row.get("metadata") or {}).get(CLONE) or "")


def volumes(cloud: Cloud, clone_id: str) -> list[Row]:
    """The clone's volumes in the login's project, oldest first: one call. Raises a CloudError."""
    asked = {"metadata": f"{{'{CLONE}': '{clone_id}'}}"}
    found = values.rows(cloud.pages("block-storage", "/volumes/detail", "volumes", **asked), services.VOLUME)
    # A Cinder that does not know the filter gives all of them.
    return sorted((one for one in found if of(one) == clone_id), key=lambda one: (one["created_at"], one["id"]))


def transfers(cloud: Cloud, clone_id: str) -> list[Row]:
    """The clone's transfers that its giver's project sees: one call. Raises a CloudError."""
    found = values.rows(cloud.pages("block-storage", "/volume-transfers/detail", "transfers"), TRANSFER)
    return [one for one in found if one["name"] == clone_id]
