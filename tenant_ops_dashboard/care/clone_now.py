"""A clone whose time is over is taken back by a person, where the job that does it is away: one short round of it.

It is done with his own login, so it reaches what is in his own project; all else is left to the job.
"""

from __future__ import annotations

import contextlib
import datetime
import time
import uuid
from typing import Any

from tenant_ops_dashboard.care.clones import LEASE, NAME
from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import build, markers, refresh, steps, whereabouts
from tenant_ops_dashboard.clones import reclaim as reclaim_volumes
from tenant_ops_dashboard.clones.access import DECIDE
from tenant_ops_dashboard.clones.errors import BadInput, InTheWay, NotAllowed, NotFound
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clones, notes
from tenant_ops_dashboard.records.clone_one import OfOne
from tenant_ops_dashboard.sentences import say

#: The job shows that it is there more often than this.
QUIET = datetime.timedelta(seconds=60)
#: Of the seconds that a page's calls may take, the part in which one look follows another; seconds between two.
SHARE, PAUSE = 0.5, 0.5


def late(clone: Clone, now: datetime.datetime) -> bool:
    """Whether it is to be taken away: its time is over, it was released, or denied."""
    over = clone.expires_at is not None and clone.expires_at <= now
    return not clone.ended and (clone.step == "end" or over)


def here(clone: Clone, project_id: str) -> bool:
    """Whether what is left of it is in this project: whose it is once it was handed over, else its owner's."""
    return project_id == (clone.project_id if clone.handed_at and not clone.served else clone.offer.project_id)


def reclaim(cloud: Cloud, words: str, now: datetime.datetime) -> Clone:
    """One short round; as the clone is then, and `says` how far that is. Safe to repeat.

    Raises NotAllowed, NotFound, InTheWay where its time is not over or others do it, NotKept, a CloudError.
    """
    with clones.kept():
        return perform(_change(cloud, words, now))


class _Elsewhere(Exception):
    """This login does not reach what is asked for."""


class ReclaimNow(OfOne):
    """What is left of a clone in this project goes, with the login of who asked for that."""

    name = "clones.reclaim_now"
    action = "delete"
    destroys = True

    def prepare(self) -> Clone | None:
        cloud, clone = self.cloud, self.find()
        self.clone = clone
        if clone.ended:
            return clone
        if not late(clone, self.now):
            raise InTheWay(
                say("The time of '{clone}' is not over: release it, and it is taken away.", clone=clone.name)
            )
        beat = clones.last_beat(cloud.region)
        if beat is not None and self.now - beat <= QUIET:
            raise InTheWay(
                say("The job that takes clones away runs, and takes '{clone}' away by itself.", clone=clone.name)
            )
        if not here(clone, cloud.project_id):
            other = clone.offer.project_name if cloud.project_id == clone.project_id else clone.project_name
            raise InTheWay(
                say(
                    "What is left of '{clone}' is in {other}: somebody there may take it back now.",
                    clone=clone.name,
                    other=other,
                )
            )
        self.before, self.after = {"state": clone.state}, {"state": clone.outcome}
        return None

    def send(self) -> Clone:
        holder, lease = f"page.{uuid.uuid4()}", clones.of_region(NAME, self.cloud.region)
        if notes.take("", lease, holder, self.now, LEASE) is None:
            raise InTheWay(say("Somebody takes clones away at this moment: look again in a minute."))
        try:
            return self._round()
        finally:
            notes.leave("", lease, holder, self.now, {})

    def settled(self, made: Clone) -> bool:
        found = clones.by_id(self.cloud, made.id)
        return found is not None and found.ended

    def _round(self) -> Clone:
        clone, end = self.clone, time.monotonic() + (self.cloud.options.budget or 10.0) * SHARE
        if clone.step == "":
            clone = clones.save(clone, state="expiring", step="end", outcome="released", began=self.now, says="")
        while True:
            changes, done = self._look(clone)
            if changes.get("state") == "orphaned":
                # That this login may not do it says nothing of the authority that the job has.
                raise NotAllowed(changes.get("says", ""))
            clone = clones.save(clone, **changes) if changes else clone
            if done or clone.ended or clone.state == "parked" or time.monotonic() >= end:
                return clone
            time.sleep(PAUSE)

    def _look(self, clone: Clone) -> tuple[dict[str, Any], bool]:
        """What is another one after one look, and whether nothing more is to do in this project."""
        cloud = self.cloud

        def login(project_id: str) -> Cloud:
            if project_id != cloud.project_id:
                raise _Elsewhere
            return cloud

        hands = steps.Hands(lambda: login(clone.offer.project_id), lambda: login(clone.project_id))
        try:
            return dict(refresh.advance(clone, hands, self.now)), False
        except _Elsewhere:
            if found := markers.held(cloud, clone):
                if whereabouts.asked(clone):
                    return dict(whereabouts.seen(clone)), False
                # The other project's part comes first where newer data was on its way: this one does not wait for it.
                own = clone.get in build.BUILT and clone.project_id == cloud.project_id
                if not own or build.take_away(cloud, clone):
                    reclaim_volumes.clear(cloud, clone, found)
                return {}, False
            said = say(
                "Nothing of it is left in {project_name}: the job that makes clones ends it.",
                project_name=cloud.project_name,
            )
            return {"says": said} if said != clone.says else {}, True


class ReclaimOwners(ReclaimNow):
    """The same by whose data it is: he decides."""

    rule = DECIDE


def _change(cloud: Cloud, words: str, now: datetime.datetime) -> ReclaimNow:
    with contextlib.suppress(NotFound, BadInput):
        if clones.clone(cloud, words).project_id != cloud.project_id:
            return ReclaimOwners(cloud, words, now)
    return ReclaimNow(cloud, words, now)
