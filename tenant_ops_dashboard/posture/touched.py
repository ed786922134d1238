"""Which ports the difference of two readings can matter to: every other pair of ports is filtered as it was.

What is compared is the content that filters and routes, so a new name, a new id of an equal rule or another order of
lists touches nothing. In doubt a port is touched: that costs time alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.model import FirewallGroup, GroupRule, Port, SecurityGroup, Snapshot

_BALANCERS = ("loadbalancers", "listeners", "pools", "l7policies", "members", "healthmonitors")
_NAMELESS = ("networks", "subnets", "routers")


class Touched:
    """`ports` are ids of either reading whose traffic may differ; of `outer` only that from and to the outside may.

    `parts` are the networks that routers join, each by one network of its part.
    """

    def __init__(self, before: Engine, now: Engine) -> None:
        self.sides = (before, now)
        self.parts: dict[str, str] = {}
        self._join()
        self._networks: set[str] = set()
        self._groups: set[str] = set()
        self._wide: set[str] = set()
        self.ports: set[str] = set()
        self.outer: set[str] = set()
        if before.told != now.told:
            self._networks.update(self.parts)
        self._topology()
        self._of_ports()
        self._of_groups()
        self._of_firewalls()
        self._spread()

    def part(self, network: str) -> str:
        """The part that a network is of."""
        while (above := self.parts.get(network, network)) != network:
            network = above
        return network

    def _join(self) -> None:
        for engine in self.sides:
            for network in engine.snapshot.networks:
                self.parts.setdefault(network, network)
            for interfaces in engine.world.router_ports.values():
                inner = [one.network_id for one in interfaces if not _external(engine.snapshot, one.network_id)]
                for one in inner[1:]:
                    self.parts[self.part(one)] = self.part(inner[0])

    def _topology(self) -> None:
        for key in _NAMELESS:
            for id_ in _changed(*(_bare(getattr(one.snapshot, key)) for one in self.sides)):
                if key == "routers":
                    self._router(id_)
                    continue
                found = (getattr(one.snapshot, key).get(id_) for one in self.sides)
                self._part_of(*(id_ if key == "networks" else one.network_id for one in found if one is not None))
        if any(_changed(*(one.snapshot.subnetpools for one in self.sides))):
            self._networks.update(self.parts)
        for id_ in _changed(*(one.snapshot.floatingips for one in self.sides)):
            for engine in self.sides:
                floating = engine.snapshot.floatingips.get(id_)
                if floating is not None:
                    self.ports.update(one for one in (floating.port_id,) if one)
                    for forwarding in floating.forwardings:
                        held = engine.world.by_address.get((floating.version, forwarding.address), ())
                        self.ports.update(one.id for one in held)

    def _of_ports(self) -> None:
        for id_ in _changed(*(_bare(one.snapshot.ports) for one in self.sides)):
            self.ports.add(id_)
            for engine in self.sides:
                port = engine.snapshot.ports.get(id_)
                if port is None:
                    continue
                self._groups.update(port.groups)
                self._same_address(engine, port)
                if port.device_owner.startswith("network:"):
                    self._router(port.device_id)
                    self._part_of(port.network_id)
                if _is_hop(engine, port):
                    self._part_of(port.network_id)

    def _same_address(self, engine: Engine, port: Port) -> None:
        """A group in a rule stands for its members' addresses: whoever has one of them, in whatever network, counts."""
        mine = [(one.version, one.number) for one in port.addresses]
        mine += [(one.version, one.span[0]) for one in port.pairs if one.span[0] == one.span[1]]
        for side in self.sides:
            self.ports.update(one.id for address in mine for one in side.world.by_address.get(address, ()))
        if any(one.span[0] != one.span[1] for one in port.pairs):
            self._wide.update(port.groups)

    def _of_groups(self) -> None:
        """Members of groups whose rules changed, and of those whose rules name addresses that did, or such a group."""
        named = set(_changed(*(one.snapshot.address_groups for one in self.sides))) | self._wide
        rules = [{id_: _content(group) for id_, group in one.snapshot.security_groups.items()} for one in self.sides]
        changed = set(_changed(*rules))
        for engine in self.sides:
            for id_, group in engine.snapshot.security_groups.items():
                if id_ in changed or any(
                    one.remote_group in named or one.address_group in named for one in group.rules
                ):
                    self.ports.update(port.id for port in engine.world.members.get(id_, ()))
                elif any(one.remote_group in self._groups for one in group.rules):
                    self.outer.update(port.id for port in engine.world.members.get(id_, ()))

    def _of_firewalls(self) -> None:
        for id_ in _changed(*(_firewalls(one) for one in self.sides)):
            for engine in self.sides:
                group = engine.snapshot.firewall_groups.get(id_)
                for port_id in group.ports if group else ():
                    port = engine.snapshot.ports.get(port_id)
                    self.ports.add(port_id)
                    if port is not None and port.is_router:
                        self._router(port.device_id)

    def _router(self, id_: str) -> None:
        """What a router joins; where one of its networks leads to another router, all that is behind that too."""
        for engine in self.sides:
            interfaces = engine.world.router_ports.get(id_, ())
            mine = {one.network_id for one in interfaces}
            self._networks |= mine
            others = {
                port.network_id
                for router, ports in engine.world.router_ports.items()
                if router != id_
                for port in ports
            }
            if any(not _external(engine.snapshot, one) for one in mine & others):
                self._part_of(*mine)

    def _part_of(self, *networks: str) -> None:
        wanted = {self.part(one) for one in networks}
        self._networks.update(networks)
        self._networks.update(one for one in self.parts if self.part(one) in wanted)

    def _spread(self) -> None:
        """Ports of networks; and load balancers' addresses, which are served or not by the ways to their members."""
        if any(_changed(*(_bare(getattr(one.snapshot, key)) for one in self.sides)) for key in _BALANCERS):
            self.ports.update(port for one in self.sides for port in one.world.balancer_of)
        for engine in self.sides:
            self.ports.update(one.id for one in engine.snapshot.ports.values() if one.network_id in self._networks)
        parts = {
            self.part(engine.snapshot.ports[one].network_id)
            for engine in self.sides for one in self.ports if one in engine.snapshot.ports
        }  # fmt: skip
        for engine in self.sides:
            for port_id in engine.world.balancer_of:
                port = engine.snapshot.ports.get(port_id)
                if port is not None and self.part(port.network_id) in parts:
                    self.ports.add(port_id)


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    return (one for one in dict.fromkeys((*before, *now)) if before.get(one) != now.get(one))


def _bare(table: Mapping[str, Any]) -> dict[str, Any]:
    return {id_: replace(one, name="") if hasattr(one, "name") else one for id_, one in table.items()}


def _external(snapshot: Snapshot, network: str) -> bool:
    return network in snapshot.networks and snapshot.networks[network].external


def _is_hop(engine: Engine, port: Port) -> bool:
    """Whether a route sends packets to this port."""
    mine = {(one.version, one.number) for one in port.addresses}
    snapshot = engine.snapshot
    routes = [route for router in snapshot.routers.values() for route in router.routes]
    routes += [route for subnet in snapshot.subnets.values() for route in subnet.host_routes]
    return any((route.version, route.nexthop) in mine for route in routes)


def _content(group: SecurityGroup) -> tuple[bool, frozenset[GroupRule]]:
    return group.stateful, frozenset(replace(rule, id="") for rule in group.rules)


def _firewalls(engine: Engine) -> dict[str, Any]:
    """What each group on a port filters: rules by content, and when it was applied where a back end goes by that."""

    def content(group: FirewallGroup) -> Any:
        policies = tuple(
            None if policy is None else tuple(
                replace(rule, id="", name="", project="", updated="") for rule in engine.firewalls.rules(policy)
            )
            for policy in (group.ingress, group.egress)
        )  # fmt: skip
        when = group.applied if engine.profile == "l3-agent" else None
        return (*policies, frozenset(group.ports), group.admin_up, group.status, when)

    return {id_: content(group) for id_, group in engine.snapshot.firewall_groups.items() if group.ports}
