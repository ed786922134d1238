"""Can A reach B on this port? One answer for every pair of what both ends stand for."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.firewall.ends import example
from tenant_ops_dashboard.reachability import spans
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import BadInput as Unreadable
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.scope import Scope
from tenant_ops_dashboard.reachability.spans import Spans
from tenant_ops_dashboard.sentences import about, bare, say

Json = dict[str, Any]
#: So many pairs are answered; more are a question for the matrix.
PAIRS = 50
_PORTLESS = ("icmp", "icmpv6", "ipv6-icmp", "1", "58")


def probe_ends(
    engine: Engine, source: Scope, target: Scope, protocol: str, port: int | None = None, most: int = PAIRS
) -> list[Json]:
    """Answers as `reachability probe` has them, each with `from` and `to`, the ends that were asked for.

    For addresses outside one stands for all; rules may treat another one differently, which the matrix shows. Raises
    BadInput for a protocol or port that cannot be, ends with nothing in them, and more than `most` pairs.
    """
    version = 6 if (protocol or "").lower() in ("icmpv6", "ipv6-icmp") else 4
    senders, receivers = (_places(engine, one, field, version) for one, field in ((source, "from"), (target, "to")))
    pairs = [(one, other) for one in senders for other in receivers if one != other or one == receivers[0]]
    if len(senders) * len(receivers) > most:
        words = say(
            "{senders} senders and {receivers} receivers are more than {most} pairs: name less.",
            senders=len(senders),
            receivers=len(receivers),
            most=most,
        )
        raise BadInput(about("from, to", words), field="from")
    return [{"from": one, "to": other, **_probe(engine, one, other, protocol, port)} for one, other in pairs]


def _probe(engine: Engine, src: Json, dst: Json, protocol: str, port: int | None) -> Json:
    packet: Json = {"src": src, "dst": dst, "protocol": protocol}
    if port is not None:
        if protocol.lower() in _PORTLESS:
            raise BadInput(about("port", say("{protocol} has no ports.", protocol=protocol)), field="port")
        packet["dst_port"] = port
    try:
        return probe(engine, packet, "packet")
    except Unreadable as error:
        where = error.what.partition(": ")[0]
        if end := {"src": "from", "dst": "to"}.get(where):
            raise BadInput(about(end, bare(error.what, where)), field=end) from None
        field = "protocol" if error.what.startswith("protocol") else "port" if "port" in error.what else "from"
        raise BadInput(about(field, error.what), field=field) from None


def _places(engine: Engine, scope: Scope, field: str, version: int) -> list[Json]:
    """The ports of an end, and an address outside where it has any."""
    found: list[Json] = [{"port": one.id} for one in scope.ports]
    limits = scope.limits
    if limits is not None:
        version = version if limits[version] else 10 - version
        if found:
            # A range that the project's own ports stand in means those.
            return [_within(engine, one["port"], version, limits[version]) for one in found]
    if scope.outside:
        wanted = spans.minus(limits[version] if limits else ((0, spans.TOP[version]),), engine.world.inside[version])
        if not wanted:
            raise BadInput(about(field, say("no address of it is outside, and no port has one.")), field=field)
        found.append({"ip": spans.show(version, example(version, wanted))})
    if not found:
        raise BadInput(about(field, say("nothing is there: it has no port.")), field=field)
    return found


def _within(engine: Engine, id_: str, version: int, limit: Spans) -> Json:
    """The port with the address of it that is meant: its own, one of its pairs', or one that leads to it."""
    world, port = engine.world, engine.snapshot.ports[id_]
    own = [one.number for one in port.addresses if one.version == version]
    own += port.link_locals if version == 6 else ()
    own += [one.span[0] for one in port.pairs if one.version == version and one.span[0] == one.span[1]]
    public = [one.address for number in own if (one := world.floating_of.get((id_, number))) is not None]
    public += [
        one.address for one in engine.snapshot.floatingips.values()
        if one.version == version and any(part.port_id == id_ for part in one.forwardings)
    ]  # fmt: skip
    number = next((one for one in (*own, *public) if spans.holds(limit, one)), limit[0][0])
    return {"port": id_, "ip": spans.show(version, number)}
