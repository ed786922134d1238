"""A load balancer with a listener, a pool, its members and a health monitor, by one call of Octavia."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any, Literal

from tenant_ops_dashboard.certificates import stored
from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict
from tenant_ops_dashboard.loadbalancers import access, duplicates, errors
from tenant_ops_dashboard.octavia import transport
from tenant_ops_dashboard.sentences import say

Json = dict[str, Any]
Protocol = Literal["HTTP", "HTTPS", "TCP", "PROXY", "UDP"]
PROTOCOLS: tuple[Protocol, ...] = ("HTTP", "HTTPS", "TCP", "PROXY", "UDP")
#: What listener, pool and health monitor are for each (Octavia API reference, 'Protocol Combinations').
_KINDS: Mapping[Protocol, tuple[str, str, str]] = {
    "HTTP": ("HTTP", "HTTP", "HTTP"), "HTTPS": ("TERMINATED_HTTPS", "HTTP", "HTTP"), "TCP": ("TCP", "TCP", "TCP"),
    "PROXY": ("TCP", "PROXY", "TCP"), "UDP": ("UDP", "UDP", transport.UDP_CONNECT),
}  # fmt: skip
LONGEST = 255
# Seconds after which two that were made at the same instant see each other: Octavia's times are whole seconds.
SETTLE = 1.5


@dataclass(frozen=True)
class Wanted:
    """What to make. 'HTTPS' ends TLS at the listener with `certificate`, a reference of the key manager; 'PROXY' is TCP
    whose servers get a header with the client's address first.

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


@dataclass(frozen=True)
class Made:
    """Octavia's row of the new load balancer, and the request id it was accepted with; `repeated`: nothing was sent."""

    row: Mapping[str, Any]
    request_id: str = ""
    repeated: bool = False


def create(cloud: Cloud, wanted: Wanted, token: str = "") -> Made:
    """Ask for a load balancer, which is being built when this returns.

    However often it is asked for, it is one: the same form (`token`) sent again, or the same asked for while the first
    is still being built, gives the first. A lost answer is looked up, never repeated blindly.
    Raises NotAllowed, BadInput, or a CloudError; nothing was made then, but after Uncertain nobody knows.
    """
    made = perform(Create(cloud, wanted, token))
    duplicates.withdraw(cloud, _named(cloud, wanted.name) if not made.repeated else ())
    return made


class Create(Change[Made]):
    """Octavia's POST of a whole load balancer, with marks by which the same wish is known."""

    name = "loadbalancers.create"
    rule = access.CREATE
    action = "create"
    kind = "load-balancer"
    patience = 10.0

    def __init__(self, cloud: Cloud, wanted: Wanted, token: str) -> None:
        super().__init__(cloud)
        self.wanted, self.token = wanted, token
        self.target = Target("", wanted.name)

    def prepare(self) -> Made | None:
        check(self.cloud, self.wanted)
        told = asdict(self.wanted)
        self.before, self.after = {}, {key: value for key, value in told.items() if value and key != "certificate"}
        self.marks = duplicates.marks(self.cloud, self.token, astuple(self.wanted))
        rows = _named(self.cloud, self.wanted.name)
        known = duplicates.same(rows, self.marks)
        if known is not None:
            self.target = Target(known["id"], self.wanted.name)
            self.underway = known["provisioning_status"] != "ACTIVE"
            return Made(known, repeated=True)
        if rows:
            said = say("This project has a load balancer called {wanted} already.", wanted=self.wanted.name)
            raise errors.BadInput(said, field="name")
        return None

    def send(self) -> Made:
        asked = body(self.wanted)
        asked["loadbalancer"].update(project_id=self.cloud.project_id, tags=list(self.marks))
        try:
            row: Json = self.cloud.post("load-balancer", "/lbaas/loadbalancers", asked)["loadbalancer"]
        except Conflict:
            known = duplicates.same(_named(self.cloud, self.wanted.name), self.marks, sent=True)
            if known is None:
                raise
            return self._one(known)
        return self._one(row, self.cloud.accepted)

    def happened(self) -> Made | None:
        known = duplicates.same(_named(self.cloud, self.wanted.name), self.marks, sent=True)
        if known is None:
            return None
        self.says = "adopted"
        return self._one(known)

    def _one(self, row: Json, request_id: str = "") -> Made:
        """The elder of two that were made at the same instant: Octavia takes any name any number of times."""
        self.target = Target(str(row["id"]), self.wanted.name)
        time.sleep(SETTLE)
        try:
            rows = _named(self.cloud, self.wanted.name)
        except CloudError:
            # What was made stands; whoever looks next takes a double away.
            return Made(row, request_id)
        return Made(duplicates.elder(rows, row), request_id)


def check(cloud: Cloud, wanted: Wanted) -> None:
    """Raises BadInput where a field cannot be, also for a certificate that the key manager does not offer."""
    if not wanted.name.strip() or len(wanted.name) > LONGEST:
        raise errors.BadInput(say("Give a name of at most {most} characters.", most=LONGEST), field="name")
    if not wanted.subnet_id:
        raise errors.BadInput(say("Choose the subnet that its address is from."), field="subnet")
    if wanted.protocol not in PROTOCOLS:
        raise errors.BadInput(say("A protocol is one of {known}.", known=", ".join(PROTOCOLS)), field="protocol")
    for field, port in (("port", wanted.port), ("server_port", wanted.server_port)):
        if not 1 <= port <= 65535:
            raise errors.BadInput(say("A port is a whole number from 1 to 65535."), field=field)
    if not wanted.path.startswith("/"):
        raise errors.BadInput(say("The path of the health check begins with /."), field="path")
    for address, _ in wanted.servers:
        try:
            ipaddress.ip_address(address)
        except ValueError as error:
            raise errors.BadInput(say("{address!r} is no IP address.", address=address), field="servers") from error
    if wanted.protocol != "HTTPS":
        if wanted.certificate:
            raise errors.BadInput(say("Only HTTPS takes a certificate."), field="certificate")
        return
    if not stored.offered(cloud):
        said = say("This cloud has no key manager, and HTTPS takes its certificate from there.")
        raise errors.BadInput(said, field="protocol")
    if wanted.certificate not in {one.ref for one in stored.read(cloud)}:
        raise errors.BadInput(say("Choose a certificate of this project's key manager."), field="certificate")


def body(wanted: Wanted) -> Json:
    """The one request, as Octavia wants it. Pure."""
    listens, speaks, checks = _KINDS[wanted.protocol]
    web = checks == "HTTP"
    monitor: Json = {"type": checks, "delay": 5, "timeout": 4, "max_retries": 3}
    if web:
        monitor.update(http_method="GET", url_path=wanted.path, expected_codes="200")
    pool: Json = {
        "name": "servers",
        "protocol": speaks,
        "lb_algorithm": "ROUND_ROBIN",
        "healthmonitor": monitor,
        "members": [
            {"address": address, "protocol_port": wanted.server_port, **({"subnet_id": subnet} if subnet else {})}
            for address, subnet in wanted.servers
        ],
    }
    listener: Json = {
        "name": wanted.protocol.lower(),
        "protocol": listens,
        "protocol_port": wanted.port,
        "default_pool": pool,
    }
    if web:
        listener["insert_headers"] = {"X-Forwarded-For": "true", "X-Forwarded-Proto": "true"}
    if wanted.protocol == "HTTPS":
        listener["default_tls_container_ref"] = wanted.certificate
    return {"loadbalancer": {"name": wanted.name, "vip_subnet_id": wanted.subnet_id, "listeners": [listener]}}


def _named(cloud: Cloud, name: str) -> list[Json]:
    rows = cloud.pages("load-balancer", "/lbaas/loadbalancers", "loadbalancers", project_id=cloud.project_id, name=name)
    return [one for one in rows if one["name"] == name and one["provisioning_status"] != "PENDING_DELETE"]
