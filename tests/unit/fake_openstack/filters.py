"""How lists are narrowed by a query, and what of a query is not understood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.conformance.recorded import examples
from tests.unit.fake_openstack.server import Answer, Json, Query

_WAYS = {"limit", "marker", "page_reverse", "sort_key", "sort_dir", "fields", "sort"}


def filtered(items: Any, query: Query) -> Iterator[Json]:
    """Those that have what the query asks for; what a thing has no field for does not count."""
    wanted: dict[str, set[str]] = {}
    for name, value in query:
        if name not in _WAYS:
            wanted.setdefault(name, set()).add(value)
    for one in list(items):
        if all(name not in one or _asked(name, one[name], values) for name, values in wanted.items()):
            yield one


def _asked(name: str, value: Any, wanted: set[str]) -> bool:
    return _holds(value, wanted) if name == "fixed_ips" else _has(value, wanted)


def _holds(fixed: list[Json], wanted: set[str]) -> bool:
    """A port's addresses, by 'ip_address=…' and 'subnet_id=…': any of those that are named of each."""
    keys = {one.partition("=")[0] for one in wanted}
    return all(any(f"{key}={at.get(key)}" in wanted for at in fixed) for key in keys)


def _has(value: Any, wanted: set[str]) -> bool:
    """A list, such as of tags, has all that are asked for."""
    if isinstance(value, list):
        return all(part in value for one in wanted for part in one.split(","))
    return _told(value) in wanted


def _told(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def strange(query: Query, kind: str) -> list[str]:
    """What is asked of a list that its rows have no field for."""
    return sorted({name for name, _ in query} - _WAYS - set(examples()[kind]))


def neutron_refuses(query: Query, kind: str) -> Answer:
    """Neutron's answer to a query that it does not understand, else None."""
    found = strange(query, kind)
    return neutron_says(400, "HTTPBadRequest", f"{found} is invalid attribute for filtering") if found else None


def neutron_unknown(fields: Json, kind: str) -> Answer:
    """Neutron's answer to a thing with fields that none of its kind has, else None."""
    found = sorted(set(fields) - set(examples()[kind]))
    return neutron_says(400, "HTTPBadRequest", f"Unrecognized attribute(s) '{', '.join(found)}'") if found else None


def octavia_refuses(query: Query, kind: str, project: str, admin: bool) -> Answer:
    """Octavia's answer to a query that it does not understand, or that is for another project; else None."""
    if strange(query, kind):
        return octavia_says(400, "One or more arguments are either duplicate or invalid")
    if not admin and dict(query).get("project_id", project) != project:
        return octavia_says(403, "Policy does not allow this request to be performed.")
    return None


def neutron_says(status: int, kind: str, words: str) -> tuple[int, Json]:
    """An error of Neutron's."""
    return status, {"NeutronError": {"type": kind, "message": words, "detail": ""}}


def octavia_says(status: int, words: str) -> tuple[int, Json]:
    """An error of Octavia's."""
    return status, {"faultcode": "Client", "faultstring": words, "debuginfo": None}


def shown(row: Json) -> Json:
    """Servers, volumes and snapshots have their project under names of their own."""
    return {name: value for name, value in row.items() if name not in ("project_id", "locked")}


def says(status: int, kind: str, words: str) -> tuple[int, Json]:
    """An error of Nova's or Cinder's."""
    return status, {kind: {"code": status, "message": words}}


def not_found(called: str, id_: str) -> tuple[int, Json]:
    """Nova or Cinder does not have it, or it is another project's."""
    return says(404, "itemNotFound", f"{called} {id_} could not be found.")


def bad(words: str) -> tuple[int, Json]:
    """What Nova or Cinder does not take."""
    return says(400, "badRequest", words)
