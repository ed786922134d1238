"""From what was read to what people see: every load balancer with one state, its trouble first. Pure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.cloud import values
from tenant_ops_dashboard.loadbalancers import layer7, read, tls
from tenant_ops_dashboard.loadbalancers.model import Balancer, Listener, Member, Monitor, Mutes, Policy, Pool
from tenant_ops_dashboard.loadbalancers.names import Names
from tenant_ops_dashboard.loadbalancers.refresh import ODD, Seen
from tenant_ops_dashboard.octavia import first_check, status
from tenant_ops_dashboard.octavia.first_check import FirstCheck
from tenant_ops_dashboard.sentences import say

_ENVIRONMENT = re.compile(r"^Environment ([0-9a-f-]{36})$")


def balancers(seen: Seen, names: Names, mutes: Mutes, now: datetime.datetime) -> tuple[Balancer, ...]:
    """All of them, those that need somebody first, each group by name."""
    found = [_any(row, seen, names, mutes, now) for row in seen.lists.balancers.values()]
    return tuple(sorted(found, key=lambda one: (-status.rank(one.state), one.name.lower(), one.id)))


def _any(row: read.Row, seen: Seen, names: Names, mutes: Mutes, now: datetime.datetime) -> Balancer:
    try:
        return _balancer(row, seen, names, mutes, now)
    except ODD:
        id_, told = str(row["id"]), say("What Octavia says of it cannot be read.")
        return Balancer(
            id=id_, name=str(row.get("name") or id_[:8]), state="unknown", reason="", operating="", provisioning="",
            enabled=True, vip=str(row.get("vip_address") or ""), vip_port_id="", provider="", trouble=told,
        )  # fmt: skip


def _balancer(row: read.Row, seen: Seen, names: Names, mutes: Mutes, now: datetime.datetime) -> Balancer:
    id_ = str(row["id"])
    tree = seen.trees.get(id_)
    pools = {str(one["id"]): _pool(one, seen, tree, row, names, mutes, now) for one in seen.lists.pools_of(id_)}
    uses = {str(p["id"]): {one["id"] for one in p.get("listeners") or ()} for p in seen.lists.pools_of(id_)}
    policies = layer7.policies(seen, id_, str(row["provider"]), pools)
    listeners = tuple(_listener(one, pools, uses, policies, names, now) for one in seen.lists.listeners_of(id_))
    used = {pool.id for listener in listeners for pool in listener.pools}
    told = [
        (one.state, status.why([(p.state, p.reason) for p in one.pools]) or tls.ends(one, now)) for one in listeners
    ]
    enabled = bool(row["admin_state_up"])
    operating, provisioning = str(row["operating_status"] or ""), str(row["provisioning_status"] or "")
    state, reason = status.balancer(told, operating, provisioning, enabled)
    if state == "warning" and mutes.has(id_, now):
        state, reason = "good", say("muted: {reason}", reason=reason)
    ours = _ENVIRONMENT.match(row.get("description") or "")
    return Balancer(
        id=id_, name=str(row["name"] or id_[:8]), state=state, reason=reason,
        operating=operating, provisioning=provisioning, enabled=enabled,
        vip=str(row["vip_address"] or ""), vip_port_id=str(row["vip_port_id"] or ""), provider=str(row["provider"]),
        flavor=names.flavors.get(str(row.get("flavor_id")), str(row.get("flavor_id") or "")),
        floating_ip=names.floating.get(str(row["vip_port_id"]), ""),
        environment_id=ours[1] if ours else "",
        listeners=listeners, spare=tuple(pool for pool in pools.values() if pool.id not in used),
        created_at=values.moment(row.get("created_at")), read_at=tree.at if tree else None,
        trouble=seen.broken[id_].sentence if id_ in seen.broken else "", vip_network_id=row["vip_network_id"],
    )  # fmt: skip


def _listener(
    row: read.Row, pools: Mapping[str, Pool], uses: Mapping[str, set[str]], policies: Mapping[str, tuple[Policy, ...]],
    names: Names, now: datetime.datetime,
) -> Listener:  # fmt: skip
    # The default pool first, then those that layer 7 policies lead to, as these are tried.
    used, led = {id_ for id_, on in uses.items() if row["id"] in on}, policies.get(str(row["id"]), ())
    default = str(row.get("default_pool_id") or "")
    ordered = dict.fromkeys((default, *(one.pool_id for one in led if one.pool_id in used), *sorted(used)))
    ours = tuple(pools[id_] for id_ in ordered if id_ in pools)
    enabled = bool(row["admin_state_up"])
    made = Listener(
        id=str(row["id"]), name=str(row["name"] or ""), protocol=row["protocol"], port=int(row["protocol_port"]),
        state=status.listener(
            (one.state for one in ours), row["provisioning_status"], enabled, row["operating_status"]
        ),
        operating=row["operating_status"], provisioning=row["provisioning_status"], enabled=enabled,
        tls=bool(tls.refs(row)), certificates=tls.known(row, names.certificates),
        allowed=tuple(row.get("allowed_cidrs") or ()), pools=ours, default_pool_id=default, policies=led,
    )  # fmt: skip
    return replace(made, state="warning") if made.state == "good" and tls.ends(made, now) else made


def _pool(
    row: read.Row, seen: Seen, tree: read.Tree | None, balancer: read.Row, names: Names, mutes: Mutes,
    now: datetime.datetime,
) -> Pool:  # fmt: skip
    id_ = str(row["id"])
    monitor = next((one for one in seen.lists.monitors.values() if _watches(one, id_)), None)
    # Nobody checks the members of a pool that no listener uses.
    checking = monitor if row["listeners"] else None
    network = str(balancer.get("vip_network_id") or "")
    members: tuple[Member, ...] | None = None
    if tree is not None and (id_ in tree.members or not row["members"]):
        settings = seen.settings.get(id_)
        known: Mapping[str, Any] = settings.members if settings else {}
        members = tuple(
            _member(one, known.get(str(one["id"])), id_, names, network, _muted(one, mutes, now), checking, seen.clock)
            for one in tree.members.get(id_, ())
        )
        members = tuple(sorted(members, key=lambda one: (one.address, one.port)))
    enabled = bool(row["admin_state_up"])
    state, reason = status.pool(members, row["operating_status"], row["provisioning_status"], enabled)
    return Pool(
        id=id_, name=str(row["name"] or ""), protocol=row["protocol"], algorithm=row["lb_algorithm"], state=state,
        reason=reason, operating=row["operating_status"], provisioning=row["provisioning_status"], enabled=enabled,
        monitor=_monitor(monitor) if monitor else None, members=members,
    )  # fmt: skip


def _member(
    row: read.Row, more: Mapping[str, Any] | None, pool_id: str, names: Names, network: str, muted: bool,
    monitor: read.Row | None, clock: datetime.datetime,
) -> Member:  # fmt: skip
    more = more or {}
    weight, enabled = more.get("weight"), more.get("admin_state_up")
    server = names.at(str(row["address"]), str(more.get("subnet_id") or ""), network)
    first = _first_check(row, monitor, more, server.active_at if server else None, clock)
    state = status.member(row["operating_status"], row["provisioning_status"], weight, enabled, first)
    return Member(
        id=str(row["id"]), name=str(row.get("name") or "") or (server.name if server else ""),
        server_id=server.id if server else "",
        address=str(row["address"]), port=int(row["protocol_port"]),
        state=status.muted(state) if muted else state,
        operating=row["operating_status"], provisioning=row["provisioning_status"], pool_id=pool_id,
        weight=weight, enabled=enabled, backup=more.get("backup"), subnet_id=more.get("subnet_id"),
        monitor_address=str(more.get("monitor_address") or ""), monitor_port=int(more.get("monitor_port") or 0),
        first_check=first,
    )  # fmt: skip


def _first_check(
    row: read.Row, monitor: read.Row | None, more: Mapping[str, Any], active: datetime.datetime | None,
    clock: datetime.datetime,
) -> FirstCheck | None:  # fmt: skip
    if monitor is None or row["operating_status"] not in status.UNSEEN:
        return None
    began = (values.moment(more.get("created_at")), values.moment(monitor.get("created_at")), active)
    return first_check.of(monitor, began, clock)


def _monitor(row: read.Row) -> Monitor:
    return Monitor(
        id=str(row["id"]), type=row["type"], delay=int(row["delay"]), timeout=int(row["timeout"]),
        retries=int(row["max_retries"]), retries_down=int(row.get("max_retries_down") or 3),
        method=str(row.get("http_method") or ""), path=str(row.get("url_path") or ""),
        codes=str(row.get("expected_codes") or ""), enabled=bool(row["admin_state_up"]),
        provisioning=row["provisioning_status"],
    )  # fmt: skip


def _watches(monitor: read.Row, pool_id: str) -> bool:
    return any(one.get("id") == pool_id for one in monitor.get("pools") or ())


def _muted(row: read.Row, mutes: Mutes, now: datetime.datetime) -> bool:
    return mutes.has(str(row["id"]), now)
