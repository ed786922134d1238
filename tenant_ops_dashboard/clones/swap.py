"""The new copy takes the place of the older one: in the record, under what stands on it, and then the older one goes.

What stands on it keeps its server, address and device: Heat changes the volume alone, and changes it back where that
fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import build, markers, reclaim, revert
from tenant_ops_dashboard.clones.errors import Failed, Parked
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.clones.renewal import Renewal
from tenant_ops_dashboard.clones.reverting import Reverting
from tenant_ops_dashboard.cloud import Cloud, Conflict, Uncertain, Unreachable
from tenant_ops_dashboard.environments import change_volume
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import about, join, say

#: Seconds after which an update that is done must have attached the new volume.
PATIENCE = 600.0
#: Seconds after which what comes to nothing, with no answer that says why, or is in somebody's way, is refused.
LOST = 60.0


def in_place(cloud: Cloud, clone: Clone, new: Renewal) -> bool:
    """One look and one act: whether what stands on the clone stands on the new volume. Raises Failed, a CloudError."""
    volume = markers.read(cloud, new.volume_id)
    if volume is None:
        raise Failed(
            say(
                "The new copy {volume_id} was deleted in {project_name}.",
                volume_id=new.volume_id,
                project_name=cloud.project_name,
            )
        )
    listed = _environment(cloud, clone)
    if listed is None:
        # Nothing stands on either of them.
        return True
    if listed.meaning.moving:
        return False
    found = stack.full(cloud, listed, outputs=False)
    if not change_volume.names(found, new.volume_id):
        with _refused(cloud, clone, Failed, say("Heat does not change the volume of {found}", found=found.name)):
            change_volume.change_volume(cloud, found.id, new.replaces, new.volume_id)
        return False
    if found.state == "FAILED":
        raise Failed(
            say(
                "Heat could not change the volume of {found}: {reason}",
                found=found.name,
                reason=found.reason or found.state,
            )
        )
    if _attached(volume, clone):
        change_volume.move_marks(cloud, found, new.replaces)
        return True
    if _late(cloud, clone, PATIENCE):
        raise Failed(
            say(
                "Heat changed {found}, and its server does not have the volume {volume_id}.",
                found=found.name,
                volume_id=new.volume_id,
            )
        )
    return False


def older_gone(cloud: Cloud, clone: Clone, new: Renewal) -> bool:
    """One step towards nothing of the older copy. Raises Parked, a CloudError."""
    row = markers.read(cloud, new.replaces)
    return reclaim.clear(cloud, clone, [row] if row else []) and row is None


def put_back(cloud: Cloud, clone: Clone, new: Renewal) -> bool:
    """One look and one act: whether what stands on it does without the new volume. Raises Parked, a CloudError."""
    listed = _environment(cloud, clone) if new.volume_id else None
    if listed is None:
        # It is gone, or was never asked to change: nothing was made of the new copy yet.
        return True
    if listed.meaning.moving:
        return False
    found = stack.full(cloud, listed, outputs=False)
    if change_volume.names(found, new.volume_id) and not found.meaning.leaving:
        with _refused(
            cloud, clone, Parked, say("Heat does not give {found} its older volume back", found=found.name), _TODO
        ):
            change_volume.change_volume(cloud, found.id, new.volume_id, new.replaces)
        return False
    older = markers.read(cloud, new.replaces)
    if older is not None and not _attached(older, clone):
        # Heat replaces an attachment that failed: it makes the new one, then takes off what the old one named.
        if older["status"] == "available" and clone.server_id:
            with _refused(
                cloud, clone, Parked, say("Nova does not give {found} its older volume back", found=found.name), _TODO
            ):
                perform(revert.Attach(cloud, clone, Reverting(clone.server_id)))
            return False
        if older["status"] in reclaim.PASSING:
            return False
    change_volume.move_marks(cloud, found, new.volume_id)
    return True


_TODO = say("Try again with 'tenant-ops environment retry', or release the clone.")


def _environment(cloud: Cloud, clone: Clone) -> Stack | None:
    launched = clone.get in build.BUILT and clone.environment_id
    return stack.by_id(cloud, clone.environment_id) if launched else None


def _attached(volume: markers.Row, clone: Clone) -> bool:
    servers = {one["server_id"] for one in volume["attachments"]}
    return clone.server_id in servers if clone.server_id else bool(servers)


@contextmanager
def _refused(cloud: Cloud, clone: Clone, kind: type[TenantOpsError], what: str, todo: str = "") -> Iterator[None]:
    """What is said no to is of this kind; that somebody is at work, or away for a moment, is no refusal at once.

    A Heat that lost its own authority over a stack never says more than that something went wrong.
    """
    try:
        yield
    except (Unreachable, Conflict) as error:
        if not isinstance(error, Uncertain | Conflict) or not _late(cloud, clone, LOST):
            raise
        raise kind(join(" ", filter(None, (about(what, error.sentence), todo))), error.request_id) from error
    except TenantOpsError as error:
        raise kind(join(" ", filter(None, (about(what, error.sentence), todo))), error.request_id) from error


def _late(cloud: Cloud, clone: Clone, seconds: float) -> bool:
    return clone.began is not None and (cloud.now() - clone.began).total_seconds() > seconds
