"""What is done to the data volumes of environments: kept after all, or removed with the delete that takes them."""

from __future__ import annotations

import contextlib

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import BadRequest, Cloud
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.data.volumes import Volume
from tenant_ops_dashboard.environments.errors import Blocked
from tenant_ops_dashboard.environments.heat import deletion, stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.sentences import join

# Cinder deletes a volume in these states (`delete` of its volume/api.py); in any other something still holds it.
_FREE = ("available", "error", "error_restoring", "error_extending", "error_managing")


class Keep(Change[tuple[str, ...]]):
    """Takes back that an environment's data goes, whether its stack stands, goes or is gone; the volumes' names."""

    name = "environments.keep"
    rule = "environments:delete"
    action = "update"
    kind = "environment-data"

    def __init__(self, cloud: Cloud, environment_id: str) -> None:
        super().__init__(cloud)
        self.target = Target(environment_id)

    def prepare(self) -> tuple[str, ...] | None:
        self.marked = data_volumes.marked(data_volumes.volumes(self.cloud), self.target.id)
        names = tuple(str(one.get("name") or one["id"]) for one in self.marked)
        self.target = Target(self.target.id, ", ".join(names))
        return None if names else ()

    def send(self) -> tuple[str, ...]:
        data_volumes.spare(self.cloud, self.marked)
        return tuple(str(one.get("name") or one["id"]) for one in self.marked)

    def happened(self) -> tuple[str, ...] | None:
        left = data_volumes.marked(data_volumes.volumes(self.cloud), self.target.id)
        return None if left else tuple(str(one.get("name") or one["id"]) for one in self.marked)

    def settled(self, made: tuple[str, ...]) -> bool:
        return not data_volumes.marked(data_volumes.volumes(self.cloud), self.target.id)


class RemoveVolume(Change[bool]):
    """Deletes one volume whose environment is gone; whether it was to go still.

    With `delete_id` only while it carries the mark of that very delete.
    """

    name = "environments.remove_volume"
    rule = "environments:launch"
    action = "delete"
    kind = "volume"
    destroys = True

    def __init__(self, cloud: Cloud, volume: Volume, delete_id: str = "") -> None:
        super().__init__(cloud)
        self.target = Target(str(volume["id"]), str(volume.get("name") or ""))
        self.delete_id = delete_id

    def prepare(self) -> bool | None:
        now = [one for one in data_volumes.volumes(self.cloud) if one["id"] == self.target.id]
        wished = not self.delete_id or any(data_volumes.goes_with(one, self.delete_id) for one in now)
        return None if now and wished else False

    def send(self) -> bool:
        try:
            self.cloud.delete("block-storage", f"/volumes/{self.target.id}")
        except BadRequest as error:
            # Somebody may have made a snapshot at this very moment.
            volume = {"id": self.target.id, "name": self.target.name}
            if told := data_volumes.held([volume], data_volumes.snapshots(self.cloud), going=True):
                raise Blocked(join(" ", told.values()), error.request_id) from error
            raise
        return True


class Claim(Change[bool]):
    """Writes into a volume that was there before which environment stands on it; whether the volume is there."""

    name = "environments.claim_volume"
    rule = "environments:launch"
    action = "update"
    kind = "volume"

    def __init__(self, cloud: Cloud, volume: Volume, environment_id: str, environment_name: str) -> None:
        super().__init__(cloud)
        self.target = Target(str(volume["id"]), str(volume.get("name") or ""))
        self.environment_id = environment_id
        self.metadata = {data_volumes.OWNER: environment_id, data_volumes.NAME: environment_name,
                         data_volumes.BROUGHT: environment_id}  # fmt: skip
        self.says = f"for {environment_name}"

    def prepare(self) -> bool | None:
        now = _now(self.cloud, self.target.id)
        if now is None:
            return False
        self.stale = bool(data_volumes.mark(now))
        return True if data_volumes.brought(now) == self.environment_id else None

    def send(self) -> bool:
        path = f"/volumes/{self.target.id}/metadata"
        if self.stale:
            # Of an environment that had it before.
            self.cloud.delete("block-storage", f"{path}/{data_volumes.MARK}")
        self.cloud.post("block-storage", path, {"metadata": self.metadata})
        return True

    def happened(self) -> bool | None:
        now = _now(self.cloud, self.target.id)
        return True if now is not None and data_volumes.brought(now) == self.environment_id else None

    def settled(self, made: bool) -> bool:
        return bool(self.happened())


class Release(Change[bool]):
    """Takes off a volume what said that an environment stands on it, once that is gone; whether it said so still."""

    name = "environments.release_volume"
    rule = "environments:launch"
    action = "update"
    kind = "volume"

    def __init__(self, cloud: Cloud, volume: Volume) -> None:
        super().__init__(cloud)
        self.target = Target(str(volume["id"]), str(volume.get("name") or ""))
        self.environment_id = data_volumes.brought(volume)

    def prepare(self) -> bool | None:
        now = _now(self.cloud, self.target.id)
        free = now is not None and data_volumes.brought(now) == self.environment_id and not data_volumes.mark(now)
        return None if free else False

    def send(self) -> bool:
        # What tells that this is to be done goes last.
        for key in (data_volumes.NAME, data_volumes.OWNER, data_volumes.BROUGHT):
            self.cloud.delete("block-storage", f"/volumes/{self.target.id}/metadata/{key}")
        return True

    def happened(self) -> bool | None:
        now = _now(self.cloud, self.target.id)
        return True if now is None or not data_volumes.brought(now) else None

    def settled(self, made: bool) -> bool:
        return bool(self.happened())


def claim(cloud: Cloud, found: Stack) -> None:
    """Write into the volumes that a stack stands on and did not make whose they are now: one call, none without any.

    What another stack has that stands is left to it. Raises NotAllowed or a CloudError.
    """
    if not found.volumes:
        return
    volumes = [one for one in data_volumes.volumes(cloud) if one["id"] in found.volumes]
    open_ = [one for one in volumes if data_volumes.brought(one) != found.id]
    theirs = stack.living(cloud, {data_volumes.owner(one) for one in open_} - {"", found.id})
    for volume in open_:
        if data_volumes.owner(volume) not in theirs:
            perform(Claim(cloud, volume, found.id, found.name))


def release(cloud: Cloud, environment_id: str) -> None:
    """Give free what an environment that is gone stood on and leaves: one call. Raises NotAllowed or a CloudError."""
    for volume in data_volumes.volumes(cloud):
        if data_volumes.brought(volume) == environment_id and not data_volumes.mark(volume):
            perform(Release(cloud, volume))


def _now(cloud: Cloud, volume_id: str) -> Volume | None:
    return next((one for one in data_volumes.volumes(cloud) if one["id"] == volume_id), None)


def keep(cloud: Cloud, environment_id: str) -> tuple[str, ...]:
    """Take back that the data goes; the names of the volumes kept. Raises NotAllowed or a CloudError."""
    return perform(Keep(cloud, environment_id))


def remove_marked(cloud: Cloud, environment_id: str) -> int:
    """Delete what is marked by the very delete that ended its stack; how many of this environment's were still there.

    Those of other environments go too: a launch that was withdrawn has nobody who looks at it. One on which somebody's
    snapshot stands waits until that is gone. Raises NotAllowed or a CloudError.
    """
    marked = [one for one in data_volumes.volumes(cloud) if data_volumes.mark(one)]
    ended = deletion.ended_all(cloud, map(data_volumes.owner, marked))
    going = [one for one in marked if data_volumes.goes_with(one, ended.get(data_volumes.owner(one), ""))]
    free = [one for one in going if one["status"] in _FREE]
    held = data_volumes.held(free, data_volumes.snapshots(cloud), going=True) if free else {}
    for volume in (one for one in free if one["id"] not in held):
        with contextlib.suppress(Blocked):
            perform(RemoveVolume(cloud, volume, ended[data_volumes.owner(volume)]))
    return len(data_volumes.of(going, environment_id))
