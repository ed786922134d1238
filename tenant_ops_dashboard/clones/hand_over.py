"""A volume goes to the asking project: one offers it, the other accepts, and nobody else ever has its key.

Cinder's API reference, 'Volume transfers': the key stands in the answer to the POST alone, a transfer has no end, and
only who gives it sees it.
"""

from __future__ import annotations

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.access import OFFER, REQUEST
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud

Key = tuple[str, str]
PATH = "/volume-transfers"


def hand_over(owner: Cloud, holder: Cloud, clone: Clone, volume_id: str) -> None:
    """Give the volume, which is `available` and has no snapshots, to the asking project. Size does not matter.

    Broken off in between it waits as `awaiting-transfer`: `take_back`, and again. Raises OverQuota where the asking
    project has no room, another CloudError.
    """
    transfer, key = perform(Give(owner, clone, volume_id))
    perform(Accept(holder, clone, transfer, key))


def take_back(giver: Cloud, clone: Clone, volume_id: str) -> None:
    """End every transfer of the volume that nobody accepted. Raises a CloudError."""
    for one in markers.transfers(giver, volume_id):
        perform(Withdraw(giver, clone, one["id"]))


class Give(Change[Key]):
    """A transfer of the owner's, and its key. Where the answer is lost nobody has the key: another one is made."""

    name = "clones.give"
    rule = OFFER
    action = "update"
    kind = "volume"

    def __init__(self, owner: Cloud, clone: Clone, volume_id: str) -> None:
        super().__init__(owner)
        self.clone = clone
        self.target = Target(volume_id, clone.name)
        self.says = f"to {clone.project_name}"

    def send(self) -> Key:
        asked = {"volume_id": self.target.id, "name": self.clone.id}
        made = self.cloud.post("block-storage", PATH, {"transfer": asked})["transfer"]
        return str(made["id"]), str(made["auth_key"])


class Accept(Change[bool]):
    """The asking project takes it."""

    name = "clones.accept"
    rule = REQUEST
    action = "update"
    kind = "volume"

    def __init__(self, holder: Cloud, clone: Clone, transfer: str, key: str) -> None:
        super().__init__(holder)
        self.clone, self.transfer, self.key = clone, transfer, key
        self.target = Target(clone.volume_id, clone.name)
        self.says = f"from {clone.offer.project_name}"

    def send(self) -> bool:
        self.cloud.post("block-storage", f"{PATH}/{self.transfer}/accept", {"accept": {"auth_key": self.key}})
        return True

    def happened(self) -> bool | None:
        return True if markers.handed(self.cloud, self.clone) else None

    def settled(self, made: bool) -> bool:
        return bool(self.happened())


class Withdraw(Change[bool]):
    """A transfer ends: the volume is the giver's as before."""

    name = "clones.withdraw_transfer"
    rule = REQUEST
    action = "delete"
    kind = "volume-transfer"

    def __init__(self, giver: Cloud, clone: Clone, transfer: str) -> None:
        super().__init__(giver)
        self.target = Target(transfer, clone.name)

    def send(self) -> bool:
        self.cloud.delete("block-storage", f"{PATH}/{self.target.id}")
        return True

    def settled(self, made: bool) -> bool:
        known = self.cloud.pages("block-storage", f"{PATH}/detail", "transfers")
        return all(one.get("id") != self.target.id for one in known)
