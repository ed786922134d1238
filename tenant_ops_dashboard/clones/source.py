"""The volume that is offered, as its owner's Cinder tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tenant_ops_dashboard.clones.errors import BadInput, NotFound
from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.sentences import about, say

#: Cinder copies a volume in these states (`create_volume` of its volume/flows/api/create_volume.py).
COPIED = ("available", "in-use")


@dataclass(frozen=True)
class Source:
    """A volume; `size` in GB, `type` the name of its volume type, `servers` the ids of those it is attached to.

    `environment` is the name of the environment by which it was found, '' where it was named itself.
    `bootable` is Cinder's word for a system disk (its API reference, 'Show a volume's details'): one that was made of
    an image, or that somebody said it of. A copy of it is bootable, too, and stays so when it is transferred.
    """

    id: str
    name: str
    size: int
    status: str
    type: str = ""
    servers: tuple[str, ...] = ()
    environment: str = ""
    bootable: bool = False


def find(cloud: Cloud, words: str) -> Source:
    """The project's volume with this id or name, or that of the environment with this id or name which has just one.

    Raises NotFound, BadInput that names `volume`, a CloudError.
    """
    known = data_volumes.volumes(cloud)
    found = [one for one in known if one["id"] == words] or [one for one in known if one["name"] == words]
    stands = _environment(cloud, known, words) if not found or found[0]["id"] != words else None
    if stands is not None:
        return _of(stands, data_volumes.of(known, stands.id), found)
    if not found:
        said = about(
            "volume",
            say("this project has no volume, and no environment with data, called '{words}'.", words=words[:60]),
        )
        raise NotFound(said, field="volume")
    if len(found) > 1:
        ids = ", ".join(one["id"] for one in found[:10])
        said = about(
            "volume",
            say("{n} volumes are called '{words}': say the id of one, {ids}.", n=len(found), words=words[:60], ids=ids),
        )
        raise BadInput(said, field="volume")
    return _source(found[0])


def read(cloud: Cloud, volume_id: str) -> Source | None:
    """The volume as it is now, None where it is gone: one call. Raises a CloudError."""
    try:
        row = cloud.get("block-storage", f"/volumes/{volume_id}")["volume"]
    except cloud_errors.NotFound:
        return None
    return _source(values.row(row, services.VOLUME))


def environments(cloud: Cloud, known: Sequence[data_volumes.Volume]) -> dict[str, tuple[str, int]]:
    """The project's environments that have just one data volume, which can be copied: by name its id, and GB of data.

    Where there may be any it is one call. Raises a CloudError.
    """
    if not cloud.has("orchestration") or not any(map(data_volumes.owner, known)):
        return {}
    found = [(one, data_volumes.of(known, one.id)) for one in stack.environments(cloud)]
    return {one.name: (one.id, own[0]["size"]) for one, own in found if len(own) == 1 and own[0]["status"] in COPIED}


def _environment(cloud: Cloud, known: Sequence[data_volumes.Volume], words: str) -> stack.Stack | None:
    """The environment of this id or name, where a volume says that it is one's; asked of Heat then alone."""
    marks = [one["metadata"] for one in known if data_volumes.owner(one)]
    owners = {mark.get(name) for mark in marks for name in (data_volumes.OWNER, data_volumes.NAME)}
    if words not in owners or not cloud.has("orchestration"):
        return None
    try:
        return stack.find(cloud, words)
    except NotFound:
        return None


def _of(stands: stack.Stack, own: Sequence[data_volumes.Volume], named: Sequence[data_volumes.Volume]) -> Source:
    """The one data volume of an environment, where no other volume has its name. Raises BadInput, NotFound."""
    if not own and not named:
        raise NotFound(
            about("volume", say("the environment '{stands}' has no data volume.", stands=stands.name)), field="volume"
        )
    ids = ", ".join(one["id"] for one in own[:10])
    if named and [one["id"] for one in named] != [one["id"] for one in own]:
        said = about(
            "volume",
            say(
                "a volume and an environment are called '{stands}': say the id of the volume, {id}, or that of the "
                "environment, {stands_id}.",
                stands=stands.name,
                id=named[0]["id"],
                stands_id=stands.id,
            ),
        )
        raise BadInput(said, field="volume")
    if len(own) > 1:
        said = about(
            "volume",
            say(
                "the environment '{stands}' has {n} data volumes: say the id of one, {ids}.",
                stands=stands.name,
                n=len(own),
                ids=ids,
            ),
        )
        raise BadInput(said, field="volume")
    return replace(_source(own[0]), environment=stands.name)


def _source(row: data_volumes.Volume) -> Source:
    servers = tuple(one["server_id"] for one in row["attachments"] if one["server_id"])
    kind = values.text(row.get("volume_type"))
    boots = row["bootable"] == "true"
    return Source(row["id"], row["name"] or row["id"], row["size"], row["status"], kind, servers, bootable=boots)
