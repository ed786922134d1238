"""Functions of Heat's template language that make texts. Pure; what they are given is worked out and known."""

from __future__ import annotations

import hashlib
import json
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

from tenant_ops_dashboard.cloud.values import listing
from tenant_ops_dashboard.environments.template.budget import Budget, Exhausted
from tenant_ops_dashboard.environments.template.unknown import Unknown, refused
from tenant_ops_dashboard.sentences import say

_LONG = Unknown(say("a text that is too long to be worked out here"))


def _list_join(argument: Any, budget: Budget) -> Any:
    between, *lists = listing(argument) or [None]
    parts = [part for items in lists for part in listing(items)]
    # Heat refuses numbers: "Items to join must be string, map or list".
    if not isinstance(between, str) or not all(isinstance(part, str | list | Mapping) for part in parts):
        return refused("list_join")
    told = [_told(part, budget) for part in parts]
    budget.step(len(told))
    grown = sum(map(len, told)) + len(between) * max(0, len(told) - 1)
    return between.join(told) if budget.fits(grown) else _LONG


def _str_replace(argument: Any, budget: Budget) -> Any:
    """One pass, as Heat's: of two keys the longer one counts, and what was put in is not looked at again."""
    given = argument if isinstance(argument, Mapping) else {}
    text, changes = given.get("template"), given.get("params")
    if not isinstance(text, str) or not isinstance(changes, Mapping):
        return refused("str_replace")
    keys = sorted((key for key in changes if isinstance(key, str) and key), key=lambda key: (-len(key), key))
    if not keys:
        return text
    if any(changes[key] is None for key in keys):
        return refused("str_replace")
    told = {key: _told(changes[key], budget) for key in keys}
    pieces: list[tuple[str, bool]] = [(text, False)]  # (piece, was put in)
    for key in keys:
        budget.step(len(pieces) + len(text) // 256)
        pieces = [found for piece in pieces for found in _split(piece, key, told[key])]
    # Told before it is made: 3 kB may ask for 1 GB.
    whole = sum(len(piece) for piece, _ in pieces)
    return "".join(piece for piece, _ in pieces) if budget.fits(whole) else _LONG


def _split(piece: tuple[str, bool], key: str, value: str) -> list[tuple[str, bool]]:
    words, put_in = piece
    if put_in or key not in words:
        return [piece]
    first, *rest = words.split(key)
    return [(first, False), *(found for part in rest for found in ((value, True), (part, False)))]


def _told(value: Any, budget: Budget) -> str:
    """A value inside a text: lists and mappings as JSON, as Heat has them."""
    if isinstance(value, list | Mapping):
        _count(value, budget)
        return json.dumps(value, default=str, skipkeys=True)
    return _plain(value)


def _count(value: Any, budget: Budget) -> None:
    """Take the work of writing a value out: what is shared counts each time. Raises Exhausted."""
    budget.step(1 + len(value) // 64 if isinstance(value, str) else 1)
    _plain(value)
    with budget.deeper():
        for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
            _count(item, budget)


def _plain(value: Any) -> str:
    if isinstance(value, int) and abs(value) > 10**20:
        raise Exhausted
    return "" if isinstance(value, list | Mapping) else str(value)


def _str_split(argument: Any, budget: Budget) -> Any:
    parts = listing(argument)
    if len(parts) not in (2, 3) or not isinstance(parts[0], str) or not parts[0]:
        return refused("str_split")
    if parts[1] is None:
        return None
    if not isinstance(parts[1], str):
        return refused("str_split")
    found = parts[1].split(parts[0])
    budget.step(len(found))
    try:
        return found[int(parts[2])] if len(parts) == 3 else found
    except (TypeError, ValueError, IndexError):
        return refused("str_split")


def _digest(argument: Any, budget: Budget) -> Any:
    parts = listing(argument)
    if len(parts) != 2 or not all(isinstance(part, str) for part in parts):
        return refused("digest")
    budget.step(1 + len(parts[1]) // 64)
    try:
        return hashlib.new(parts[0].lower(), parts[1].encode("latin-1")).hexdigest()
    except (ValueError, TypeError):
        return refused("digest")


def _make_url(argument: Any, budget: Budget) -> Any:
    given = argument if isinstance(argument, Mapping) else None
    if given is None or not all(isinstance(item, str | int | Mapping) for item in given.values()):
        return refused("make_url")
    part = {key: str(item) for key, item in given.items() if not isinstance(item, Mapping)}
    host = part.get("host", "").removeprefix("[").removesuffix("]")
    place = f"[{host}]" if ":" in host else host
    who = ":".join(urllib.parse.quote(part[key], safe="") for key in ("username", "password") if part.get(key))
    place = (f"{who}@" if who else "") + place + (f":{part['port']}" if part.get("port") else "")
    asked = urllib.parse.urlencode(given["query"]) if isinstance(given.get("query"), Mapping) else ""
    path, fragment = (urllib.parse.quote(part.get(key, "")) for key in ("path", "fragment"))
    made = urllib.parse.urlunsplit((part.get("scheme", ""), place, path, asked.replace("%2F", "/"), fragment))
    return made if budget.fits(len(made)) else _LONG


FUNCTIONS: dict[str, Callable[[Any, Budget], Any]] = {
    "list_join": _list_join,
    "str_replace": _str_replace,
    "str_replace_strict": _str_replace,
    "str_replace_vstrict": _str_replace,
    "str_split": _str_split,
    "digest": _digest,
    "make_url": _make_url,
}
