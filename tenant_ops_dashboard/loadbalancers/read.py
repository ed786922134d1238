"""What Octavia says: four lists for a whole project, five where a listener has layer 7 policies; one tree for a load
balancer; one list for a pool's settings, or a policy's rules.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, NotFound, values
from tenant_ops_dashboard.cloud.values import Shape, each, mapping, names, number, switch, text

Row = Mapping[str, Any]
Rows = Mapping[str, Row]

_IDS = each({"id": text})
_OWN: Shape = {
    "id": text, "name": text, "provisioning_status": text, "operating_status": text, "admin_state_up": switch,
}  # fmt: skip
_MEMBER: Shape = {
    "id": text, "name": text, "address": text, "protocol_port": number, "provisioning_status": text,
    "operating_status": text,
}  # fmt: skip
SHAPES: Mapping[str, Shape] = {
    "loadbalancers": {
        **_OWN, "description": text, "vip_address": text, "vip_port_id": text, "provider": text,
        "vip_network_id": text,
    },
    "listeners": {
        **_OWN, "protocol": text, "protocol_port": number, "loadbalancers": _IDS, "allowed_cidrs": names,
        "l7policies": _IDS, "default_tls_container_ref": text, "sni_container_refs": names,
    },
    "pools": {
        **_OWN, "protocol": text, "lb_algorithm": text, "loadbalancers": _IDS, "listeners": _IDS, "members": _IDS,
    },
    "healthmonitors": {
        **_OWN, "type": text, "delay": number, "timeout": number, "max_retries": number, "max_retries_down": number,
        "pools": _IDS,
    },
    "l7policies": {
        **_OWN, "action": text, "listener_id": text, "position": number, "redirect_pool_id": text, "redirect_url": text,
        "redirect_prefix": text, "redirect_http_code": number, "rules": _IDS,
    },
}  # fmt: skip
_RULE: Shape = {
    "id": text, "type": text, "compare_type": text, "key": text, "value": text, "invert": bool,
    "admin_state_up": switch, "provisioning_status": text, "operating_status": text,
}  # fmt: skip

_TREE: Shape = {"listeners": each({"pools": each({"id": text, "members": each(_MEMBER)})})}


@dataclass(frozen=True)
class Lists:
    """Everything but members, each kind by id."""

    balancers: Rows = field(default_factory=dict)
    listeners: Rows = field(default_factory=dict)
    pools: Rows = field(default_factory=dict)
    monitors: Rows = field(default_factory=dict)
    policies: Rows = field(default_factory=dict)

    def listeners_of(self, balancer_id: str) -> list[Row]:
        """By port."""
        found = [one for one in self.listeners.values() if belongs(one, balancer_id)]
        return sorted(found, key=lambda one: (int(one["protocol_port"]), str(one["id"])))

    def pools_of(self, balancer_id: str) -> list[Row]:
        """Oldest first."""
        found = [one for one in self.pools.values() if belongs(one, balancer_id)]
        return sorted(found, key=lambda one: (str(one.get("created_at")), str(one["id"])))

    def policies_of(self, balancer_id: str) -> list[Row]:
        """Of its listeners, by their position."""
        ours = {one["id"] for one in self.listeners_of(balancer_id)}
        found = [one for one in self.policies.values() if one["listener_id"] in ours]
        return sorted(found, key=lambda one: (one["position"], str(one["id"])))

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


@dataclass(frozen=True)
class Rules:
    """A layer 7 policy's rules as of the policy's `stamp`, read `at`; None where Octavia did not tell them."""

    rows: tuple[Row, ...] | None
    stamp: str
    at: datetime.datetime


def lists(cloud: Cloud) -> Lists:
    """Four calls, five where a listener has layer 7 policies, however many load balancers the project has.

    Raises a CloudError.
    """

    def ask(kind: str) -> Rows:
        rows = cloud.pages("load-balancer", f"/lbaas/{kind}", kind, project_id=cloud.project_id)
        return by_id(values.rows(rows, SHAPES[kind]))

    found = Lists(ask("loadbalancers"), ask("listeners"), ask("pools"), ask("healthmonitors"))
    named = any(one["l7policies"] for one in found.listeners.values())
    return replace(found, policies=ask("l7policies")) if named else found


def tree(cloud: Cloud, balancer_id: str, stamp: str) -> Tree:
    """The members of all pools that listeners use: one call. Raises a CloudError."""
    answer = cloud.balancers("load_balancer_status_show", balancer_id)
    found = values.row(mapping(answer.get("statuses")).get("loadbalancer"), _TREE)
    members = {pool["id"]: tuple(pool["members"]) for one in found["listeners"] for pool in one["pools"]}
    return Tree(members, stamp, datetime.datetime.now(datetime.UTC))


def settings(cloud: Cloud, pool_id: str, stamp: str) -> Settings | None:
    """One pool's members with weight, backup and subnet: one call; None where the pool is gone."""
    try:
        rows = cloud.pages("load-balancer", f"/lbaas/pools/{pool_id}/members", "members")
    except NotFound:
        return None
    return Settings(by_id(values.rows(rows, _MEMBER)), stamp)


def rules(cloud: Cloud, policy_id: str) -> tuple[Row, ...]:
    """A layer 7 policy's rules, of which the policy itself names the ids alone: one call; () where it is gone."""
    try:
        rows = cloud.pages("load-balancer", f"/lbaas/l7policies/{policy_id}/rules", "rules")
    except NotFound:
        return ()
    return tuple({name: one[name] for name in _RULE} for one in values.rows(rows, _RULE))


def moved(row: Row) -> str:
    """Both statuses and the time of the last change of one of Octavia's objects."""
    return f"{row['id']} {row.get('provisioning_status')} {row.get('operating_status')} {row.get('updated_at')}"


def belongs(row: Row, balancer_id: str) -> bool:
    """Whether a listener or pool is this load balancer's."""
    return any(one.get("id") == balancer_id for one in row.get("loadbalancers") or ())


def by_id(rows: Iterable[Row]) -> Rows:
    """Rows by id."""
    return {str(row["id"]): row for row in rows}
