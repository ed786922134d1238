"""Just enough of Heat's template language to say, without asking Heat, what a template makes.

Conditions, parameters and the groups of servers are worked out here; attributes of what does not exist yet are None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import yaml

GROUPS = ("OS::Heat::AutoScalingGroup", "OS::Heat::ResourceGroup")
NAMESPACE = "tenant_ops"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Scope:
    """What functions look up: parameters and conditions by name, ids of resources that exist, texts of files."""

    parameters: Mapping[str, Any]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource:
    """One resource as it will be: `key` is its path ('balancer', 'application-1.server').

    `meta` is what the template tells us; `group` the key of the group it belongs to, `index` its place there from 1.
    """

    key: str
    type: str
    properties: Mapping[str, Any]
    meta: Mapping[str, Any]
    group: str = ""
    index: int = 0

    @property
    def name(self) -> str:
        """Its own name in its template."""
        return self.key.rpartition(".")[2]


@lru_cache(maxsize=64)
def parse(text: str) -> Mapping[str, Any]:
    """A template's YAML, not to be changed: the same text gives the same object. Raises ValueError where it is none."""
    try:
        found = yaml.load(text, _LOADER)  # noqa: S506 (it is the safe loader, in C where PyYAML has it)
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("resources"), dict):
        raise ValueError("not a HOT template: it has no resources")
    return found


def scope(
    template: Mapping[str, Any], values: Mapping[str, Any], name: str = "", files: Mapping[str, str] | None = None
) -> Scope:
    """The scope of a template launched as `name` with `values` (strings); what is not given has its default."""
    parameters: dict[str, Any] = {"OS::stack_name": name, "OS::stack_id": "", "OS::project_id": ""}
    for key, declared in (template.get("parameters") or {}).items():
        parameters[key] = _typed(values.get(key, declared.get("default")), str(declared.get("type", "string")))
    return Scope(parameters, template.get("conditions") or {}, files=files or {})


def resources(template: Mapping[str, Any], at: Scope, sizes: Mapping[str, int] | None = None) -> tuple[Resource, ...]:
    """All resources whose condition holds; groups are followed by their members, nested templates included.

    `sizes` says how many members a group has now, by its key; without it the template's own number counts.
    """
    return tuple(_walk(template, at, "", "", 0, sizes or {}))


def resolve(value: Any, at: Scope) -> Any:
    """A value with its functions worked out; None for what only the running stack knows."""
    if isinstance(value, list):
        return [resolve(item, at) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        name, argument = next(iter(value.items()))
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument, at)
    return {key: resolve(item, at) for key, item in value.items()}


def holds(condition: Any, at: Scope) -> bool:
    """Whether a condition, by name or written out, is true."""
    if isinstance(condition, str):
        return holds(at.conditions.get(condition, False), at)
    return bool(resolve(condition, at))


def _walk(
    template: Mapping[str, Any], at: Scope, prefix: str, group: str, index: int, sizes: Mapping[str, int]
) -> Iterator[Resource]:
    for name, declared in (template.get("resources") or {}).items():
        if "condition" in declared and not holds(declared["condition"], at):
            continue
        properties = resolve(declared.get("properties") or {}, at)
        meta = (declared.get("metadata") or {}).get(NAMESPACE) or {}
        resource = Resource(f"{prefix}{name}", str(declared.get("type", "")), properties, meta, group, index)
        yield resource
        if resource.type in GROUPS:
            yield from _members(resource, at, sizes)


def _members(group: Resource, at: Scope, sizes: Mapping[str, int]) -> Iterator[Resource]:
    wanted = group.properties.get("resource") or group.properties.get("resource_def") or {}
    kind, given = str(wanted.get("type", "")), wanted.get("properties") or {}
    titles = group.meta.get("titles") or {}
    numbers = (group.properties.get(name) for name in ("desired_capacity", "count", "min_size"))
    count = sizes.get(group.key, int(next((one for one in numbers if one is not None), 1)))
    for index in range(1, count + 1):
        member = f"{group.key}-{index}"
        yield Resource(member, kind, given, {}, group.key, index)
        if kind in at.files:
            nested = parse(at.files[kind])
            inside = _walk(nested, scope(nested, given, files=at.files), f"{member}.", group.key, index, {})
            yield from (replace(one, meta=one.meta or _titled(titles, one.name)) for one in inside)
        else:
            yield from (
                Resource(f"{member}.{name}", "", {}, _titled(titles, name), group.key, index) for name in titles
            )


def _titled(titles: Mapping[str, str], name: str) -> dict[str, str]:
    return {"title": titles[name]} if name in titles else {}


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "boolean":
        return str(value).lower() in ("true", "t", "1", "yes", "y", "on")
    if kind == "number":
        try:
            return int(str(value))
        except ValueError:
            return value
    return value


def _get_param(argument: Any, at: Scope) -> Any:
    path = argument if isinstance(argument, list) else [argument]
    found: Any = at.parameters.get(str(path[0]))
    for step in path[1:]:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _if(argument: Any, at: Scope) -> Any:
    if holds(argument[0], at):
        return resolve(argument[1], at)
    return resolve(argument[2], at) if len(argument) > 2 else None


def _equals(argument: Any, at: Scope) -> bool:
    left, right = resolve(argument, at)
    return bool(left == right)


def _list_join(argument: Any, at: Scope) -> Any:
    parts = [part for items in argument[1:] for part in resolve(items, at) or []]
    return None if None in parts else str(argument[0]).join(map(str, parts))


def _list_concat(argument: Any, at: Scope) -> list[Any]:
    return [item for items in resolve(argument, at) for item in items or []]


def _str_replace(argument: Any, at: Scope) -> Any:
    text, changes = resolve(argument["template"], at), resolve(argument["params"], at)
    for old, new in changes.items():
        text = None if text is None or new is None else str(text).replace(str(old), str(new))
    return text


_FUNCTIONS = {
    "get_param": _get_param,
    "get_resource": lambda argument, at: at.ids.get(str(argument)),
    "get_attr": lambda argument, at: None,
    "get_file": lambda argument, at: at.files.get(str(argument)),
    "if": _if,
    "equals": _equals,
    "not": lambda argument, at: not holds(argument, at),
    "and": lambda argument, at: all(holds(one, at) for one in argument),
    "or": lambda argument, at: any(holds(one, at) for one in argument),
    "list_join": _list_join,
    "list_concat": _list_concat,
    "str_replace": _str_replace,
    "str_split": lambda argument, at: None,
}
