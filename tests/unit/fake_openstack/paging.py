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


def neutron(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP, missing: Answer = None) -> Answer:
    """`<key>_links` with all of the query; behind what is not there the list is empty, some begin anew, or `missing`."""
    if (wrong := _wrong(query)) is not None:
        words = f"Bad limit request: Limit must be an integer 0 or greater and not '{wrong}'."
        return 400, {"NeutronError": {"type": "BadRequest", "message": words, "detail": ""}}
    every = list(items)
    found = _cut(every, query, cap)
    if found is None:
        if missing:
            return missing
        found = every[: _size(query, cap)] if key in ("subnets", "security_groups") else []
    full = bool(found) and len(found) == _size(query, cap)
    kept = [one for one in query if one[0] != "marker"]
    links = [("next", [*kept, ("marker", _name(found[-1]))])] if full else []
    if full or "limit" in dict(query):
        first = [("marker", _name(found[0]))] if found else []
        links.append(("previous", [*kept, *first, ("page_reverse", "True")]))
    told = [{"rel": rel, "href": f"{_INSIDE}{path}?{urlencode(asked)}"} for rel, asked in links]
    return {key: found, **({f"{key}_links": told} if told else {})}


def nova(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """`<key>_links` with the next page; a marker that is not known is a mistake."""
    if (wrong := _wrong(query)) is not None:
        words = f"Invalid input for query parameters limit. Value: {wrong}. '{wrong}' does not match '^[0-9]*$'"
        return 400, {"badRequest": {"code": 400, "message": words}}
    marker = dict(query).get("marker")
    words = f"Marker {marker} could not be found." if key == "keypairs" else f"marker [{marker}] not found"
    return _linked(items, query, key, path, cap, (400, {"badRequest": {"code": 400, "message": words}}))


def cinder(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """As Nova's, but what is not there is not found."""
    if _wrong(query) is not None:
        return 400, {"badRequest": {"code": 400, "message": "limit param must be an integer"}}
    words = f"Volume {dict(query).get('marker')} could not be found."
    return _linked(items, query, key, path, cap, (404, {"itemNotFound": {"code": 404, "message": words}}))


def octavia(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """Its links forget what the list was filtered by, and there is always a list of them."""
    if (wrong := _wrong(query)) is not None:
        words = f"Supplied pagination limit '{wrong}' is not valid."
        return 400, {"code": 400, "title": "Bad Request", "description": words}
    found = _cut(list(items), query, cap)
    if found is None:
        words = f"Supplied pagination marker '{dict(query)['marker']}' is not valid."
        return 400, {"faultcode": "Client", "faultstring": words, "debuginfo": None}
    kept = [one for one in query if one[0] in ("sort", "sort_key", "limit")]
    links = []
    if found and "marker" in dict(query):
        href = f"{_INSIDE}{path}?{_following(found[:1], kept)}&page_reverse=True"
        links.append({"rel": "previous", "href": href})
    if found and len(found) == _size(query, cap):
        links.append({"rel": "next", "href": f"{_INSIDE}{path}?{_following(found, kept)}"})
    return {key: found, f"{key}_links": links}


def glance(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """The path of the next page under 'next'."""
    if _wrong(query) is not None:
        return _glance_refuses("limit param must be an integer")
    found = _cut(list(items), query, cap)
    if found is None:
        return _glance_refuses(f"No image found with ID {dict(query)['marker']}")
    more = {"next": f"{path}?{_following(found, query)}"} if found and len(found) == _size(query, cap) else {}
    return {key: found, "first": f"{path}?{urlencode(query)}", "schema": f"/v2/schemas/{key}", **more}


def _glance_refuses(words: str) -> Answer:
    return 400, {"message": f"{words}<br /><br />\n\n\n", "code": "400 Bad Request", "title": "Bad Request"}


def heat(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """A link only where the page is as long as was asked for, for events none ever; behind what is not there it begins
    anew.
    """
    every = list(items)
    found = _cut(every, query, cap)
    if found is None:
        found = every[: _size(query, cap)]
    links = {}
    if key == "stacks" and found and str(len(found)) == dict(query).get("limit"):
        links = {"links": [{"rel": "next", "href": f"{_INSIDE}{path}?{_following(found, query)}"}]}
    counted = {"count": len(every)} if dict(query).get("with_count") == "true" and key == "stacks" else {}
    return {key: found, **links, **counted}


def keystone(items: Iterable[Json], query: Query, key: str, path: str, cap: int = CAP) -> Answer:
    """'links' with a next one, and a note that there was more."""
    every = list(items)
    found = _cut(every, query, cap)
    if found is None:
        return 400, {"error": {"code": 400, "message": "The marker could not be found", "title": "Bad Request"}}
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
    if found is None:
        return 400, {"code": 400, "title": "Bad Request", "description": "The marker could not be found"}
    full = found and len(found) == _size(query, cap)
    return 200, found, {"Link": f'<{_INSIDE}{path}?{_following(found, query)}>; rel="next"'} if full else {}


def aodh(items: Iterable[Json], query: Query, cap: int = CAP) -> Answer:
    """A list, and no word of what comes after."""
    found = _cut(list(items), query, cap, "alarm_id")
    return (400, {"error_message": {"faultstring": "The marker could not be found"}}) if found is None else found


def _linked(items: Iterable[Json], query: Query, key: str, path: str, cap: int, missing: Answer) -> Answer:
    found = _cut(list(items), query, cap)
    if found is None:
        return missing
    if not found or len(found) < _size(query, cap):
        return {key: found}
    return {key: found, f"{key}_links": [{"rel": "next", "href": f"{_INSIDE}{path}?{_following(found, query)}"}]}


def _wrong(query: Query) -> str | None:
    """The limit, where it is none."""
    limit = dict(query).get("limit", "0")
    return None if limit.isdigit() else limit


def _size(query: Query, cap: int) -> int:
    return min(int(dict(query).get("limit", cap)), cap)


def _cut(items: list[Json], query: Query, cap: int, name: str = "id") -> list[Json] | None:
    """The page that is asked for, None where what it is to begin behind is not there."""
    marker = dict(query).get("marker")
    begin = 0
    if marker is not None:
        names = [str(_name(one, name)) for one in items]
        if marker not in names:
            return None
        begin = names.index(marker) + 1
    return items[begin : begin + _size(query, cap)]


def _following(found: list[Json], query: Query) -> str:
    kept = [one for one in query if one[0] != "marker"]
    return urlencode([*kept, ("marker", _name(found[-1]))])


def _name(one: Json, name: str = "id") -> Any:
    return one["keypair"]["name"] if "keypair" in one else one.get(name, "")
