"""What was asked of Octavia and is not seen yet: a 2xx says 'accepted', only a look says that it is so. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tenant_ops_dashboard.loadbalancers.model import Balancer, Member

What = Literal["made", "set", "joined", "left", "scaled", "ruled", "repaired"]
# What Heat does with a group of servers; a look at the load balancer does not show it.
GROUP: tuple[What, ...] = ("scaled", "ruled", "repaired")
_FIELDS = {"weight": "weight", "admin_state_up": "enabled"}


@dataclass(frozen=True)
class Asked:
    """How something is to become.

    'made': the load balancer is up; 'set': member `target_id` has `fields`; 'joined': the member with the address and
    port in `fields` takes part; 'left': member `target_id` does so no more. Of the group of servers of environment
    `target_id`: 'scaled' to so many, 'ruled' by new rules, 'repaired'; `scaling.asked` knows how that is seen.

    For 'set' `verb` says which change it was ('drain', 'undo drain', ...) and `before` how those fields were.
    """

    target_id: str
    what: What
    fields: Mapping[str, Any] = field(default_factory=dict)
    verb: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)

    def written(self) -> str:
        """As text; `read` understands it."""
        way = {"way": {"verb": self.verb, "before": dict(self.before)}} if self.verb else {}
        return json.dumps({"what": self.what, **self.fields, **way}, sort_keys=True)

    @classmethod
    def read(cls, target_id: str, text: str) -> Asked:
        """From `written`."""
        found = json.loads(text)
        what, way = found.pop("what"), found.pop("way", {})
        return cls(target_id, what, found, way.get("verb", ""), way.get("before", {}))

    def seen(self, balancer: Balancer) -> Literal["good", "failed", ""]:
        """What a load balancer whose members were read shows of it: done, failed, or '' as long as neither is seen."""
        if self.what in GROUP:
            return ""
        if self.what == "made":
            return "failed" if balancer.provisioning == "ERROR" else "" if balancer.busy else "good"
        member = self._member(balancer)
        if self.what == "left":
            if any(pool.members is None for pool in balancer.pools()):
                return ""
            return "good" if member is None else "failed" if member.provisioning == "ERROR" else ""
        if member is None or member.provisioning.startswith("PENDING"):
            return ""
        if member.provisioning == "ERROR":
            return "failed"
        wanted = {key: value for key, value in self.fields.items() if key in _FIELDS}
        same = all(getattr(member, _FIELDS[key]) == value for key, value in wanted.items())
        return "good" if same and not balancer.busy else ""

    def _member(self, balancer: Balancer) -> Member | None:
        if self.what != "joined":
            return balancer.member(self.target_id)
        place = (self.fields.get("address"), self.fields.get("protocol_port"))
        return next((one for one in balancer.members() if (one.address, one.port) == place), None)
