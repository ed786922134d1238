"""What a load balancer is to people: listeners, pools and members, each with one state."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tenant_ops_dashboard.certificates.model import Certificate
from tenant_ops_dashboard.octavia.first_check import FirstCheck
from tenant_ops_dashboard.octavia.status import State


@dataclass(frozen=True)
class Member:
    """One server behind a pool. `weight`, `enabled`, `backup` and `subnet_id` are None where only the tree was read.

    `first_check` is the time it has for its first health checks, where it is not up and that is known.
    """

    id: str
    name: str
    address: str
    port: int
    state: State
    operating: str
    provisioning: str
    pool_id: str
    server_id: str = ""
    weight: int | None = None
    enabled: bool | None = None
    backup: bool | None = None
    subnet_id: str | None = None
    monitor_address: str = ""
    monitor_port: int = 0
    first_check: FirstCheck | None = None

    @property
    def place(self) -> str:
        """'10.0.1.11:8080', '[2001:db8::1]:80'."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    @property
    def label(self) -> str:
        return self.name or self.place


@dataclass(frozen=True)
class Monitor:
    """How members are asked. Times are in seconds, `retries` are answers in a row."""

    id: str
    type: str
    delay: int
    timeout: int
    retries: int
    retries_down: int
    method: str = ""
    path: str = ""
    codes: str = ""
    enabled: bool = True
    provisioning: str = "ACTIVE"


@dataclass(frozen=True)
class Pool:
    """`members` is None where they were not read yet."""

    id: str
    name: str
    protocol: str
    algorithm: str
    state: State
    reason: str
    operating: str
    provisioning: str
    enabled: bool
    monitor: Monitor | None = None
    members: tuple[Member, ...] | None = None

    def others(self, member: Member) -> list[Member]:
        """Who serves beside this member."""
        return [one for one in self.members or () if one.id != member.id and one.state == "good"]

    def alone(self, member: Member) -> bool:
        """Whether it serves, and nobody else of this pool does."""
        return member.state == "good" and not self.others(member)


@dataclass(frozen=True)
class Rule:
    """One condition of a layer 7 policy, as Octavia names its parts; `told` is the same in words."""

    id: str
    told: str
    type: str
    compare_type: str
    key: str
    value: str
    invert: bool
    enabled: bool
    operating: str
    provisioning: str


@dataclass(frozen=True)
class Policy:
    """A layer 7 policy; `told` says what it does, `idle` why it takes no request, '' where it may.

    A request must meet all `rules`, None where they were not read; `position` is the one that people gave it.
    """

    id: str
    name: str
    told: str
    idle: str
    action: str
    position: int
    state: State
    operating: str
    provisioning: str
    enabled: bool
    pool_id: str = ""
    url: str = ""
    prefix: str = ""
    code: int = 0
    rules: tuple[Rule, ...] | None = None

    @property
    def label(self) -> str:
        return self.name or self.id[:8]


@dataclass(frozen=True)
class Listener:
    """What a load balancer listens on; `allowed` are the only source networks let in, () means all.

    `pools` has the one of `default_pool_id` first, then those that only `policies` lead to, which stand in the order in
    which they are tried. `tls`: it ends TLS itself, with `certificates`, the default one first, as far as the key
    manager tells of them.
    """

    id: str
    name: str
    protocol: str
    port: int
    state: State
    operating: str
    provisioning: str
    enabled: bool
    tls: bool = False
    certificates: tuple[Certificate, ...] = ()
    allowed: tuple[str, ...] = ()
    pools: tuple[Pool, ...] = ()
    default_pool_id: str = ""
    policies: tuple[Policy, ...] = ()

    def led(self, pool: Pool) -> list[Policy]:
        """The policies without which no request of this listener comes to the pool; [] for the default one."""
        return [] if pool.id == self.default_pool_id else [one for one in self.policies if one.pool_id == pool.id]


@dataclass(frozen=True)
class Balancer:
    """`spare` are pools that no listener uses; `read_at` says when the members were read, None: not yet.

    `trouble` is the sentence why they cannot be read, or why nothing of it can be shown.
    """

    id: str
    name: str
    state: State
    reason: str
    operating: str
    provisioning: str
    enabled: bool
    vip: str
    vip_port_id: str
    provider: str
    flavor: str = ""
    floating_ip: str = ""
    environment_id: str = ""
    listeners: tuple[Listener, ...] = ()
    spare: tuple[Pool, ...] = ()
    created_at: datetime.datetime | None = None
    read_at: datetime.datetime | None = None
    trouble: str = ""
    vip_network_id: str = ""

    @property
    def busy(self) -> bool:
        """Octavia refuses changes until it is done with the last one."""
        return self.provisioning.startswith("PENDING")

    @property
    def address(self) -> str:
        return self.floating_ip or self.vip

    def pools(self) -> tuple[Pool, ...]:
        """Every pool once."""
        found = {pool.id: pool for listener in self.listeners for pool in listener.pools}
        found.update({pool.id: pool for pool in self.spare})
        return tuple(found.values())

    def members(self) -> Iterator[Member]:
        """Every member of every pool, once."""
        for pool in self.pools():
            yield from pool.members or ()

    def member(self, id_: str) -> Member | None:
        return next((one for one in self.members() if one.id == id_), None)


@dataclass(frozen=True)
class Mutes:
    """What people do not want to be warned of: ids of load balancers and members, each until a time."""

    until: Mapping[str, datetime.datetime] = field(default_factory=dict)

    def has(self, id_: str, now: datetime.datetime) -> bool:
        end = self.until.get(id_)
        return end is not None and end > now
