"""What the project that has a clone asks for once it is there: newer data, under the same offer and the same lease."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import build
from tenant_ops_dashboard.clones import refresh as refreshing
from tenant_ops_dashboard.clones.errors import InTheWay
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_one import OfOne
from tenant_ops_dashboard.sentences import say


def refresh(cloud: Cloud, words: str, now: datetime.datetime) -> Clone:
    """Have it made anew of the source as it is now: the project that asked for it may. Its present data goes.

    Raises NotAllowed, NotFound, InTheWay where it is not ready or its offer was withdrawn, NotKept.
    """
    with records.kept():
        return perform(Refresh(cloud, words, now))


class Refresh(OfOne):
    """Newer data under the same name, with the same end, server and address."""

    name = "clones.refresh"
    action = "update"
    destroys = True
    does = "refreshes"

    def prepare(self) -> Clone | None:
        self.clone = clone = self.find_held()
        if clone.renewal is not None and clone.step not in ("undo", "end"):
            self.underway = True
            return clone
        if clone.served:
            raise InTheWay(
                say("It is served by its owner, and made once: for newer data release it and ask for another.")
            )
        if build.boots(clone):
            raise InTheWay(build.FIXED)
        over = clone.expires_at is not None and clone.expires_at <= self.now
        if clone.state != "ready" or over:
            raise InTheWay(
                say(
                    "It is {what}: a clone is refreshed while it is ready.",
                    what=say("at its end") if over else clone.state,
                )
            )
        if not clone.offer.open:
            raise InTheWay(
                say(
                    "'{source_name}' is offered no more: there is no newer data of it. The clone stays until its "
                    "lease ends.",
                    source_name=clone.offer.source_name,
                )
            )
        self.before = {"data_at": clone.data_at.isoformat() if clone.data_at else ""}
        self.says = f"the volume {clone.volume_id} goes once the new copy is in its place"
        return None

    def send(self) -> Clone:
        return records.save(self.clone, **refreshing.begin(self.clone, self.now))

    def settled(self, made: Clone) -> bool:
        found = records.by_id(self.cloud, made.id)
        return found is not None and found.refreshed_at is not None and found.refreshed_at >= self.now
