"""What is done to the data volumes of environments: kept after all, or removed with the delete that takes them."""

from __future__ import annotations

import contextlib

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import BadRequest, Cloud
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.data.volumes import Volume
from tenant_ops_dashboard.environments.errors import Blocked
from tenant_ops_dashboard.environments.heat import deletion

# Cinder deletes a volume in these states; in any other something still holds it.
_FREE = ("available", "error", "error_deleting")


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
                raise Blocked(" ".join(told.values()), error.request_id) from error
            raise
        return True


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
