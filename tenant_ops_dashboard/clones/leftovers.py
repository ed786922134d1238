"""What people are told of a clone that does not go on: what is left of it, where and whose, and what does not go."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.clones import renewal
from tenant_ops_dashboard.clones.errors import TenantOpsError, Told
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.sentences import join, say

#: Seconds after which it is told that a clone does not go.
LONG = 120.0


def aside(clone: Clone, error: TenantOpsError) -> None:
    """What one side alone is told stands in its audit trail, once."""
    if isinstance(error, Told) and error.side is not None and clone.says not in (error.line, error.sentence):
        said = join(" ", (error.sentence, error.aside))
        audit.record(error.side, "evaluate", "clone", clone.id, clone.name, "failure", reason=said, verb="look")


def still(clone: Clone, now: datetime.datetime) -> str:
    """What is said of one that ought to be gone by now."""
    if clone.step != "end" or clone.ended or clone.began is None or (now - clone.began).total_seconds() < LONG:
        return ""
    return say(
        "It takes long to take it away, and goes on. {left} Look whether a server there does not let it go, or "
        "whether other volumes were made of it: delete those.",
        left=left(clone),
    )


def busy(clone: Clone, now: datetime.datetime) -> str:
    """What is said of a snapshot that does not go: some back ends keep one for as long as there are copies of it."""
    if clone.began is None or (now - clone.began).total_seconds() < LONG:
        return ""
    return say(
        "The copy is made, but Cinder does not delete the snapshot {snapshot_id} of {source_name}. It is tried "
        "again. Where the back end keeps snapshots that copies were made of, offer it as 'running'.",
        snapshot_id=clone.snapshot_id,
        source_name=clone.offer.source_name,
    )


def left(clone: Clone) -> str:
    """What is left of it, where and whose."""
    if not clone.volume_id and (clone.step == "freeze" or (clone.step in ("undo", "end") and "check" in clone.seconds)):
        stands = say(
            "the server that has {source_name} may stand still, and a snapshot of it be left",
            source_name=clone.offer.source_name,
        )
        return say(
            "Look into {project_name}: {stands}.",
            project_name=clone.offer.project_name,
            stands=stands if frozen(clone) else say("a copy may be left"),
        )
    if not clone.volume_id:
        return say("Nothing was made of it yet.")
    if clone.served:
        return _left_served(clone)
    handed = clone.handed_at or clone.kept
    where = (
        clone.project_name
        if handed
        else say(
            "{project_name} or {project_name2}", project_name=clone.offer.project_name, project_name2=clone.project_name
        )
    )
    what = say(
        "the volume {volume_id} ({size} GB, data of {source_name})",
        volume_id=clone.volume_id,
        size=clone.size,
        source_name=clone.offer.source_name,
    )
    other = renewal.other(clone)
    return join(
        " ",
        filter(None, (say("What is left: {what} in {where}.", what=what, where=where), left(other) if other else "")),
    )


def _left_served(clone: Clone) -> str:
    server = say("the server {server_id}, ", server_id=clone.server_id) if clone.server_id else ""
    network = say(" and the network {network_id}", network_id=clone.network_id) if clone.network_id else ""
    what = say(
        "{server}the volume {volume_id} ({size} GB, data of {source_name}){network}",
        server=server,
        volume_id=clone.volume_id,
        size=clone.size,
        source_name=clone.offer.source_name,
        network=network,
    )
    return say("What is left: {what} in {project_name}.", what=what, project_name=clone.offer.project_name)


def frozen(clone: Clone) -> bool:
    """Whether its source stands still while it is copied, where a server has it."""
    return not clone.golden_id and clone.offer.terms.consistency != "running"
