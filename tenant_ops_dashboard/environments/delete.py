"""Take an environment away: what goes and what stays is said first; then in an order that works."""

from __future__ import annotations

from collections.abc import Sequence

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import (
    access,
    data,
    drift,
    facts,
    listing,
    picture,
    reconcile,
    rows,
    stack,
    summary,
)
from tenant_ops_dashboard.environments.errors import Blocked, NotFound
from tenant_ops_dashboard.environments.model import Environment, Loss
from tenant_ops_dashboard.environments.stack import Stack

_COUNTED = ("Server", "Load balancer", "Floating IP", "Router", "Network", "Security group")


def losses(cloud: Cloud, environment: Environment) -> Loss:
    """What deleting it takes and what it leaves; nothing is changed. Raises NotFound or a CloudError."""
    found = stack.find(cloud, environment.id)
    heat = rows.read(cloud, found)
    volumes = data.of(data.volumes(cloud), found.id)
    lost, kept = [], []
    for title in _COUNTED:
        number = sum(1 for row in heat if picture.TITLES.get(row.type) == title and row.state != "gone")
        if number:
            lost.append(f"{number} {_plural(title, number)}")
    lost.append("The firewall group with its policies and rules")
    for one in volumes:
        words = f"Volume {one['name']}, {one['size']} GB"
        if found.never_up:
            lost.append(f"{words}: the launch never finished, so it holds nothing")
        else:
            kept.append(f"{words}, with the database's data, unless you say otherwise")
    known = facts.read(cloud, found.id, heat, False)
    kept += [f"{said} It stands in the way: delete it first." for said in drift.foreign(heat, known)]
    return Loss(tuple(lost), tuple(kept))


def delete(cloud: Cloud, name_or_id: str, data: bool = False) -> Environment:
    """Start taking it away; it is deleting when this returns. `data` removes the volume too, once the stack is gone.

    What nobody has any more is skipped; what others put on its networks is named and nothing is touched.
    Where Heat failed to delete it before, its load balancer goes first and whole.
    Raises Blocked, NotFound, NotAllowed or a CloudError.
    """
    access.require(cloud, "environments:delete")
    try:
        found = stack.find(cloud, name_or_id)
    except NotFound:
        gone = listing.leftover(cloud, name_or_id)
        if gone is None:
            raise
        reconcile.sweep(cloud, gone.id)
        return gone
    heat = rows.read(cloud, found)
    _unblocked(cloud, found, heat)
    try:
        if (found.action, found.state) == ("DELETE", "FAILED"):
            _with_all_below(cloud, heat)
        _remove(cloud, found, data or found.never_up)
    except CloudError as error:
        audit.record(
            cloud,
            "delete",
            "environment",
            found.id,
            found.name,
            "failure",
            request_id=error.request_id,
            reason=str(error),
        )
        raise
    audit.record(cloud, "delete", "environment", found.id, found.name, "pending", reason="with data" if data else "")
    rows_ = cloud.get("orchestration", "/stacks", id=found.id)["stacks"]
    now = stack.read(rows_[0]) if rows_ else found
    going = summary.Judgement("deleting") if now.action != "DELETE" or now.state != "FAILED" else summary.heat(now)
    return summary.environment(now, going)


def withdraw(cloud: Cloud, found: Stack) -> None:
    """Take away a stack that has only just begun, whatever it made. Raises a CloudError."""
    _remove(cloud, found, True)
    # Its volume may have come up meanwhile.
    for volume in data_volumes(cloud, found.id):
        data.mark(cloud, volume)


def _unblocked(cloud: Cloud, found: Stack, heat: Sequence[rows.Row]) -> None:
    known = facts.read(cloud, found.id, heat, False)
    strangers = drift.foreign(heat, known)
    if strangers:
        raise Blocked(f"{' '.join(strangers)} Delete what is not part of {found.name} first; nothing was changed.")


def _with_all_below(cloud: Cloud, heat: Sequence[rows.Row]) -> None:
    """Octavia changes no pool of a load balancer in ERROR, but deletes that with all below it (API v2, cascade)."""
    for row in heat:
        if row.type == "OS::Octavia::LoadBalancer" and row.resource_id:
            cloud.delete("load-balancer", f"/lbaas/loadbalancers/{row.resource_id}?cascade=true")


def _remove(cloud: Cloud, found: Stack, with_data: bool) -> None:
    if with_data:
        for volume in data_volumes(cloud, found.id):
            data.mark(cloud, volume)
    reconcile.release(cloud, found.id)
    cloud.delete("orchestration", found.path)
    # A page that looked while the firewall went may have put it back.
    reconcile.release(cloud, found.id)


def data_volumes(cloud: Cloud, environment_id: str) -> list[str]:
    """Ids of the environment's data volumes."""
    return [str(one["id"]) for one in data.of(data.volumes(cloud), environment_id)]


def _plural(title: str, number: int) -> str:
    words = title if title == "Floating IP" else title.lower()
    return words if number == 1 else f"{words}s"
