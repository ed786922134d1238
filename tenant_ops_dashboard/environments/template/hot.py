"""Just enough of Heat's template language to say, without asking Heat, what a template makes.

Conditions, parameters and the groups of servers are worked out here; attributes of what does not exist yet are None.
A template is data that a tenant may have written: what is malformed is left out, and the work is bounded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, get_args

import yaml

from tenant_ops_dashboard.cloud.values import mapping, number, real, text, texts
from tenant_ops_dashboard.environments.model import Tier
from tenant_ops_dashboard.environments.template import functions
from tenant_ops_dashboard.environments.template.budget import DEEPEST, DRAWN, NESTED, Exhausted
from tenant_ops_dashboard.environments.template.functions import Scope, holds

__all__ = ["GROUPS", "MOST_MEMBERS", "Resource", "Scope", "holds", "parse", "resolve", "resources", "scope"]

GROUPS = ("OS::Heat::AutoScalingGroup", "OS::Heat::ResourceGroup")
NAMESPACE = "tenant_ops"
MOST_MEMBERS = DRAWN  # of a group are worked out one by one; the rest is one resource with its number
RESOURCE = 15  # steps that one resource counts
LARGEST = 2**20  # characters of a template's text; Heat takes half of that
TOO_LARGE = "This template asks for more than can be worked out here: only a part of it is told."
_TEXTS = ("title", "kind", "part_of", "part", "each")
_MAPS = ("arrows", "parts", "titles")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Resource:
    """One resource as it will be: `key` is its path ('balancer', 'application-1.server').

    `meta` is what the template tells us; `group` the key of the group it belongs to, `index` its place there from 1.
    `copies` is more than 1 for the one that stands for all the members of a group beyond the first hundred.
    """

    key: str
    type: str
    properties: Mapping[str, Any]
    meta: Mapping[str, Any]
    group: str = ""
    index: int = 0
    copies: int = 1

    @property
    def name(self) -> str:
        """Its own name in its template."""
        return self.key.rpartition(".")[2]


@lru_cache(maxsize=64)
def parse(text_: str) -> Mapping[str, Any]:
    """A template's YAML, not to be changed: the same text gives the same object. Raises ValueError where it is none."""
    found = load(text_)
    if not isinstance(found, dict) or not isinstance(found.get("resources"), dict):
        raise ValueError("not a HOT template: it has no resources")
    return found


def load(text_: str) -> Any:
    """What a text of YAML holds. Raises ValueError where it is none, or too large or too deep to be one of ours."""
    if len(text_) > LARGEST:
        raise ValueError(f"not YAML: more than {LARGEST:,} characters")
    depth = 0
    try:
        # PyYAML builds what is nested by recursion in C, which ends the process where it is deep.
        for event in yaml.parse(text_, _LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                raise ValueError(f"more than {DEEPEST} levels inside each other")
        return yaml.load(text_, _LOADER)  # noqa: S506 (it is the safe loader, in C where PyYAML has it)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"not YAML: {error}") from error


def scope(
    template: Mapping[str, Any], values: Mapping[str, Any], name: str = "", files: Mapping[str, str] | None = None
) -> Scope:
    """The scope of a template launched as `name` with `values` (strings); what is not given has its default."""
    parameters: dict[str, Any] = {"OS::stack_name": name, "OS::stack_id": "", "OS::project_id": ""}
    for key, declared in mapping(template.get("parameters")).items():
        told = mapping(declared)
        parameters[key] = _typed(values.get(key, told.get("default")), text(told.get("type")))
    return Scope(parameters, mapping(template.get("conditions")), files=files or {})


def resources(template: Mapping[str, Any], at: Scope, sizes: Mapping[str, int] | None = None) -> tuple[Resource, ...]:
    """All resources whose condition holds; groups are followed by their members, nested templates included.

    `sizes` says how many members a group has now, by its key; without it the template's own number counts. Where it is
    more work than the scope's budget allows, what was found so far; the budget's problems tell.
    """
    found: list[Resource] = []
    try:
        for one in _walk(template, at, Resource("", "", {}, {}), sizes or {}):
            found.append(one)
    except Exhausted:
        at.budget.tell(TOO_LARGE)
    return tuple(found)


def resolve(value: Any, at: Scope) -> Any:
    """A value with its functions worked out; None for what only the running stack knows, or what is too much work."""
    try:
        return functions.resolve(value, at)
    except Exhausted:
        at.budget.tell(TOO_LARGE)
        return None


def _walk(template: Mapping[str, Any], at: Scope, inside: Resource, sizes: Mapping[str, int]) -> Iterator[Resource]:
    """`inside` is the group's member whose template this is; its key ends with a dot, or is '' for none."""
    for name, declared in mapping(template.get("resources")).items():
        at.budget.step(RESOURCE)
        told = mapping(declared)
        if not told or ("condition" in told and not holds(told["condition"], at)):
            continue
        properties = mapping(functions.resolve(told.get("properties"), at))
        meta = _meta(mapping(told.get("metadata")).get(NAMESPACE))
        resource = replace(
            inside, key=f"{inside.key}{name}", type=text(told.get("type")), properties=properties, meta=meta
        )
        yield resource
        if resource.type in GROUPS:
            yield from _members(resource, at, sizes)


def _members(group: Resource, at: Scope, sizes: Mapping[str, int]) -> Iterator[Resource]:
    wanted = mapping(group.properties.get("resource")) or mapping(group.properties.get("resource_def"))
    kind, given = text(wanted.get("type")), mapping(wanted.get("properties"))
    titles = group.meta.get("titles") or {}
    numbers = (real(group.properties.get(name)) for name in ("desired_capacity", "count", "min_size"))
    count = sizes.get(group.key, number(next((one for one in numbers if one is not None), 1), 1))
    for index in range(1, min(count, MOST_MEMBERS + 1) + 1):
        copies = group.copies * (count - MOST_MEMBERS if index > MOST_MEMBERS else 1)
        member = Resource(f"{group.key}-{index}", kind, given, {}, group.key, index, copies)
        at.budget.step(RESOURCE)
        yield member
        if kind in at.files:
            inside = _nested(replace(member, key=f"{member.key}."), given, at)
            yield from (replace(one, meta=one.meta or _titled(titles, one.name)) for one in inside)
        else:
            for name in titles:
                at.budget.step(RESOURCE)
                key = f"{member.key}.{name}"
                yield replace(member, key=key, type="", properties={}, meta=_titled(titles, name))


def _nested(member: Resource, given: Mapping[str, Any], at: Scope) -> Iterator[Resource]:
    if member.key.count(".") > NESTED:
        at.budget.tell(TOO_LARGE)
        return
    try:
        nested = parse(at.files[member.type])
    except ValueError as error:
        at.budget.tell(f"The file {member.type} cannot be read: {error}")
        return
    here = replace(scope(nested, given, files=at.files), budget=at.budget)
    yield from _walk(nested, here, member, {})


def _meta(given: Any) -> dict[str, Any]:
    """What a resource's metadata says of it, each of its type; another tier than ours is 'other'."""
    told = mapping(given)
    found: dict[str, Any] = {name: text(told[name], 200) for name in _TEXTS if text(told.get(name))}
    found.update({name: texts(told[name]) for name in _MAPS if texts(told.get(name))})
    if tier := text(told.get("tier")):
        found["tier"] = tier if tier in get_args(Tier) else "other"
    return found


def _titled(titles: Mapping[str, str], name: str) -> dict[str, str]:
    return {"title": titles[name]} if name in titles else {}


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "boolean":
        return text(value).lower() in ("true", "t", "1", "yes", "y", "on")
    if kind == "number" and isinstance(value, str):
        found = real(value)
        return value if found is None or not abs(found) < 10**15 or found != int(found) else int(found)
    if kind == "comma_delimited_list" and isinstance(value, str):
        return value.split(",") if value else []
    return _json(value) if kind == "json" and isinstance(value, str) else value


def _json(given: str) -> Any:
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return None
