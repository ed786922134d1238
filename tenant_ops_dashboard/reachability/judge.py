"""What one gate does with one packet, told as a step and, where it denies, as the setting to change."""

from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.sentences import about, join, say

from . import protocols
from .boxes import inside
from .engine import Engine
from .gates import Gate, Line, Reading
from .link import UNSPECIFIED, is_link_local
from .packets import Packet
from .spans import show
from .steps import Check, Fact, View
from .translate import inner_port

#: Protocols whose first packet seen mid-way (a reply) connection tracking refuses as invalid.
_STRICT = frozenset({protocols.TCP, protocols.SCTP, protocols.ICMP, protocols.ICMPV6})


@dataclass(frozen=True, slots=True)
class Judgement:
    """One step, what it would take where it denies, what is not known, and the lines that matched."""

    step: dict[str, Any]
    fix: dict[str, Any] | None = None
    unknown: tuple[str, ...] = ()
    matched: tuple[Line, ...] = ()

    @property
    def denied(self) -> bool:
        """Say whether the step stops the packet."""
        return bool(self.step["decision"] == "deny")


def seen(packet: Packet, view: View, reply: bool = False) -> Packet:
    """The packet as a check sees it: translated addresses, and the port a port forwarding has put in."""
    src = packet.src if view.src is None else view.src
    dst = packet.dst if view.dst is None else view.dst
    if view.forwarding is None:
        return replace(packet, src=src, dst=dst)
    if reply:
        return replace(packet, src=src, dst=dst, src_port=inner_port(view.forwarding, packet.src_port))
    return replace(packet, src=src, dst=dst, dst_port=inner_port(view.forwarding, packet.dst_port))


def tell(packet: Packet) -> str:
    """A packet in a few words."""
    ends = say(
        "from {address} to {target}", address=show(packet.version, packet.src), target=show(packet.version, packet.dst)
    )
    if packet.protocol in protocols.ICMP_REPLIES:
        return say(
            "ICMP type {type} code {code} {ends}",
            type=packet.dst_port >> 8,
            code=packet.dst_port & 255,
            ends=ends,
        )
    name = protocols.name_of(packet.protocol)
    if packet.protocol in protocols.WITH_PORTS:
        return say("{name} {ends} port {port}", name=name, ends=ends, port=packet.dst_port)
    return join(" ", (name, ends))


def step(layer: str, port_id: str | None, ingress: bool, decision: str, rule: str | None, why: str) -> dict[str, Any]:
    """One step in the contract's form."""
    direction = "ingress" if ingress else "egress"
    return {
        "layer": layer, "port_id": port_id, "direction": direction, "decision": decision, "rule_id": rule, "why": why,
    }  # fmt: skip


def judge_fact(fact: Fact) -> Judgement:
    """A fact as a step."""
    told = step(fact.layer, fact.port_id, fact.ingress, fact.decision, None, fact.why)
    return Judgement(told, _fix(told, fact.fix) if fact.decision == "deny" and fact.fix else None)


def judge_spoof(engine: Engine, check: Check, packet: Packet) -> Judgement:
    """Anti-spoofing at the sending port."""
    port = check.port
    if port is None or not port.secured:
        return Judgement(
            step("anti-spoof", port.id if port else None, False, "skip", None, say("port security is off"))
        )
    text = show(packet.version, packet.src)
    if packet.src == 0 and inside(UNSPECIFIED[packet.version], packet.point()):
        return Judgement(
            step("anti-spoof", port.id, False, "allow", None, say("without an address it may ask for one"))
        )
    if engine.owns(port, packet.version, packet.src):
        return Judgement(
            step("anti-spoof", port.id, False, "allow", None, say("{text} is an address of the port", text=text))
        )
    told = step(
        "anti-spoof",
        port.id,
        False,
        "deny",
        None,
        say("{text} is no fixed address or address pair of the port", text=text),
    )
    change = say("add {text} to the allowed_address_pairs of port {port_id}", text=text, port_id=port.id)
    if packet.src == 0 or is_link_local(packet.version, packet.src):
        change = say("send from an address of port {port_id}", port_id=port.id)
    return Judgement(told, _fix(told, change))


def judge_gate(gate: Gate, check: Check, packet: Packet) -> Judgement:
    """One gate against one packet that opens a connection."""
    port_id, ingress = _place(check)
    if gate.open is not None:
        told = step(gate.layer, port_id, ingress, "skip", None, gate.open)
        return Judgement(told, unknown=(gate.doubt,) if gate.doubt else ())
    point = packet.point()
    matched = tuple(line for line in gate.lines if inside(line.match, point)) if gate.union else ()
    line = (matched[0] if matched else None) if gate.union else _first(gate.reading, point)
    allowed = line.allow if line is not None else gate.reading.default
    banned = _first(Reading(gate.never, True), point)
    if banned is not None:
        return _banned(gate, banned, port_id, ingress)
    unknown = _unknown(gate, point, allowed)
    if allowed:
        told = step(gate.layer, port_id, ingress, "allow", line.id if line else None, _why_allowed(gate, line))
        return Judgement(told, unknown=unknown, matched=matched)
    if line is not None:
        told = step(
            gate.layer,
            port_id,
            ingress,
            "deny",
            line.id,
            say("rule {line_id} of policy {owner} denies it", line_id=line.id, owner=line.owner),
        )
        change = say(
            "put an allow rule for {packet} before rule {line_id} in policy {owner}",
            packet=tell(packet),
            line_id=line.id,
            owner=line.owner,
        )
    else:
        told = step(gate.layer, port_id, ingress, "deny", None, gate.title)
        change = say("{remedy} for {packet}", remedy=gate.remedy, packet=tell(packet))
    return Judgement(told, _fix(told, change), unknown, matched)


def judge_group_reply(gate: Gate, check: Check, packet: Packet, tracked: bool) -> Judgement:
    """A security group against a reply: let through where the connection is tracked, else by a rule of its own."""
    port_id, ingress = _place(check)
    if gate.open is not None:
        return Judgement(step(gate.layer, port_id, ingress, "skip", None, gate.open))
    point = packet.point()
    banned = _first(Reading(gate.never, True), point)
    if banned is not None:
        return _banned(gate, banned, port_id, ingress)
    matched = tuple(line for line in gate.lines if inside(line.match, point))
    rule = next((line for line in matched if not line.stateful), None)
    if rule is None and not tracked and packet.protocol not in _STRICT:
        rule = next(iter(matched), None)
    if rule is not None:
        told = step(
            gate.layer, port_id, ingress, "allow", rule.id, say("rule {rule_id} allows the reply", rule_id=rule.id)
        )
        return Judgement(told, matched=matched)
    if tracked:
        told = step(gate.layer, port_id, ingress, "allow", None, say("the reply belongs to a tracked connection"))
        return Judgement(told, matched=matched)
    why = say("a stateless security group let the packet pass untracked, and no rule allows the reply")
    told = step(gate.layer, port_id, ingress, "deny", None, why)
    return Judgement(
        told,
        _fix(told, say("{remedy} for {packet} (the reply)", remedy=gate.remedy, packet=tell(packet))),
        matched=matched,
    )


def _banned(gate: Gate, line: Line, port_id: str | None, ingress: bool) -> Judgement:
    why = about(line.owner, say("the back end drops that from every port it filters, whatever the rules say"))
    told = step(gate.layer, port_id, ingress, "deny", None, why)
    return Judgement(
        told, _fix(told, say("turn port security off at port {port_id}, if its server is to do that", port_id=port_id))
    )


def passed(check: Check, why: str) -> Judgement:
    """A step that leaves the reply alone."""
    port_id, ingress = _place(check)
    return Judgement(step("firewall-group", port_id, ingress, "skip", None, why))


def refused(check: Check, why: str, change: str) -> Judgement:
    """A firewall step that drops without a rule."""
    port_id, ingress = _place(check)
    told = step("firewall-group", port_id, ingress, "deny", None, why)
    return Judgement(told, _fix(told, change))


def _place(check: Check) -> tuple[str | None, bool]:
    if check.kind == "chain":
        return (check.exit.id, True) if check.exit is not None else (check.entry.id if check.entry else None, False)
    return (check.port.id if check.port else None), check.ingress


def _first(reading: Reading, point: tuple[int, int, int, int, int]) -> Line | None:
    for line in reading.lines:
        if inside(line.match, point):
            return line
    return None


def _unknown(gate: Gate, point: tuple[int, int, int, int, int], allowed: bool) -> tuple[str, ...]:
    found = [doubt for reading, doubt in gate.variants if _allows(reading, point) is not allowed]
    if gate.doubt and not gate.others:
        found += [] if allowed else [gate.doubt]
    elif gate.doubt and any(_allows(reading, point) is not allowed for reading in gate.others):
        found.append(gate.doubt)
    return tuple(found)


def _allows(reading: Reading, point: tuple[int, int, int, int, int]) -> bool:
    line = _first(reading, point)
    return line.allow if line is not None else reading.default


def _why_allowed(gate: Gate, line: Line | None) -> str:
    if line is None:
        return say("no rule matches and no default drop stands here: it passes")
    if line.id is None:
        return say("let through implicitly: neighbours need it")
    if gate.union:
        return say("rule {id} of security group {owner} allows it", id=line.id, owner=line.owner)
    return say("rule {id} of policy {owner} allows it", id=line.id, owner=line.owner)


def _fix(told: dict[str, Any], change: str) -> dict[str, Any]:
    return {key: told[key] for key in ("layer", "port_id", "direction", "rule_id")} | {"change": change}
