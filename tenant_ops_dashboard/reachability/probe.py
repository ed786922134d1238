"""The packet probe: one packet in the contract's form, one answer with every step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.sentences import about, say

from . import spans
from .balance import balance
from .engine import Engine
from .errors import BadInput
from .fields import plain
from .judge import step
from .model import Port
from .packets import CLIENT_PORT, Packet, read_header
from .trial import Outcome, Trial
from .world import first_address


@dataclass(frozen=True, slots=True)
class End:
    """One end as it was asked for: a port, an address, or both. `ports` are the ports that may hold the address."""

    port: Port | None
    address: tuple[int, int] | None
    ports: tuple[Port, ...]
    translated: int | None = None


def probe(engine: Engine, packet: Mapping[str, Any], where: str = "packet") -> dict[str, Any]:
    """Answer one packet. Raises BadInput naming `where` and the field that cannot be read.

    Where the back end is not known each that it may be is asked: `profile` is '' then. Where they do not agree the
    answer is that of the one that lets more through, and `unknown` has what each says.
    """
    answers = [_answer(one, packet, where) for one in engine.readings]
    if len(answers) == 1:
        return answers[0]
    fates = [tuple(one[key] for key in ("verdict", "forward", "reply")) for one in answers]
    worst = min(zip(fates, answers, strict=True), key=lambda one: [_OPEN.index(word) for word in one[0]])[1]
    told = {**worst, "profile": engine.told}
    if len(set(fates)) > 1:
        said = "; ".join(f"{one['profile']}: {one['verdict']}" for one in answers)
        doubt = say(
            "the back end that filters is not known (TENANT_OPS_FIREWALL_PROFILE says it), and they differ: {said}",
            said=said,
        )
        told["unknown"] = [doubt, *told["unknown"]]
    return told


#: Words of an answer, the most open first.
_OPEN = ("allow", "n/a", "deny", "no-route")


def _answer(engine: Engine, packet: Mapping[str, Any], where: str) -> dict[str, Any]:
    if not isinstance(packet, Mapping):
        raise BadInput(where, say("must be a JSON object"))
    _known(packet, ("src", "dst", "protocol", "src_port", "dst_port", "icmp_type", "icmp_code"), "", where)
    src, dst = _end(engine, packet, "src", where), _end(engine, packet, "dst", where)
    version = _version(src, dst, where)
    protocol, src_port, dst_port = read_header(packet, version, where)
    source = src.translated if src.translated is not None else _number(src, version, "src", where)
    ask = Packet(version, protocol, source, _number(dst, version, "dst", where), src_port, dst_port)
    ask = _through_floating(engine, ask, src, dst)
    outcome, names = _best(engine, ask, src, dst), engine.world.names
    answer = {
        "verdict": outcome.verdict,
        "forward": outcome.forward,
        "reply": outcome.reply,
        "steps": [{**one, "why": names(one["why"])} for one in outcome.steps],
        "fix": [{**one, "change": names(one["change"])} for one in outcome.fix if outcome.verdict != "allow"],
        "profile": engine.profile,
        "unknown": [names(one) for one in outcome.unknown],
    }
    if outcome.members is not None:
        answer["members"] = outcome.members
    if src_port == CLIENT_PORT and packet.get("src_port") is None:
        answer["assumed"] = {"src_port": CLIENT_PORT}
    return answer


def _known(given: Mapping[str, Any], names: tuple[str, ...], path: str, where: str) -> None:
    """A field that is misspelt would be answered as one that is left out."""
    if odd := next((name for name in given if name not in names), None):
        raise BadInput(
            where,
            say("{path}{plain} is unknown; known are {names}", path=path, plain=plain(odd), names=", ".join(names)),
        )


def _end(engine: Engine, packet: Mapping[str, Any], key: str, where: str) -> End:
    raw = packet.get(key)
    if not isinstance(raw, Mapping):
        raise BadInput(where, say('{key} must be {{"port": ID}} or {{"ip": ADDRESS}}', key=key))
    _known(raw, ("port", "ip"), f"{key}.", where)
    address = None
    if raw.get("ip") is not None:
        try:
            address = spans.address(raw["ip"])
        except ValueError as error:
            raise BadInput(where, about(key, say("ip {plain}", plain=plain(error)))) from None
    if raw.get("port") is not None:
        identity = raw["port"]
        port = engine.snapshot.ports.get(identity) if isinstance(identity, str) else None
        if port is None:
            raise BadInput(where, about(key, say("port {plain} is not in the snapshot", plain=plain(identity))))
        return End(port, address, (port,))
    if address is None:
        raise BadInput(where, say("{key} must name a port or an ip", key=key))
    return _end_by_address(engine, address)


def _end_by_address(engine: Engine, address: tuple[int, int]) -> End:
    world = engine.world
    found = list(world.by_address.get(address, ()))
    if address[0] == 6 and not found:
        found = [port for port in world.snapshot.ports.values() if address[1] in port.link_locals]
    if found:
        return End(None, address, tuple(found))
    floating = world.floating.get(address)
    if floating is not None and floating.port_id in world.snapshot.ports:
        port = world.snapshot.ports[floating.port_id or ""]
        fixed = floating.fixed if floating.fixed is not None else first_address(port, address[0])
        return End(None, address, (port,), fixed)
    if floating is None:
        for port in world.snapshot.ports.values():
            if port.bound and world.claims(port, *address):
                found.append(port)
    return End(None, address, tuple(found))


def _version(src: End, dst: End, where: str) -> int:
    named = {end.address[0] for end in (src, dst) if end.address is not None}
    if len(named) == 2:
        raise BadInput(where, say("src and dst are of different IP versions"))
    if named:
        return named.pop()
    for version in (4, 6):
        if all(first_address(end.port, version) is not None for end in (src, dst)):
            return version
    raise BadInput(where, say("src and dst have no address of the same IP version"))


def _number(end: End, version: int, key: str, where: str) -> int:
    if end.address is not None:
        return end.address[1]
    number = first_address(end.port, version)
    if number is None:
        raise BadInput(
            where,
            about(
                key,
                say(
                    "port {port_id} has no IPv{version} address",
                    port_id=end.port.id if end.port else "",
                    version=version,
                ),
            ),
        )
    return number


def _through_floating(engine: Engine, ask: Packet, src: End, dst: End) -> Packet:
    """From outside, a port named without an address is asked for by its floating address, where it has one."""
    if src.ports or dst.port is None or dst.address is not None:
        return ask
    floating = engine.world.floating_of.get((dst.port.id, ask.dst))
    return ask if floating is None else replace(ask, dst=floating.address)


def _best(engine: Engine, ask: Packet, src: End, dst: End) -> Outcome:
    """The outcome; an address that several ports have (overlapping networks) is tried from each of them."""
    target = dst.port or (dst.ports[0] if len(dst.ports) == 1 else None)
    if (
        target is not None
        and src.ports == (target,)
        and engine.world.by_address.get((ask.version, ask.dst)) == [target]
    ):
        return _same(target)
    senders = src.ports if src.port is not None else _senders(engine, ask, src)
    tried = [_one(engine, ask, sender, target, dst) for sender in (senders or (None,))]
    routed = [outcome for outcome in tried if outcome.forward != "no-route"]
    found = (routed or tried)[0]
    if len(routed) > 1 or (len(tried) > 1 and not routed):
        named = ", ".join(port.id for port in senders[:5])
        found.note([say("the source address belongs to several ports ({named}): name the port", named=named)])
    return found


def _senders(engine: Engine, ask: Packet, src: End) -> tuple[Port, ...]:
    """Who may send from an address: where its port has no server, those that name it in their pairs."""
    found: dict[str, Port] = {}
    for port in src.ports:
        owned = any((one.version, one.number) == (ask.version, ask.src) for one in port.addresses)
        holders = engine.world.holders(port.network_id, ask.version, ask.src) if owned else []
        for one in holders or [port]:
            found[one.id] = one
    return tuple(found.values())


def _one(engine: Engine, ask: Packet, sender: Port | None, target: Port | None, dst: End) -> Outcome:
    outcome = Trial(engine, ask, sender, target, named=dst.port is not None).run()
    virtual = engine.world.virtual_at(outcome.end, outcome.view)
    if virtual is not None and outcome.forward != "no-route":
        outcome = balance(engine, ask, outcome, virtual, sender)
    return outcome


def _same(port: Port) -> Outcome:
    outcome = Outcome(reply="allow", end=port)
    outcome.steps.append(
        step("route", port.id, True, "skip", None, say("both ends are the same port: nothing filters it"))
    )
    return outcome
