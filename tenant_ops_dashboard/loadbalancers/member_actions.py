"""What people do to members: drain, enable, disable, weigh, remove. Each is a change of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from tenant_ops_dashboard.audit import Action
from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, NotFound
from tenant_ops_dashboard.loadbalancers import access, errors, settle
from tenant_ops_dashboard.loadbalancers.members import HEAVIEST, KEPT, Done, Json, belongs, read
from tenant_ops_dashboard.octavia import status
from tenant_ops_dashboard.sentences import say


def drain(
    cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE,
    spares: bool = False,
) -> Done:  # fmt: skip
    """Weight 0: who is connected stays, nobody new comes.

    What is so already is not sent again. With `spares` the last one that serves is left alone: nobody was asked.
    Raises NotAllowed, NotFound, StillBusy after `patience` seconds, Broken, LastOne, or a CloudError.
    """
    return perform(Drain(cloud, balancer_id, pool_id, member_id, patience).sparing(spares))


def weigh(
    cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, weight: int, patience: float = settle.PATIENCE,
    spares: bool = False,
) -> Done:  # fmt: skip
    """A share of the traffic, 0 to 256. Raises BadInput, and as `drain`."""
    return perform(Weigh(cloud, balancer_id, pool_id, member_id, patience, weight).sparing(spares))


def enable(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Let it take traffic: switched on, and with a weight where it had none. Raises as `drain`."""
    return perform(Enable(cloud, balancer_id, pool_id, member_id, patience))


def disable(
    cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE,
    spares: bool = False,
) -> Done:  # fmt: skip
    """Take it out at once; its connections end. Raises as `drain`."""
    return perform(Disable(cloud, balancer_id, pool_id, member_id, patience).sparing(spares))


def remove(cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, patience: float = settle.PATIENCE) -> Done:
    """Take a member out of its pool; the server stays. One that is on its way out already is left to Octavia.

    Raises as `drain`.
    """
    return perform(Remove(cloud, balancer_id, pool_id, member_id, patience))


class MemberChange(Change[Done]):
    """A change of one member of a pool, sent once Octavia is free for it."""

    rule = access.CHANGE
    action: ClassVar[Action] = "update"
    kind = "pool-member"

    def __init__(self, cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, waits: float) -> None:
        super().__init__(cloud)
        self.balancer_id, self.pool_id, self.member_id, self.waits = balancer_id, pool_id, member_id, waits
        self.target = Target(member_id)
        self.says = self.verb

    @property
    def path(self) -> str:
        """The member in Octavia's API."""
        return f"/lbaas/pools/{self.pool_id}/members/{self.member_id}"

    def settled(self, made: Done) -> bool:
        return made.already

    def known(self) -> Json:
        """Octavia's row of the member, of this load balancer and project. Raises NotFound, a CloudError."""
        belongs(self.cloud, self.balancer_id, self.pool_id)
        found = read(self.cloud, self.pool_id, self.member_id)
        self.target = Target(self.member_id, str(found.get("name") or found["address"]))
        return found


class SetFields(MemberChange):
    """Sets fields of a member."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    spares = False

    def sparing(self, spares: bool) -> Self:
        """The same; with `spares` it raises LastOne instead of taking the last one that serves out of the traffic."""
        self.spares = spares
        return self

    @abstractmethod
    def wanted(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields as they are to become, by Octavia's names."""

    def prepare(self) -> Done | None:
        known = self.known()
        self.after = dict(self.wanted(known))
        self.before = {key: known[key] for key in self.after}
        self.underway = known["provisioning_status"] != "ACTIVE"
        return Done(known, self.before, self.after, already=True) if self.before == self.after else None

    def send(self) -> Done:
        found = settle.send(self.cloud, self.balancer_id, self._put, self.waits)
        return Done(found, self.before, self.after, self.cloud.accepted)

    def happened(self) -> Done | None:
        found = read(self.cloud, self.pool_id, self.member_id)
        same = all(found[key] == value for key, value in self.after.items())
        return Done(found, self.before, self.after) if same else None

    def _put(self) -> Json:
        # Each time anew: what Octavia was at work on while this waited may have been the last other one's drain.
        if self.spares and (self.after.get("weight") == 0 or self.after.get("admin_state_up") is False):
            self._leaves_somebody()
        try:
            found: Json = self.cloud.put("load-balancer", self.path, {"member": dict(self.after)})["member"]
        except NotFound as error:
            raise errors.NotFound(say("This pool has no such member any more."), error.request_id) from error
        return found

    def _leaves_somebody(self) -> None:
        rows = self.cloud.pages("load-balancer", f"/lbaas/pools/{self.pool_id}/members", "members")
        serving = {
            one["id"] for one in rows
            if status.member(
                one["operating_status"], one["provisioning_status"], one["weight"], one["admin_state_up"]
            ) == "good"
        }  # fmt: skip
        if serving == {self.member_id}:
            raise errors.LastOne(say("Nobody else serves: after this the load balancer answers nobody."))


class Drain(SetFields):
    """Weight 0."""

    name = "loadbalancers.drain"

    def wanted(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"weight": 0}


class Weigh(SetFields):
    """Another weight."""

    name = "loadbalancers.weigh"

    def __init__(
        self, cloud: Cloud, balancer_id: str, pool_id: str, member_id: str, waits: float, weight: int
    ) -> None:  # fmt: skip
        super().__init__(cloud, balancer_id, pool_id, member_id, waits)
        self.weight = weight

    def wanted(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        if not 0 <= self.weight <= HEAVIEST:
            raise errors.BadInput(
                say("A weight is a whole number from 0 to {most}, not {weight}.", most=HEAVIEST, weight=self.weight)
            )
        return {"weight": self.weight}


class Enable(SetFields):
    """Switched on, and where it had no weight that of the heaviest of the others."""

    name = "loadbalancers.enable"

    def wanted(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        if known["weight"] != 0:
            return {"admin_state_up": True}
        others = self.cloud.pages("load-balancer", f"/lbaas/pools/{self.pool_id}/members", "members")
        return {"admin_state_up": True, "weight": max([one["weight"] for one in others] or [0]) or 1}


class Disable(SetFields):
    """Switched off."""

    name = "loadbalancers.disable"
    destroys = True

    def wanted(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"admin_state_up": False}


class Remove(MemberChange):
    """A member leaves its pool."""

    name = "loadbalancers.remove"
    action = "delete"
    destroys = True

    def prepare(self) -> Done | None:
        self.row = self.known()
        self.before, self.after = {key: self.row.get(key) for key in KEPT}, {}
        self.underway = self.row["provisioning_status"] == "PENDING_DELETE"
        return Done(self.row, self.before, {}, already=True) if self.underway else None

    def send(self) -> Done:
        try:
            settle.send(self.cloud, self.balancer_id, self._delete, self.waits)
        except NotFound:
            # Somebody removed it since we looked.
            return Done(self.row, self.before or {}, {}, already=True)
        return Done(self.row, self.before or {}, {}, self.cloud.accepted)

    def happened(self) -> Done | None:
        try:
            found = read(self.cloud, self.pool_id, self.member_id)
        except errors.NotFound:
            return Done(self.row, self.before or {}, {})
        return Done(self.row, self.before or {}, {}) if found["provisioning_status"] == "PENDING_DELETE" else None

    def _delete(self) -> None:
        self.cloud.delete("load-balancer", self.path, missing_ok=False)
