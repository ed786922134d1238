"""Which ports a firewall group may be on, by the names people know, and why the others may not. Pure.

Neutron takes a router's interfaces into subnets, each into one group at most; all else is a 409 for the whole request
(FirewallGroupPortInvalid, FirewallGroupPortNotSupported, FirewallGroupPortInUse).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.firewall import limits
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.snapshot import Json, Seen
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.sentences import join, say


@dataclass(frozen=True)
class Interface:
    """A port as it is offered: `words` are what people call it, `why` says why it cannot be chosen, '' where it can."""

    id: str
    words: str
    why: str = ""


def offered(ends: Ends, group_id: str = "") -> tuple[Interface, ...]:
    """The project's ports for this group ('': a new one), those that may be chosen first, each kind by its words."""
    seen, labels = ends.seen, Labels(ends.seen, ends.names)
    project = seen.project_id
    rows = [one for one in seen.rows("ports") if not project or one.get("project_id", project) == project]
    holding = {
        port: one for one in seen.rows("firewall_groups") if one["id"] != group_id for port in one.get("ports") or ()
    }
    found = [_offered(seen, labels, row, holding) for row in rows]
    return tuple(sorted(found, key=lambda one: (bool(one.why), one.words, one.id)))


def called(seen: Seen, row: Mapping[str, Any], label: str = "") -> str:
    """What people call a port: 'router shop-router into network shop-dmz 10.20.1.0/24'; `label` names what has it."""
    owner = str(row.get("device_owner") or "")
    network = _named(seen, "networks", str(row.get("network_id") or ""))
    if owner == "network:router_gateway":
        return say(
            "router {named} to the outside, network {network}",
            named=_named(seen, "routers", str(row.get("device_id") or "")),
            network=network,
        )
    if owner in limits.INTERFACES:
        subnets = [str(one["subnet_id"]) for one in row.get("fixed_ips") or () if one.get("subnet_id")]
        ranges = [str(one["cidr"]) for one in seen.rows("subnets") if one["id"] in subnets]
        router = _named(seen, "routers", str(row.get("device_id") or ""))
        return join(
            " ",
            (say("router {router} into network {network}", router=router, network=network), *sorted(ranges)),
        )
    address = next((str(one["ip_address"]) for one in row.get("fixed_ips") or () if one.get("ip_address")), "")
    return join(
        " ",
        filter(None, (label or say("port {id}", id=row["id"]), say("on network"), network, address)),
    )


def _offered(seen: Seen, labels: Labels, row: Json, holding: Mapping[str, Json]) -> Interface:
    id_ = str(row["id"])
    why = limits.unfit(row)
    if not why and id_ in holding:
        name = holding[id_].get("name") or holding[id_]["id"]
        why = say("is in the firewall group {name}; a port is in one at most.", name=name)
    return Interface(id_, called(seen, row, labels.port(id_)), why)


def _named(seen: Seen, kind: str, id_: str) -> str:
    row = next((one for one in seen.rows(kind) if one["id"] == id_), None)
    return str((row or {}).get("name") or id_)
