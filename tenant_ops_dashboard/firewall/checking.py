"""Whether none, or every, packet of a set gets from one end to another: whole sets are compared, nothing is sampled."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.firewall.ends import example, own_subnets
from tenant_ops_dashboard.reachability import link, protocols, spans
from tenant_ops_dashboard.reachability.boxes import DST, SRC, Box, box
from tenant_ops_dashboard.reachability.diagram import NOTHING, Reference
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex
from tenant_ops_dashboard.reachability.exposure import Exposure, Found
from tenant_ops_dashboard.reachability.model import Port
from tenant_ops_dashboard.reachability.packets import CLIENT_PORT
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.scope import Scope, Target, Targets
from tenant_ops_dashboard.reachability.spans import Spans
from tenant_ops_dashboard.sentences import join, say

Json = dict[str, Any]
#: More pairs of ports than this are not looked at for one intent.
PAIRS = 10_000
#: Nor than this for all intents of a project together, where somebody waits for a page (about 0.3 ms each).
ROOM = 3 * PAIRS
#: What becomes of a reply, as the exposure's sets number it: it comes back, or none is asked for.
_ANSWERED = (1, 3)
#: Messages of ICMPv6 (type and code) that a server may send: agents drop its router advertisements whatever rules say.
_MESSAGES = spans.minus(((0, 65535),), ((134 * 256, 134 * 256 + 255),))


@dataclass(frozen=True)
class Set:
    """The packets of an intent between its ends; `ports` is (first, last) of the destination port."""

    protocol: str | None
    ports: tuple[int, int] | None

    def boxes(self, version: int, clients: Spans | None = None) -> list[Box]:
        """The set as boxes of one IP version; with `clients` what these are promised: source ports, messages of ICMPv6.

        None of ICMPv6 in IPv4: no machine sends that.
        """
        if self.protocol is None:
            kinds = [((number, number),) for number in sorted(protocols.WITH_PORTS)]
            others = spans.minus(((0, 255),), tuple((n, n) for n in sorted(protocols.WITH_PORTS)))
            if not clients:
                return [*(box(version, kind) for kind in kinds), box(version, others)]
            made = [box(version, kind, src_port=clients) for kind in kinds]
            icmp, icmpv6 = (((one, one),) for one in (protocols.ICMP, protocols.ICMPV6))
            messages = box(4, icmp) if version == 4 else box(6, icmpv6, dst_port=_MESSAGES)
            return [*made, box(version, spans.minus(others, (*icmp, *icmpv6))), messages]
        number = protocols.number_of(self.protocol, version)
        if (number, version) == (protocols.ICMPV6, 4):
            return []
        whole: dict[str, Spans] = {} if self.ports is None else {"dst_port": (self.ports,)}
        if clients and number == protocols.ICMPV6:
            whole["dst_port"] = _MESSAGES
        if clients and number in protocols.WITH_PORTS:
            whole["src_port"] = clients
        return [box(version, ((number, number),), **whole)]


@dataclass(frozen=True)
class Checked:
    """`because` is a sentence, `witness` a packet as `reachability probe` reads it, `rules` those that decide it."""

    holds: bool | None
    because: str
    witness: Json | None = None
    rules: tuple[Json, ...] = ()


@dataclass
class Room:
    """The pairs of ports that a project's intents may look at yet, the first ones first."""

    left: int = ROOM

    def take(self, source: Scope, target: Scope) -> None:
        """Raises TooComplex where this is more than what is left; one that no check takes takes nothing."""
        pairs = len(source.ports) * len(target.ports)
        if self.left < pairs <= PAIRS:
            raise TooComplex(
                say("the budget of {room} pairs of ports for all intents of a project is used up", room=ROOM)
            )
        self.left -= pairs if pairs <= PAIRS else 0


def check_deny(engine: Engine, source: Scope, target: Scope, wanted: Set) -> Checked:
    """Whether no packet of the set arrives, answered or not. Raises TooComplex."""
    exposure, unknown = _exposure(engine, source, target, wanted), dict[str, None]()
    for port in _ends(target):
        for way in exposure.ways(port):
            found = _witness(engine, exposure, way, _inside(exposure, way, wanted), port)
            if found:
                witness, rules = found
                named = _named(rules) or say("nothing filters it")
                return Checked(
                    False,
                    say(
                        "{packet} gets through to {name}: {named}",
                        packet=_packet(witness),
                        name=_name(port),
                        named=named,
                    ),
                    witness,
                    rules,
                )
            # A way that may not be there at all lets nothing through that the rules on it deny.
            unknown |= dict.fromkeys(one for one in way.unknown if one not in way.granted)
    if unknown:
        return Checked(None, say("As far as it is known nothing gets through, but {doubt}", doubt=next(iter(unknown))))
    empty = _missing(engine, source, target)
    return Checked(
        True,
        say("{empty}, so nothing gets through", empty=empty) if empty else say("No packet of it gets through"),
    )


def check_allow(engine: Engine, source: Scope, target: Scope, wanted: Set) -> Checked:
    """Whether from every sender all packets of the set arrive at one of each target's addresses, and are answered.

    Clients ask from ports of `protocols.CLIENTS`. Raises TooComplex.
    """
    if empty := _missing(engine, source, target):
        return Checked(False, say("{empty}, so nothing can get through", empty=empty))
    if not source.ports and not target.ports:
        return Checked(None, say("Both ends are outside: nothing of this project is on the way"))
    exposure = _exposure(engine, source, target, wanted)
    near, far = _versions(engine, source), _versions(engine, target)
    for port in _ends(target) if far else target.ports:
        ways = list(exposure.ways(port))
        for sender, addresses in _senders(engine, source, target, port, near, far):
            failures: list[Checked] = []
            for version, number, place in addresses:
                if not wanted.boxes(version):
                    continue
                key = (
                    (place, sender.id if sender else None, number) if place else (version, sender and sender.id, number)
                )
                matching = [one for one in ways if one.key == key or (place is None and one.key[:3] == key)]
                failure = _first_lacking(engine, exposure, matching, wanted, sender, number, place, version, port)
                if failure is None:
                    break
                failures.append(failure)
            else:
                if not failures:
                    return Checked(
                        False,
                        say("{sender} has no address to reach {name} from", sender=_name(sender), name=_name(port)),
                    )
                # One of its addresses would do: that none does is known only where it is known of each.
                return next((one for one in failures if one.holds is None), failures[0])
    return Checked(True, say("Every packet of it arrives, and its reply returns"))


def _first_lacking(
    engine: Engine, exposure: Exposure, ways: Sequence[Found], wanted: Set, sender: Port | None, number: int | None,
    place: Target | None, version: int, port: Port | None,
) -> Checked | None:  # fmt: skip
    """The first way that keeps a packet of the set; the outside may be several, and where none leads nothing passes."""
    limit = _limit(exposure.target, version)
    open_ = [(one, one.limit if place is None else limit) for one in ways]
    parts: list[tuple[Found | None, Spans | None]] = [*open_] or [(None, limit)]
    if place is None and limit is not None and ways:
        led = spans.normal(span for one in ways for span in one.limit or limit)
        parts.append((None, spans.minus(limit, led)))
    found = (_lacking(engine, exposure, one, wanted, sender, number, place, version, port, part) for one, part in parts)
    return next((one for one in found if one is not None), None)


def _lacking(
    engine: Engine, exposure: Exposure, way: Found | None, wanted: Set, sender: Port | None, number: int | None,
    place: Target | None, version: int, port: Port | None, limit: Spans | None,
) -> Checked | None:  # fmt: skip
    """What keeps a packet of the set from passing this way, None where all pass."""
    sets = exposure.sets[version]
    asked = sets.union(wanted.boxes(version, protocols.CLIENTS))
    final = way.final if way else NOTHING
    states = sets.states
    left = sets.store.apply(lambda a, b: 1 if a and states[b][1] not in _ANSWERED else 0, asked, final, "left")
    for match, _ in sets.store.boxes(left) if left != NOTHING else ():
        src = (
            ((number, number),)
            if number is not None
            else _outside(engine, version, match[SRC], _limit(exposure.source, version))
        )
        dst = ((place.address, place.address),) if place else _outside(engine, version, match[DST], limit)
        # Nobody answers at a broadcast address, and nobody is promised that.
        dst = spans.minus(dst, _broadcasts(engine, version))
        if not src or not dst:
            continue
        packet = _made(version, match, sender, example(version, src), port, example(version, dst))
        answer = probe(engine, packet)
        stop = next((one for one in answer["steps"] if one["decision"] == "deny"), None)
        why = stop["why"] if stop else say("the way does not lead there")
        reply = say("its reply does not return") if answer["forward"] == "allow" else say("it does not get through")
        rules = ({"layer": stop["layer"], "rule_id": stop["rule_id"]},) if stop and stop["rule_id"] else ()
        return Checked(
            False,
            say("{packet} to {name}: {reply}: {why}", packet=_packet(packet), name=_name(port), reply=reply, why=why),
            packet,
            rules,
        )
    if way is not None and way.unknown:
        return Checked(None, say("As far as it is known all gets through, but {unknown}", unknown=way.unknown[0]))
    return None


def _exposure(engine: Engine, source: Scope, target: Scope, wanted: Set) -> Exposure:
    if len(source.ports) * len(target.ports) > PAIRS:
        raise TooComplex(say("the budget of {pairs} pairs of ports for one intent is used up", pairs=PAIRS))
    made = Exposure(engine, source, target)
    for version, reach in made.reaches.items():
        reach.about = made.sets[version].union(wanted.boxes(version))
    return made


def _ends(target: Scope) -> tuple[Port | None, ...]:
    return (*target.ports, *((None,) if target.outside else ()))


def _senders(
    engine: Engine, source: Scope, target: Scope, port: Port | None, near: Collection[int], far: Collection[int]
) -> Iterator[tuple[Port | None, Sequence[tuple[int, int | None, Target | None]]]]:
    """Every sender with the (version, own address, target) of which one has to serve; from outside None.

    `near` and `far` are the IP versions in which machines outside may send and be asked.
    """
    places = [None] if port is None else list(Targets(engine.world).of(port, target.limits))
    if port is not None and near:
        # Who is outside asks for a floating address first.
        public = sorted(
            (one for one in places if one and one.version in near),
            key=lambda one: (one.version, one.address) not in engine.world.floating,
        )
        yield None, [(one.version, None, one) for one in public]
    for sender in source.ports:
        if sender is port:
            continue
        numbers = [(one.version, one.number) for one in sender.addresses]
        if source.limits is not None:
            numbers = [(version, one) for version, one in numbers if spans.holds(source.limits[version], one)]
            if not numbers:
                continue
        yield sender, [
            (version, number, place)
            for version, number in numbers for place in places
            if (version in far if place is None else version == place.version)
        ]  # fmt: skip


def _versions(engine: Engine, scope: Scope) -> tuple[int, ...]:
    """The IP versions in which machines outside may have an address of an end."""
    whole = {version: ((0, top),) for version, top in spans.TOP.items()}
    return tuple(one for one in whole if scope.outside and _outside(engine, one, whole[one], _limit(scope, one)))


def _limit(scope: Scope, version: int) -> Spans | None:
    return None if scope.limits is None else scope.limits[version]


def _outside(engine: Engine, version: int, addresses: Spans, limit: Spans | None) -> Spans:
    """Those of some addresses that machines outside may have: nobody's of the project, and not of its own subnets."""
    wanted = addresses if limit is None else spans.meet(addresses, limit)
    near = (*own_subnets(engine.snapshot)[version], *link.link_spans(version))
    own = spans.normal((*engine.world.inside[version], *near))
    return spans.minus(wanted, own)


def _broadcasts(engine: Engine, version: int) -> Spans:
    known = [one.span for one in engine.snapshot.subnets.values() if one.version == version]
    return spans.normal((one[1], one[1]) for one in known if link.is_directed_broadcast(version, one, one[1]))


def _inside(exposure: Exposure, way: Found, wanted: Set) -> Reference:
    sets = exposure.sets[way.version]
    return sets.store.apply(lambda a, b: b if a else 0, sets.union(wanted.boxes(way.version)), way.final, "both")


def _witness(
    engine: Engine, exposure: Exposure, way: Found, part: Reference, port: Port | None
) -> tuple[Json, tuple[Json, ...]] | None:
    """A packet of a way's set, as the probe reads it, and the rules that let it through; None where there is none."""
    if part == NOTHING:
        return None
    sets = exposure.sets[way.version]
    sender = None
    if way.src is not None:
        sender = engine.snapshot.ports.get(way.sender or "")
    for match, value in sets.store.boxes(part):
        src = way.src or _outside(engine, way.version, match[SRC], way.limit)
        dst = way.dst or _outside(engine, way.version, match[DST], way.limit)
        if src and dst:
            rules = dict.fromkeys(sets.vias[sets.states[value][0]])
            packet = _made(way.version, match, sender, example(way.version, src), port, example(way.version, dst))
            return packet, tuple({"layer": layer, "rule_id": rule} for layer, rule in rules)
    return None


def _made(version: int, match: Box, sender: Port | None, src: int, port: Port | None, dst: int) -> Json:
    kind, low = match[0][0][0], match[3][0][0]
    for low_, high in match[0]:
        # A protocol that people know is the better witness of a wide set.
        kind = next((one for one in (protocols.TCP, protocols.UDP) if low_ <= one <= high), kind)
    packet: Json = {"src": {"ip": spans.show(version, src)}, "dst": {"ip": spans.show(version, dst)}}
    if sender is not None:
        packet["src"]["port"] = sender.id
    if port is not None:
        packet["dst"]["port"] = port.id
    packet["protocol"] = protocols.name_of(kind) if kind in protocols.WITH_PORTS else kind
    if kind in protocols.ICMP_REPLIES:
        return {**packet, "icmp_type": low // 256, "icmp_code": low % 256}
    if kind in protocols.WITH_PORTS:
        packet["src_port"] = CLIENT_PORT if spans.holds(match[4], CLIENT_PORT) else match[4][0][0]
        packet["dst_port"] = low
    return packet


def _missing(engine: Engine, source: Scope, target: Scope) -> str:
    """Which end has nothing in it."""
    for scope, words in ((source, say("Nothing is there to send")), (target, say("Nothing is there to be reached"))):
        if not scope.ports and not _versions(engine, scope):
            return words
    return ""


def _packet(packet: Json) -> str:
    port = f" {packet['dst_port']}" if "dst_port" in packet else ""
    kind = packet["protocol"] if isinstance(packet["protocol"], str) else protocols.name_of(packet["protocol"])
    source, target = packet["src"]["ip"], packet["dst"]["ip"]
    return say("{kind}{port} from {source} to {target}", kind=kind, port=port, source=source, target=target)


def _named(rules: Sequence[Json]) -> str:
    told = join(", ", [say("{layer} rule {id}", layer=one["layer"], id=one["rule_id"]) for one in rules])
    return say("let through by {told}", told=told) if told else ""


def _name(port: Port | None) -> str:
    return port.name or port.id if port else say("the outside")
