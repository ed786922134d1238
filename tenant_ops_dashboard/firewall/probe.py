"""Can A reach B on this port? One answer for every pair of what both ends stand for."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.reachability import spans
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import BadInput as Unreadable
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.scope import Scope
from tenant_ops_dashboard.reachability.spans import Spans

Json = dict[str, Any]
#: So many pairs are answered; more are a question for the matrix.
PAIRS = 50
#: Where 'the internet' is looked for first: addresses that nobody uses (RFC 5737, RFC 3849), then all others.
_OUTSIDE: dict[int, Spans] = {
    4: (spans.network("198.51.100.0/24")[1:3], *spans.minus(((0, spans.TOP[4]),), ())),
    6: (spans.network("2001:db8:ffff::/48")[1:3], (1 << 125, (1 << 126) - 1)),
}


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
        words = f"{len(senders)} senders and {len(receivers)} receivers are more than {most} pairs: name less."
        raise BadInput(f"from, to: {words}", field="from")
    return [{"from": one, "to": other, **_probe(engine, one, other, protocol, port)} for one, other in pairs]


def _probe(engine: Engine, src: Json, dst: Json, protocol: str, port: int | None) -> Json:
    packet: Json = {"src": src, "dst": dst, "protocol": protocol}
    if port is not None:
        packet["dst_port"] = port
    try:
        return probe(engine, packet, "packet")
    except Unreadable as error:
        field = "protocol" if error.what.startswith("protocol") else "port" if "port" in error.what else "from"
        raise BadInput(f"{field}: {error.what}", field=field) from None


def _places(engine: Engine, scope: Scope, field: str, version: int) -> list[Json]:
    """The ports of an end, and an address outside where it has any."""
    found: list[Json] = [{"port": one.id} for one in scope.ports]
    if scope.limits is not None:
        version = next((one for one, limit in scope.limits.items() if limit), version)
        if found:
            # A range that the project's own ports stand in means those.
            limit = scope.limits[version]
            return [_within(engine, one["port"], version, limit) for one in found]
    if scope.outside:
        address = _outside(engine, version, None if scope.limits is None else scope.limits[version])
        if address is None:
            raise BadInput(f"{field}: no address of it is outside, and no port has one.", field=field)
        found.append({"ip": spans.show(version, address)})
    if not found:
        raise BadInput(f"{field}: nothing is there: it has no port.", field=field)
    return found


def _within(engine: Engine, id_: str, version: int, limit: Spans) -> Json:
    port = engine.snapshot.ports[id_]
    number = next(one.number for one in port.addresses if one.version == version and spans.holds(limit, one.number))
    return {"port": id_, "ip": spans.show(version, number)}


def _outside(engine: Engine, version: int, limit: Spans | None) -> int | None:
    """An address of a range, or of the internet, that nobody of the snapshot has."""
    inside = engine.world.inside[version]
    for span in limit if limit is not None else _OUTSIDE[version]:
        if free := spans.minus((span,), inside):
            return free[0][0] if limit is None or free[0][0] == free[0][1] else min(free[0][0] + 1, free[0][1])
    # A single floating or fixed address that no port is bound to.
    return limit[0][0] if limit and limit[0][0] == limit[0][1] else None
