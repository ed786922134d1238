"""What the project that has a clone asks for where it was asked for as revertible: back to how it was handed over."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import build
from tenant_ops_dashboard.clones import revert as reverting
from tenant_ops_dashboard.clones.errors import InTheWay
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_one import OfOne
from tenant_ops_dashboard.sentences import say


def revert(cloud: Cloud, words: str, now: datetime.datetime) -> Clone:
    """Bring its data back to how it was handed over: the project that asked for it may.

    Raises NotAllowed, NotFound, InTheWay where it is not ready or keeps no snapshot, NotKept.
    """
    with records.kept():
        return perform(Revert(cloud, words, now))


class Revert(OfOne):
    """What was written to it since is lost; all else stays."""

    name = "clones.revert"
    action = "update"
    destroys = True
    does = "reverts"

    def prepare(self) -> Clone | None:
        self.clone = clone = self.find_held()
        if clone.reverting is not None and clone.step != "end":
            self.underway = True
            return clone
        if build.boots(clone):
            raise InTheWay(build.FIXED)
        over = clone.expires_at is not None and clone.expires_at <= self.now
        if clone.state != "ready" or over:
            raise InTheWay(
                say(
                    "It is {what}: a clone is reverted while it is ready.",
                    what=say("at its end") if over else clone.state,
                )
            )
        if not clone.baseline_id:
            raise InTheWay(say("No snapshot of it was kept: it was not asked for as revertible."))
        self.says = f"the volume {clone.volume_id} to the snapshot {clone.baseline_id}"
        return None

    def send(self) -> Clone:
        return records.save(self.clone, **reverting.begin(self.clone, self.now))

    def settled(self, made: Clone) -> bool:
        found = records.by_id(self.cloud, made.id)
        return found is not None and found.version > made.version and found.state == "ready"
