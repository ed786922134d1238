"""What other services know of a load balancer's surroundings. It changes seldom, so callers keep it for a while."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tenant_ops_dashboard.certificates import stored
from tenant_ops_dashboard.certificates.model import Certificate
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.cloud.values import Shape, each, moment, rows, text

T = TypeVar("T")
Row = dict[str, Any]
_PORT: Shape = {
    "id": text, "network_id": text, "device_id": text, "fixed_ips": each({"subnet_id": text, "ip_address": text}),
}  # fmt: skip
_FLOATING: Shape = {"port_id": text, "floating_ip_address": text}


@dataclass(frozen=True)
class Server:
    """A server behind an address; `active_at` is when Nova first had it running, as far as known."""

    id: str
    name: str
    active_at: datetime.datetime | None = None


@dataclass(frozen=True)
class Names:
    """Floating IPs by port, servers by (subnet or network, address), flavors' names by id, certificates by theirs."""

    floating: Mapping[str, str] = field(default_factory=dict)
    servers: Mapping[tuple[str, str], Server] = field(default_factory=dict)
    flavors: Mapping[str, str] = field(default_factory=dict)
    certificates: Mapping[str, Certificate] = field(default_factory=dict)

    def at(self, address: str, *places: str) -> Server | None:
        """The server with this address in one of these subnets or networks: addresses repeat between networks."""
        return next((self.servers[place, address] for place in places if (place, address) in self.servers), None)


def read(cloud: Cloud, flavors: bool, tls: bool = False) -> Names:
    """Three calls, one more where `flavors` are in use, two where `tls` is; a silent service leaves its part out."""
    ports = rows(_ask(lambda: cloud.pages("network", "/ports", "ports", project_id=cloud.project_id)), _PORT)
    floating = _ask(lambda: cloud.pages("network", "/floatingips", "floatingips", project_id=cloud.project_id))
    servers = _ask(lambda: cloud.pages("compute", "/servers/detail", "servers")) if cloud.has("compute") else []
    servers, floating = rows(servers, {"id": text, "name": text}), rows(floating, _FLOATING)
    kinds = _ask(lambda: cloud.pages("load-balancer", "/lbaas/flavors", "flavors")) if flavors else []
    known = {one["id"]: Server(one["id"], one["name"], moment(one.get("OS-SRV-USG:launched_at"))) for one in servers}
    return Names(
        floating={one["port_id"]: one["floating_ip_address"] for one in floating if one["port_id"]},
        servers={place: known[port["device_id"]] for port in ports if port["device_id"] in known
                 for place in _places(port)},
        flavors={one["id"]: one["name"] for one in rows(kinds, {"id": text, "name": text})},
        certificates={one.id: one for one in (_ask(lambda: list(stored.known(cloud))) if tls else ())},
    )  # fmt: skip


def _places(port: Mapping[str, Any]) -> list[tuple[str, str]]:
    fixed = [(one["subnet_id"], one["ip_address"]) for one in port["fixed_ips"]]
    return [*fixed, *((port["network_id"], address) for _, address in fixed)]


def _ask(make: Callable[[], list[T]]) -> list[T]:
    try:
        return make()
    except CloudError:
        return []
