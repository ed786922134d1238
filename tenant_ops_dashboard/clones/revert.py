"""Back to how it was handed over: a snapshot is kept of the copy, and Cinder brings the volume back to it.

Cinder does that to a volume that no server has, and to its latest snapshot alone (its API reference, 'Revert volume to
snapshot'): the server that has it loses it for some seconds.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.clones import markers, reclaim
from tenant_ops_dashboard.clones.access import REQUEST
from tenant_ops_dashboard.clones.errors import Failed, Parked
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.clones.reverting import Reverting
from tenant_ops_dashboard.cloud import Cloud, NotFound, OverQuota, Unreachable
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import join, say

#: Cinder's first microversion with 'revert'.
REVERTS = "3.40"
#: Seconds that a server may take to let its volume go, or to have it again; Nova asks a guest for some minutes.
PATIENCE = 600.0
NOT_REVERTED = say("It was not brought back:")
_WAITS: Mapping[str, Any] = {"state": "refreshing", "says": ""}


def keep(cloud: Cloud, clone: Clone) -> str:
    """One look and one act: the id of the snapshot that it can go back to, '' while it is made.

    Raises Failed, Parked where there is no room for it, a CloudError.
    """
    found = markers.baselines(cloud, clone)
    if found and found[0]["status"] == "error":
        raise Failed(say("Cinder could not make a snapshot of the copy {volume_id}.", volume_id=clone.volume_id))
    if found:
        return str(found[0]["id"]) if found[0]["status"] == "available" else ""
    try:
        perform(Keep(cloud, clone))
    except OverQuota as error:
        raise Parked(
            say(
                "The project {project_name} has no room for the snapshot that the clone can go back to. Delete "
                "something there, or ask your operator for more quota.",
                project_name=cloud.project_name,
            ),
            error.request_id,
        ).only(cloud, error.detail) from error
    return ""


def begin(clone: Clone, now: datetime.datetime) -> dict[str, Any]:
    """What a clone that is ready becomes."""
    return {"state": "refreshing", "step": "detach", "says": "", "began": now, "reverting": Reverting()}


def detach(cloud: Cloud, clone: Clone, now: datetime.datetime) -> Mapping[str, Any]:
    """The server that has it loses it; which one that is, is kept before."""
    row, asked = markers.read(cloud, clone.volume_id), clone.reverting or Reverting()
    if row is None:
        return _over(clone, say("{not_reverted} its volume is gone.", not_reverted=NOT_REVERTED), now)
    servers = [one["server_id"] for one in row["attachments"] if one["server_id"]]
    if row["status"] == "available":
        return {**_WAITS, "step": "revert"}
    if row["status"] != "in-use":
        return (
            _WAITS
            if row["status"] in reclaim.PASSING
            else _off(asked, now, say("its volume is {status}.", status=row["status"]))
        )
    if len(servers) != 1:
        return _off(asked, now, say("several servers have its volume."))
    if not asked.server:
        return {**_WAITS, "reverting": replace(asked, server=servers[0], device=_device(cloud, servers[0], row["id"]))}
    if _late(clone, now):
        return _off(asked, now, say("the server {server} does not let its volume go.", server=asked.server))
    try:
        reclaim.detach(cloud, clone, row)
    except Parked as error:
        return _off(asked, now, error.sentence)
    return _WAITS


def revert(cloud: Cloud, clone: Clone, now: datetime.datetime) -> Mapping[str, Any]:
    """Done twice it is the same: nobody has the volume meanwhile."""
    row, asked = markers.read(cloud, clone.volume_id), clone.reverting or Reverting()
    if row is None:
        return _over(clone, say("{not_reverted} its volume is gone.", not_reverted=NOT_REVERTED), now)
    if row["status"] == "available":
        kept = [one for one in markers.baselines(cloud, clone) if one["id"] == clone.baseline_id]
        if not kept:
            return _off(asked, now, say("the snapshot of how it was handed over is gone."))
        if kept[0]["status"] != "available":
            # Asked for meanwhile, Cinder leaves the volume 'reverting' for ever.
            said = say("its snapshot is {status}.", status=kept[0]["status"])
            return _WAITS if kept[0]["status"] == "restoring" else _off(asked, now, said)
        try:
            perform(Revert(cloud, clone))
        except Unreachable:
            raise
        except TenantOpsError as error:
            return _off(asked, now, error.sentence)
    elif row["status"] != "reverting":
        return (
            _WAITS
            if row["status"] in reclaim.PASSING
            else _off(asked, now, say("its volume is {status}.", status=row["status"]))
        )
    return {**_WAITS, "step": "attach", "began": now}


def attach(cloud: Cloud, clone: Clone, now: datetime.datetime) -> Mapping[str, Any]:
    """The server that had it has it again. Raises Parked."""
    row, asked = markers.read(cloud, clone.volume_id), clone.reverting or Reverting()
    if row is None:
        return _over(clone, say("{not_reverted} its volume is gone.", not_reverted=NOT_REVERTED), now)
    if row["status"] in reclaim.PASSING:
        return _WAITS
    if row["status"] not in ("available", "in-use"):
        raise Parked(
            say("Its volume is {status}: ask your operator to look at it, or release the clone.", status=row["status"])
        )
    if row["status"] == "available" and asked.server:
        try:
            perform(Attach(cloud, clone, asked))
        except NotFound:
            return _over(clone, say("The server {server} is gone that had its volume.", server=asked.server), now)
        except Unreachable:
            raise
        except TenantOpsError as error:
            raise Parked(
                say(
                    "Its volume cannot be attached to the server {server} again: {error}",
                    server=asked.server,
                    error=error.sentence,
                )
            ) from error
        if _late(clone, now):
            raise Parked(
                say(
                    "The server {server} does not get its volume again: look at it, or release the clone.",
                    server=asked.server,
                )
            )
        return _WAITS
    return _over(clone, join(" ", (NOT_REVERTED, asked.why)) if asked.why else "", now)


def _late(clone: Clone, now: datetime.datetime) -> bool:
    return (now - (clone.began or now)).total_seconds() > PATIENCE


def _over(clone: Clone, says: str, now: datetime.datetime) -> Mapping[str, Any]:
    return {"state": "ready", "step": "", "says": says, "began": now, "reverting": None}


def _off(asked: Reverting, now: datetime.datetime, why: str) -> Mapping[str, Any]:
    """It is given up; who had the volume has it again."""
    return {**_WAITS, "step": "attach", "began": now, "reverting": replace(asked, why=why)}


def _device(cloud: Cloud, server: str, volume_id: str) -> str:
    known = cloud.pages("compute", f"/servers/{server}/os-volume_attachments", "volumeAttachments")
    return next((str(one.get("device") or "") for one in known if one.get("volumeId") == volume_id), "")


class Keep(Change[str]):
    """A snapshot of the copy as it was handed over, in the project that has it; its id."""

    name = "clones.keep"
    rule = REQUEST
    action = "create"
    kind = "snapshot"
    patience = 2.0

    def __init__(self, cloud: Cloud, clone: Clone) -> None:
        super().__init__(cloud)
        self.clone = clone
        self.target = Target("", clone.name)

    def send(self) -> str:
        body = {
            "volume_id": self.clone.volume_id, "name": f"{self.clone.name}-as-copied"[:255], "force": True,
            "metadata": {markers.BASELINE: self.clone.id},
        }  # fmt: skip
        made = self.cloud.post("block-storage", "/snapshots", {"snapshot": body})["snapshot"]
        self.target = Target(str(made["id"]), self.clone.name)
        return str(made["id"])

    def happened(self) -> str | None:
        found = markers.baselines(self.cloud, self.clone)
        return str(found[0]["id"]) if found else None


class Revert(Change[bool]):
    """The volume is as the snapshot says; what was written since is lost."""

    name = "clones.revert_volume"
    rule = REQUEST
    action = "update"
    kind = "volume"
    destroys = True

    def __init__(self, cloud: Cloud, clone: Clone) -> None:
        super().__init__(cloud)
        self.snapshot = clone.baseline_id
        self.target = Target(clone.volume_id, clone.name)
        self.says = f"to the snapshot {self.snapshot}"

    def send(self) -> bool:
        body = {"revert": {"snapshot_id": self.snapshot}}
        self.cloud.post("block-storage", f"/volumes/{self.target.id}/action", body, REVERTS)
        return True

    def happened(self) -> bool | None:
        row = markers.read(self.cloud, self.target.id)
        return True if row and row["status"] == "reverting" else None


class Attach(Change[bool]):
    """The server has its volume again, as the same device where the hypervisor lets one say so."""

    name = "clones.attach"
    rule = REQUEST
    action = "update"
    kind = "server"

    def __init__(self, cloud: Cloud, clone: Clone, asked: Reverting) -> None:
        super().__init__(cloud)
        self.clone, self.device = clone, asked.device
        self.target = Target(asked.server)
        self.says = f"the volume {clone.volume_id} of the clone {clone.name}"

    def send(self) -> bool:
        what = {"volumeId": self.clone.volume_id, **({"device": self.device} if self.device else {})}
        path = f"/servers/{self.target.id}/os-volume_attachments"
        self.cloud.post("compute", path, {"volumeAttachment": what})
        return True

    def happened(self) -> bool | None:
        row = markers.read(self.cloud, self.clone.volume_id)
        return True if row and any(one["server_id"] == self.target.id for one in row["attachments"]) else None
