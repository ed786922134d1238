"""The functions of Heat's template language, as far as a plan can work them out. Pure.

`Unknown` is what is not known: an attribute of what does not exist yet, a function that only Heat works out, or one
that is written in a way Heat would refuse. The work is bounded by the scope's budget.
Source: Heat's engine/hot/functions.py and engine/function.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.cloud.values import listing, mapping
from tenant_ops_dashboard.environments.template import lists, texts
from tenant_ops_dashboard.environments.template.budget import Budget
from tenant_ops_dashboard.environments.template.unknown import Unknown, refused, within
from tenant_ops_dashboard.sentences import say

_HOPS = 5  # from a type to what stands for it, and on
VALUE = "OS::Heat::Value"  # the one type whose attribute is what its template says


@dataclass(frozen=True)
class Scope:
    """What functions look up: parameters, conditions and declared resources by name, ids of resources that exist, texts
    of files; `region` is the one the plan is made for. `registry` says what stands for a type, `defaults` what counts
    for a parameter of any template in there that is not given: both are an environment file's.
    """

    parameters: Mapping[str, Any]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget, compare=False)
    declared: Mapping[str, Any] = field(default_factory=dict)
    region: str = ""
    registry: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def meant(self, kind: str) -> str:
        """The type that stands for this one; of a name with `*` at its end all that begin so are meant."""
        for _ in range(_HOPS):
            starred = (key for key in self.registry if key.endswith("*") and kind.startswith(key[:-1]))
            key = kind if kind in self.registry else max(starred, key=len, default="")
            if not key:
                break
            value = self.registry[key]
            kind = value[:-1] + kind[len(key) - 1 :] if key.endswith("*") and value.endswith("*") else value
        return kind


def resolve(value: Any, at: Scope) -> Any:
    """A value with its functions worked out; `Unknown` in the place of what cannot be.

    Raises Exhausted where it is more work than one template may cause.
    """
    found = _resolve(value, at)
    return None if found is ... else found


def _resolve(value: Any, at: Scope) -> Any:
    """`...` is what an `if` without a third part leaves out of the list or mapping it stands in."""
    at.budget.step()
    if isinstance(value, list):
        with at.budget.deeper():
            return [found for item in value if (found := _resolve(item, at)) is not ...]
    if not isinstance(value, Mapping):
        return value
    with at.budget.deeper():
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in _LAZY:
                return _LAZY[name](argument, at)
            if name in _PLAIN:
                return _worked_out(name, resolve(argument, at), at)
            if isinstance(name, str) and (name in _HEATS_OWN or name.startswith("Fn::")):
                return Unknown(say("{name}, which only Heat works out", name=name))
        return {key: found for key, item in value.items() if (found := _resolve(item, at)) is not ...}


def holds(condition: Any, at: Scope) -> bool:
    """Whether a condition, by name or written out, is true for certain. Raises Exhausted."""
    return bool(decided(condition, at))


def decided(condition: Any, at: Scope) -> bool | Unknown:
    """What a condition comes to, or why that cannot be told. Raises Exhausted."""
    if isinstance(condition, str):
        at.budget.step()
        if condition not in at.conditions:
            at.budget.refuse(
                say("Heat would refuse it: the template has no condition '{condition}'.", condition=condition[:60])
            )
            return False
        with at.budget.deeper():
            return decided(at.conditions[condition], at)
    found = resolve(condition, at)
    if isinstance(found, bool | Unknown):
        return found
    return Unknown(say("a condition that is neither true nor false"))


def _worked_out(name: str, argument: Any, at: Scope) -> Any:
    """A function whose whole argument has to be known; `repeat` and its like only count what they are given."""
    if name not in _PARTLY and (gap := within(argument, at.budget)) is not None:
        return gap
    return _PLAIN[name](argument, at.budget)


def _get_param(argument: Any, at: Scope) -> Any:
    found = resolve(argument, at)
    path = found if isinstance(found, list) else [found]
    if not path or not isinstance(path[0], str):
        return refused("get_param")
    if path[0] not in at.parameters:
        return Unknown(say("the parameter '{path}', which the template does not have", path=path[0][:60]))
    return _down(at.parameters[path[0]], path[1:])


def _down(found: Any, path: list[Any]) -> Any:
    """A place inside lists and mappings; a number may be written as text, and what is not there is '' for Heat."""
    for step in path:
        if isinstance(found, Unknown):
            return found
        if isinstance(step, Unknown):
            return step
        try:
            found = found[int(step) if isinstance(found, list) else step]
        except (KeyError, IndexError, TypeError, ValueError):
            return ""
    return found


def _get_attr(argument: Any, at: Scope) -> Any:
    path = listing(argument)
    told = mapping(at.declared.get(path[0])) if path and isinstance(path[0], str) else {}
    if told.get("type") == VALUE and path[1:2] == ["value"]:
        return _down(resolve(mapping(told.get("properties")).get("value"), at), [resolve(one, at) for one in path[2:]])
    source = path[0] if path and isinstance(path[0], str) else ""
    return Unknown(say("get_attr, which only a running stack knows"), later=True, source=source)


def _get_resource(argument: Any, at: Scope) -> Any:
    if not isinstance(argument, str):
        return refused("get_resource")
    if argument in at.ids:
        return at.ids[argument]
    return Unknown(say("the id of '{argument}'", argument=argument[:60]), later=True, made=argument, at=at)


def _get_file(argument: Any, at: Scope) -> Any:
    name = argument if isinstance(argument, str) else ""
    if name in at.files:
        return at.files[name]
    at.budget.refuse(say("Heat would refuse it: the file '{name}' is not in the blueprint's folder.", name=name[:60]))
    return Unknown(say("the file '{name}', which is not in the blueprint's folder", name=name[:60]))


def _if(argument: Any, at: Scope) -> Any:
    parts = listing(argument)
    if len(parts) not in (2, 3):
        return refused("if")
    met = decided(parts[0], at)
    if isinstance(met, Unknown):
        return met
    if met:
        return _resolve(parts[1], at)
    return _resolve(parts[2], at) if len(parts) == 3 else ...


def _all_or_any(argument: Any, at: Scope, settles: bool) -> bool | Unknown:
    """One part that `settles` it is enough, whatever is not known of the others."""
    gap: Unknown | None = None
    for one in listing(argument):
        found = decided(one, at)
        if isinstance(found, Unknown):
            gap = gap or found
        elif found is settles:
            return settles
    return not settles if gap is None else gap


def _not(argument: Any, at: Scope) -> bool | Unknown:
    found = decided(argument, at)
    return found if isinstance(found, Unknown) else not found


_LAZY: dict[str, Callable[[Any, Scope], Any]] = {
    "get_param": _get_param,
    "get_resource": _get_resource,
    "get_attr": _get_attr,
    "get_file": _get_file,
    "if": _if,
    "not": _not,
    "and": lambda argument, at: _all_or_any(argument, at, False),
    "or": lambda argument, at: _all_or_any(argument, at, True),
}
_PLAIN: dict[str, Callable[[Any, Budget], Any]] = {**texts.FUNCTIONS, **lists.FUNCTIONS}
_PARTLY = frozenset({"repeat", "list_concat", "map_merge"})
_HEATS_OWN = frozenset({"yaql", "resource_facade", "Ref"})
