"""Members of pools as Octavia has them, and what a change of one gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotFound
from tenant_ops_dashboard.loadbalancers import errors
from tenant_ops_dashboard.sentences import say

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


def read(cloud: Cloud, pool_id: str, member_id: str) -> Json:
    """Octavia's row of a member. Raises NotFound, a CloudError."""
    try:
        found: Json = cloud.get("load-balancer", f"/lbaas/pools/{pool_id}/members/{member_id}")["member"]
    except NotFound as error:
        raise errors.NotFound(say("This pool has no such member any more."), error.request_id) from error
    return found


def belongs(cloud: Cloud, balancer_id: str, pool_id: str) -> None:
    """The pool must be this load balancer's: the two come from an address somebody may have typed. Raises NotFound."""
    try:
        pool = cloud.get("load-balancer", f"/lbaas/pools/{pool_id}")["pool"]
    except NotFound as error:
        raise errors.NotFound(say("This project has no such pool."), error.request_id) from error
    owners = [one["id"] for one in pool["loadbalancers"]]
    if balancer_id not in owners or pool["project_id"] != cloud.project_id:
        raise errors.NotFound(say("This load balancer has no such pool."))
