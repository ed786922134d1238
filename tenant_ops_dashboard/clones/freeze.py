"""A consistent moment: the source's server is paused or stopped, its volume snapshotted, the server resumed.

Whatever happens in between, the server is resumed: a key in its metadata says which clone holds it and until when, and
who finds the key after that time resumes it before doing anything else. A locked server is left alone: whoever may
unlock it would override the one who locked it (Nova's API reference, 'Lock server').
"""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.access import OFFER
from tenant_ops_dashboard.clones.errors import Failed, Parked
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict, NotFound, OverQuota, values
from tenant_ops_dashboard.cloud.values import Shape, switch, text, texts
from tenant_ops_dashboard.sentences import say

KEY = "tenant_ops_paused"
#: Seconds that a source is away at most, and between two looks meanwhile.
LONGEST, PAUSE = 60.0, 0.15
#: For how many seconds at most it is seen to that a source goes on where that cannot wait for another look.
RESUMED = 10.0
_TASK = "OS-EXT-STS:task_state"
_SERVER: Shape = {"id": text, "name": text, "status": text, "metadata": texts, _TASK: text}
#: By consistency: what is sent, the status that it leads to, and what undoes it (Nova's API reference, server actions).
_HOW: Mapping[str, tuple[str, str, str]] = {
    "paused": ("pause", "PAUSED", "unpause"), "stopped": ("os-stop", "SHUTOFF", "os-start"),
}  # fmt: skip
_BACK = {away: back for _verb, away, back in _HOW.values()}


@dataclass(frozen=True)
class Server:
    """A server that has the source; `key` is what `KEY` says in its metadata.

    `task` is what Nova is about to do with it, '' for nothing: it is not paused yet while it is being paused.
    """

    id: str
    name: str
    status: str
    locked: bool
    key: str
    task: str = ""

    def held_by(self, clone: Clone) -> bool:
        return self.key.partition(",")[0] == clone.id

    def over(self, now: datetime.datetime) -> bool:
        """Whether the time that the key allows is over; a key that nobody can read allows none."""
        end = values.moment(self.key.partition(",")[2])
        return end is None or end <= now


def freeze(cloud: Cloud, clone: Clone, server_id: str) -> markers.Row:
    """The snapshot of the source at one moment; its server runs again by then, or was not running before.

    Takes as long as the snapshot, `LONGEST` seconds at most, in which the server is away. Raises Parked, Failed, a
    CloudError; the server is resumed first, where OpenStack answers.
    """
    end = time.monotonic() + LONGEST
    try:
        while True:
            found = _step(cloud, clone, server_id)
            if found is not None:
                return found
            if time.monotonic() > end:
                raise Failed(
                    say("The snapshot was not made within {longest:.0f} s; the source was resumed.", longest=LONGEST)
                )
            time.sleep(PAUSE)
    except BaseException:
        # Whoever is stopped here may not be followed by another one soon.
        with contextlib.suppress(CloudError, Parked):
            end = time.monotonic() + RESUMED
            while not resume(cloud, clone, server_id) and time.monotonic() < end:
                time.sleep(PAUSE)
        raise


def resume_all(cloud: Cloud, clone: Clone, but: Sequence[str] = ()) -> bool:
    """Every server that this clone holds goes on, whether it has the source still or not; whether none is held.

    Those of the ids in `but` are left as they are. Raises Parked where one is locked, a CloudError.
    """
    known = values.rows(cloud.pages("compute", "/servers/detail", "servers"), _SERVER)
    held = [one["id"] for one in known if one["metadata"].get(KEY, "").partition(",")[0] == clone.id]
    gone_on = [resume(cloud, clone, one) for one in held if one not in but]
    return all(gone_on)


def resume(cloud: Cloud, clone: Clone, server_id: str) -> bool:
    """Let the source's server go on where this clone holds it; whether nothing holds it any more.

    Raises Parked where somebody locked it meanwhile, a CloudError.
    """
    server = read(cloud, server_id)
    if server is None or not server.held_by(clone):
        return True
    if server.task:
        return False
    _verb, away, back = _HOW[clone.offer.terms.consistency]
    if server.status != away:
        # Whatever became of it meanwhile (rescued, in error, stopped by somebody), it does not stand still for us.
        perform(Unmark(cloud, clone, server))
        return True
    if server.locked:
        raise Parked(
            say(
                "The server that has {source_name} was locked while it was {consistency} for the copy, and so stands "
                "still: unlock it, and it goes on.",
                source_name=clone.offer.source_name,
                consistency=clone.offer.terms.consistency,
            )
        ).only(cloud, say("It is the server {server} ({server_id}).", server=server.name, server_id=server.id))
    perform(Act(cloud, clone, server, back))
    return False


def read(cloud: Cloud, server_id: str) -> Server | None:
    """The server as it is now, None where it is gone: one call."""
    try:
        raw = cloud.get("compute", f"/servers/{server_id}", "2.9")["server"]
    except NotFound:
        return None
    row = values.row(raw, _SERVER)
    locked, key = switch(raw.get("locked", False)), row["metadata"].get(KEY, "")
    return Server(row["id"], row["name"], row["status"], locked, key, row[_TASK])


def _step(cloud: Cloud, clone: Clone, server_id: str) -> markers.Row | None:
    """One look and one act; the snapshot once it is there and the server runs again."""
    server = read(cloud, server_id)
    if server is None:
        raise Failed(say("The server that has the volume {source_name} is gone.", source_name=clone.offer.source_name))
    verb, away, _back = _HOW[clone.offer.terms.consistency]
    taken = next(iter(markers.snapshots(cloud, clone)), None)
    mine = server.held_by(clone)
    if taken is not None and taken["status"] == "error":
        resume(cloud, clone, server_id)
        raise Failed(say("Cinder could not make a snapshot of {source_name}.", source_name=clone.offer.source_name))
    if taken is not None and taken["status"] == "available":
        return taken if resume(cloud, clone, server_id) else None
    if mine and server.status == away and taken is None:
        try:
            perform(Snapshot(cloud, clone))
        except OverQuota as error:
            # The source would be paused again with every look that waits for room.
            raise Failed(
                say(
                    "The project {project_name} has no room for a snapshot: delete something there, or ask your "
                    "operator for more quota.",
                    project_name=cloud.project_name,
                ),
                error.request_id,
            ).only(cloud, error.detail) from error
    elif mine and server.status == "ACTIVE" and not server.task:
        perform(Act(cloud, clone, server, verb))
    elif not mine:
        _begin(cloud, clone, server)
    return None


def _begin(cloud: Cloud, clone: Clone, server: Server) -> None:
    if server.locked:
        said = say(
            "The server that has {source_name} is locked: unlock it, and the copy goes on.",
            source_name=clone.offer.source_name,
        )
        raise Parked(said).only(
            cloud, say("It is the server {server} ({server_id}).", server=server.name, server_id=server.id)
        )
    if server.task:
        return
    if server.key and not server.over(cloud.now()):
        return  # another copy holds it for a moment
    if server.key and server.status in _BACK:
        # Whoever held it does not come back.
        perform(Act(cloud, clone, server, _BACK[server.status]))
        return
    if server.status != "ACTIVE":
        raise Parked(
            say(
                "The server that has {source_name} is {status}, and is {consistency} for the copy only while it "
                "runs: start it, or stop it and detach its volume.",
                source_name=clone.offer.source_name,
                status=server.status,
                consistency=clone.offer.terms.consistency,
            )
        ).only(cloud, say("It is the server {server} ({server_id}).", server=server.name, server_id=server.id))
    perform(Mark(cloud, clone, server))


class Mark(Change[bool]):
    """The server says who is about to pause it, and until when: it stands there before it is paused."""

    name = "clones.mark_source"
    rule = OFFER
    action = "update"
    kind = "server"

    def __init__(self, cloud: Cloud, clone: Clone, server: Server) -> None:
        super().__init__(cloud)
        self.clone = clone
        self.target = Target(server.id, server.name)

    def send(self) -> bool:
        end = self.cloud.now() + datetime.timedelta(seconds=LONGEST)
        self.after = {KEY: f"{self.clone.id},{end.isoformat(timespec='seconds')}"}
        self.cloud.post("compute", f"/servers/{self.target.id}/metadata", {"metadata": dict(self.after)})
        return True

    def happened(self) -> bool | None:
        found = read(self.cloud, self.target.id)
        return True if found and found.held_by(self.clone) else None

    def settled(self, made: bool) -> bool:
        return bool(self.happened())


class Unmark(Change[bool]):
    """Nothing holds the server any more."""

    name = "clones.unmark_source"
    rule = OFFER
    action = "update"
    kind = "server"

    def __init__(self, cloud: Cloud, clone: Clone, server: Server) -> None:
        super().__init__(cloud)
        self.target = Target(server.id, server.name)

    def send(self) -> bool:
        self.cloud.delete("compute", f"/servers/{self.target.id}/metadata/{KEY}")
        return True

    def settled(self, made: bool) -> bool:
        found = read(self.cloud, self.target.id)
        return found is None or not found.key


class Act(Change[bool]):
    """A server is paused, stopped, or goes on; done already is done."""

    name = "clones.pause_source"
    rule = OFFER
    action = "update"
    kind = "server"

    def __init__(self, cloud: Cloud, clone: Clone, server: Server, act: str) -> None:
        super().__init__(cloud)
        self.act = act
        self.target = Target(server.id, server.name)
        self.says = f"{act.removeprefix('os-')}, for the clone {clone.name} of {clone.project_name}"

    def send(self) -> bool:
        try:
            self.cloud.post("compute", f"/servers/{self.target.id}/action", {self.act: None})
        except Conflict:
            # It is in that state, or on its way to it: the next look tells.
            return False
        return True


class Snapshot(Change[str]):
    """A snapshot of the source, marked with the clone's id; its id."""

    name = "clones.snapshot"
    rule = OFFER
    action = "create"
    kind = "snapshot"
    patience = 2.0

    def __init__(self, cloud: Cloud, clone: Clone) -> None:
        super().__init__(cloud)
        self.clone = clone
        self.target = Target("", clone.name)

    def send(self) -> str:
        body = {
            "volume_id": self.clone.offer.source_id, "name": self.clone.name, "force": True,
            "metadata": markers.marks(self.clone),
        }  # fmt: skip
        made = self.cloud.post("block-storage", "/snapshots", {"snapshot": body})["snapshot"]
        self.target = Target(str(made["id"]), self.clone.name)
        return str(made["id"])

    def happened(self) -> str | None:
        found = markers.snapshots(self.cloud, self.clone)
        return found[0]["id"] if found else None


class RemoveSnapshot(Change[bool]):
    """The snapshot goes once the copy is made: nothing of ours stays on the source."""

    name = "clones.remove_snapshot"
    rule = OFFER
    action = "delete"
    kind = "snapshot"
    destroys = True

    def __init__(self, cloud: Cloud, clone: Clone, snapshot_id: str) -> None:
        super().__init__(cloud)
        self.target = Target(snapshot_id, clone.name)

    def send(self) -> bool:
        self.cloud.delete("block-storage", f"/snapshots/{self.target.id}")
        return True


def tidy(cloud: Cloud, clone: Clone) -> bool:
    """Delete the clone's snapshots; whether none is left. Raises Parked, a CloudError."""
    found = markers.snapshots(cloud, clone, every=True)
    for one in found:
        if one["status"] in ("available", "error"):
            perform(RemoveSnapshot(cloud, clone, one["id"]))
        elif one["status"] == "error_deleting":
            raise Parked(
                say("Cinder failed to delete the snapshot {id}: ask your operator to reset its state.", id=one["id"])
            )
    return not found
