"""One reading of the cloud for every question about what gets through: Neutron's own rows, and an engine over them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tenant_ops_dashboard.firewall import rows
from tenant_ops_dashboard.firewall.errors import Unreadable
from tenant_ops_dashboard.firewall.model import Rule
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.snapshot import build_snapshot

if TYPE_CHECKING:
    from tenant_ops_dashboard.cloud import Cloud

Json = dict[str, Any]

#: Lists of Neutron: key, path, and whether only the project's own objects are asked for.
NEUTRON = (
    ("networks", "/networks", False),
    ("subnets", "/subnets", False),
    ("routers", "/routers", True),
    ("ports", "/ports", True),
    ("floatingips", "/floatingips", True),
    ("security_groups", "/security-groups", True),
    ("address_groups", "/address-groups", False),
    ("firewall_groups", "/fwaas/firewall_groups", True),
    ("firewall_policies", "/fwaas/firewall_policies", False),
    ("firewall_rules", "/fwaas/firewall_rules", False),
)
OCTAVIA = ("loadbalancers", "listeners", "pools", "healthmonitors")


@dataclass(frozen=True)
class Seen:
    """A snapshot: `raw` has Neutron's and Octavia's rows by collection, `engine` answers from them."""

    raw: Json

    @cached_property
    def engine(self) -> Engine:
        """The engine over the rows. Raises Unreadable for rows that cannot be read."""
        try:
            return Engine(build_snapshot(self.raw, "cloud"))
        except ReachabilityError as error:
            raise Unreadable(str(error)) from None

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """All firewall rules by id."""
        return {one["id"]: rows.rule(one) for one in self.rows("firewall_rules")}

    @property
    def project_id(self) -> str:
        """The project it was taken for, '' where the snapshot does not say."""
        return str(self.raw.get("meta", {}).get("project_id") or "")

    def rows(self, key: str) -> list[Json]:
        """The rows of a collection, none where it is missing."""
        found: list[Json] = self.raw.get(key) or []
        return found


def look(cloud: Cloud) -> Seen:
    """The project as it is now, read anew. Raises a CloudError."""
    return Seen(take_snapshot(cloud))


def take_snapshot(cloud: Cloud, all_projects: bool = False) -> Json:
    """A snapshot of the cloud: one paged list a kind, and one of members for each pool. Raises a CloudError.

    Layer 7 policies are asked for only where a listener has some. Extensions the cloud lacks give empty lists. For one
    project, `meta.scope` says that others' objects are missing.
    """
    # The offline commands import this module, and must not load OpenStack's clients.
    from tenant_ops_dashboard.cloud import NotFound, visible

    taken = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    meta = {"profile": cloud.options.firewall_profile, "taken_at": taken, "project_id": cloud.project_id}
    found: Json = {"meta": {**meta, "scope": "cloud" if all_projects else "project"}}
    for key, path, own in NEUTRON:
        query = {"project_id": cloud.project_id} if own and not all_projects else {}
        try:
            listed = cloud.pages("network", path, key, **query)
            networks = {one["id"] for one in found.get("networks", ())}
            found[key] = listed if all_projects else visible(cloud, listed, networks)
        except NotFound:
            found[key] = []
    if cloud.has("load-balancer"):
        query = {} if all_projects else {"project_id": cloud.project_id}
        for key in OCTAVIA:
            found[key] = cloud.pages("load-balancer", f"/lbaas/{key}", key, **query)
        if any(one.get("l7policies") for one in found["listeners"]):
            found["l7policies"] = cloud.pages("load-balancer", "/lbaas/l7policies", "l7policies", **query)
        found["members"] = [
            {**member, "pool_id": pool["id"]}
            for pool in found["pools"]
            for member in cloud.pages("load-balancer", f"/lbaas/pools/{pool['id']}/members", "members")
        ]
    return found
