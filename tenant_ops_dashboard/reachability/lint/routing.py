"""Rules that can match nothing that is routed where they stand, and routes that go round in a circle."""

from collections.abc import Iterable, Iterator

from tenant_ops_dashboard.sentences import say

from ..boxes import DST, SRC, WHOLE
from ..engine import Engine
from ..model import Port
from ..spans import TOP, Spans, meet, normal
from ..steps import View
from .findings import Finding


def irrelevant(engine: Engine) -> Iterator[Finding]:
    """Firewall rules whose addresses no packet can have at any port of their groups."""
    hopeful: dict[str, bool] = {}
    inners: dict[tuple[str, int], Spans] = {}
    neighbours = by_network(engine)
    where: dict[str, str] = {}
    for group in engine.snapshot.firewall_groups.values():
        for policy, ingress in ((group.ingress, True), (group.egress, False)):
            for port in filter(None, map(engine.snapshot.ports.get, group.ports)):
                for version in (4, 6):
                    inner = inners.get((port.id, version))
                    if inner is None:
                        inner = behind(engine, port, version, neighbours.get(port.network_id, ()))
                        inners[port.id, version] = inner
                    for line in engine.firewalls.lines(policy, version):
                        if line.id is not None:
                            # A word on all packets of a version is there for the day when it comes.
                            hope = line.match == WHOLE[version] or meet(line.match[DST if ingress else SRC], inner)
                            hopeful[line.id] = hopeful.get(line.id, False) or bool(hope)
                            where[line.id] = say(
                                "{what} of policy {policy}",
                                what=say("destination") if ingress else say("source"),
                                policy=policy,
                            )
    for rule_id, any_hope in hopeful.items():
        if not any_hope:
            policy = where[rule_id].split()[-1]
            yield Finding(
                "irrelevant",
                "low",
                policy,
                (rule_id,),
                say(
                    "rule {rule_id} can match nothing: no address behind its group's ports can be the {where}",
                    rule_id=rule_id,
                    where=where[rule_id],
                ),
                say("correct the addresses (or the IP version) of rule {rule_id}, or remove it", rule_id=rule_id),
            )


def by_network(engine: Engine) -> dict[str, list[Port]]:
    """The ports of each network that are no router's."""
    found: dict[str, list[Port]] = {}
    for port in engine.snapshot.ports.values():
        if not port.is_router:
            found.setdefault(port.network_id, []).append(port)
    return found


def behind(engine: Engine, port: Port, version: int, neighbours: Iterable[Port]) -> Spans:
    """The addresses behind a port: its own for a server; the subnets and routes on its side for a router port."""
    if not port.is_router:
        found = [(a.number, a.number) for a in port.addresses if a.version == version]
        return normal([*found, *(pair.span for pair in port.pairs if pair.version == version)])
    spans = [subnet.span for subnet in engine.world.subnets_of(port, version)]
    router = engine.snapshot.routers.get(port.device_id)
    for way in engine.tables.table(router, version) if router is not None else ():
        if way.kind == "hop" and way.port is port:
            spans.append(way.span)
    for other in neighbours:
        spans += [pair.span for pair in other.pairs if pair.version == version]
        if not other.secured and other.device_owner.startswith("compute:"):
            return ((0, TOP[version]),) if spans else ()
    return normal(spans)


def loops(engine: Engine) -> Iterator[Finding]:
    """Extra routes that send packets round in a circle of routers."""
    told: set[frozenset[str]] = set()
    for router in engine.snapshot.routers.values():
        for route in router.routes:
            sender = next(iter(engine.world.router_ports.get(router.id, ())), None)
            if sender is None:
                continue
            target = route.span[0] + (1 if route.span[1] > route.span[0] else 0)
            path = engine.walk_from_router(sender, View(route.version, None, target))
            circle = frozenset(path.routers)
            if len(path.routers) > len(circle) + 1 and circle not in told:
                told.add(circle)
                named = ", ".join(sorted(circle))
                yield Finding(
                    "routing-loop", "high", router.id, (),
                    say("extra routes of routers {named} send packets round in a circle", named=named),
                    say("remove one of the circular routes of routers {named}", named=named),
                )  # fmt: skip
