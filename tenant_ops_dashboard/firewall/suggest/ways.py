"""The ways that a wish's packets take, each with the filters on it that decide them.

To a load balancer a way is several legs: to its address, and from its own servers to the members (amphora), or to each
member (OVN).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tenant_ops_dashboard.firewall.ends import own_subnets
from tenant_ops_dashboard.firewall.suggest.model import Wish
from tenant_ops_dashboard.reachability import balance, link, listeners, protocols, spans
from tenant_ops_dashboard.reachability.balanced import Balanced
from tenant_ops_dashboard.reachability.boxes import DST_PORT, PROTOCOL, Box, box, clip
from tenant_ops_dashboard.reachability.diagram import NOTHING, Reference
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex
from tenant_ops_dashboard.reachability.model import Port
from tenant_ops_dashboard.reachability.packets import Packet
from tenant_ops_dashboard.reachability.protocols import CLIENTS
from tenant_ops_dashboard.reachability.reach import Reach
from tenant_ops_dashboard.reachability.scope import Scope, Target, Targets
from tenant_ops_dashboard.reachability.sets import Sets
from tenant_ops_dashboard.reachability.spans import Span, Spans
from tenant_ops_dashboard.reachability.steps import Check, Fact, Path, View
from tenant_ops_dashboard.reachability.translate import inner_port
from tenant_ops_dashboard.sentences import about, join, say

#: More pairs of a sender and a receiver than this are not gone through.
PAIRS = 1_000


@dataclass(frozen=True)
class Leg:
    """One walk of the wish's packets. `boxes` are these packets, `clients` those of them that are promised an answer.

    `sources` are the addresses it comes from where the path does not say (outside), or where it stands for others.
    """

    path: Path
    sender: Port | None
    receiver: Port | None
    boxes: tuple[Box, ...]
    clients: tuple[Box, ...]
    sources: Spans | None = None
    destinations: Spans | None = None


@dataclass(frozen=True)
class Way:
    """All legs by which a sender asks for one address of a receiver. `refusal` is what no rule changes."""

    sender: Port | None
    receiver: Port | None
    legs: tuple[Leg, ...]
    refusal: str = ""


@dataclass(frozen=True)
class Demand:
    """What one filter has to do with a leg's packets, as it sees them. None of protocol and ports is any."""

    check: Check
    answer: bool
    version: int
    protocol: int | None
    src: Spans
    dst: Spans
    src_port: Span | None = None
    dst_port: Span | None = None


class Ways:
    """The ways of one wish in one engine, and what the filters on them let through."""

    def __init__(self, engine: Engine, wish: Wish) -> None:
        self.engine, self.wish = engine, wish
        self.near = wish.want == "deny"  # what must not pass must not by link-local addresses either
        self.reaches = {version: Reach(engine, Sets(version)) for version in (4, 6)}
        self.balanced = Balanced(engine)
        if len(wish.source.ports) * len(wish.target.ports) > PAIRS:
            raise TooComplex(say("the budget of {pairs} pairs of ports for one suggestion is used up", pairs=PAIRS))

    def pairs(self) -> Iterator[list[Way]]:
        """For each sender and receiver the ways between them, those that people would take first."""
        for port in (*self.wish.target.ports, *((None,) if self.wish.target.outside else ())):
            for sender in (*self.wish.source.ports, *((None,) if self.wish.source.outside else ())):
                if sender is not port and (found := list(self._between(sender, port))):
                    yield found

    def _between(self, sender: Port | None, port: Port | None) -> Iterator[Way]:
        wish = self.wish
        if port is None and sender is not None:
            for address in self._numbers(sender):
                view = View(address[0], address[1], None)
                if away := self._outside(wish.target, address[0]):
                    yield self._way(sender, None, view, None, None, away)
            return
        if port is None:
            return
        places = list(Targets(self.engine.world).of(port, wish.target.limits, self.near))
        if sender is None:
            places.sort(key=lambda one: (one.version, (one.version, one.address) not in self.engine.world.floating))
        for place in places:
            if place.on_link and (sender is None or sender.network_id != port.network_id):
                continue
            if sender is None:
                if near := self._outside(wish.source, place.version):
                    yield self._way(None, port, View(place.version, None, place.address), place, near, None)
            else:
                for version, number in self._numbers(sender, sender.network_id == port.network_id):
                    if version == place.version:
                        yield self._way(sender, port, View(version, number, place.address), place, None, None)

    def _numbers(self, sender: Port, on_link: bool = False) -> list[tuple[int, int]]:
        limits = self.wish.source.limits
        found = [(one.version, one.number) for one in sender.addresses]
        found += [(one.version, one.span[0]) for one in sender.pairs if one.span[0] == one.span[1]]
        found += [(6, one) for one in sender.link_locals if self.near and on_link]
        return [one for one in dict.fromkeys(found) if limits is None or spans.holds(limits[one[0]], one[1])]

    def _outside(self, scope: Scope, version: int) -> Spans:
        """The addresses of an end that machines outside have."""
        limit = scope.limits[version] if scope.limits is not None else ((0, spans.TOP[version]),)
        near = (*own_subnets(self.engine.snapshot)[version], *link.link_spans(version))
        return spans.minus(limit, spans.normal((*self.engine.world.inside[version], *near)))

    def _way(
        self, sender: Port | None, port: Port | None, view: View, place: Target | None, src: Spans | None,
        dst: Spans | None,
    ) -> Way:  # fmt: skip
        engine, wanted = self.engine, self.wish.packets
        first = place.ports[0] if place and place.ports else None
        walked = engine.walk(sender, view, place.protocol if place else None, first, port)
        region = box(view.version, src=src, dst=dst)
        if place and place.protocol is not None and place.ports is not None:
            region = box(view.version, ((place.protocol, place.protocol),), src=src, dst=dst, dst_port=(place.ports,))
        boxes, clients = (
            tuple(part for one in wanted.boxes(view.version, limit) if (part := clip(one, region)))
            for limit in (None, CLIENTS)
        )
        leg = Leg(walked, sender, port, boxes, clients, src, dst)
        balancer = engine.world.balancer_of.get(port.id) if port is not None else None
        refusal = self._blocked(leg) or ("" if boxes else say("no such packet is asked for there"))
        if refusal and (balancer is None or not balancer.in_switch):
            return Way(sender, port, (leg,), refusal)
        if balancer is None or port is None:
            return Way(sender, port, (leg,))
        legs, refusal = self._onward(leg, view, port)
        return Way(sender, port, legs, refusal)

    def _blocked(self, leg: Leg) -> str:
        """What stops a leg that no rule changes, with what to change."""
        back = self.engine.walk_back(leg.path, leg.sender) if leg.path.arrives else None
        for path in (leg.path, *((back,) if back else ())):
            for one in path.steps:
                if isinstance(one, Fact) and one.decision == "deny":
                    return about(one.why, one.fix) if one.fix else one.why
                if isinstance(one, Check) and one.kind == "anti-spoof" and one.port is not None:
                    src = one.view.src
                    if one.port.secured and src is not None and not self.engine.owns(one.port, one.view.version, src):
                        text = spans.show(one.view.version, src)
                        return say(
                            "{text} is no address of port {port_id}: add it to its allowed_address_pairs",
                            text=text,
                            port_id=one.port.id,
                        )
        if not leg.path.arrives or (back is not None and not back.arrives):
            return say("no way leads there and back")
        end, port = leg.path.end, leg.receiver
        if port is not None and end is not port and not self._stands_for(leg.path, port):
            where = say("ends at port {end_id}", end_id=end.id) if end else say("leaves to the outside")
            return say("it {where}, not at port {port_id}", where=where, port_id=port.id)
        return ""

    def _stands_for(self, path: Path, port: Port) -> bool:
        version, dst = path.view.version, path.view.dst
        return dst is not None and path.end in self.engine.world.holders(port.network_id, version, dst)

    def _onward(self, leg: Leg, view: View, port: Port) -> tuple[tuple[Leg, ...], str]:
        """From a load balancer's address on to its members; or why none gets it."""
        engine = self.engine
        world, balancer = engine.world, engine.world.balancer_of[port.id]
        if not balancer.admin_up:
            return (leg,), say(
                "load balancer {balancer_id} is administratively down: set its admin_state_up", balancer_id=balancer.id
            )
        legs: list[Leg] = [] if balancer.in_switch else [leg]
        taken = False
        for listener in listeners.listeners_of(world, balancer):
            kind = ((listener.protocol, listener.protocol),)
            region = box(view.version, kind, dst_port=((listener.port, listener.port),))
            mine, clients = (tuple(p for one in all_ if (p := clip(one, region))) for all_ in (leg.boxes, leg.clients))
            if not mine:
                continue
            taken = True
            found = listeners.serving(world, balancer, listener)
            if found.refusal:
                return tuple(legs) or (leg,), join("; ", (found.refusal, *found.changes))
            if not listeners.allows(balancer, listener, view.version, leg.path.view.src or 0) and leg.path.view.src:
                text = spans.show(view.version, leg.path.view.src)
                change = say(
                    "add {text} to allowed_cidrs of listener {listener_id}", text=text, listener_id=listener.id
                )
                return tuple(legs), say(
                    "allowed_cidrs of listener {listener_id} do not hold {text}: {change}",
                    listener_id=listener.id,
                    text=text,
                    change=change,
                )
            if balancer.in_switch:
                for taking in self.balanced.in_switch(port, leg.path):
                    if (taking.protocol, taking.asked[0]) == (listener.protocol, (listener.port, listener.port)):
                        for _, way in taking.ways:
                            path = engine.walk(leg.sender, view, taking.protocol, listener.port, switched=way)
                            legs.append(Leg(path, leg.sender, path.end, mine, clients, leg.sources))
            else:
                asked = balance.legs_asked(engine, balancer, port, listener, found.members)
                legs += [self._to_member(one, packet, port) for one, packet in asked]
        if not taken:
            return tuple(legs) or (leg,), say(
                "load balancer {balancer_id} has no such listener: create one", balancer_id=balancer.id
            )
        return tuple(legs), next((why for one in legs if (why := self._blocked(one))), "")

    def _to_member(self, from_: balance.Leg, packet: Packet, vip: Port) -> Leg:
        engine = self.engine
        view = View(packet.version, packet.src, packet.dst)
        path = engine.walk(from_.port, view, packet.protocol, packet.dst_port)
        kind = ((packet.protocol, packet.protocol),)
        ports: Spans = ((packet.dst_port, packet.dst_port),)
        if packet.protocol in protocols.ICMP_REPLIES:
            ports = ((packet.dst_port, packet.dst_port + 255),)
        with_ports = packet.protocol in protocols.WITH_PORTS
        boxes = (box(packet.version, kind, dst_port=ports),)
        clients = (box(packet.version, kind, dst_port=ports, src_port=CLIENTS),) if with_ports else boxes
        sources = None
        if from_.port is vip:
            homes = [one.subnet_id for one in vip.addresses if one.version == packet.version]
            sources = tuple(engine.snapshot.subnets[one].span for one in homes if one in engine.snapshot.subnets)
        return Leg(path, from_.port, path.end, boxes, clients, sources or None)

    # What filters do

    def lacking(self, leg: Leg) -> list[Demand]:
        """Filters that keep a part of a leg's packets, or of their answers."""
        sets = self.reaches[leg.path.view.version].sets
        return self._demands(leg, lambda asked, passed: sets.without(asked, passed) != NOTHING, True)

    def passing(self, leg: Leg) -> list[Demand]:
        """The filters on the way there of a leg that some of its packets pass; none where all are kept."""
        return self._demands(leg, lambda asked, passed: True, False) if self.open(leg) else []

    def open(self, leg: Leg) -> bool:
        """Whether some packet of a leg arrives."""
        reach = self._reach(leg)
        return reach.sets.both(reach.there(leg.path), reach.sets.union(list(leg.boxes))) != NOTHING

    def closed(self) -> bool:
        """Whether it is known that no leg from a sender lets a packet of the wish arrive."""
        for way in (one for pair in self.pairs() for one in pair):
            for leg in way.legs[:1]:
                reach = self.reaches[leg.path.view.version]
                if self.open(leg) or reach.unknown:
                    return False
        return True

    def _reach(self, leg: Leg) -> Reach:
        """What turns this leg into sets, with a budget of its own."""
        reach = self.reaches[leg.path.view.version]
        reach.sets.store.budget.restart(len(reach.sets.store.nodes))
        return reach

    def _demands(self, leg: Leg, wanted: Callable[[Reference, Reference], bool], replies: bool) -> list[Demand]:
        reach = self._reach(leg)
        asked, promised = (reach.sets.union(list(all_)) for all_ in (leg.boxes, leg.clients))
        found = []
        for one in leg.path.steps:
            if isinstance(one, Check) and one.kind != "anti-spoof" and wanted(asked, reach.passing(one)):
                found += self._told(one, leg, False)
        promised = reach.sets.both(promised, reach.asking)
        back = self.engine.walk_back(leg.path, leg.sender) if replies else None
        for one in back.steps if back else ():
            if isinstance(one, Check) and one.kind != "anti-spoof" and wanted(promised, reach.returning(one, leg.path)):
                found += self._told(one, leg, True)
        return found

    def _told(self, check: Check, leg: Leg, answer: bool) -> list[Demand]:
        """The wish as a filter sees it; of any protocol it is one demand."""
        view = check.view
        outside = (leg.sources, leg.destinations)
        far = outside[::-1] if answer else outside
        stands = leg.sources if leg.sender is not None else None
        src, dst = (
            given if given is not None and (number is None or (stands is given)) else ((number or 0, number or 0),)
            for given, number in zip(far, (view.src, view.dst), strict=True)
        )
        if self.wish.packets.protocol is None and len(leg.boxes) > 1:
            return [Demand(check, answer, view.version, None, src, dst)]
        made = []
        for one in leg.boxes:
            number = one[PROTOCOL][0][0]
            port: Span | None = one[DST_PORT][0] if one[DST_PORT] != ((0, 65535),) else None
            if port is not None and view.forwarding is not None:
                low, high = (inner_port(view.forwarding, end) for end in port)
                port = (low, high)
            if number in protocols.ICMP_REPLIES or number not in protocols.WITH_PORTS:
                port = None
            client = CLIENTS[0] if number in protocols.WITH_PORTS else None
            made.append(
                Demand(check, True, view.version, number, src, dst, port, client) if answer
                else Demand(check, False, view.version, number, src, dst, None, port)
            )  # fmt: skip
        return made


def joined(demands: Sequence[Demand]) -> Demand:
    """Demands of one filter's rule as one: all sources to all destinations."""
    src = spans.normal(one for demand in demands for one in demand.src)
    dst = spans.normal(one for demand in demands for one in demand.dst)
    return replace(demands[0], src=src, dst=dst)
