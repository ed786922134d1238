"""Ends of traffic, as people name them, found in a snapshot.

`internet | CIDR or address | port:ID | server:NAME|ID | security-group:NAME|ID | network:NAME|ID |
environment:NAME|ID | tier:ENVIRONMENT/TIER`. Only names of servers, environments and tiers need the cloud once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.reachability import link, spans
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import BadInput as Unreadable
from tenant_ops_dashboard.reachability.model import Port, Snapshot
from tenant_ops_dashboard.reachability.scope import Scope, read_scope, servers
from tenant_ops_dashboard.reachability.spans import Spans
from tenant_ops_dashboard.sentences import about, say

INTERNET = "internet"
KINDS = "internet, a CIDR or address, port:ID, server:, security-group:, network:, environment:NAME, tier:NAME/TIER"
#: Addresses to show first: examples (RFC 5737, RFC 3849), then those that hosts may have.
_USUAL: dict[int, Spans] = {
    4: ((spans.address("198.51.100.1")[1], spans.address("198.51.100.254")[1]), (1 << 24, (224 << 24) - 1)),
    6: ((spans.address("2001:db8::1")[1], spans.address("2001:db8::ffff")[1]), (1 << 125, (1 << 126) - 1)),
}
#: Words for the tiers of an environment that the list of environments uses, and what they stand for.
TIERS = {"dmz": "dmz", "db": "database", "database": "database"}
#: What stands in a DMZ: its servers by what they are there for, and the load balancers' addresses.
BALANCER = "balancer"
PARTS = ("application", "jump", BALANCER)


@dataclass(frozen=True)
class Ends:
    """Finds ends in one snapshot; `names` asks the cloud where a name needs it."""

    seen: Seen
    names: Names

    def source(self, text: str, field: str) -> Scope:
        """The end as the one that sends: a load balancer's virtual address never does, unless it is named itself."""
        found = self._end(text, field, "--from")
        if text.startswith("port:"):
            return found
        virtual = self.engine.world.balancer_of
        return replace(found, ports=tuple(one for one in found.ports if one.id not in virtual))

    def target(self, text: str, field: str) -> Scope:
        """The end that a text names; complaints begin with `field`. Raises BadInput, NotFound, a CloudError.

        Of addresses it is who answers there: floating, forwarded and virtual ones are somebody's, too.
        """
        return self._end(text, field, "--to")

    def _end(self, text: str, field: str, way: str) -> Scope:
        kind, colon, name = text.partition(":")
        by_kind: Mapping[str, Callable[[str, str], Iterable[Port]]] = {
            "port": self._port,
            "server": self._server,
            "security-group": self._security_group,
            "network": self._network,
            "environment": self._environment,
            "tier": self._tier,
        }
        if colon and kind in by_kind:
            if not name:
                raise BadInput(about(field, say("{kind}: needs a name or an id behind it.", kind=kind)), field=field)
            return Scope(False, tuple(by_kind[kind](name, field)))
        if text == INTERNET:
            return internet(self.engine)
        try:
            found = read_scope(self.engine, text, way)
        except Unreadable:
            raise BadInput(
                about(field, say("'{text}' is none of {kinds}.", text=text[:60], kinds=KINDS)), field=field
            ) from None
        # A range means machines; Neutron's own port is meant where its very address is named.
        machines = tuple(one for one in found.ports if _is_machine(one))
        single = any(low == high for all_ in (found.limits or {}).values() for low, high in all_)
        return found if single and not machines else replace(found, ports=machines)

    @property
    def engine(self) -> Engine:
        """The engine whose ports are found."""
        return self.seen.engine

    def environment(self, id_: str) -> dict[str, tuple[Port, ...]]:
        """The ports of an environment by tier, those of its load balancers' addresses in the DMZ."""
        found: dict[str, list[Port]] = {}
        tiers = {one.id: one.tier for one in self.names.servers if one.environment == id_}
        for row in self.seen.rows("loadbalancers"):
            if id_ in str(row.get("description") or "") and row.get("vip_port_id") in self.engine.snapshot.ports:
                found.setdefault("dmz", []).append(self.engine.snapshot.ports[row["vip_port_id"]])
        for port in servers(self.engine.snapshot):
            if port.device_id in tiers:
                found.setdefault(tiers[port.device_id], []).append(port)
        return {name: tuple(ports) for name, ports in found.items()}

    def _part(self, id_: str, part: str) -> tuple[Port, ...]:
        roles = {one.id: one.part for one in self.names.servers if one.environment == id_}
        ports = self.environment(id_).get("dmz", ())
        return tuple(one for one in ports if roles.get(one.device_id, BALANCER) == part)

    def _port(self, id_: str, field: str) -> tuple[Port, ...]:
        port = self.engine.snapshot.ports.get(id_)
        if port is None:
            raise NotFound(about(field, say("This project has no port {id_}.", id_=id_[:60])), field=field)
        return (port,)

    def _server(self, name: str, field: str) -> tuple[Port, ...]:
        if by_id := self._of_devices({name}):
            return by_id
        rows = [{"id": one.id, "name": one.name} for one in self.names.servers]
        return self._of_devices({read.one_of(rows, name, say("server"), field)["id"]})

    def _security_group(self, name: str, field: str) -> tuple[Port, ...]:
        found = read.one_of(self.seen.rows("security_groups"), name, say("security group"), field)
        return tuple(self.engine.world.members.get(found["id"], ()))

    def _network(self, name: str, field: str) -> tuple[Port, ...]:
        found = read.one_of(self.seen.rows("networks"), name, say("network"), field)
        return on_network(self.engine.snapshot, found["id"])

    def _environment(self, name: str, field: str) -> tuple[Port, ...]:
        return tuple(port for tier in self.environment(self._stack(name, field)).values() for port in tier)

    def _tier(self, name: str, field: str) -> tuple[Port, ...]:
        environment, slash, tier = name.rpartition("/")
        if not slash or not environment or not tier:
            raise BadInput(
                about(field, say("tier: needs ENVIRONMENT/TIER behind it, such as shop/database.")), field=field
            )
        id_ = self._stack(environment, field)
        if tier.lower() in PARTS:
            return self._part(id_, tier.lower())
        known = self.environment(id_)
        wanted = TIERS.get(tier.lower(), tier.lower())
        if wanted not in known and wanted not in TIERS.values():
            there = ", ".join(sorted(known)) or say("no tier that has a port")
            raise NotFound(
                about(
                    field,
                    say(
                        "{environment} has no tier {tier}; it has {there}.",
                        environment=environment[:60],
                        tier=tier[:60],
                        there=there,
                    ),
                ),
                field=field,
            )
        return known.get(wanted, ())

    def _stack(self, name: str, field: str) -> str:
        try:
            return self.names.environment(name)
        except NotFound as error:
            raise NotFound(about(field, error.sentence), field=field) from None

    def _of_devices(self, ids: set[str]) -> tuple[Port, ...]:
        return tuple(one for one in servers(self.engine.snapshot) if one.device_id in ids)


def internet(engine: Engine) -> Scope:
    """Every machine outside: what routers forward, without the addresses of the project's own subnets."""
    own = own_subnets(engine.snapshot)
    near = {version: spans.normal((*own[version], *link.link_spans(version))) for version in spans.TOP}
    return Scope(True, (), {version: spans.minus(((0, top),), near[version]) for version, top in spans.TOP.items()})


def own_subnets(snapshot: Snapshot) -> dict[int, Spans]:
    """The addresses of all subnets but those of external networks, by IP version."""
    return {
        version: spans.normal(
            one.span for one in snapshot.subnets.values()
            if one.version == version and not snapshot.networks[one.network_id].external
        )
        for version in spans.TOP
    }  # fmt: skip


def example(version: int, addresses: Spans) -> int:
    """One of these addresses, one that is for examples or that a host may have where there is any."""
    for usual in _USUAL[version]:
        if both := spans.meet(addresses, (usual,)):
            return both[0][0]
    return addresses[0][0]


def on_network(snapshot: Snapshot, network: str) -> tuple[Port, ...]:
    """The ports of a network but for those that Neutron keeps for itself, such as a router's or DHCP's."""
    return tuple(one for one in snapshot.ports.values() if one.network_id == network and _is_machine(one))


def _is_machine(port: Port) -> bool:
    return not port.device_owner.startswith("network:")
