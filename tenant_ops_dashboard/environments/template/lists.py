"""Functions of Heat's template language that make lists, mappings and answers about them. Pure.

What they are given is worked out; `repeat`, `list_concat` and `map_merge` take parts that are unknown as they are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cloud.values import listing
from tenant_ops_dashboard.environments.template.budget import Budget
from tenant_ops_dashboard.environments.template.unknown import Unknown, refused
from tenant_ops_dashboard.sentences import say


def _repeat(argument: Any, budget: Budget) -> Any:
    """One copy of the template for each of the lists' items: all with all, unless `permutations` is false.

    Source: RepeatWithNestedLoop in Heat's engine/hot/functions.py; lists of one length where there are no permutations.
    """
    given = argument if isinstance(argument, Mapping) else {}
    each, permutations = given.get("for_each"), given.get("permutations", True)
    for value in (each, permutations, *(each.values() if isinstance(each, Mapping) else ())):
        if isinstance(value, Unknown):
            return value
    if not isinstance(each, Mapping) or not each or "template" not in given or not isinstance(permutations, bool):
        return refused("repeat")
    lists = [_items(value) for value in each.values()]
    if any(items is None for items in lists):
        return refused("repeat")
    odd = next((item for items in lists for item in items or () if not isinstance(item, str | Unknown)), None)
    if odd is not None:
        # Counted all the same: how many there are does not hang on it.
        budget.refuse(
            say(
                "Heat would refuse it: repeat takes lists of text, and {odd} is none; write it in quotes.",
                odd=str(odd)[:30],
            )
        )
    sizes = [len(items or ()) for items in lists]
    if not permutations and len(set(sizes)) != 1:
        return refused("repeat")
    template = given["template"]
    # Counted before it is made: three lists of a thousand ask for a thousand million.
    budget.step((math.prod(sizes) if permutations else sizes[0]) * _size(template, budget))
    known = [items or [] for items in lists]
    rounds = itertools.product(*known) if permutations else zip(*known, strict=True)
    keys = [key if isinstance(key, str) else str(key) for key in each]
    return [_put(template, list(zip(keys, values, strict=True)), budget) for values in rounds]


def _items(value: Any) -> list[Any] | None:
    """A list's items, a mapping's keys, none of what is not given; None where it is something else."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | Mapping) else None


def _size(value: Any, budget: Budget) -> int:
    """How many values there are in there, itself included. Raises Exhausted."""
    budget.step()
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    with budget.deeper():
        return 1 + sum(_size(item, budget) for item in inside)


def _put(template: Any, changes: Sequence[tuple[str, Any]], budget: Budget) -> Any:
    if isinstance(template, str):
        for key, value in changes:
            if isinstance(value, Unknown) and key in template:
                return value
            if key in template:
                template = template.replace(key, str(value))
                budget.fits(len(template))
        return template
    if isinstance(template, Mapping):
        return {
            key: _put(item, changes, budget)
            for name, item in template.items()
            if isinstance(key := _put(name, changes, budget), str | int)
        }
    return [_put(item, changes, budget) for item in template] if isinstance(template, list) else template


def _list_concat(argument: Any, budget: Budget) -> Any:
    found: list[Any] = []
    for items in listing(argument) if not isinstance(argument, Unknown) else [argument]:
        if isinstance(items, Unknown):
            return items
        if items is not None and not isinstance(items, list):
            return refused("list_concat")
        found.extend(items or ())
    budget.step(len(found))
    return found


def _list_concat_unique(argument: Any, budget: Budget) -> Any:
    found = _list_concat(argument, budget)
    if isinstance(found, Unknown):
        return found
    budget.step(len(found) ** 2 // 64)
    return [item for place, item in enumerate(found) if item not in found[:place]]


def _map_merge(argument: Any, budget: Budget) -> Any:
    merged: dict[Any, Any] = {}
    if isinstance(argument, Unknown) or not isinstance(argument, list):
        return argument if isinstance(argument, Unknown) else refused("map_merge")
    for one in argument:
        if isinstance(one, Unknown):
            return one
        if one is not None and not isinstance(one, Mapping):
            return refused("map_merge")
        merged.update(one or {})
    budget.step(len(merged))
    return merged


def _map_replace(argument: Any, budget: Budget) -> Any:
    parts = listing(argument)
    if len(parts) != 2 or not all(isinstance(part or {}, Mapping) for part in parts):
        return refused("map_replace")
    given, changes = parts[0] or {}, parts[1] or {}
    keys, values = changes.get("keys") or {}, changes.get("values") or {}
    if set(changes) - {"keys", "values"} or not isinstance(keys, Mapping) or not isinstance(values, Mapping):
        return refused("map_replace")
    budget.step(len(given))
    replaced: dict[Any, Any] = {}
    for key, value in given.items():
        new = keys.get(key, key)
        if (new != key and new in given) or new in replaced:
            return refused("map_replace")
        replaced[new] = value if isinstance(value, list | Mapping) else values.get(value, value)
    return replaced


def _filter(argument: Any, budget: Budget) -> Any:
    parts = listing(argument)
    if len(parts) != 2:
        return refused("filter")
    unwanted, items = parts
    if not items or not unwanted:
        return items
    if not isinstance(items, list) or not isinstance(unwanted, list):
        return refused("filter")
    budget.step(len(items) * len(unwanted))
    return [item for item in items if item not in unwanted]


def _contains(argument: Any, budget: Budget) -> Any:
    parts = listing(argument)
    if len(parts) != 2 or not isinstance(parts[1], list | str):
        return refused("contains")
    budget.step(1 + len(parts[1]) // 16)
    if isinstance(parts[1], str) and not isinstance(parts[0], str):
        return refused("contains")
    return parts[0] in parts[1]


def _equals(argument: Any, budget: Budget) -> Any:
    parts = listing(argument)
    if len(parts) != 2:
        return refused("equals")
    return bool(parts[0] == parts[1])


FUNCTIONS: dict[str, Callable[[Any, Budget], Any]] = {
    "repeat": _repeat,
    "list_concat": _list_concat,
    "list_concat_unique": _list_concat_unique,
    "map_merge": _map_merge,
    "map_replace": _map_replace,
    "filter": _filter,
    "contains": _contains,
    "equals": _equals,
}
