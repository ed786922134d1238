"""The functions of Heat's template language, as far as a plan needs them. Pure.

None is what is not known: an attribute of what does not exist yet, a function that is not worked out here, or one that
is written in a way Heat would refuse. The work is bounded by the scope's budget.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.cloud.values import listing
from tenant_ops_dashboard.environments.template.budget import Budget, Exhausted


@dataclass(frozen=True)
class Scope:
    """What functions look up: parameters and conditions by name, ids of resources that exist, texts of files."""

    parameters: Mapping[str, Any]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget, compare=False)


def resolve(value: Any, at: Scope) -> Any:
    """A value with its functions worked out; None for what only the running stack knows.

    Raises Exhausted where it is more work than one template may cause.
    """
    at.budget.step()
    if isinstance(value, list):
        with at.budget.deeper():
            return [resolve(item, at) for item in value]
    if not isinstance(value, Mapping):
        return value
    with at.budget.deeper():
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in _UNKNOWN:
                return None
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](argument, at)
        return {key: resolve(item, at) for key, item in value.items()}


def holds(condition: Any, at: Scope) -> bool:
    """Whether a condition, by name or written out, is true. Raises Exhausted."""
    if isinstance(condition, str):
        at.budget.step()
        with at.budget.deeper():
            return holds(at.conditions.get(condition, False), at)
    return bool(resolve(condition, at))


def _get_param(argument: Any, at: Scope) -> Any:
    path = argument if isinstance(argument, list) else [argument]
    found: Any = at.parameters.get(str(path[0])) if path and isinstance(path[0], str) else None
    for step in path[1:]:
        if isinstance(found, Mapping) and isinstance(step, str | int):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and 0 <= step < len(found):
            found = found[step]
        else:
            return None
    return found


def _by_name(known: Mapping[str, str], argument: Any) -> str | None:
    return known.get(argument) if isinstance(argument, str) else None


def _if(argument: Any, at: Scope) -> Any:
    parts = listing(argument)
    if len(parts) not in (2, 3):
        return None
    if holds(parts[0], at):
        return resolve(parts[1], at)
    return resolve(parts[2], at) if len(parts) == 3 else None


def _equals(argument: Any, at: Scope) -> bool:
    parts = listing(resolve(argument, at))
    return len(parts) == 2 and bool(parts[0] == parts[1])


def _list_join(argument: Any, at: Scope) -> str | None:
    between, *lists = [resolve(one, at) for one in listing(argument)] or [None]
    parts = [part for items in lists for part in listing(items)]
    # Heat refuses numbers: "Items to join must be string, map or list".
    if not isinstance(between, str) or not all(isinstance(part, str | list | Mapping) for part in parts):
        return None
    told = [_told(part, at) for part in parts]
    at.budget.step(len(told))
    grown = sum(map(len, told)) + len(between) * max(0, len(told) - 1)
    return between.join(told) if at.budget.fits(grown) else None


def _list_concat(argument: Any, at: Scope) -> list[Any]:
    found = [item for items in listing(resolve(argument, at)) for item in listing(items)]
    at.budget.step(len(found))
    return found


def _str_replace(argument: Any, at: Scope) -> str | None:
    """One pass, as Heat's: of two keys the longer one counts, and what was put in is not looked at again."""
    given = argument if isinstance(argument, Mapping) else {}
    text, changes = resolve(given.get("template"), at), resolve(given.get("params"), at)
    if not isinstance(text, str) or not isinstance(changes, Mapping):
        return None
    keys = sorted((key for key in changes if isinstance(key, str) and key), key=lambda key: (-len(key), key))
    if not keys:
        return text
    if any(changes[key] is None for key in keys):
        return None
    told = {key: _told(changes[key], at) for key in keys}
    pieces: list[tuple[str, bool]] = [(text, False)]  # (piece, was put in)
    for key in keys:
        at.budget.step(len(pieces) + len(text) // 256)
        pieces = [found for piece in pieces for found in _split(piece, key, told[key])]
    # Told before it is made: 3 kB may ask for 1 GB.
    whole = sum(len(piece) for piece, _ in pieces)
    return "".join(piece for piece, _ in pieces) if at.budget.fits(whole) else None


def _split(piece: tuple[str, bool], key: str, value: str) -> list[tuple[str, bool]]:
    words, put_in = piece
    if put_in or key not in words:
        return [piece]
    first, *rest = words.split(key)
    return [(first, False), *(found for part in rest for found in ((value, True), (part, False)))]


def _told(value: Any, at: Scope) -> str:
    """A value inside a text: lists and mappings as JSON, as Heat has them."""
    if isinstance(value, list | Mapping):
        _count(value, at)
        return json.dumps(value, default=str, skipkeys=True)
    return _plain(value)


def _count(value: Any, at: Scope) -> None:
    """Take the work of writing a value out: what is shared counts each time. Raises Exhausted."""
    at.budget.step(1 + len(value) // 64 if isinstance(value, str) else 1)
    _plain(value)
    with at.budget.deeper():
        for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
            _count(item, at)


def _plain(value: Any) -> str:
    if isinstance(value, int) and abs(value) > 10**20:
        raise Exhausted
    return "" if isinstance(value, list | Mapping) else str(value)


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "get_param": _get_param,
    "get_resource": lambda argument, at: _by_name(at.ids, argument),
    "get_file": lambda argument, at: _by_name(at.files, argument),
    "if": _if,
    "equals": _equals,
    "not": lambda argument, at: not holds(argument, at),
    "and": lambda argument, at: all(holds(one, at) for one in listing(argument)),
    "or": lambda argument, at: any(holds(one, at) for one in listing(argument)),
    "list_join": _list_join,
    "list_concat": _list_concat,
    "str_replace": _str_replace,
    "str_replace_strict": _str_replace,
    "str_replace_vstrict": _str_replace,
}
_UNKNOWN = frozenset({
    "get_attr", "str_split", "repeat", "map_merge", "map_replace", "list_concat_unique", "digest", "contains", "yaql",
    "filter", "make_url", "resource_facade",
})  # fmt: skip
