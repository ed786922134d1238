"""A list to its very end, by what the service itself says of the next page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from tenant_ops_dashboard.cloud import answers, errors
from tenant_ops_dashboard.sentences import say

Json: TypeAlias = dict[str, Any]
Query: TypeAlias = dict[str, Any]
#: One read: from the query to the answer's body and the address of its 'Link: rel="next"' header, or ''.
Ask: TypeAlias = Callable[[Query], tuple[Json, str]]

PAGE = 500
# A list of more pages than this does not end.
MOST = 1000
# Keystone has a size of its own and gives a link only where it is left to that.
_OWN_SIZE = frozenset({"identity"})
# Behind an item that has gone meanwhile these give an empty page, as if it had been the last.
_SILENT = frozenset({"network"})
# These give no links, or only for pages as long as was asked for: whether a page was the last has to be asked.
_UNLINKED = frozenset({"orchestration", "alarming"})
# What makes a service tell in each answer how many items there are: then nobody has to ask whether there are more.
_COUNTED = {("orchestration", "stacks"): {"with_count": "true"}}
# Sizes at which such a service, or what stands before it, is told to cut a page.
_CUTS = frozenset({20, 25, 50, 100, 200, 250, 500, 1000})
_WAYS = ("marker", "offset", "page", "limit")


def every(ask: Ask, service: str, key: str, query: Mapping[str, Any], most: int = 0) -> list[Json]:
    """All items under `key` ('' for a body that is a list), each once; no more than the first `most`, where given.

    The pages are asked for at the address of the first: of a service's link only the query counts, and what was asked
    for stays asked (Octavia's links forget the filters). Where the item that a page was to begin behind has gone
    meanwhile, the list is read again from its start. Raises a CloudError: also for a list that does not end, that
    repeats itself, or that the service cuts off without a way to go on.
    """
    first = {**query, **_COUNTED.get((service, key), {})}
    if service not in _OWN_SIZE:
        first.setdefault("limit", min(most, PAGE) if most else PAGE)
    try:
        found = list(_read(ask, service, key, first, most))
    except _Moved:
        try:
            found = list(_read(ask, service, key, first, most))
        except _Moved as error:
            raise errors.Conflict(
                say(
                    "{name}'s list of {words} changed while it was read.", name=answers.name(service), words=_words(key)
                ),
                answers.name(service),
            ) from error
    return found[:most] if most else found


class _Moved(Exception):
    """The item that a page was to begin behind is not there any more."""


def _read(ask: Ask, service: str, key: str, first: Query, most: int) -> Iterator[Json]:
    told, query, largest = answers.name(service), dict(first), 0
    seen: set[str] = set()
    asked: list[Query] = []
    count = 0
    while len(asked) < MOST:
        asked.append(query)
        try:
            body, link = ask(query)
        except (errors.BadRequest, errors.NotFound) as error:
            if len(asked) > 1:
                raise _Moved from error
            raise
        page = items(body, key, told)
        behind = query.get("marker") if service in _SILENT and not page else None
        if behind and not _there(ask, behind, key, first, told):
            raise _Moved
        new = [one for one in page if not (name := _name(one)) or name not in seen]
        seen.update(filter(None, map(_name, new)))
        yield from new
        count += len(new)
        following = _following(service, body, link, key, page, count, first, largest)
        if following is None or (most and count >= most):
            return
        # Nothing new on a page nobody promised: this service knows no markers and had given all.
        if not new and not _links(body, link, key):
            return
        if following in asked:
            raise errors.CloudError(
                say(
                    "{told} repeats itself in its list of {words}: the rest is not known.", told=told, words=_words(key)
                ),
                told,
            )
        query, largest = following, max(largest, len(page))
    raise errors.CloudError(say("{told}'s list of {words} does not end.", told=told, words=_words(key)), told)


def _there(ask: Ask, marker: str, key: str, first: Query, told: str) -> bool:
    """Whether the item that an empty page was to begin behind is still in the list."""
    return bool(items(ask({**first, "id": marker})[0], key, told))


def items(body: Mapping[str, Any], key: str, told: str) -> list[Json]:
    """The objects under `key`. Raises a CloudError where there is no list of them."""
    found = body.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise errors.CloudError(say("{told} answered without a list of {words}.", told=told, words=_words(key)), told)
    return found


def _following(
    service: str, body: Json, link: str, key: str, page: list[Json], count: int, first: Query, largest: int
) -> Query | None:
    """The query of the next page, None where there is none."""
    for address in _links(body, link, key):
        given = {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}
        return {**given, **first, **{way: given[way] for way in _WAYS if way in given}}
    if not page:
        return None
    if isinstance(body.get("total"), int):
        return {**first, "offset": count} if count < body["total"] else None
    if isinstance(body.get("count"), int):
        return {**first, "marker": _name(page[-1])} if count < body["count"] else None
    if body.get("truncated"):
        told = answers.name(service)
        raise errors.CloudError(
            say(
                "{told} gives no more than {count} {words}: the rest is not known.",
                told=told,
                count=count,
                words=_words(key),
            ),
            told,
        )
    marker, wanted = _name(page[-1]), int(first.get("limit", 0))
    full = len(page) >= (largest or wanted or len(page) + 1)
    if not marker or not (full or (not largest and service in _UNLINKED and len(page) in _CUTS)):
        return None
    return {**first, "marker": marker}


def _links(body: Json, link: str, key: str) -> list[str]:
    """The addresses a service gives for what comes next, in all the places where one may do so."""
    found = [link] if link else []
    for links in (body.get(f"{key}_links"), body.get("links"), body.get("next")):
        if isinstance(links, str):
            found.append(links)
        elif isinstance(links, dict) and isinstance(links.get("next"), str):
            found.append(links["next"])
        elif isinstance(links, list):
            found += [str(one["href"]) for one in links if isinstance(one, dict) and one.get("rel") == "next"]
    return found


def _name(item: Mapping[str, Any]) -> str:
    return str(item.get("id") or item.get("alarm_id") or "")


def _words(key: str) -> str:
    return key.replace("_", " ") or "items"
