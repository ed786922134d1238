"""What a snapshot holds, checked and with addresses as numbers. Everything is frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .rules import FirewallRule
from .spans import Span, Spans

ROUTER_OWNERS = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)
GATEWAY_OWNER = "network:router_gateway"
HA_OWNER = "network:router_ha_interface"


@dataclass(frozen=True, slots=True)
class Network:
    """`physical` says that it is a provider network: machines outside OpenStack may be on it.

    `scopes` holds the ids of its address scopes per IP version (None: in no scope), as far as the snapshot tells them.
    """

    id: str
    name: str = ""
    external: bool = False
    physical: bool = False
    admin_up: bool = True
    scopes: Mapping[int, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """Addresses `span` are sent to `nexthop`."""

    version: int
    span: Span
    nexthop: int


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet; `gateway` is None where its servers get no default route, `pool` the subnet pool it is cut from."""

    id: str
    network_id: str
    name: str
    version: int
    span: Span
    gateway: int | None
    host_routes: tuple[Route, ...]
    dhcp: bool = True
    pool: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """One fixed address of a port."""

    version: int
    number: int
    subnet_id: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One allowed address pair; `own_mac` says that it names the port's own MAC address.

    `host` is the address as written where bits stand behind its prefix: OVN's port security takes it alone.
    """

    version: int
    span: Span
    own_mac: bool
    host: int | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """One port. `secured`: security groups and anti-spoofing apply. `is_router`: it is an interface of a router.

    `bound`: some device has it. A port that nobody has neither sends nor answers (Neutron: `binding:vif_type` unbound).
    `link_locals` are the IPv6 link-local addresses made of its MAC addresses (RFC 4291, appendix A), its own first.
    `direct`: the server has a part of the network card itself (SR-IOV), past the virtual switch.
    """

    id: str
    name: str
    network_id: str
    addresses: tuple[Address, ...]
    pairs: tuple[Pair, ...]
    groups: tuple[str, ...]
    secured: bool
    admin_up: bool
    device_id: str
    device_owner: str
    bound: bool = True
    link_locals: tuple[int, ...] = ()
    direct: bool = False

    def speaks(self, version: int) -> bool:
        """Say whether OVN's port security lets it send and take in an IP version: its own or a pair's, or it has none.

        Source: ovn-nb(5), port_security of Logical_Switch_Port.
        """
        known = {address.version for address in self.addresses} | {pair.version for pair in self.pairs}
        return not self.secured or not known or version in known

    @property
    def is_router(self) -> bool:
        """Say whether it is an inner interface of a router."""
        return self.device_owner in ROUTER_OWNERS


@dataclass(frozen=True, slots=True)
class Router:
    """One router; `gateway` maps the IP version to its addresses on the external network."""

    id: str
    name: str
    admin_up: bool
    external_network: str | None
    gateway: tuple[tuple[int, int], ...]
    snat: bool
    routes: tuple[Route, ...]
    distributed: bool


@dataclass(frozen=True, slots=True)
class Forwarding:
    """One port forwarding of a floating address: external ports to as many internal ones."""

    id: str | None
    protocol: int
    external: Span
    internal: Span
    address: int
    port_id: str | None


@dataclass(frozen=True, slots=True)
class FloatingIP:
    """One floating address, bound to a port's fixed address or carrying port forwardings."""

    id: str
    address: int
    version: int
    network_id: str
    port_id: str | None
    fixed: int | None
    router_id: str | None
    forwardings: tuple[Forwarding, ...]


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One security group rule. `ports` is a span of ports, or for ICMP of type * 256 + code."""

    id: str
    group_id: str
    ingress: bool
    version: int
    protocol: int | None
    ports: Span | None
    prefix: Span | None
    remote_group: str | None
    address_group: str | None


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """One security group and its rules."""

    id: str
    name: str
    stateful: bool
    rules: tuple[GroupRule, ...]


@dataclass(frozen=True, slots=True)
class AddressGroup:
    """Addresses per IP version."""

    id: str
    name: str
    spans: Mapping[int, Spans]


@dataclass(frozen=True, slots=True)
class FirewallGroup:
    """One FWaaS group; `ingress` and `egress` are policy ids. `applied` orders groups by their last change.

    `project` and `created` (a time in Neutron's spelling) are '' where they are not known.
    """

    id: str
    name: str
    ingress: str | None
    egress: str | None
    ports: tuple[str, ...]
    admin_up: bool
    status: str
    applied: tuple[str, int]
    project: str = ""
    created: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One FWaaS policy: rule ids in order. Project and times (Neutron's spelling) are '' where they are not known."""

    id: str
    name: str
    rules: tuple[str, ...]
    project: str = ""
    audited: bool = False
    created: str = ""
    updated: str = ""


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """One Octavia load balancer; `groups` are the user's own security groups on it (`vip_sg_ids`).

    With such groups Octavia writes no rules for listeners (octavia, allowed_address_pairs.py).
    """

    id: str
    name: str
    version: int
    vip: int
    port_id: str | None
    provider: str
    admin_up: bool
    groups: tuple[str, ...] = ()

    @property
    def in_switch(self) -> bool:
        """Say whether OVN itself balances, so that members see the client's own address (ovn-octavia-provider)."""
        return self.provider == "ovn"


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener; `allowed` holds its allowed_cidrs, empty for anyone, `policies` its layer 7 policies.

    `answers`: the balancer answers itself, without any pool (protocol PROMETHEUS).
    """

    id: str
    balancer_id: str
    protocol: int
    port: int
    allowed: tuple[tuple[int, Span], ...]
    pool: str | None
    admin_up: bool
    policies: tuple["Layer7", ...]
    answers: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Layer7:
    """One layer 7 policy: its action as Octavia names it ('' where only its id is known), the pool of a redirect.

    `empty`: it has no rule, so no request meets it (octavia, macros.j2).
    """

    id: str
    action: str
    pool: str | None
    admin_up: bool
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool; nothing is handed to a pool that is down. `unchecked`: it says that it has no health monitor."""

    id: str
    admin_up: bool
    unchecked: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One pool member; `monitor` is where its health check goes when that is not the member's own address and port.

    With weight 0 it gets no new connections; `backup` serves only while no other member does (Octavia API reference).
    `failed`: Octavia's own health check says that it does not answer.
    """

    id: str
    pool_id: str
    version: int
    address: int
    port: int
    subnet_id: str | None
    monitor: tuple[int, int, int] | None
    admin_up: bool
    backup: bool
    weight: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Monitor:
    """One health monitor: with which protocol it asks the members of its pool. A ping is ICMP of the member's version.

    Where `admin_up` is false nobody is asked. `trusting`: silence is a good answer to it, so it takes out nobody to
    whom packets are lost (UDP-CONNECT: octavia's udp_check.sh, and OVN's service monitor, wait for an ICMP error).
    """

    id: str
    pool_id: str
    protocol: int
    admin_up: bool
    trusting: bool = False


@dataclass(frozen=True)
class Snapshot:
    """Everything read. `partial`: taken for one project, so objects of others may be missing.

    `subnetpools` maps each pool to its address scope.
    """

    name: str
    meta: Mapping[str, Any]
    partial: bool
    networks: Mapping[str, Network] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    routers: Mapping[str, Router] = field(default_factory=dict)
    ports: Mapping[str, Port] = field(default_factory=dict)
    floatingips: Mapping[str, FloatingIP] = field(default_factory=dict)
    security_groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    address_groups: Mapping[str, AddressGroup] = field(default_factory=dict)
    firewall_groups: Mapping[str, FirewallGroup] = field(default_factory=dict)
    firewall_policies: Mapping[str, Policy] = field(default_factory=dict)
    firewall_rules: Mapping[str, FirewallRule] = field(default_factory=dict)
    loadbalancers: Mapping[str, LoadBalancer] = field(default_factory=dict)
    listeners: Mapping[str, Listener] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    l7policies: Mapping[str, Layer7] = field(default_factory=dict)
    members: Mapping[str, Member] = field(default_factory=dict)
    healthmonitors: Mapping[str, Monitor] = field(default_factory=dict)
    subnetpools: Mapping[str, str | None] = field(default_factory=dict)
