"""What a template refers to by name, with its place: parameters, resources and files. Pure.

Inside `repeat` names may be made of its items, so they are not looked at there, but for files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tenant_ops_dashboard.cloud.values import cut, printable
from tenant_ops_dashboard.environments.template.members import CHAIN, is_file

MOST = 400_000  # values looked at: what one text may have, its aliases once
Kind = Literal["get_param", "get_resource", "get_attr", "get_file", "type"]
_NAMED = ("get_param", "get_resource", "get_attr")
_LOOKED_AT = ("resources", "outputs", "conditions")


@dataclass(frozen=True)
class Reference:
    """One name at `place`, such as 'resources.web.properties.networks[0].port'."""

    kind: Kind
    name: str
    place: str


@dataclass(frozen=True)
class _At:
    value: Any
    place: str
    repeated: bool


def references(template: Mapping[Any, Any]) -> Iterator[Reference]:
    """Every reference of a template's resources, outputs and conditions, each alias looked at once."""
    seen: set[int] = set()
    open_ = [_At(template.get(section), section, False) for section in reversed(_LOOKED_AT)]
    while open_ and len(seen) < MOST:
        at = open_.pop()
        if id(at.value) in seen or not isinstance(at.value, Mapping | list):
            continue
        seen.add(id(at.value))
        yield from _here(at)
        open_.extend(reversed(list(_inside(at))))


def _here(at: _At) -> Iterator[Reference]:
    value = at.value
    if not isinstance(value, Mapping):
        return
    if len(value) == 1:
        kind, argument = next(iter(value.items()))
        name = argument[0] if isinstance(argument, list) and argument and kind != "get_resource" else argument
        if kind in _NAMED and isinstance(name, str) and not at.repeated:
            yield Reference(kind, name, at.place)
        elif kind == "get_file" and isinstance(argument, str):
            yield Reference("get_file", argument, at.place)
    kind = value.get("type")
    if isinstance(kind, str) and is_file(kind):
        yield Reference("type", kind, f"{at.place}.type")
    elif kind == CHAIN and isinstance(value.get("properties"), Mapping):
        members = value["properties"].get("resources")
        for number, one in enumerate(members if isinstance(members, list) else ()):
            if isinstance(one, str) and is_file(one):
                yield Reference("type", one, f"{at.place}.properties.resources[{number}]")


def _inside(at: _At) -> Iterator[_At]:
    if isinstance(at.value, Mapping):
        for key, item in at.value.items():
            # An application's own data may have a key called as a function is.
            yield _At(item, f"{at.place}.{cut(printable(str(key)), 60)}"[:300], at.repeated or key == "repeat")
    else:
        for number, item in enumerate(at.value):
            yield _At(item, f"{at.place}[{number}]"[:300], at.repeated)
