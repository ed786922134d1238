"""The copy itself: a volume that Cinder makes of the source in the owner's project."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.changes import Change, Target
from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.access import OFFER
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, CloudError


class Copy(Change[str]):
    """One volume of the source's bytes, marked with the clone's id from its first moment; its id.

    By `source_volid` (Cinder's API reference, 'Create a volume'): of a volume that is in use, too, in one step; or of
    the snapshot that was made while the source stood still. Cinder takes no token of the client's: who lost an answer
    looks for the mark.
    """

    name = "clones.copy"
    rule = OFFER
    action = "create"
    kind = "volume"
    patience = 5.0

    def __init__(self, owner: Cloud, clone: Clone) -> None:
        super().__init__(owner)
        self.clone = clone
        self.target = Target("", clone.name)
        self.says = f"of {clone.offer.source_name}, for {clone.project_name}"

    def prepare(self) -> str | None:
        return self.happened()

    def send(self) -> str:
        asked = self.clone
        body = {
            # Without a size it is the source's as it is now: somebody may have extended that.
            **_origin(asked), "name": asked.name,
            "description": f"Copy of {asked.offer.source_name} of {asked.offer.project_name}"[:255],
            "metadata": markers.marks(asked),
        }  # fmt: skip
        made: Any = self.cloud.post("block-storage", "/volumes", {"volume": body})["volume"]
        self.target = Target(str(made["id"]), asked.name)
        return str(made["id"])

    def happened(self) -> str | None:
        found = markers.volumes(self.cloud, self.clone)
        return found[0]["id"] if found else None


def _origin(asked: Clone) -> dict[str, str]:
    if asked.snapshot_id:
        return {"snapshot_id": asked.snapshot_id}
    return {"source_volid": asked.golden_id or asked.offer.source_id}


def why_failed(cloud: Cloud, volume_id: str) -> str:
    """Cinder's own words for a volume in error, or '' where it has none. One call."""
    try:
        found = cloud.pages("block-storage", "/messages", "messages", "3.5", resource_uuid=volume_id)
    except CloudError:
        return ""
    mine = [one for one in found if one.get("resource_uuid") == volume_id]
    return str(mine[0].get("user_message") or "") if mine else ""
