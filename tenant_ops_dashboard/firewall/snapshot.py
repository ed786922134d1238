"""One reading of the cloud for every question about what gets through: Neutron's own rows, and an engine over them."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
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
#: What every Neutron has: where it has not, something else answers.
CORE = ("networks", "subnets", "ports")
#: What load balancers are made of.
CHILDREN = ("listeners", "pools", "healthmonitors", "members")


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

    What cannot be there is not asked for: nothing of load balancers where there is none, layer 7 policies where no
    listener has any, health monitors and members where no pool has. Extensions the cloud lacks give empty lists. For
    one project, `meta.scope` says that others' objects are missing.
    """
    found: Json = {"meta": meta(cloud, all_projects)}
    for key, _path, _own in NEUTRON:
        found[key] = list_of(cloud, key, {one["id"] for one in found.get("networks", ())}, all_projects)
    if cloud.has("load-balancer"):
        query = {} if all_projects else {"project_id": cloud.project_id}
        found["loadbalancers"] = cloud.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers", **query)
        found |= balanced(cloud, query) if found["loadbalancers"] else {key: [] for key in CHILDREN}
    return found


def meta(cloud: Cloud, all_projects: bool = False) -> Json:
    """What a snapshot taken now says of itself; `profile` is '' where the back end is not known."""
    from tenant_ops_dashboard.cloud import firewall_profile

    taken = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = {"profile": firewall_profile(cloud), "taken_at": taken, "project_id": cloud.project_id}
    return {**told, "scope": "cloud" if all_projects else "project"}


def list_of(cloud: Cloud, key: str, networks: Collection[str], all_projects: bool = False) -> list[Json]:
    """One of Neutron's lists, none of an extension that it lacks; `networks` are those whose objects may be seen.

    Raises a CloudError.
    """
    # The offline commands import this module, and must not load OpenStack's clients.
    from tenant_ops_dashboard.cloud import NotFound, visible

    path, own = next((path, own) for name, path, own in NEUTRON if name == key)
    query = {"project_id": cloud.project_id} if own and not all_projects else {}
    try:
        listed = cloud.pages("network", path, key, **query)
    except NotFound:
        if key in CORE:
            raise
        return []
    return listed if all_projects else visible(cloud, listed, networks)


def balanced(cloud: Cloud, query: Mapping[str, str]) -> Json:
    """What load balancers are made of. Raises a CloudError."""
    found: Json = {key: [] for key in CHILDREN}
    for key in ("listeners", "pools"):
        found[key] = cloud.pages("load-balancer", f"/lbaas/{key}", key, **query)
    if any(one.get("healthmonitor_id", "unknown") for one in found["pools"]):
        found["healthmonitors"] = cloud.pages("load-balancer", "/lbaas/healthmonitors", "healthmonitors", **query)
    if any(one.get("l7policies") for one in found["listeners"]):
        found["l7policies"] = cloud.pages("load-balancer", "/lbaas/l7policies", "l7policies", **query)
    found["members"] = [
        {**member, "pool_id": pool["id"]}
        for pool in found["pools"]
        if pool.get("members", "unknown")
        for member in cloud.pages("load-balancer", f"/lbaas/pools/{pool['id']}/members", "members")
    ]
    return found
