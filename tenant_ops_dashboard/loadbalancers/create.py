"""A load balancer with a listener, a pool, its members and a health monitor, by one call of Octavia."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Literal

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud, CloudError, Uncertain
from tenant_ops_dashboard.loadbalancers import access, certificates, errors

Json = dict[str, Any]
Protocol = Literal["HTTP", "HTTPS", "TCP"]
PROTOCOLS: tuple[Protocol, ...] = ("HTTP", "HTTPS", "TCP")
LONGEST = 255


@dataclass(frozen=True)
class Wanted:
    """What to make. 'HTTPS' ends TLS at the listener with `certificate`, a reference of the key manager.

    `servers` are (address, subnet id); they listen at `server_port`. `path` is what the health monitor of HTTP asks.
    """

    name: str
    subnet_id: str
    protocol: Protocol
    port: int
    server_port: int
    servers: tuple[tuple[str, str], ...] = ()
    certificate: str = ""
    path: str = "/"


def create(cloud: Cloud, wanted: Wanted) -> Json:
    """Octavia's row of the new load balancer, which is being built. An answer that was lost is looked up.

    Raises NotAllowed, BadInput, or a CloudError.
    """
    access.require(cloud, access.CREATE)
    check(cloud, wanted)
    if _named(cloud, wanted.name) is not None:
        raise errors.BadInput(f"This project has a load balancer called {wanted.name} already.", field="name")
    try:
        made = _send(cloud, wanted)
    except CloudError as error:
        audit.record(
            cloud, "create", "load-balancer", "", wanted.name, "failure",
            request_id=error.request_id, reason=error.sentence,
        )  # fmt: skip
        raise
    audit.record(cloud, "create", "load-balancer", str(made["id"]), wanted.name, "pending")
    return made


def check(cloud: Cloud, wanted: Wanted) -> None:
    """Raises BadInput where a field cannot be, also for a certificate that the key manager does not offer."""
    if not wanted.name.strip() or len(wanted.name) > LONGEST:
        raise errors.BadInput(f"Give a name of at most {LONGEST} characters.", field="name")
    if not wanted.subnet_id:
        raise errors.BadInput("Choose the subnet that its address is from.", field="subnet")
    if wanted.protocol not in PROTOCOLS:
        raise errors.BadInput(f"A protocol is one of {', '.join(PROTOCOLS)}.", field="protocol")
    for field, port in (("port", wanted.port), ("server_port", wanted.server_port)):
        if not 1 <= port <= 65535:
            raise errors.BadInput("A port is a whole number from 1 to 65535.", field=field)
    if not wanted.path.startswith("/"):
        raise errors.BadInput("The path of the health check begins with /.", field="path")
    for address, _ in wanted.servers:
        try:
            ipaddress.ip_address(address)
        except ValueError as error:
            raise errors.BadInput(f"{address!r} is no IP address.", field="servers") from error
    if wanted.protocol != "HTTPS":
        if wanted.certificate:
            raise errors.BadInput("Only HTTPS takes a certificate.", field="certificate")
        return
    if not certificates.offered(cloud):
        said = "This cloud has no key manager, and HTTPS takes its certificate from there."
        raise errors.BadInput(said, field="protocol")
    if wanted.certificate not in {one.ref for one in certificates.read(cloud)}:
        raise errors.BadInput("Choose a certificate of this project's key manager.", field="certificate")


def body(wanted: Wanted) -> Json:
    """The one request, as Octavia wants it. Pure."""
    web = wanted.protocol in ("HTTP", "HTTPS")
    monitor: Json = {"type": "HTTP" if web else "TCP", "delay": 5, "timeout": 4, "max_retries": 3}
    if web:
        monitor.update(http_method="GET", url_path=wanted.path, expected_codes="200")
    pool: Json = {
        "name": "servers",
        "protocol": "HTTP" if web else "TCP",
        "lb_algorithm": "ROUND_ROBIN",
        "healthmonitor": monitor,
        "members": [
            {"address": address, "protocol_port": wanted.server_port, **({"subnet_id": subnet} if subnet else {})}
            for address, subnet in wanted.servers
        ],
    }
    listener: Json = {
        "name": wanted.protocol.lower(),
        "protocol": "TERMINATED_HTTPS" if wanted.protocol == "HTTPS" else wanted.protocol,
        "protocol_port": wanted.port,
        "default_pool": pool,
    }
    if web:
        listener["insert_headers"] = {"X-Forwarded-For": "true", "X-Forwarded-Proto": "true"}
    if wanted.protocol == "HTTPS":
        listener["default_tls_container_ref"] = wanted.certificate
    return {"loadbalancer": {"name": wanted.name, "vip_subnet_id": wanted.subnet_id, "listeners": [listener]}}


def _send(cloud: Cloud, wanted: Wanted) -> Json:
    asked = body(wanted)
    asked["loadbalancer"]["project_id"] = cloud.project_id
    try:
        made: Json = cloud.post("load-balancer", "/lbaas/loadbalancers", asked)["loadbalancer"]
    except Uncertain:
        found = _named(cloud, wanted.name)
        if found is None:
            raise
        made = found
    return made


def _named(cloud: Cloud, name: str) -> Json | None:
    rows = cloud.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers", project_id=cloud.project_id, name=name)
    return next((one for one in rows if one["name"] == name), None)
