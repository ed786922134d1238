"""A reading with odd rows in it: each costs itself, and is named; what all the others say stays exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.model import Snapshot
from tenant_ops_dashboard.reachability.references import missing_references
from tenant_ops_dashboard.reachability.snapshot import COLLECTIONS, build_snapshot
from tenant_ops_dashboard.sentences import about, say, within

Json = dict[str, Any]
NAME = "cloud"
#: How a sentence about a row ends that nobody looked at.
LEFT_OUT = say("it is left out.")
#: So many sentences of a kind are told.
MOST = 20


def read(raw: Json) -> tuple[Snapshot, Json, tuple[str, ...]]:
    """The snapshot of all rows that can be read, those rows, and a sentence for each that cannot.

    A row that names something that is not there (it went while the lists were read) stays; what depends on it is then
    not known, as where another project's object is hidden.
    """
    try:
        return build_snapshot(raw, NAME), raw, ()
    except ReachabilityError:
        problems: list[str] = []
        good = {**raw, "meta": {**_meta(raw), "scope": "project"}}
        for key in COLLECTIONS:
            good[key] = list(_readable(key, raw.get(key), problems))
        snapshot = build_snapshot(good, NAME)
        if _meta(raw).get("scope") != "project":
            problems += _missing(snapshot)
        meta = {**good["meta"], "scope": _meta(raw).get("scope")}
        return replace(snapshot, meta=meta), {**good, "meta": meta}, tuple(problems)


def _meta(raw: Json) -> Json:
    found = raw.get("meta")
    known = ("profile", "taken_at", "project_id", "scope", "problems", "nameless")
    return {key: found[key] for key in known if key in found} if isinstance(found, Mapping) else {}


def _readable(key: str, rows: Any, problems: list[str]) -> Iterator[Json]:
    seen: set[str] = set()
    for row in rows if isinstance(rows, list) else ():
        try:
            build_snapshot({"meta": {"scope": "project"}, key: [row]}, NAME)
        except ReachabilityError as error:
            problems.append(about(within(error.sentence, lambda text: text.removeprefix(f"{NAME}: ")), LEFT_OUT))
            continue
        if row["id"] not in seen:
            seen.add(row["id"])
            yield row


def _missing(snapshot: Snapshot) -> Iterator[str]:
    for number, (key, id_, field, target, named) in enumerate(missing_references(snapshot)):
        if number == MOST:
            yield say("More objects name others that were not listed.")
            return
        yield say(
            "{key} {id_}: {field} names {named}, which is not among the {target}.",
            key=key,
            id_=id_,
            field=field,
            named=named,
            target=target,
        )
