"""Replies that nothing lets back: OVN's firewall groups keep no state, nor do stateless security groups."""

from collections.abc import Iterator

from tenant_ops_dashboard.sentences import join, say

from ..boxes import DST_PORT, PORTS, PROTOCOL, PROTOCOLS, SRC_PORT, Box, answered, box
from ..budget import Budget
from ..diagram import NOTHING, SOMETHING
from ..engine import Engine
from ..gates import Line
from ..model import FirewallGroup, SecurityGroup
from ..protocols import CLIENTS, WITH_PORTS
from ..sets import Frame, Sets, requests
from ..spans import holds, minus, normal
from ..steps import Check, View
from .findings import Finding


def missing_replies(engine: Engine, budget: Budget) -> Iterator[Finding]:
    """Groups whose egress policy allows what the ingress policy would not let back in. Raises TooComplex."""
    if engine.profile != "ovn":
        return
    for group in engine.snapshot.firewall_groups.values():
        ports = [p for p in map(engine.snapshot.ports.get, group.ports) if p is not None and p.is_router]
        for version in (4, 6):
            port = next((p for p in ports if engine.world.subnets_of(p, version)), None)
            if port is None:
                continue
            sets = Sets(version, budget)
            view = View(version, None, None)
            out = sets.gate(engine.gate(Check("firewall", view, False, port)), Frame(view))
            asks = sets.both(sets.union(requests(version)), out)
            back = sets.gate(engine.gate(Check("firewall", view, True, port)), Frame(view, answer=True))
            if asks == NOTHING or back == SOMETHING:
                continue
            lost = sets.without(asks, back)
            # Nobody asks from a well-known port, but for a service that a rule names as the source.
            egress = engine.firewalls.lines(group.egress, version)
            named = [line.match for line in egress if line.match[SRC_PORT] != PORTS]
            lost = sets.both(lost, sets.union([*_clients(version), *named]))
            rules = {rule for value in sets.store.leaves(lost) if value for _, rule in sets.vias[value]}
            if rules:
                wide = any(line.id in rules and line.match[DST_PORT] == PORTS and _ported(line) for line in egress)
                yield _finding(group, version, tuple(sorted(rules)), wide)


def _clients(version: int) -> list[Box]:
    """What clients send: from any port that is no well-known one, or without ports."""
    ported = normal((number, number) for number in WITH_PORTS)
    return [box(version, minus(PROTOCOLS, ported)), box(version, ported, src_port=CLIENTS)]


def _ported(line: Line) -> bool:
    return any(holds(line.match[PROTOCOL], one) for one in WITH_PORTS)


_ANSWERS = say("add ingress allow rules for the replies (source and destination, and their ports, the other way round)")
_PORTS_FIRST = say("first name the ports that are asked for, else such a rule lets in all that nobody asked for")


def _finding(group: FirewallGroup, version: int, rules: tuple[str, ...], wide: bool) -> Finding:
    """`wide`: one of them names no port, so that an answer to it may come from and to any."""
    listed = ", ".join(rules[:5]) + (" …" if len(rules) > 5 else "")
    return Finding(
        "missing-reply-rule",
        "medium",
        group.id,
        rules,
        say(
            "OVN filters firewall groups without state: replies to what {listed} let out (IPv{version}) are dropped "
            "by the ingress policy of group {group_id}",
            listed=listed,
            version=version,
            group_id=group.id,
        ),
        join(": ", (_ANSWERS, _PORTS_FIRST)) if wide else _ANSWERS,
    )


def stateless_replies(engine: Engine, budget: Budget) -> Iterator[Finding]:
    """Rules of stateless groups of whose packets not one is answered. Raises TooComplex.

    An answer may come by any rule of the groups that stand with this one on a port.
    """
    for group in engine.snapshot.security_groups.values():
        ports = engine.world.members.get(group.id, ())
        if group.stateful or not ports:
            continue
        beside = dict.fromkeys(name for port in ports for name in port.groups)
        groups = [engine.snapshot.security_groups[name] for name in beside if name in engine.snapshot.security_groups]
        for version in sorted({address.version for port in ports for address in port.addresses}):
            for ingress in (True, False):
                lost = _unanswered(engine, group, groups, version, ingress, budget)
                if lost:
                    missing = "egress" if ingress else "ingress"
                    yield Finding(
                        "stateless-without-replies",
                        "medium",
                        group.id,
                        lost,
                        say(
                            "no IPv{version} {missing} rule beside stateless security group {group_id} lets a reply "
                            "to {lost} through: all of them are dropped",
                            version=version,
                            missing=missing,
                            group_id=group.id,
                            lost=", ".join(lost[:5]),
                        ),
                        say(
                            "add {missing} rules for the replies, or make group {group_id} stateful",
                            missing=missing,
                            group_id=group.id,
                        ),
                    )


def _unanswered(
    engine: Engine, group: SecurityGroup, groups: list[SecurityGroup], version: int, ingress: bool, budget: Budget
) -> tuple[str, ...]:
    sets = Sets(version, budget)
    answers = [
        box
        for other in groups
        for rule in other.rules
        if rule.ingress is not ingress and rule.version == version and (match := engine.groups.match(rule)) is not None
        for box in answered(match)
    ]
    answerable, asking = sets.union(answers), sets.union(requests(version))
    lost = []
    for rule in group.rules:
        if rule.ingress is ingress and rule.version == version and (match := engine.groups.match(rule)) is not None:
            asks = sets.both(asking, sets.union([match]))
            if asks != NOTHING and sets.both(asks, answerable) == NOTHING:
                lost.append(rule.id)
    return tuple(lost)
