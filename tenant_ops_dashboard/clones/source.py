"""The volume that is offered, as its owner's Cinder tells it."""

from __future__ import annotations

from dataclasses import dataclass

from tenant_ops_dashboard.clones.errors import BadInput, NotFound
from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.environments.data import volumes as data_volumes

#: Cinder copies a volume in these states (`create_volume` of its volume/flows/api/create_volume.py).
COPIED = ("available", "in-use")


@dataclass(frozen=True)
class Source:
    """A volume; `size` in GB, `type` the name of its volume type, `servers` the ids of those it is attached to."""

    id: str
    name: str
    size: int
    status: str
    type: str = ""
    servers: tuple[str, ...] = ()


def find(cloud: Cloud, words: str) -> Source:
    """The project's volume with this id or name. Raises NotFound, BadInput that names `volume`, a CloudError."""
    known = data_volumes.volumes(cloud)
    found = [one for one in known if one["id"] == words] or [one for one in known if one["name"] == words]
    if not found:
        raise NotFound(f"volume: this project has no volume called '{words[:60]}'.", field="volume")
    if len(found) > 1:
        ids = ", ".join(one["id"] for one in found[:10])
        said = f"volume: {len(found)} volumes are called '{words[:60]}': say the id of one, {ids}."
        raise BadInput(said, field="volume")
    return _source(found[0])


def read(cloud: Cloud, volume_id: str) -> Source | None:
    """The volume as it is now, None where it is gone: one call. Raises a CloudError."""
    try:
        row = cloud.get("block-storage", f"/volumes/{volume_id}")["volume"]
    except cloud_errors.NotFound:
        return None
    return _source(values.row(row, services.VOLUME))


def _source(row: data_volumes.Volume) -> Source:
    servers = tuple(one["server_id"] for one in row["attachments"] if one["server_id"])
    kind = values.text(row.get("volume_type"))
    return Source(row["id"], row["name"] or row["id"], row["size"], row["status"], kind, servers)
