"""What changed between two snapshots: the exact sets gained and lost, per destination."""

from collections.abc import Iterator
from typing import Any

from tenant_ops_dashboard.sentences import say

from .diagram import NOTHING, Reference
from .engine import Engine
from .errors import TooComplex
from .exposure import Exposure, Found
from .model import Port
from .scope import Scope, read_scope, servers
from .sets import Sets

#: With more pairs of ports than this, only traffic from outside is compared unless a source is named.
PAIRS = 40_000


def diff(before: Engine, after: Engine, source: str | None = None, target: str | None = None) -> list[dict[str, Any]]:
    """Entries with `gained` and `lost` boxes for every destination where something changed.

    A packet is gained when it arrives only afterwards, or its reply comes back only afterwards; lost likewise. Without
    a source everything is compared: from outside, from every server's port, and to the outside. Raises BadInput.
    """
    shared = {version: Sets(version) for version in (4, 6)}
    ports = max(len(servers(engine.snapshot)) for engine in (before, after))
    narrow = source is None and target is None and ports * ports > PAIRS
    first, second = (
        Exposure(engine, _source(engine, source, narrow), _target(engine, target, narrow), shared)
        for engine in (before, after)
    )
    found = list(entries(first, second))
    if narrow:
        found.append(
            {
                "port": None,
                "name": say("between ports"),
                "gained": [],
                "lost": [],
                "profile": after.told,
                "unknown": [
                    say(
                        "traffic between {ports} ports is compared only where --from or --to names some of them",
                        ports=ports,
                    )
                ],
            }
        )
    return found


def _source(engine: Engine, text: str | None, narrow: bool) -> Scope:
    if text is not None:
        return read_scope(engine, text, "--from")
    return Scope(True, () if narrow else servers(engine.snapshot))


def _target(engine: Engine, text: str | None, narrow: bool) -> Scope:
    if text is not None:
        return read_scope(engine, text, "--to")
    return Scope(not narrow, servers(engine.snapshot))


def entries(before: Exposure, after: Exposure, senders: bool = False) -> Iterator[dict[str, Any]]:
    """An entry for each destination of two exposures that share their sets where something changed.

    With `senders` each box says `from` which port, None for outside.
    """
    was = {port.id: port for port in before.target.ports}
    now = {port.id: port for port in after.target.ports}
    for identity in dict.fromkeys((*was, *now)):
        yield from _entry(before, after, was.get(identity), now.get(identity), senders)
    if before.target.outside or after.target.outside:
        yield from _entry(before, after, None, None, senders, outside=True)


def _entry(
    before: Exposure, after: Exposure, was: Port | None, now: Port | None, senders: bool, outside: bool = False
) -> Iterator[dict[str, Any]]:
    port = now or was
    entry: dict[str, Any] = {"port": port.id if port else None, "name": port.name if port else "outside"}
    try:
        old = _ways(before, was, outside)
        new = _ways(after, now, outside)
        gained, lost = _compare(before, after, old, new, senders)
    except TooComplex as error:
        yield entry | {"gained": [], "lost": [], "profile": after.engine.told, "unknown": [str(error)]}
        return
    if gained or lost:
        unknown = dict.fromkeys(s for way in (*old.values(), *new.values()) for s in way.unknown)
        yield entry | {"gained": gained, "lost": lost, "profile": after.engine.told, "unknown": list(unknown)}


def _ways(side: Exposure, port: Port | None, outside: bool) -> dict[tuple[object, ...], Found]:
    if port is None and not outside:
        return {}
    return {found.key: found for found in side.ways(port)}


def _compare(
    before: Exposure, after: Exposure, old: dict[tuple[object, ...], Found], new: dict[tuple[object, ...], Found],
    senders: bool,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:  # fmt: skip
    gained: list[dict[str, Any]] = []
    lost: list[dict[str, Any]] = []
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key), new.get(key)
        first = was.final if was else NOTHING
        second = now.final if now else NOTHING
        if first == second:
            continue
        if now is not None:
            gained += _named(now, after.write(now, _only(after.sets[now.version], second, first)), senders)
        if was is not None:
            lost += _named(was, before.write(was, _only(before.sets[was.version], first, second)), senders)
    return gained, lost


def _named(way: Found, boxes: list[dict[str, Any]], senders: bool) -> list[dict[str, Any]]:
    return [{"from": way.sender, **box} for box in boxes] if senders else boxes


#: Worth of a packet's fate: it does not arrive, it arrives unanswered, it arrives and is answered (or asks nothing).
_WORTH = {0: 0, 2: 1, 1: 2, 3: 2}


def _only(sets: Sets, left: Reference, right: Reference) -> Reference:
    """The packets that fare better on the left."""
    states = sets.states
    return sets.store.apply(lambda a, b: a if _WORTH[states[a][1]] > _WORTH[states[b][1]] else 0, left, right, "left")
