"""What people are told of a clone that does not go on: what is left of it, where and whose, and what does not go."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.clones import renewal
from tenant_ops_dashboard.clones.errors import TenantOpsError, Told
from tenant_ops_dashboard.clones.model import Clone

#: Seconds after which it is told that a clone does not go.
LONG = 120.0


def aside(clone: Clone, error: TenantOpsError) -> None:
    """What one side alone is told stands in its audit trail, once."""
    if isinstance(error, Told) and error.side is not None and clone.says not in (error.line, error.sentence):
        said = f"{error.sentence} {error.aside}"
        audit.record(error.side, "evaluate", "clone", clone.id, clone.name, "failure", reason=said, verb="look")


def still(clone: Clone, now: datetime.datetime) -> str:
    """What is said of one that ought to be gone by now."""
    if clone.step != "end" or clone.ended or clone.began is None or (now - clone.began).total_seconds() < LONG:
        return ""
    return (
        f"It takes long to take it away, and goes on. {left(clone)} Look whether a server there does not let it go, or"
        " whether other volumes were made of it: delete those."
    )


def busy(clone: Clone, now: datetime.datetime) -> str:
    """What is said of a snapshot that does not go: some back ends keep one for as long as there are copies of it."""
    if clone.began is None or (now - clone.began).total_seconds() < LONG:
        return ""
    return (
        f"The copy is made, but Cinder does not delete the snapshot {clone.snapshot_id} of {clone.offer.source_name}."
        " It is tried again. Where the back end keeps snapshots that copies were made of, offer it as 'running'."
    )


def left(clone: Clone) -> str:
    """What is left of it, where and whose."""
    if not clone.volume_id and (clone.step == "freeze" or (clone.step in ("undo", "end") and "check" in clone.seconds)):
        stands = f"the server that has {clone.offer.source_name} may stand still, and a snapshot of it be left"
        return f"Look into {clone.offer.project_name}: {stands if frozen(clone) else 'a copy may be left'}."
    if not clone.volume_id:
        return "Nothing was made of it yet."
    if clone.served:
        return _left_served(clone)
    handed = clone.handed_at or clone.kept
    where = clone.project_name if handed else f"{clone.offer.project_name} or {clone.project_name}"
    what = f"the volume {clone.volume_id} ({clone.size} GB, data of {clone.offer.source_name})"
    other = renewal.other(clone)
    return " ".join(filter(None, (f"What is left: {what} in {where}.", left(other) if other else "")))


def _left_served(clone: Clone) -> str:
    server = f"the server {clone.server_id}, " if clone.server_id else ""
    network = f" and the network {clone.network_id}" if clone.network_id else ""
    what = f"{server}the volume {clone.volume_id} ({clone.size} GB, data of {clone.offer.source_name}){network}"
    return f"What is left: {what} in {clone.offer.project_name}."


def frozen(clone: Clone) -> bool:
    """Whether its source stands still while it is copied, where a server has it."""
    return not clone.golden_id and clone.offer.terms.consistency != "running"
