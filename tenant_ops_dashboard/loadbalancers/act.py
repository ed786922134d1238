"""What people do to members: drain, enable, disable, weigh, add, remove. Each is asked of the policy and audited."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, Conflict, NotFound, Uncertain
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.loadbalancers import access, errors, settle

HEAVIEST = 256
LONGEST = 255
# What a member is made of, as Octavia's API calls it; `address` and `protocol_port` say which one it is.
KEPT = (
    "name", "address", "protocol_port", "subnet_id", "weight", "backup", "monitor_address", "monitor_port",
    "admin_state_up", "tags", "vnic_type",
)  # fmt: skip
Json = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What Octavia accepted: the member as its row is now (or was last), and the changed fields before and after.

    `request_id` is OpenStack's, '' where nothing was sent because it is so `already`.
    """

    member: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    request_id: str = ""
    already: bool = False


def drain(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Weight 0: who is connected stays, nobody new comes. Raises as `update`."""
    return update(cloud, balancer_id, pool_id, member_id, {"weight": 0}, patience, verb="drain")


def weigh(
    cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, weight: int, patience: float = settle.PATIENCE
) -> Done:  # fmt: skip
    """A share of the traffic, 0 to 256. Raises BadInput, and as `update`."""
    if not 0 <= weight <= HEAVIEST:
        raise errors.BadInput(f"A weight is a whole number from 0 to {HEAVIEST}, not {weight}.")
    return update(cloud, balancer_id, pool_id, member_id, {"weight": weight}, patience, verb="weigh")


def enable(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Let it take traffic: switched on, and with a weight where it had none. Raises as `update`."""
    access.require(cloud, access.CHANGE, verb="enable", target_id=member_id)
    known = read(cloud, pool_id, member_id)
    wanted: Json = {"admin_state_up": True}
    if known["weight"] == 0:
        others = cloud.pages("load-balancer", f"/lbaas/pools/{pool_id}/members", "members")
        wanted["weight"] = max([one["weight"] for one in others] or [0]) or 1
    return update(cloud, balancer_id, pool_id, member_id, wanted, patience, verb="enable")


def disable(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Take it out at once; its connections end. Raises as `update`."""
    return update(cloud, balancer_id, pool_id, member_id, {"admin_state_up": False}, patience, verb="disable")


def update(
    cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, wanted: Mapping[str, Any],
    patience: float = settle.PATIENCE, *, verb: str = "update",
) -> Done:  # fmt: skip
    """Set fields of a member. An answer that was lost is looked up; what is so already is not sent again.

    Raises NotAllowed, NotFound, StillBusy, Broken, or a CloudError.
    """
    access.require(cloud, access.CHANGE, verb=verb, target_id=member_id)
    path = f"/lbaas/pools/{pool_id}/members/{member_id}"
    _belongs(cloud, balancer_id, pool_id)
    known = read(cloud, pool_id, member_id)
    before = {key: known[key] for key in wanted}
    if before == dict(wanted):
        return Done(known, before, dict(wanted), already=True)

    def change() -> Json:
        try:
            found: Json = cloud.put("load-balancer", path, {"member": dict(wanted)})["member"]
        except NotFound as error:
            raise errors.NotFound("This pool has no such member any more.", error.request_id) from error
        except Uncertain:
            found = dict(read(cloud, pool_id, member_id))
            if any(found[key] != value for key, value in wanted.items()):
                raise
        return found

    with_ = _Change(cloud, "update", known, verb, before, dict(wanted))
    made = with_.send(lambda: settle.send(cloud, balancer_id, change, patience))
    return Done(made, before, dict(wanted), cloud.accepted)


def add(
    cloud: Cloud, balancer_id: str, pool_id: str, address: str, port: int, *, subnet_id: str = "", name: str = "",
    weight: int = 1, backup: bool = False, monitor_address: str = "", monitor_port: int = 0, enabled: bool = True,
    tags: Sequence[str] = (), direct: bool = False, patience: float = settle.PATIENCE, verb: str = "add",
) -> Done:  # fmt: skip
    """Let a server take part in a pool; one that does already is left as it is, whoever added it.

    `direct` asks for an SR-IOV port of Octavia's own. Raises BadInput for a field that cannot be, and as `update`.
    """
    access.require(cloud, access.CHANGE, verb=verb, target_name=f"{address}:{port}")
    address, monitor_address = _address(address), _address(monitor_address) if monitor_address else ""
    if not 1 <= port <= 65535 or not 0 <= weight <= HEAVIEST or not 0 <= monitor_port <= 65535:
        raise errors.BadInput(f"A port is from 1 to 65535 and a weight from 0 to {HEAVIEST}.")
    if len(name) > LONGEST or any(len(tag) > LONGEST for tag in tags):
        raise errors.BadInput(f"A name or tag has at most {LONGEST} characters.")
    _belongs(cloud, balancer_id, pool_id)
    path = f"/lbaas/pools/{pool_id}/members"

    def there() -> Json | None:
        rows = cloud.pages("load-balancer", path, "members")
        # One that is on its way out does not take part any more.
        staying = (one for one in rows if one["provisioning_status"] != "PENDING_DELETE")
        return next((one for one in staying if (one["address"], one["protocol_port"]) == (address, port)), None)

    body: Json = {"address": address, "protocol_port": port, "weight": weight, "name": name, "admin_state_up": enabled}
    optional = {
        "subnet_id": subnet_id, "backup": backup, "monitor_address": monitor_address, "monitor_port": monitor_port,
        "tags": list(tags), "request_sriov": direct,
    }  # fmt: skip
    body.update({key: value for key, value in optional.items() if value})
    theirs: list[Json] = []

    def change() -> Json:
        try:
            made: Json = cloud.post("load-balancer", path, {"member": body})["member"]
        except (Uncertain, Conflict) as error:
            known = None if settle.immutable(error) else there()
            if known is None:
                raise
            if isinstance(error, Conflict):
                theirs.append(known)
            made = known
        return made

    known = there()
    if known is not None:
        return Done(known, {}, {}, already=True)
    target = {"id": pool_id, "name": name or f"{address}:{port}"}
    with_ = _Change(cloud, "create", target, verb, {}, body)
    made = with_.send(lambda: settle.send(cloud, balancer_id, change, patience))
    return Done(made, {}, body, cloud.accepted, already=bool(theirs))


def remove(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Take a member out of its pool; the server stays. One that is on its way out already is left to Octavia.

    Raises as `update`.
    """
    access.require(cloud, access.CHANGE, verb="remove", target_id=member_id)
    _belongs(cloud, balancer_id, pool_id)
    known = read(cloud, pool_id, member_id)
    before = {key: known.get(key) for key in KEPT}
    if known["provisioning_status"] == "PENDING_DELETE":
        return Done(known, before, {}, already=True)
    path = f"/lbaas/pools/{pool_id}/members/{member_id}"

    def change() -> None:
        try:
            cloud.delete("load-balancer", path)
        except Uncertain:
            if not _leaving(cloud, pool_id, member_id):
                raise

    _Change(cloud, "delete", known, "remove", before, {}).send(
        lambda: settle.send(cloud, balancer_id, change, patience)
    )  # fmt: skip
    return Done(known, before, {}, cloud.accepted)


def read(cloud: Cloud, pool_id: str, member_id: str) -> Json:
    """Octavia's row of a member. Raises NotFound, a CloudError."""
    try:
        found: Json = cloud.get("load-balancer", f"/lbaas/pools/{pool_id}/members/{member_id}")["member"]
    except NotFound as error:
        raise errors.NotFound("This pool has no such member any more.", error.request_id) from error
    return found


def _leaving(cloud: Cloud, pool_id: str, member_id: str) -> bool:
    try:
        return bool(read(cloud, pool_id, member_id)["provisioning_status"] == "PENDING_DELETE")
    except errors.NotFound:
        return True


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise errors.BadInput(f"{text!r} is no IP address.") from error


def _belongs(cloud: Cloud, balancer_id: str, pool_id: str) -> None:
    """The pool must be this load balancer's: the two come from an address somebody may have typed."""
    try:
        pool = cloud.get("load-balancer", f"/lbaas/pools/{pool_id}")["pool"]
    except NotFound as error:
        raise errors.NotFound("This project has no such pool.", error.request_id) from error
    owners = [one["id"] for one in pool["loadbalancers"]]
    if balancer_id not in owners or pool["project_id"] != cloud.project_id:
        raise errors.NotFound("This load balancer has no such pool.")


@dataclass(frozen=True)
class _Change:
    """One change and its event: accepted, failed, or nobody knows."""

    cloud: Cloud
    action: audit.Action
    target: Mapping[str, Any]
    verb: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def send(self, work: Callable[[], Any]) -> Any:
        try:
            made = work()
        except TenantOpsError as error:
            outcome: audit.Outcome = "unknown" if isinstance(error, Uncertain) else "failure"
            self._record(outcome, error.request_id, error.sentence)
            raise
        self._record("pending", self.cloud.accepted)
        return made

    def _record(self, outcome: audit.Outcome, request_id: str, reason: str = "") -> None:
        id_ = str(self.target["id"])
        name = str(self.target.get("name") or self.target.get("address") or id_)
        audit.record(
            self.cloud, self.action, "pool-member", id_, name, outcome, request_id=request_id,
            reason=reason or self.verb, verb=self.verb, before=self.before, after=self.after,
        )  # fmt: skip
