"""What people do to members: drain, enable, disable, weigh, add, remove. Each is asked of the policy and audited."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, NotFound, Uncertain
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers import access, errors, settle

HEAVIEST = 256
Json = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What was changed: the member as Octavia has it now (or had it last), and the fields' values before."""

    member: Mapping[str, Any]
    before: Mapping[str, Any]


def drain(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Weight 0: who is connected stays, nobody new comes. Raises as `update`."""
    return update(cloud, balancer_id, pool_id, member_id, {"weight": 0}, patience)


def weigh(
    cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, weight: int, patience: float = settle.PATIENCE
) -> Done:  # fmt: skip
    """A share of the traffic, 0 to 256. Raises BadInput, and as `update`."""
    if not 0 <= weight <= HEAVIEST:
        raise errors.BadInput(f"A weight is a whole number from 0 to {HEAVIEST}, not {weight}.")
    return update(cloud, balancer_id, pool_id, member_id, {"weight": weight}, patience)


def enable(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Let it take traffic: switched on, and with a weight where it had none. Raises as `update`."""
    access.require(cloud, access.CHANGE)
    known = _read(cloud, pool_id, member_id)
    wanted: Json = {"admin_state_up": True}
    if known["weight"] == 0:
        others = cloud.pages("load-balancer", f"/lbaas/pools/{pool_id}/members", "members")
        wanted["weight"] = max([one["weight"] for one in others] or [0]) or 1
    return update(cloud, balancer_id, pool_id, member_id, wanted, patience)


def disable(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Take it out at once; its connections end. Raises as `update`."""
    return update(cloud, balancer_id, pool_id, member_id, {"admin_state_up": False}, patience)


def update(
    cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, wanted: Json, patience: float = settle.PATIENCE
) -> Done:  # fmt: skip
    """Set fields of a member. An answer that was lost is looked up; what is so already is not sent again.

    Raises NotAllowed, NotFound, StillBusy, Broken, or a CloudError.
    """
    access.require(cloud, access.CHANGE)
    path = f"/lbaas/pools/{pool_id}/members/{member_id}"
    _belongs(cloud, balancer_id, pool_id)
    before = _read(cloud, pool_id, member_id)
    if all(before[key] == value for key, value in wanted.items()):
        return Done(before, {key: before[key] for key in wanted})

    def change() -> Json:
        try:
            found: Json = cloud.put("load-balancer", path, {"member": wanted})["member"]
        except Uncertain:
            found = dict(_read(cloud, pool_id, member_id))
            if any(found[key] != value for key, value in wanted.items()):
                raise
        return found

    made = _audited(cloud, "update", before, lambda: settle.send(cloud, balancer_id, change, patience))
    return Done(made, {key: before[key] for key in wanted})


def add(
    cloud: Cloud, balancer_id: str, pool_id: str, address: str, port: int, *, subnet_id: str = "", name: str = "",
    weight: int = 1, patience: float = settle.PATIENCE,
) -> Done:  # fmt: skip
    """Let a server take part in a pool; one that does already is left as it is.

    Raises BadInput for an address, port or weight that is none, and as `update`.
    """
    access.require(cloud, access.CHANGE)
    try:
        address = str(ipaddress.ip_address(address))
    except ValueError as error:
        raise errors.BadInput(f"{address!r} is no IP address.") from error
    if not 1 <= port <= 65535 or not 0 <= weight <= HEAVIEST:
        raise errors.BadInput(f"A port is from 1 to 65535 and a weight from 0 to {HEAVIEST}.")
    _belongs(cloud, balancer_id, pool_id)
    path = f"/lbaas/pools/{pool_id}/members"

    def there() -> Json | None:
        rows = cloud.pages("load-balancer", path, "members")
        return next((one for one in rows if (one["address"], one["protocol_port"]) == (address, port)), None)

    body: Json = {"address": address, "protocol_port": port, "weight": weight, "name": name}
    if subnet_id:
        body["subnet_id"] = subnet_id

    def change() -> Json:
        try:
            made: Json = cloud.post("load-balancer", path, {"member": body})["member"]
        except Uncertain:
            known = there()
            if known is None:
                raise
            made = known
        return made

    known = there()
    if known is not None:
        return Done(known, known)
    target = {"id": pool_id, "name": name or f"{address}:{port}"}
    return Done(_audited(cloud, "create", target, lambda: settle.send(cloud, balancer_id, change, patience)), {})


def remove(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Take a member out of its pool; the server stays. One that is gone is removed. Raises as `update`."""
    access.require(cloud, access.CHANGE)
    _belongs(cloud, balancer_id, pool_id)
    before = _read(cloud, pool_id, member_id)
    path = f"/lbaas/pools/{pool_id}/members/{member_id}"
    _audited(
        cloud,
        "delete",
        before,
        lambda: settle.send(cloud, balancer_id, lambda: cloud.delete("load-balancer", path), patience),
    )
    return Done(before, before)


def _read(cloud: Cloud, pool_id: str, member_id: str) -> Json:
    try:
        found: Json = cloud.get("load-balancer", f"/lbaas/pools/{pool_id}/members/{member_id}")["member"]
    except NotFound as error:
        raise errors.NotFound("This pool has no such member any more.", error.request_id) from error
    return found


def _belongs(cloud: Cloud, balancer_id: str, pool_id: str) -> None:
    """The pool must be this load balancer's: the two come from an address somebody may have typed."""
    try:
        pool = cloud.get("load-balancer", f"/lbaas/pools/{pool_id}")["pool"]
    except NotFound as error:
        raise errors.NotFound("This project has no such pool.", error.request_id) from error
    owners = [one["id"] for one in pool["loadbalancers"]]
    if balancer_id not in owners or pool["project_id"] != cloud.project_id:
        raise errors.NotFound("This load balancer has no such pool.")


def _audited(
    cloud: Cloud, action: audit.Action, target: Mapping[str, Any], work: Callable[[], Any]
) -> Any:  # fmt: skip
    id_ = str(target["id"])
    name = str(target.get("name") or target.get("address") or id_)
    try:
        made = work()
    except TenantOpsError as error:
        audit.record(
            cloud, action, "pool-member", id_, name, "failure", request_id=error.request_id, reason=error.sentence
        )
        raise
    audit.record(cloud, action, "pool-member", id_, name, "pending")
    return made
