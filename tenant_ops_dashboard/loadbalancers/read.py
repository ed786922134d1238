"""What Octavia says: four lists for a whole project, one tree for a load balancer, one list for a pool's settings."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotFound

Row = Mapping[str, Any]
Rows = Mapping[str, Row]


@dataclass(frozen=True)
class Lists:
    """Everything but members, each kind by id."""

    balancers: Rows = field(default_factory=dict)
    listeners: Rows = field(default_factory=dict)
    pools: Rows = field(default_factory=dict)
    monitors: Rows = field(default_factory=dict)

    def listeners_of(self, balancer_id: str) -> list[Row]:
        """By port."""
        found = [one for one in self.listeners.values() if belongs(one, balancer_id)]
        return sorted(found, key=lambda one: (int(one["protocol_port"]), str(one["id"])))

    def pools_of(self, balancer_id: str) -> list[Row]:
        """Oldest first."""
        found = [one for one in self.pools.values() if belongs(one, balancer_id)]
        return sorted(found, key=lambda one: (str(one.get("created_at")), str(one["id"])))

    def stamp(self, balancer_id: str) -> str:
        """Changes whenever this load balancer's or one of its pools' status or settings did."""
        parts = [moved(self.balancers[balancer_id]), *(moved(one) for one in self.pools_of(balancer_id))]
        return "|".join(parts)


@dataclass(frozen=True)
class Tree:
    """Members by pool as the status tree has them (id, name, address, protocol_port and both statuses)."""

    members: Mapping[str, tuple[Row, ...]]
    stamp: str
    at: datetime.datetime


@dataclass(frozen=True)
class Settings:
    """A pool's members with their weights, as of the pool's `stamp`."""

    members: Rows
    stamp: str


def lists(cloud: Cloud) -> Lists:
    """Four calls, however many load balancers the project has. Raises a CloudError."""

    def ask(kind: str) -> Rows:
        rows = cloud.pages("load-balancer", f"/lbaas/{kind}", kind, project_id=cloud.project_id)
        return {str(row["id"]): row for row in rows}

    return Lists(ask("loadbalancers"), ask("listeners"), ask("pools"), ask("healthmonitors"))


def tree(cloud: Cloud, balancer_id: str, stamp: str) -> Tree:
    """The members of all pools that listeners use: one call. Raises a CloudError."""
    found = cloud.balancers("load_balancer_status_show", balancer_id)["statuses"]["loadbalancer"]
    pools = {pool["id"]: pool for one in found.get("listeners") or () for pool in one.get("pools") or ()}
    members = {str(id_): tuple(pool.get("members") or ()) for id_, pool in pools.items()}
    return Tree(members, stamp, datetime.datetime.now(datetime.UTC))


def settings(cloud: Cloud, pool_id: str, stamp: str) -> Settings | None:
    """One pool's members with weight, backup and subnet: one call; None where the pool is gone."""
    try:
        rows = cloud.pages("load-balancer", f"/lbaas/pools/{pool_id}/members", "members")
    except NotFound:
        return None
    return Settings({str(row["id"]): row for row in rows}, stamp)


def moved(row: Row) -> str:
    """Both statuses and the time of the last change of one of Octavia's objects."""
    return f"{row['id']} {row.get('provisioning_status')} {row.get('operating_status')} {row.get('updated_at')}"


def belongs(row: Row, balancer_id: str) -> bool:
    """Whether a listener or pool is this load balancer's."""
    return any(one.get("id") == balancer_id for one in row.get("loadbalancers") or ())


def by_id(rows: Iterable[Row]) -> Rows:
    """Rows by id."""
    return {str(row["id"]): row for row in rows}


def moment(text: Any) -> datetime.datetime | None:
    """A time as Octavia writes it (UTC without saying so), or None."""
    if not text:
        return None
    found = datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
