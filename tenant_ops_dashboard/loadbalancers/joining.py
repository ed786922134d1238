"""A server joins a pool: one change, however often and by whomever it is asked for."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, Conflict
from tenant_ops_dashboard.loadbalancers import access, errors, settle
from tenant_ops_dashboard.loadbalancers.members import HEAVIEST, LONGEST, Done, Json, belongs
from tenant_ops_dashboard.sentences import say


def add(
    cloud: Cloud, balancer_id: str, pool_id: str, address: str, port: int, *, patience: float = settle.PATIENCE,
    **fields: Any,
) -> Done:  # fmt: skip
    """Let a server take part in a pool; one that does already is left as it is, whoever added it.

    `fields` are those of `Wanted`. Raises BadInput for a field that cannot be, and as `drain`.
    """
    return perform(Add(cloud, balancer_id, pool_id, Wanted(address, port, **fields), patience))


@dataclass(frozen=True)
class Wanted:
    """A member to be. `direct` asks for an SR-IOV port of Octavia's own; a monitor port of 0 is the member's."""

    address: str
    port: int
    subnet_id: str = ""
    name: str = ""
    weight: int = 1
    backup: bool = False
    monitor_address: str = ""
    monitor_port: int = 0
    enabled: bool = True
    tags: Sequence[str] = ()
    direct: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Wanted:
        """The member that Octavia's row is of."""
        return cls(
            str(row["address"]), int(row["protocol_port"]), row["subnet_id"] or "", row["name"] or "", row["weight"],
            bool(row["backup"]), row["monitor_address"] or "", row["monitor_port"] or 0, bool(row["admin_state_up"]),
            tuple(row["tags"] or ()), row["vnic_type"] == "direct",
        )  # fmt: skip

    def checked(self) -> Wanted:
        """The same, its addresses in their usual form. Raises BadInput for what cannot be."""
        if not 1 <= self.port <= 65535 or not 0 <= self.monitor_port <= 65535 or not 0 <= self.weight <= HEAVIEST:
            raise errors.BadInput(say("A port is from 1 to 65535 and a weight from 0 to {most}.", most=HEAVIEST))
        if len(self.name) > LONGEST or any(len(tag) > LONGEST for tag in self.tags):
            raise errors.BadInput(say("A name or tag has at most {most} characters.", most=LONGEST))
        monitor = _address(self.monitor_address) if self.monitor_address else ""
        return replace(self, address=_address(self.address), monitor_address=monitor)

    def body(self) -> Json:
        """As Octavia wants it."""
        optional = {
            "subnet_id": self.subnet_id, "backup": self.backup, "monitor_address": self.monitor_address,
            "monitor_port": self.monitor_port, "tags": list(self.tags), "request_sriov": self.direct,
        }  # fmt: skip
        return {
            "address": self.address, "protocol_port": self.port, "weight": self.weight, "name": self.name,
            "admin_state_up": self.enabled, **{key: value for key, value in optional.items() if value},
        }  # fmt: skip


class Add(Change[Done]):
    """A new member."""

    name = "loadbalancers.add"
    rule = access.CHANGE
    action = "create"
    kind = "pool-member"

    def __init__(self, cloud: Cloud, balancer_id: str, pool_id: str, new: Wanted, waits: float) -> None:
        super().__init__(cloud)
        self.balancer_id, self.pool_id, self.new, self.waits = balancer_id, pool_id, new, waits
        self.target = Target(pool_id, new.name or f"{new.address}:{new.port}")
        self.says = self.verb

    def prepare(self) -> Done | None:
        self.new = self.new.checked()
        belongs(self.cloud, self.balancer_id, self.pool_id)
        self.before, self.after = {}, self.new.body()
        known = self._there()
        if known is None:
            return None
        self.underway = known["provisioning_status"] != "ACTIVE"
        return Done(known, {}, {}, already=True)

    def send(self) -> Done:
        made = settle.send(self.cloud, self.balancer_id, self._post, self.waits)
        return made if made.already else replace(made, request_id=self.cloud.accepted)

    def happened(self) -> Done | None:
        known = self._there()
        return Done(known, {}, self.new.body()) if known is not None else None

    def settled(self, made: Done) -> bool:
        return made.already

    def _post(self) -> Done:
        body = self.new.body()
        try:
            made: Json = self.cloud.post("load-balancer", self._path, {"member": body})["member"]
        except Conflict as error:
            # Somebody added the same server since we looked.
            known = None if settle.immutable(error) else self._there()
            if known is None:
                raise
            return Done(known, {}, {}, already=True)
        return Done(made, {}, body)

    @property
    def _path(self) -> str:
        return f"/lbaas/pools/{self.pool_id}/members"

    def _there(self) -> Json | None:
        rows = self.cloud.pages("load-balancer", self._path, "members")
        # One that is on its way out does not take part any more.
        staying = (one for one in rows if one["provisioning_status"] != "PENDING_DELETE")
        place = (self.new.address, self.new.port)
        return next((one for one in staying if (one["address"], one["protocol_port"]) == place), None)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise errors.BadInput(say("{text!r} is no IP address.", text=text)) from error
