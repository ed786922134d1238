"""The data volumes of environments: kept when the stack goes, unless the delete that took it away said otherwise.

A mark in a volume's own metadata says which delete takes it along: Heat's id of that delete's event, and the volume's
own id. It counts only while that delete is the stack's last one, so a delete that failed, one that keeps the data, one
sent by other means, or metadata copied to another volume never cost anybody's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.sentences import say, say_many

OWNER = "tenant_ops_environment"
NAME = "tenant_ops_name"
MARK = "tenant_ops_delete"
BROUGHT = "tenant_ops_brought"  # the id of the environment that stands on it, where it was there before
# Why a volume is not deleted whose stack is gone, by its status.
TAKEN = {
    "in-use": say("It is attached to a server."),
    "awaiting-transfer": say("It is offered to another project."),
    "error_deleting": say("Cinder failed to delete it, and only your operator can have it tried again."),
}
_NAMED = 5  # snapshots of one volume

Volume = Mapping[str, Any]


def volumes(cloud: Cloud) -> list[dict[str, Any]]:
    """All volumes of the project: one call."""
    return values.rows(cloud.pages("block-storage", "/volumes/detail", "volumes"), services.VOLUME)


def snapshots(cloud: Cloud) -> list[dict[str, Any]]:
    """All snapshots of the project: one call."""
    return values.rows(cloud.pages("block-storage", "/snapshots/detail", "snapshots"), services.SNAPSHOT)


def held(known: Sequence[Volume], snapshots: Sequence[Mapping[str, Any]], going: bool = False) -> dict[str, str]:
    """By id of each volume that Cinder would not delete for its snapshots: a sentence that names those.

    With `going` those count, too, that are being deleted and so are in nobody's way for long.
    """
    told = {}
    for volume in known:
        ours = [one for one in snapshots if one["volume_id"] == volume["id"] and (going or one["status"] != "deleting")]
        names = [str(one["name"] or one["id"]) for one in ours]
        if names:
            more = say(" and {n} more", n=len(names) - _NAMED) if len(names) > _NAMED else ""
            told[str(volume["id"])] = say_many(
                "Snapshot {names} stands on volume {volume}.",
                "{n} snapshots, {names}{more}, stand on volume {volume}.",
                len(names), names=", ".join(names[:_NAMED]), more=more, volume=volume.get("name") or volume["id"],
            )  # fmt: skip
    return told


def of(known: Sequence[Volume], environment_id: str) -> list[Volume]:
    """Those that belong to an environment."""
    return [one for one in known if owner(one) == environment_id]


def owner(volume: Volume) -> str:
    """The id of the environment a volume belongs to, or ''."""
    return str((volume.get("metadata") or {}).get(OWNER) or "")


def brought(volume: Volume) -> str:
    """The id of the environment that stands on it and did not make it, or ''."""
    return str((volume.get("metadata") or {}).get(BROUGHT) or "")


def mark(volume: Volume) -> str:
    """What its mark says, or '' where it carries none."""
    return str((volume.get("metadata") or {}).get(MARK) or "")


def goes_with(volume: Volume, delete_id: str) -> bool:
    """Whether its mark is that of this very delete."""
    return bool(delete_id) and mark(volume) == _mark(volume, delete_id)


def condemn(
    cloud: Cloud, environment_id: str, delete_id: str, marked_by: str = "", made_only: bool = False
) -> None:  # fmt: skip
    """Mark the environment's volumes to go with the delete that Heat calls `delete_id`. Raises a CloudError.

    With `marked_by` only those that carry the mark of that earlier delete; with `made_only` none that it was given.
    """
    for volume in of(volumes(cloud), environment_id):
        if made_only and brought(volume):
            continue
        if not goes_with(volume, delete_id) and (not marked_by or goes_with(volume, marked_by)):
            metadata = {MARK: _mark(volume, delete_id)}
            cloud.post("block-storage", f"/volumes/{volume['id']}/metadata", {"metadata": metadata})


def marked(known: Sequence[Volume], environment_id: str) -> list[Volume]:
    """Those of an environment that carry a mark, whatever it says."""
    return [one for one in of(known, environment_id) if mark(one)]


def spare(cloud: Cloud, known: Sequence[Volume]) -> None:
    """Take the marks of these volumes away. Raises a CloudError."""
    for volume in known:
        cloud.delete("block-storage", f"/volumes/{volume['id']}/metadata/{MARK}")


def _mark(volume: Volume, delete_id: str) -> str:
    return f"{delete_id} {volume['id']}"
