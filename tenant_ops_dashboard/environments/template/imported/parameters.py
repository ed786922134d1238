"""The parameters that a template declares as questions of a launch form. Pure.

Source: heat/engine/parameters.py (types, defaults) and heat/engine/hot/parameters.py (constraints).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast, get_args

from tenant_ops_dashboard.cloud.values import cut, listing, mapping, printable, real, text
from tenant_ops_dashboard.environments.declared import Constraint, Declared, Type
from tenant_ops_dashboard.environments.model import Choice, Kind, Parameter
from tenant_ops_dashboard.environments.template import groups
from tenant_ops_dashboard.environments.template.imported import uses

MOST_CHOICES = 200
_LABEL, _HELP = 100, 600  # characters
_TRUE = ("t", "true", "on", "y", "yes", "1")


def of(template: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """A question for each parameter, in the order of the template's groups; `given` takes the place of defaults."""
    declared = {name: mapping(one) for name, one in mapping(template.get("parameters")).items()}
    used = uses.kinds(mapping(template.get("resources")))
    labels = groups.labels(template)
    order = dict.fromkeys((*(name for name in labels if name in declared), *declared))
    asked = (_question(name, declared[name], used.get(name), given) for name in order)
    return tuple(replace(one, group=_words(labels.get(one.name), _LABEL)) for one in asked)


def written(value: Any, type_: str) -> str:
    """A value as the text that a form has and Heat reads."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and type_ == "comma_delimited_list":
        return ",".join(map(str, value))
    if isinstance(value, Mapping | list):
        return json.dumps(value, default=str, skipkeys=True)
    if type_ == "boolean" and value is not None:
        return "true" if str(value).lower() in _TRUE else "false"
    return "" if value is None else str(value)


def _question(name: str, told: Mapping[str, Any], used: Kind | None, given: Mapping[str, Any]) -> Parameter:
    type_ = cast(Type, told.get("type") if told.get("type") in get_args(Type) else "string")
    constraints = tuple(_constraint(mapping(one)) for one in listing(told.get("constraints")))
    default = written(given[name] if name in given else told.get("default"), type_)
    custom = next((uses.CUSTOM[one.custom] for one in constraints if one.custom and one.custom in uses.CUSTOM), None)
    values = next((one.values for one in constraints if one.values is not None), None)
    kind: Kind = "text"
    choices: tuple[Choice, ...] = ()
    if type_ == "boolean":
        kind, default = "boolean", default or "false"
    elif type_ == "string" and values is None and (custom or used):
        kind = custom or used or "text"
    elif values and type_ != "comma_delimited_list" and len(values) <= MOST_CHOICES:
        optional = () if default or ("default" not in told and name not in given) else ("",)
        choices = tuple(Choice(one, one or "—") for one in (*optional, *values))
    hidden = text(told.get("hidden")).lower() in _TRUE or told.get("hidden") is True
    lines = "\n" in default or type_ == "json"
    return Parameter(
        name=name,
        label=_words(told.get("label"), _LABEL) or name,
        kind=kind,
        default=default,
        help=_words(told.get("description"), _HELP),
        required="default" not in told and name not in given and type_ != "boolean",
        choices=choices,
        declared=Declared(type_, constraints, hidden, lines),
    )


def _words(value: Any, most: int) -> str:
    return cut(" ".join(printable(value).split()), most) if isinstance(value, str) else ""


def _constraint(told: Mapping[str, Any]) -> Constraint:
    allowed, pattern, custom = told.get("allowed_values"), told.get("allowed_pattern"), told.get("custom_constraint")
    modulo = mapping(told.get("modulo"))
    step, offset = real(modulo.get("step")), real(modulo.get("offset"))
    return Constraint(
        length=_bounds(told.get("length")),
        range=_bounds(told.get("range")),
        values=tuple(written(one, "") for one in allowed[:10_000]) if isinstance(allowed, list) else None,
        pattern=pattern if isinstance(pattern, str) else None,
        modulo=None if step is None else (int(step), int(offset or 0)),
        custom=custom if isinstance(custom, str) else None,
        words=_words(told.get("description"), _HELP),
    )


def _bounds(told: Any) -> tuple[float | None, float | None] | None:
    found = mapping(told)
    return (real(found.get("min")), real(found.get("max"))) if found else None
