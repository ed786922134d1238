"""How the layers fit: what one of them always blocks of that which the other allows."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tenant_ops_dashboard.sentences import say

from .. import protocols
from ..boxes import DST, PORTS, SRC, WHOLE, Box, answered, box, clip
from ..budget import Budget
from ..build import first_match, first_permit
from ..diagram import NOTHING, Diagrams
from ..engine import Engine
from ..gates import Line
from ..model import GATEWAY_OWNER, Port
from ..spans import Spans, holds, meet, minus, normal
from ..steps import Check, View
from .findings import Finding
from .routing import behind, by_network

#: A server, its addresses that the firewall stands before, and those it speaks to without passing there.
Served = tuple[Port, list[int], Spans]


def contradictions(engine: Engine, budget: Budget) -> Iterator[Finding]:
    """Group rules whose traffic the firewall always drops, and firewall rules whose traffic no group takes.

    Raises TooComplex.
    """
    neighbours = by_network(engine)
    members = {version: _members(engine, version) for version in (4, 6)}
    for group in engine.snapshot.firewall_groups.values():
        ports = [port for port in map(engine.snapshot.ports.get, group.ports) if port is not None]
        for version in (4, 6):
            served = [
                (port, _behind(engine, port, version, neighbours.get(port.network_id, ())))
                for port in ports
                if _counts(engine, port)
            ]
            elsewhere = _elsewhere(engine, group.id, served, version, members[version])
            yield from _blocked_by_firewall(engine, group.id, served, version, True, elsewhere, budget)
            yield from _blocked_by_firewall(engine, group.id, served, version, False, elsewhere, budget)
            yield from _blocked_by_group(engine, group.id, served, version, budget)


def _behind(engine: Engine, port: Port, version: int, neighbours: Iterable[Port]) -> list[Served]:
    """What a port's policies stand before: servers in the subnets of a router port, or the server port itself."""
    if not port.is_router:
        return [(port, _numbers(port, version), ())]
    own = engine.world.subnets_of(port, version)
    subnets, near = {subnet.id for subnet in own}, normal(subnet.span for subnet in own)
    return [
        (other, [a.number for a in other.addresses if a.version == version and a.subnet_id in subnets], near)
        for other in neighbours
        if other.device_owner != GATEWAY_OWNER
    ]


def _numbers(port: Port, version: int) -> list[int]:
    return [address.number for address in port.addresses if address.version == version]


def _counts(engine: Engine, port: Port) -> bool:
    return port.is_router if engine.profile != "l2-agent" else not port.is_router


def _firewall_lines(engine: Engine, port: Port, version: int, ingress: bool) -> tuple[Line, ...] | None:
    """The lines of one direction at a port, None where nothing filters."""
    view = View(version, None, None)
    if engine.profile == "l3-agent":
        router = engine.snapshot.routers.get(port.device_id)
        entry, exit_ = (None, port) if ingress else (port, None)
        gate = engine.firewalls.chain(Check("chain", view, ingress, router=router, entry=entry, exit=exit_))
        return None if gate.open is not None or gate.reading.default else gate.lines
    gate = engine.firewalls.gate(Check("firewall", view, ingress, port))
    return None if gate.open is not None else gate.lines


def _blocked_by_firewall(
    engine: Engine, group_id: str, served: list[tuple[Port, list[Served]]], version: int, ingress: bool,
    elsewhere: set[str], budget: Budget,
) -> Iterator[Finding]:  # fmt: skip
    passes: dict[str, bool] = {}
    owners: dict[str, str] = {}
    linked: set[str] = set()
    for port, servers in served:
        lines = _firewall_lines(engine, port, version, ingress)
        if lines is None or not _allows(engine, port, version, ingress):
            return
        for server, numbers, near in servers:
            for number in numbers if server.secured else ():
                budget.check(0, 0)
                for rule in engine.groups.lines(server, ingress, version, False):
                    if not ingress and rule.match == WHOLE[version]:
                        continue  # Neutron writes it into every group.
                    if rule.id is not None and not passes.get(rule.id, rule.owner in elsewhere):
                        owners[rule.id] = rule.owner
                        if meet(rule.match[SRC if ingress else DST], near):
                            linked.add(rule.id)
                        passes[rule.id] = _any_passes(
                            lines, _routed(rule.match, number, near, ingress), version, budget
                        )
    for rule_id, passed in passes.items():
        if not passed:
            way = say("past") if ingress else say("out past")
            yield Finding(
                "firewall-blocks-what-group-allows",
                "low",
                group_id,
                (rule_id,),
                say(
                    "nothing that rule {rule_id} of security group {owner} allows (IPv{version}) gets {way} "
                    "firewall group {group_id}",
                    rule_id=rule_id,
                    owner=owners[rule_id],
                    version=version,
                    way=way,
                    group_id=group_id,
                ),
                say("add an allow rule to firewall group {group_id}, or ", group_id=group_id)
                + (
                    say("limit rule {rule_id} to the addresses of its own network", rule_id=rule_id)
                    if rule_id in linked
                    else say("remove rule {rule_id}", rule_id=rule_id)
                ),
            )


def _allows(engine: Engine, port: Port, version: int, ingress: bool) -> bool:
    """Whether the firewall lets anything pass; where it does not, that is a finding by itself."""
    lines = (*(_firewall_lines(engine, port, one, ingress) or () for one in (version, 10 - version)),)
    return any(line.allow for found in lines for line in found)


def _elsewhere(
    engine: Engine, group_id: str, served: list[tuple[Port, list[Served]]], version: int, all_: Counter[str]
) -> set[str]:
    """Security groups that also let in what comes past this firewall group: by other routers, or at other servers.

    `all_` counts the addresses of each group's members.
    """
    past = {
        port.network_id
        for ports in engine.world.router_ports.values()
        for port in ports
        if _numbers(port, version) and getattr(engine.world.firewall_of.get(port.id), "id", "") != group_id
    }
    here = {
        (name, server.id, number)
        for port, servers in served
        for server, numbers, _ in servers
        if not port.is_router or server.network_id not in past
        for number in numbers
        for name in server.groups
    }
    return set(all_ - Counter(name for name, _, _ in here))


def _members(engine: Engine, version: int) -> Counter[str]:
    """How many addresses the members of each security group have."""
    found: Counter[str] = Counter()
    for name, members in engine.world.members.items():
        found[name] = len({(port.id, number) for port in members for number in _numbers(port, version)})
    return found


def _routed(match: Box, number: int, near: Spans, ingress: bool) -> Box | None:
    """The part of a group rule at one address that passes the router; None where its far side is all on the link."""
    kind, src, dst, ports, src_ports = match
    far, mine = minus(src if ingress else dst, near), ((number, number),)
    if not far:
        return None
    return (kind, far, mine, ports, src_ports) if ingress else (kind, mine, far, ports, src_ports)


def _any_passes(lines: tuple[Line, ...], region: Box | None, version: int, budget: Budget) -> bool:
    if region is None:
        return True
    parts = [(part, line.allow) for line in lines if (part := clip(line.match, region)) is not None]
    if not any(allow for _, allow in parts):
        return False
    store = Diagrams(version, budget)
    return first_permit(store, [part for part, _ in parts], [allow for _, allow in parts]) != NOTHING


def _blocked_by_group(
    engine: Engine, group_id: str, served: list[tuple[Port, list[Served]]], version: int, budget: Budget
) -> Iterator[Finding]:
    passes: dict[str, bool] = {}
    neighbours = by_network(engine)
    for port, servers in served:
        lines = _firewall_lines(engine, port, version, True)
        if lines is None:
            return
        beyond = _beyond(engine, port, version, neighbours.get(port.network_id, ()))
        out = _firewall_lines(engine, port, version, False) if engine.profile == "ovn" else None
        ingress = set(engine.firewalls.lines(engine.world.firewall_of[port.id].ingress, version))
        for place, line in enumerate(lines):
            budget.check(0, 0)
            if line.allow and line.id is not None and line in ingress and not passes.get(line.id):
                dead = not _left(line.match, lines[:place], version, budget)
                passes[line.id] = (
                    dead
                    or bool(meet(line.match[DST], beyond))
                    or any(
                        _taken(engine, one, lines[: place + 1], version, budget)
                        or (out is not None and _answers(engine, one, line, out, version, budget))
                        for one in servers
                    )
                )
    for rule_id, passed in passes.items():
        if not passed:
            yield Finding(
                "group-blocks-what-firewall-allows",
                "low",
                group_id,
                (rule_id,),
                say(
                    "nothing that rule {rule_id} of firewall group {group_id} allows is taken by a group behind it",
                    rule_id=rule_id,
                    group_id=group_id,
                ),
                say("add a security group rule for it, or remove rule {rule_id}", rule_id=rule_id),
            )


def _beyond(engine: Engine, port: Port, version: int, neighbours: Iterable[Port]) -> Spans:
    """What others on a router port's network forward: nobody here knows who takes it there."""
    if not port.is_router:
        return ()
    own = [subnet.span for subnet in engine.world.subnets_of(port, version)]
    pairs = [pair.span for other in neighbours for pair in other.pairs if pair.version == version]
    return minus(behind(engine, port, version, neighbours), normal([*own, *pairs]))


def _held(server: Port, numbers: list[int], version: int, dst: Spans) -> Iterator[Spans]:
    """The addresses of a server, also those it shares with others, that are among some."""
    spans = [(number, number) for number in numbers]
    for span in (*spans, *(pair.span for pair in server.pairs if pair.version == version)):
        if mine := meet((span,), dst):
            yield mine


def _taken(engine: Engine, served: Served, lines: tuple[Line, ...], version: int, budget: Budget) -> bool:
    """Say whether a server takes, or may take, some packet that the last of the lines decides."""
    line, (server, numbers, _) = lines[-1], served
    for mine in _held(server, numbers, version, line.match[DST]):
        if server.secured and engine.groups.missing(server, True, version):
            return True
        kind, src, _, ports, src_ports = line.match
        let_through = (kind, src, mine, ports, src_ports)
        rules = engine.groups.lines(server, True, version, False) if server.secured else ()
        wanted = [clip(rule.match, let_through) for rule in rules] if server.secured else [let_through]
        if any(part is not None and _left(part, lines[:-1], version, budget) for part in wanted):
            return True
    return False


def _answers(engine: Engine, served: Served, line: Line, out: tuple[Line, ...], version: int, budget: Budget) -> bool:
    """Say whether a line brings answers to what a server asks outside, which no group but OVN's firewall has to allow.

    Answers come to ports of any number above the well-known ones (RFC 6056), or from the ports of a service: an open
    port by itself is none, but where both ends speak from one port. ICMP errors answer whatever was sent.
    """
    server, numbers, _ = served
    kind, src, dst, ports, src_ports = line.match
    asks: list[Box] = []
    for mine in _held(server, numbers, version, dst):
        if src_ports != PORTS or not minus(protocols.CLIENTS, ports):
            asks += answered((kind, src, mine, ports, src_ports))
        for port in protocols.PEERS if holds(kind, protocols.UDP) else ():
            if holds(ports, port) and holds(src_ports, port):
                one = ((port, port),)
                asks.append(box(version, ((protocols.UDP, protocols.UDP),), mine, src, one, one))
        if any(holds(kind, one) for one in (protocols.ICMP, protocols.ICMPV6)):
            asks.append(box(version, src=mine))
    rules = engine.groups.lines(server, False, version, False)
    wanted = [part for ask in asks for rule in rules if rule.stateful and (part := clip(rule.match, ask)) is not None]
    return any(_any_passes(out, part, version, budget) for part in wanted)


def _left(region: Box, earlier: tuple[Line, ...], version: int, budget: Budget) -> bool:
    """Say whether earlier lines leave some packet of a region."""
    parts = [part for line in earlier if (part := clip(line.match, region)) is not None]
    if not parts:
        return True
    store = Diagrams(version, budget)
    return len(parts) + 1 in store.leaves(first_match(store, [*parts, region]))
