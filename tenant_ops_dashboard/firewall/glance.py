"""A look by whoever looked a moment ago: what people edit here is asked for anew, the rest as it is needed.

Six lists tell what changes under a page: ports, floating addresses, security groups, and the three of firewalls.
Networks, routers, names and load balancers move slowly. One of these four is asked for in a look, the oldest, and at
once whatever the six name and it does not have.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.firewall.names import Known, Names
from tenant_ops_dashboard.firewall.snapshot import CHILDREN, Json, Seen, balanced, list_of, meta
from tenant_ops_dashboard.sentences import say

#: What every look asks for.
QUICK = ("ports", "floatingips", "security_groups", "firewall_groups", "firewall_policies", "firewall_rules")
#: Seconds from which on a part is asked for again in its turn, and after which no look goes without.
FRESH, OLD = 20.0, 60.0
#: How Octavia's drivers call the ports of virtual addresses (octavia/common/constants.py; ovn_octavia_provider).
_VIRTUAL = ("octavia-lb-", "ovn-lb-vip-")
Rows = Mapping[str, list[Json]]


@dataclass(frozen=True)
class Part:
    """Rows by collection, or names, as they were at a time.

    `named` is what the quick lists named then, `missing` what of it was not there either.
    """

    at: datetime.datetime
    rows: Rows = field(default_factory=dict)
    names: Known = field(default_factory=lambda: Known((), {}))
    missing: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


Parts = Mapping[str, Part]


def glance(cloud: Cloud, kept: Parts, now: datetime.datetime) -> tuple[Seen, Known, Parts]:
    """The project as it is, its names, and the parts to keep for the next look. Raises a CloudError.

    Six calls and at most two more, where nothing is new: a load balancer that changed is asked for all it has.
    """
    known = {one["id"] for one in kept["networks"].rows["networks"]} if "networks" in kept else set()
    quick = {key: list_of(cloud, key, known) for key in QUICK}
    parts = {name: part for name, part in kept.items() if _age(part, now) < OLD}
    due = [name for name in _PARTS if name not in parts or _moved(name, parts[name], quick)]
    late = sorted((name for name in parts if _age(parts[name], now) > FRESH), key=lambda name: parts[name].at)
    for name in due:
        parts[name] = _asked(name, cloud, quick, parts.get(name), now)
    if late and not due:
        with suppress(CloudError):  # what there is will do until it is too old
            parts[late[0]] = _asked(late[0], cloud, quick, parts[late[0]], now)
    raw = {"meta": meta(cloud), **{key: rows for part in parts.values() for key, rows in part.rows.items()}, **quick}
    return Seen(raw), parts["names"].names, parts


def since(parts: Parts) -> datetime.datetime:
    """When the oldest of them was asked for."""
    return min(part.at for part in parts.values())


def _age(part: Part, now: datetime.datetime) -> float:
    return (now - part.at).total_seconds()


def _moved(name: str, part: Part, quick: Rows) -> bool:
    """Whether the quick lists name what a part does not have, or a load balancer's port is gone."""
    named = _named(name, quick)
    return bool(named - _known(name, part)) or (name == "balancers" and not part.named <= named)


def _asked(name: str, cloud: Cloud, quick: Rows, before: Part | None, now: datetime.datetime) -> Part:
    made = _PARTS[name](cloud, quick, before, now)
    named = _named(name, quick)
    return Part(now, made.rows, made.names, frozenset(named - _known(name, made)), frozenset(named))


def _networks(cloud: Cloud, quick: Rows, before: Part | None, now: datetime.datetime) -> Part:
    networks = list_of(cloud, "networks", ())
    return Part(now, {"networks": networks, "subnets": list_of(cloud, "subnets", {one["id"] for one in networks})})


def _routers(cloud: Cloud, quick: Rows, before: Part | None, now: datetime.datetime) -> Part:
    groups = list_of(cloud, "address_groups", ()) if any(_address_groups(quick)) else []
    return Part(now, {"routers": list_of(cloud, "routers", ()), "address_groups": groups})


def _balancers(cloud: Cloud, quick: Rows, before: Part | None, now: datetime.datetime) -> Part:
    if not cloud.has("load-balancer"):
        return Part(now)
    query = {"project_id": cloud.project_id}
    rows = cloud.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers", **query)
    # Octavia holds a load balancer while anything of it changes, and writes its time (api/v2: test_and_set_status).
    if before is not None and rows == before.rows.get("loadbalancers") and all(map(_still, rows)):
        return Part(now, {**before.rows, "loadbalancers": rows})
    return Part(now, {"loadbalancers": rows, **(balanced(cloud, query) if rows else {key: [] for key in CHILDREN})})


def _still(row: Json) -> bool:
    return bool(row.get("updated_at")) and row.get("provisioning_status") == "ACTIVE"


def _names(cloud: Cloud, quick: Rows, before: Part | None, now: datetime.datetime) -> Part:
    told = Names(cloud).known()
    if before is not None:
        # Nova or Heat that does not answer tells of nothing: those who are there keep their names.
        known, named = before.names, _named("names", quick)
        servers = told.servers or tuple(one for one in known.servers if one.id in named)
        environments = told.environments or {i: name for i, name in known.environments.items() if i in named}
        told = replace(told, servers=servers, environments=environments, silent=told.silent and not servers)
    return Part(now, names=told)


_PARTS: Mapping[str, Callable[[Cloud, Rows, Part | None, datetime.datetime], Part]] = {
    "networks": _networks, "routers": _routers, "balancers": _balancers, "names": _names,
}  # fmt: skip


def _named(name: str, quick: Rows) -> set[str]:
    """The ids that the quick lists name of a part."""
    ports = quick["ports"]
    if name == "networks":
        subnets = (ip.get("subnet_id") for port in ports for ip in port.get("fixed_ips") or ())
        outside = (one.get("floating_network_id") for one in quick["floatingips"])
        return _ids([*(port.get("network_id") for port in ports), *subnets, *outside])
    if name == "routers":
        inside = (port.get("device_id") for port in ports if _owner(port).startswith("network:router_interface"))
        doors = ((one.get("router_id"), one.get("floating_network_id")) for one in quick["floatingips"])
        return _ids([*inside, *(_door(*one) for one in doors if one[0]), *_address_groups(quick)])
    if name == "balancers":
        return _ids(port.get("id") for port in ports if str(port.get("name") or "").startswith(_VIRTUAL))
    servers = (port.get("device_id") for port in ports if _owner(port).startswith("compute:"))
    return _ids([*servers, *(marks.owner(one) for one in quick["firewall_groups"])])


def _known(name: str, part: Part) -> set[str]:
    """The ids that a part has, and those it is known not to have."""
    rows = {str(one["id"]) for key in ("networks", "subnets", "routers", "address_groups")
            for one in part.rows.get(key, ())}  # fmt: skip
    virtual = _ids(one.get("vip_port_id") for one in part.rows.get("loadbalancers", ()))
    doors = {_door(one["id"], (one.get("external_gateway_info") or {}).get("network_id"))
             for one in part.rows.get("routers", ())}  # fmt: skip
    return {*rows, *doors, *virtual, *(one.id for one in part.names.servers), *part.names.environments, *part.missing}


def _address_groups(quick: Rows) -> Iterable[str]:
    """The address groups that a security group's rule refers to."""
    rules = (rule for group in quick["security_groups"] for rule in group.get("security_group_rules") or ())
    return [str(one) for rule in rules if (one := rule.get("remote_address_group_id"))]


def _door(router: object, network: object) -> str:
    """A router with the network that it leads to the outside by: floating addresses need one."""
    return say("{router} to {network}", router=router, network=network)


def _owner(port: Json) -> str:
    return str(port.get("device_owner") or "")


def _ids(told: Iterable[object]) -> set[str]:
    return {str(one) for one in told if one}
