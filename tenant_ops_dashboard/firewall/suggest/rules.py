"""From what a filter has to do to rules of its layer: as narrow, and as few, as the layer can say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from tenant_ops_dashboard.firewall import checks
from tenant_ops_dashboard.firewall.model import PROTOCOLS, Action, Rule
from tenant_ops_dashboard.firewall.security_groups.model import Rule as GroupRule
from tenant_ops_dashboard.firewall.suggest import prefixes
from tenant_ops_dashboard.firewall.suggest.model import Place, Wish, everywhere
from tenant_ops_dashboard.firewall.suggest.plan import Block
from tenant_ops_dashboard.firewall.suggest.ways import Demand
from tenant_ops_dashboard.reachability import protocols, spans
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.scope import Scope, servers
from tenant_ops_dashboard.reachability.spans import Span, Spans

#: Rules of one demand: more than these are written wider.
MOST = 64
#: So many subnets and addresses of the project are kept out of a rule that is for the internet.
GUARDS = 12
_FIREWALL_PORTS = (protocols.TCP, protocols.UDP)
_NAMED_ENDS = ("security-group:", "tier:", "environment:")
#: One side of a rule: prefixes (None is any address), or a security group.
Side = tuple[str | None, ...]


@dataclass(frozen=True)
class Bundle:
    """What one place has to do with packets of one kind, from all these sources to all these destinations."""

    place: Place
    demand: Demand


class Forms:
    """The ways to write a bundle, the narrowest first."""

    def __init__(self, engine: Engine, wish: Wish, groups: Sequence[str]) -> None:
        self.engine, self.wish, self.groups = engine, wish, groups

    def firewall(self, bundle: Bundle, action: Action) -> Iterator[tuple[Block, ...]]:
        """As rules of a firewall; one for any address has rules of the other action for our subnets before it."""
        told = bundle.demand
        for sources in self._sides(told.version, told.src, self._from(told)):
            for targets in self._sides(told.version, told.dst, self._to(told)):
                if len(sources) * len(targets) > MOST:
                    continue
                blocks = tuple((self._rule(told, action, one, other),) for one in sources for other in targets)
                if (None,) in (sources, targets):
                    yield tuple((*self._guards(told.version, block[0]), *block) for block in blocks)
                yield blocks

    def _guards(self, version: int, rule: Rule) -> Iterator[Rule]:
        """What keeps our own subnets out of a rule that is for the internet."""
        snapshot = self.engine.snapshot
        inner = {one.network_id for one in servers(snapshot)}
        ours = [
            one.span for one in snapshot.subnets.values()
            if one.version == version and one.network_id in inner and not snapshot.networks[one.network_id].external
        ]  # fmt: skip
        # Who asks for a floating address from inside is seen with the router's address, or his own floating one.
        turned = {number for router in snapshot.routers.values() for kind, number in router.gateway if kind == version}
        turned |= {one.address for one in snapshot.floatingips.values() if one.version == version and one.port_id}
        ours += [(one, one) for one in sorted(turned) if rule.action == "deny"]
        action: Action = "deny" if rule.action == "allow" else "allow"
        for prefix in prefixes.cover(version, tuple(ours))[:GUARDS]:
            name = checks.nameable(f"but not {prefix}: {rule.name}")
            if rule.source_ip_address is None:
                yield replace(rule, name=name, action=action, source_ip_address=prefix)
            else:
                yield replace(rule, name=name, action=action, destination_ip_address=prefix)

    def security_group(self, bundle: Bundle) -> Iterator[tuple[GroupRule, ...]]:
        """As rules of a security group, which know the other end alone."""
        told = bundle.demand
        ingress = bundle.place.direction == "ingress"
        remote, scope = (told.src, self._from(told)) if ingress else (told.dst, self._to(told))
        # The far end is the sender of what comes in, and of an answer that goes out.
        typed = self.wish.sender if ingress is not told.answer else self.wish.receiver
        by_group = [(self._group_rule(bundle, None, one),) for one in self._remote_groups(told.version, remote)][:1]
        if typed.startswith(_NAMED_ENDS):
            yield from by_group
        for side in self._sides(told.version, remote, scope):
            if len(side) <= MOST:
                yield tuple(self._group_rule(bundle, one, None) for one in side)
        if not typed.startswith(_NAMED_ENDS):
            yield from by_group

    def _from(self, told: Demand) -> Scope:
        return self.wish.target if told.answer else self.wish.source

    def _to(self, told: Demand) -> Scope:
        return self.wish.source if told.answer else self.wish.target

    def _sides(self, version: int, addresses: Spans, scope: Scope) -> list[Side]:
        """Exactly these addresses, as the end was typed, their subnets, and for the internet any."""
        found: list[Spans] = [addresses]
        limit = scope.limits[version] if scope.limits is not None else None
        whole = everywhere(scope, version)
        if scope.outside and limit and not whole:
            found.insert(0, limit)
        if not whole:
            found.append(prefixes.subnets(self.engine.snapshot, version, addresses))
        told: list[Side] = [
            side for one in found if one and not spans.minus(addresses, one)
            if len(side := tuple(prefixes.cover(version, one))) <= prefixes.MOST or not (whole or len(found) > 2)
        ]  # fmt: skip
        if scope.outside and whole and any(high - low > 1 << 20 for low, high in addresses):
            told.append((None,))
        return list(dict.fromkeys(told)) or [(None,)]

    def _remote_groups(self, version: int, addresses: Spans) -> list[str]:
        """The project's security groups whose members have just these addresses."""
        world = self.engine.world
        return [one for one in self.groups if addresses and world.group_addresses(one, version) == addresses]

    def _rule(self, told: Demand, action: Action, source: str | None, target: str | None) -> Rule:
        protocol = firewall_protocol(told.protocol, told.version)
        with_ports = protocol is not None and told.protocol in _FIREWALL_PORTS
        return Rule(
            name=self._name(told), action=action, protocol=protocol, ip_version=cast(Literal[4, 6], told.version),
            source_ip_address=source, destination_ip_address=target,
            source_port=_written(told.src_port) if with_ports else None,
            destination_port=_written(told.dst_port) if with_ports else None,
        )  # fmt: skip

    def _name(self, told: Demand) -> str:
        words = checks.nameable(f"{self.wish.sender} to {self.wish.receiver}")
        named = words if len(words) <= 60 else f"{words[:57]}..."
        return f"replies {named}" if told.answer else named

    def _group_rule(self, bundle: Bundle, prefix: str | None, group: str | None) -> GroupRule:
        told = bundle.demand
        number = told.protocol
        ports = told.dst_port if number in protocols.WITH_PORTS else None
        return GroupRule(
            direction=bundle.place.direction, ethertype="IPv4" if told.version == 4 else "IPv6",
            protocol=None if number is None else protocols.name_of(number),
            port_range_min=ports and ports[0], port_range_max=ports and ports[1],
            remote_ip_prefix=prefix and _with_length(told.version, prefix), remote_group_id=group,
            description=self._name(told),
        )  # fmt: skip


def firewall_protocol(number: int | None, version: int) -> str | None:
    """What a firewall rule calls a protocol; None, which is any, for those that FWaaS cannot name."""
    if number is None:
        return None
    name = protocols.name_of(number)
    return name if name in PROTOCOLS and (name != "ipv6-icmp" or version == 6) else None


def _written(span: Span | None) -> str | None:
    if span is None:
        return None
    return str(span[0]) if span[0] == span[1] else f"{span[0]}:{span[1]}"


def _with_length(version: int, prefix: str) -> str:
    return prefix if "/" in prefix else f"{prefix}/{spans.BITS[version]}"
