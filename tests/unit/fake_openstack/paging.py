"""Pages as each real service gives them, of a cloud that gives less than is asked for and stands behind a proxy.

The addresses in its links are those behind the proxy: another host, and a path without what the proxy adds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from tests.unit.fake_openstack.server import Answer, Json, Query

#: No service gives more items than this at once.
CAP = 20
_INSIDE = "http://inside.example:9999"


def neutron(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """`<key>_links` with all of the query; a marker that is not known any more is none at all."""
    return _linked(items, query, key, path, cap, lenient=True)


def nova(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """The same, also Cinder's; a marker that is not known is a mistake."""
    return _linked(items, query, key, path, cap)


def octavia(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """Its links forget what the list was filtered by."""
    return _linked(items, query, key, path, cap, keep=("sort", "sort_key"))


def glance(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """The path of the next page under 'next'."""
    found = _cut(list(items), query, cap)
    if isinstance(found, tuple):
        return found
    more = {"next": f"{path}?{_following(found, query)}"} if found and len(found) == _size(query, cap) else {}
    return {key: found, **more}


def heat(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """A link only where the page is as long as was asked for; for events none ever."""
    every = list(items)
    found = _cut(every, query, cap)
    if isinstance(found, tuple):
        return found
    if dict(query).get("with_count") == "true" and key == "stacks":
        return {key: found, "count": len(every)}
    if key == "stacks" and found and str(len(found)) == dict(query).get("limit"):
        return {key: found, "links": [{"rel": "next", "href": f"{_INSIDE}{path}?{_following(found, query)}"}]}
    return {key: found}


def keystone(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """'links' with a next one, and a note that there was more."""
    every = list(items)
    found = _cut(every, query, cap)
    if isinstance(found, tuple):
        return found
    cut = bool(found) and found[-1] is not every[-1]
    following = f"{_INSIDE}{path}?{_following(found, [*query, ('limit', str(cap))])}" if cut else None
    links = {"next": following, "self": f"{_INSIDE}{path}", "previous": None}
    return {key: found, "links": links, **({"truncated": True} if cut else {})}


def barbican(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """By offset, with the total; its links forget what the list was filtered by."""
    every, begin, size = list(items), int(dict(query).get("offset", 0)), _size(query, cap)
    more = begin + size < len(every)
    following = {"next": f"{_INSIDE}{path}?limit={size}&offset={begin + size}"} if more else {}
    return {key: every[begin : begin + size], "total": len(every), **following}


def gnocchi(items: Iterable[Json], query: Query, path: str, cap: int = CAP) -> Answer:
    """A list, and the next page in a header."""
    found = _cut(list(items), query, cap)
    if isinstance(found, tuple):
        return found
    full = found and len(found) == _size(query, cap)
    return 200, found, {"Link": f'<{_INSIDE}{path}?{_following(found, query)}>; rel="next"'} if full else {}


def aodh(items: Iterable[Json], query: Query, cap: int = CAP) -> Answer:
    """A list, and no word of what comes after."""
    return _cut(list(items), query, cap, "alarm_id")


def _linked(
    items: Iterable[Json], query: Query, key: str, path: str, cap: int, lenient: bool = False,
    keep: tuple[str, ...] | None = None,
) -> Answer:  # fmt: skip
    found = _cut(list(items), query, cap, lenient=lenient)
    if isinstance(found, tuple):
        return found
    if not found or len(found) < _size(query, cap):
        return {key: found}
    kept = [one for one in query if keep is None or one[0] in keep or one[0] == "limit"]
    href = f"{_INSIDE}{path}?{_following(found, kept)}"
    return {
        key: found,
        f"{key}_links": [{"rel": "previous", "href": f"{href}&page_reverse=True"}, {"rel": "next", "href": href}],
    }


def _size(query: Query, cap: int) -> int:
    return min(int(dict(query).get("limit", cap)), cap)


def _cut(items: list[Json], query: Query, cap: int, name: str = "id", lenient: bool = False) -> Any:
    marker = dict(query).get("marker")
    begin = 0
    if marker is not None:
        names = [str(_name(one, name)) for one in items]
        if marker in names:
            begin = names.index(marker) + 1
        elif not lenient:
            return 400, {"badRequest": {"message": f"marker [{marker}] not found", "code": 400}}
    return items[begin : begin + _size(query, cap)]


def _following(found: list[Json], query: Query) -> str:
    kept = [one for one in query if one[0] != "marker"]
    return urlencode([*kept, ("marker", _name(found[-1]))])


def _name(one: Json, name: str = "id") -> Any:
    return one["keypair"]["name"] if "keypair" in one else one[name]
