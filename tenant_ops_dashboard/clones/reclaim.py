"""Everything of a clone goes, in one project: what is attached is detached first, what is offered is taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.clones import hand_over, markers
from tenant_ops_dashboard.clones.access import REQUEST
from tenant_ops_dashboard.clones.errors import Parked
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import BadRequest, Cloud, Conflict, NotAllowed
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import say

#: Cinder deletes a volume in these states (`delete` of its volume/api.py).
FREE = ("available", "error", "error_restoring", "error_extending", "error_managing")
#: In these it is on its way to another one by itself.
PASSING = ("creating", "deleting", "detaching", "attaching", "backing-up", "uploading", "downloading", "extending",
           "retyping", "maintenance", "reserved", "restoring-backup", "reverting")  # fmt: skip


def reclaim(cloud: Cloud, clone: Clone) -> bool:
    """One step towards nothing of the clone in the login's project; whether nothing is there.

    Raises Parked with what a person has to do, a CloudError.
    """
    return clear(cloud, clone, markers.held(cloud, clone))


def clear(cloud: Cloud, clone: Clone, found: Sequence[markers.Row]) -> bool:
    """The same with these volumes of it alone. Raises as `reclaim`."""
    for row in found:
        if row["status"] == "in-use":
            detach(cloud, clone, row)
        elif row["status"] == "awaiting-transfer":
            hand_over.take_back(cloud, clone, row["id"])
        elif row["status"] in FREE:
            remove(cloud, clone, row)
        elif row["status"] not in PASSING:
            raise Parked(
                say(
                    "The volume {name} ({id}) in {project_name} is {status}, and Cinder does not delete it so: ask "
                    "your operator to reset its state.",
                    name=row["name"] or row["id"],
                    id=row["id"],
                    project_name=cloud.project_name,
                    status=row["status"],
                )
            )
    return not found


def none_left(owner: Callable[[], bool], holder: Callable[[], bool]) -> bool:
    """Whether nothing is left in either project. The owner's comes first: his source may stand still.

    Whatever hinders that, the other project keeps nothing. Raises what either raises, the holder's where both do.
    """
    try:
        here = owner()
    except TenantOpsError:
        holder()
        raise
    return holder() and here


def detach(cloud: Cloud, clone: Clone, row: markers.Row) -> None:
    """Have Nova take it off every server that has it. Raises Parked, a CloudError."""
    for server in (one["server_id"] for one in row["attachments"] if one["server_id"]):
        try:
            perform(Detach(cloud, clone, row["id"], server))
        except (BadRequest, Conflict, NotAllowed) as error:
            raise Parked(
                say(
                    "The server {server} in {project_name} holds the volume {name} and does not let it go "
                    "({detail}): delete that server.",
                    server=server,
                    project_name=cloud.project_name,
                    name=row["name"] or row["id"],
                    detail=error.detail,
                ),
                error.request_id,
            ) from error


def remove(cloud: Cloud, clone: Clone, row: markers.Row) -> None:
    """Have Cinder delete one volume of the clone. Raises Parked with Cinder's words, a CloudError."""
    try:
        perform(Remove(cloud, clone, row["id"]))
    except BadRequest as error:
        raise Parked(
            say(
                "Cinder does not delete the volume {name} in {project_name}: {detail}",
                name=row["name"] or row["id"],
                project_name=cloud.project_name,
                detail=error.detail,
            ),
            error.request_id,
        ) from error


class Detach(Change[bool]):
    """A server of the holder's loses the volume, as a disk that is pulled: its lease ended."""

    name = "clones.detach"
    rule = REQUEST
    action = "update"
    kind = "server"
    destroys = True

    def __init__(self, cloud: Cloud, clone: Clone, volume_id: str, server_id: str) -> None:
        super().__init__(cloud)
        self.volume_id = volume_id
        self.target = Target(server_id)
        self.says = f"the volume {volume_id} of the clone {clone.name}"

    def send(self) -> bool:
        self.cloud.delete("compute", f"/servers/{self.target.id}/os-volume_attachments/{self.volume_id}")
        return True


class Remove(Change[bool]):
    """A volume of the clone goes, with the snapshots that were made of it."""

    name = "clones.remove"
    rule = REQUEST
    action = "delete"
    kind = "volume"
    destroys = True

    def __init__(self, cloud: Cloud, clone: Clone, volume_id: str) -> None:
        super().__init__(cloud)
        self.target = Target(volume_id, clone.name)

    def send(self) -> bool:
        self.cloud.delete("block-storage", f"/volumes/{self.target.id}?cascade=true")
        return True
